package runsc.cli.boot.seccomp;

import java.util.ArrayList;
import java.util.List;

/**
 * Assembles classic BPF (linux/filter.h): {@code struct sock_filter} is code[2] jt[1] jf[1] k[4]. Conditional jumps
 * reach 255 instructions; where a label is farther, an unconditional jump is put between.
 */
public final class BpfAssembler {
    /** Bytes of an instruction. */
    public static final int SIZE = 8;
    /** Most instructions that the kernel takes (BPF_MAXINSNS). */
    public static final int MAX = 4096;

    public static final int LD_W_ABS = 0x20;
    public static final int JA = 0x05;
    public static final int JEQ = 0x15;
    public static final int JGT = 0x25;
    public static final int JGE = 0x35;
    public static final int JSET = 0x45;
    public static final int AND = 0x54;
    public static final int RET = 0x06;

    private static final int REACH = 255;

    /** A place in the program. Jumps go forward only, so it is bound after its uses. */
    public static final class Label {
        private int index = -1;
        private int address;
    }

    private static final class Instruction {
        final int code;
        final int k;
        final Label whenTrue;
        final Label whenFalse;
        boolean farTrue;
        boolean farFalse;
        int address;

        Instruction(int code, int k, Label whenTrue, Label whenFalse) {
            this.code = code;
            this.k = k;
            this.whenTrue = whenTrue;
            this.whenFalse = whenFalse;
        }

        int length() {
            return 1 + (farTrue ? 1 : 0) + (farFalse ? 1 : 0);
        }
    }

    private final List<Instruction> program = new ArrayList<>();
    private final List<Label> labels = new ArrayList<>();

    /** Loads the 32-bit word at {@code offset} of the data. */
    public void load(int offset) {
        program.add(new Instruction(LD_W_ABS, offset, null, null));
    }

    public void and(int mask) {
        program.add(new Instruction(AND, mask, null, null));
    }

    /**
     * A conditional jump, {@link #JEQ}, {@link #JGT} and {@link #JGE} (unsigned) or {@link #JSET}; a null label is the next instruction.
     */
    public void jump(int code, int k, Label whenTrue, Label whenFalse) {
        program.add(new Instruction(code, k, whenTrue, whenFalse));
    }

    public void jump(Label to) {
        program.add(new Instruction(JA, 0, to, null));
    }

    public void result(int value) {
        program.add(new Instruction(RET, value, null, null));
    }

    /** The next instruction is where {@code label} is. */
    public void bind(Label label) {
        label.index = program.size();
        labels.add(label);
    }

    /** The program as an array of {@code struct sock_filter}. */
    public byte[] assemble() {
        while (layOut()) {
            // each round some jump turned out to be far, which moves what follows
        }
        int count = end();
        if (count > MAX) {
            throw new IllegalStateException("a filter of " + count + " instructions");
        }
        byte[] bytes = new byte[count * SIZE];
        for (Instruction i : program) {
            encode(bytes, i);
        }
        return bytes;
    }

    private int end() {
        Instruction last = program.getLast();
        return last.address + last.length();
    }

    private boolean layOut() {
        int address = 0;
        for (Instruction i : program) {
            i.address = address;
            address += i.length();
        }
        for (Label l : labels) {
            l.address = l.index == program.size() ? address : program.get(l.index).address;
        }
        boolean changed = false;
        for (Instruction i : program) {
            if (i.code == JEQ || i.code == JGT || i.code == JGE || i.code == JSET) {
                if (!i.farTrue && distance(i, i.whenTrue) > REACH) {
                    i.farTrue = true;
                    changed = true;
                }
                if (!i.farFalse && distance(i, i.whenFalse) > REACH) {
                    i.farFalse = true;
                    changed = true;
                }
            }
        }
        return changed;
    }

    /** Instructions between {@code from} itself and {@code to}. */
    private static int distance(Instruction from, Label to) {
        if (to == null) {
            return from.length() - 1;
        }
        if (to.index < 0 || to.address <= from.address) {
            throw new IllegalStateException("a jump backwards or to nowhere");
        }
        return to.address - from.address - 1;
    }

    private static void encode(byte[] bytes, Instruction i) {
        int at = i.address;
        switch (i.code) {
            case JA -> put(bytes, at, JA, 0, 0, distance(i, i.whenTrue));
            case JEQ, JGT, JGE, JSET -> {
                int next = 1;
                int whenTrue = distance(i, i.whenTrue);
                int whenFalse = distance(i, i.whenFalse);
                if (i.farTrue) {
                    put(bytes, at + next, JA, 0, 0, whenTrue - next);
                    whenTrue = next - 1;
                    next++;
                }
                if (i.farFalse) {
                    put(bytes, at + next, JA, 0, 0, whenFalse - next);
                    whenFalse = next - 1;
                }
                put(bytes, at, i.code, whenTrue, whenFalse, i.k);
            }
            default -> put(bytes, at, i.code, 0, 0, i.k);
        }
    }

    private static void put(byte[] bytes, int index, int code, int whenTrue, int whenFalse, int k) {
        int at = index * SIZE;
        bytes[at] = (byte) code;
        bytes[at + 1] = (byte) (code >> 8);
        bytes[at + 2] = (byte) whenTrue;
        bytes[at + 3] = (byte) whenFalse;
        for (int n = 0; n < 4; n++) {
            bytes[at + 4 + n] = (byte) (k >>> 8 * n);
        }
    }
}
