package runsc.cli.boot.seccomp;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import runsc.cli.boot.seccomp.BpfAssembler.Label;

/**
 * The filter program: the architecture is checked, the number is found by bisection, and the rules for it are tried in
 * turn. What no rule knows gets {@code otherwise}.
 */
public final class Filter {
    public static final int RET_KILL_PROCESS = 0x80000000;
    public static final int RET_ERRNO = 0x00050000;
    public static final int RET_LOG = 0x7ffc0000;
    public static final int RET_ALLOW = 0x7fff0000;

    /** Offsets in {@code struct seccomp_data}. */
    static final int OFF_NR = 0;

    static final int OFF_ARCH = 4;
    static final int OFF_ARGS = 16;
    static final int AUDIT_ARCH_X86_64 = 0xc000003e;
    private static final int X32 = 0x40000000;

    private final BpfAssembler out = new BpfAssembler();
    private final Label allow = new Label();
    private final Label deny = new Label();

    private Filter() {}

    /** @param otherwise the action for all calls without a rule, such as {@link #RET_KILL_PROCESS} */
    public static byte[] assemble(List<Rule> rules, int otherwise) {
        TreeMap<Integer, List<Rule>> byNumber = new TreeMap<>();
        for (Rule r : rules) {
            List<Rule> list = byNumber.get(r.nr());
            if (list == null) {
                list = new ArrayList<>();
                byNumber.put(r.nr(), list);
            }
            list.add(r);
        }
        return new Filter().program(new ArrayList<>(byNumber.values()), otherwise);
    }

    /** A filter that keeps nobody from anything. */
    public static byte[] allowAll() {
        BpfAssembler out = new BpfAssembler();
        out.result(RET_ALLOW);
        return out.assemble();
    }

    private byte[] program(List<List<Rule>> calls, int otherwise) {
        Label known = new Label();
        Label kill = new Label();
        out.load(OFF_ARCH);
        out.jump(BpfAssembler.JEQ, AUDIT_ARCH_X86_64, known, kill);
        out.bind(kill);
        out.result(RET_KILL_PROCESS);
        out.bind(known);
        out.load(OFF_NR);
        out.jump(BpfAssembler.JGE, X32, deny, null);
        bisect(calls, 0, calls.size());
        out.bind(allow);
        out.result(RET_ALLOW);
        out.bind(deny);
        out.result(otherwise);
        return out.assemble();
    }

    /** With the number loaded: decides among {@code calls[from, to)}. */
    private void bisect(List<List<Rule>> calls, int from, int to) {
        if (to - from == 1) {
            List<Rule> rules = calls.get(from);
            out.jump(BpfAssembler.JEQ, rules.get(0).nr(), null, deny);
            for (Rule r : rules) {
                apply(r);
            }
            out.jump(deny);
            return;
        }
        int middle = (from + to) >>> 1;
        Label upper = new Label();
        out.jump(BpfAssembler.JGE, calls.get(middle).get(0).nr(), upper, null);
        bisect(calls, from, middle);
        out.bind(upper);
        bisect(calls, middle, to);
    }

    /** Decides by one rule, or falls through to the next. */
    private void apply(Rule rule) {
        // Not a switch over the types: java spins a class for one at each start.
        if (rule instanceof Rule.Allow) {
            out.jump(allow);
        } else if (rule instanceof Rule.Refuse r) {
            out.result(RET_ERRNO | r.errno());
        } else if (rule instanceof Rule.Only r) {
            out.load(OFF_ARGS + 8 * r.argument());
            for (int value : r.values()) {
                out.jump(BpfAssembler.JEQ, value, allow, null);
            }
        } else if (rule instanceof Rule.Masked r) {
            out.load(OFF_ARGS + 8 * r.argument());
            out.and(r.mask());
            out.jump(BpfAssembler.JEQ, r.value(), allow, null);
        }
    }
}
