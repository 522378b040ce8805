package runsc.cli.oci;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import runsc.cli.RunscException;
import runsc.cli.boot.seccomp.BpfAssembler;
import runsc.cli.io.JsonSource;
import sentry.core.abi.Errno;
import sentry.core.abi.Ptrace;
import sentry.core.abi.Seccomp;
import sentry.core.abi.SyscallNames;
import sentry.core.syscall.SyscallTable;

/**
 * Reads the "seccomp" object of a config.json and turns it into a filter program, as libseccomp and runc do: rules with
 * conditions come before those without, names that we do not know are passed over, and calls that are newer than
 * the profile give ENOSYS where its default is an error.
 */
final class SeccompParser {
    private static final int NR = 0;
    private static final int ARCH = 4;
    private static final int ARGUMENTS = 16;
    private static final int ARGUMENT_COUNT = 6;

    private enum Operator {
        NE,
        LT,
        LE,
        EQ,
        GE,
        GT,
        MASKED_EQ
    }

    private record Condition(int index, long value, long second, Operator operator) {}

    private record Rule(int verdict, List<Condition> conditions) {}

    private final JsonSource in;
    private final Map<Integer, List<Rule>> rules = new TreeMap<>();
    private Map<String, Integer> numbers;
    private int newest;

    SeccompParser(JsonSource in) {
        this.in = in;
    }

    /** Returns an array of struct sock_filter as a byte string; null for a profile that allows everything. */
    String filter() throws RunscException {
        String place = in.path();
        String action = null;
        int errno = Errno.EPERM.number();
        String listener = null;
        in.beginObject();
        for (String field; (field = in.nextField()) != null; ) {
            switch (field) {
                case "defaultAction" -> action = in.string();
                case "defaultErrnoRet" -> errno = in.integer(0, Seccomp.RET_DATA);
                case "listenerPath" -> listener = in.string();
                case "syscalls" -> syscalls();
                default -> in.skip(); // architectures: there is one; flags: all of them are for the host's kernel
            }
        }
        if (action == null) {
            throw in.wrong(place + ".defaultAction", "is missing");
        }
        if (listener != null && !listener.isEmpty()) {
            throw in.wrong(place + ".listenerPath", "an agent that answers calls is not there yet");
        }
        int otherwise = verdict(place + ".defaultAction", action, errno);
        if (rules.isEmpty() && otherwise == Seccomp.RET_ALLOW) {
            return null;
        }
        byte[] program = assemble(otherwise);
        StringBuilder text = new StringBuilder(program.length);
        for (byte b : program) {
            text.append((char) (b & 0xff));
        }
        return text.toString();
    }

    private int verdict(String place, String action, int data) throws RunscException {
        return switch (action) {
            case "SCMP_ACT_KILL", "SCMP_ACT_KILL_THREAD" -> Seccomp.RET_KILL_THREAD;
            case "SCMP_ACT_KILL_PROCESS" -> Seccomp.RET_KILL_PROCESS;
            case "SCMP_ACT_TRAP" -> Seccomp.RET_TRAP;
            case "SCMP_ACT_ERRNO" -> Seccomp.RET_ERRNO | data;
            case "SCMP_ACT_TRACE" -> Seccomp.RET_TRACE | data;
            case "SCMP_ACT_LOG" -> Seccomp.RET_LOG;
            case "SCMP_ACT_ALLOW" -> Seccomp.RET_ALLOW;
            case "SCMP_ACT_NOTIFY" -> throw in.wrong(place, "an agent that answers calls is not there yet");
            default -> throw in.wrong(place, "there is no action " + action);
        };
    }

    private void syscalls() throws RunscException {
        in.beginArray();
        while (in.nextElement()) {
            String place = in.path();
            List<String> names = List.of();
            String action = null;
            int errno = Errno.EPERM.number();
            List<Condition> conditions = new ArrayList<>();
            in.beginObject();
            for (String field; (field = in.nextField()) != null; ) {
                switch (field) {
                    case "names" -> names = in.byteStrings();
                    case "name" -> names = List.of(in.string());
                    case "action" -> action = in.string();
                    case "errnoRet" -> errno = in.integer(0, Seccomp.RET_DATA);
                    case "args" -> conditions(conditions);
                    default -> in.skip();
                }
            }
            if (action == null) {
                throw in.wrong(place + ".action", "is missing");
            }
            int verdict = verdict(place + ".action", action, errno);
            for (String name : names) {
                add(number(name), verdict, conditions);
            }
        }
    }

    /** Several conditions on one argument are alternatives, conditions on different ones are to be met together. */
    private void add(int number, int verdict, List<Condition> conditions) {
        if (number < 0) {
            return;
        }
        newest = Math.max(newest, number);
        List<Rule> list = rules.computeIfAbsent(number, n -> new ArrayList<>());
        boolean alternatives = false;
        for (int i = 0; i < conditions.size(); i++) {
            for (int j = 0; j < i; j++) {
                alternatives |= conditions.get(i).index == conditions.get(j).index;
            }
        }
        if (alternatives) {
            for (Condition c : conditions) {
                list.add(new Rule(verdict, List.of(c)));
            }
        } else {
            list.add(new Rule(verdict, conditions));
        }
    }

    private int number(String name) {
        if (numbers == null) {
            numbers = new HashMap<>();
            for (int i = 0; i < SyscallTable.LIMIT; i++) {
                String known = SyscallNames.nameOrNull(i);
                if (known != null) {
                    numbers.put(known, i);
                }
            }
        }
        Integer n = numbers.get(name);
        return n == null ? -1 : n;
    }

    private void conditions(List<Condition> list) throws RunscException {
        in.beginArray();
        while (in.nextElement()) {
            String place = in.path();
            int index = 0;
            long value = 0;
            long second = 0;
            Operator operator = null;
            in.beginObject();
            for (String field; (field = in.nextField()) != null; ) {
                switch (field) {
                    case "index" -> index = in.integer(0, ARGUMENT_COUNT - 1);
                    case "value" -> value = in.unsigned();
                    case "valueTwo" -> second = in.unsigned();
                    case "op" -> operator = operator(in.string());
                    default -> in.skip();
                }
            }
            if (operator == null) {
                throw in.wrong(place + ".op", "is missing, or there is no such operator");
            }
            list.add(new Condition(index, value, second, operator));
        }
    }

    private static Operator operator(String name) {
        for (Operator o : Operator.values()) {
            if (name.startsWith("SCMP_CMP_") && name.substring("SCMP_CMP_".length()).equals(o.name())) {
                return o;
            }
        }
        return null;
    }

    private byte[] assemble(int otherwise) throws RunscException {
        BpfAssembler a = new BpfAssembler();
        BpfAssembler.Label known = new BpfAssembler.Label();
        a.load(ARCH);
        a.jump(BpfAssembler.JEQ, Ptrace.AUDIT_ARCH, known, null);
        a.result(Seccomp.RET_KILL_THREAD);
        a.bind(known);
        a.load(NR);
        boolean error = otherwise != Seccomp.RET_ALLOW && otherwise != Seccomp.RET_LOG
                && (otherwise & Seccomp.RET_ACTION_FULL) != Seccomp.RET_TRACE;
        Map<Integer, BpfAssembler.Label> verdicts = new TreeMap<>();
        BpfAssembler.Label last = label(verdicts, otherwise);
        if (error && newest > 0) {
            a.jump(BpfAssembler.JGE, newest + 1, label(verdicts, Seccomp.RET_ERRNO | Errno.ENOSYS.number()), null);
        }
        for (Map.Entry<Integer, List<Rule>> e : rules.entrySet()) {
            number(a, e.getKey(), e.getValue(), verdicts, last);
        }
        a.jump(last);
        for (Map.Entry<Integer, BpfAssembler.Label> e : verdicts.entrySet()) {
            a.bind(e.getValue());
            a.result(e.getKey());
        }
        try {
            return a.assemble();
        } catch (IllegalStateException e) {
            throw in.wrong(in.path(), "too many rules: " + e.getMessage());
        }
    }

    private static BpfAssembler.Label label(Map<Integer, BpfAssembler.Label> verdicts, int verdict) {
        return verdicts.computeIfAbsent(verdict, v -> new BpfAssembler.Label());
    }

    private static void number(
            BpfAssembler a,
            int number,
            List<Rule> list,
            Map<Integer, BpfAssembler.Label> verdicts,
            BpfAssembler.Label otherwise) {
        BpfAssembler.Label whatever = otherwise;
        boolean conditional = false;
        for (int i = list.size() - 1; i >= 0; i--) {
            if (list.get(i).conditions().isEmpty()) {
                whatever = label(verdicts, list.get(i).verdict());
            } else {
                conditional = true;
            }
        }
        if (!conditional) {
            a.jump(BpfAssembler.JEQ, number, whatever, null);
            return;
        }
        BpfAssembler.Label next = new BpfAssembler.Label();
        a.jump(BpfAssembler.JEQ, number, null, next);
        for (Rule rule : list) {
            if (rule.conditions().isEmpty()) {
                continue;
            }
            BpfAssembler.Label failed = new BpfAssembler.Label();
            for (Condition c : rule.conditions()) {
                condition(a, c, failed);
            }
            a.jump(label(verdicts, rule.verdict()));
            a.bind(failed);
        }
        a.jump(whatever);
        a.bind(next); // the accumulator still holds the number here: it was reached by the first jump alone
    }

    /** Goes on behind when the condition is met, and to {@code failed} when it is not. */
    private static void condition(BpfAssembler a, Condition c, BpfAssembler.Label failed) {
        int low = ARGUMENTS + 8 * c.index();
        int lowValue = (int) c.value();
        int highValue = (int) (c.value() >>> 32);
        BpfAssembler.Label met = new BpfAssembler.Label();
        a.load(low + 4);
        switch (c.operator()) {
            case EQ -> {
                a.jump(BpfAssembler.JEQ, highValue, null, failed);
                a.load(low);
                a.jump(BpfAssembler.JEQ, lowValue, null, failed);
            }
            case NE -> {
                a.jump(BpfAssembler.JEQ, highValue, null, met);
                a.load(low);
                a.jump(BpfAssembler.JEQ, lowValue, failed, null);
            }
            case MASKED_EQ -> {
                long wanted = c.second() & c.value();
                a.and(highValue);
                a.jump(BpfAssembler.JEQ, (int) (wanted >>> 32), null, failed);
                a.load(low);
                a.and(lowValue);
                a.jump(BpfAssembler.JEQ, (int) wanted, null, failed);
            }
            case GE, GT -> {
                a.jump(BpfAssembler.JGT, highValue, met, null);
                a.jump(BpfAssembler.JEQ, highValue, null, failed);
                a.load(low);
                a.jump(c.operator() == Operator.GE ? BpfAssembler.JGE : BpfAssembler.JGT, lowValue, null, failed);
            }
            case LT, LE -> {
                a.jump(BpfAssembler.JGT, highValue, failed, null);
                a.jump(BpfAssembler.JEQ, highValue, null, met);
                a.load(low);
                a.jump(c.operator() == Operator.LT ? BpfAssembler.JGE : BpfAssembler.JGT, lowValue, failed, null);
            }
        }
        a.bind(met);
    }
}
