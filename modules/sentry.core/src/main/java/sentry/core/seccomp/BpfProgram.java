package sentry.core.seccomp;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Seccomp;

/** A classic BPF program over struct seccomp_data (linux/filter.h, bpf(4) of BSD). Checked, so it ends and stays inside. */
public final class BpfProgram {
    /** Most instructions (BPF_MAXINSNS). */
    public static final int MAX = 4096;

    /** sizeof(struct sock_filter). */
    public static final int INSTRUCTION = 8;

    /** Answered by {@link #forNumber} when the result hangs on more than the call's number. Not an int. */
    static final long DEPENDS = Long.MIN_VALUE;

    private static final int MEMORY = 16;
    /** Words of struct seccomp_data that are the same for every call with the same number: nr and arch. */
    private static final int FIXED_WORDS = 2;

    // Instruction classes and modes.
    private static final int LD_W_ABS = 0x20;
    private static final int LD_IMM = 0x00;
    private static final int LD_MEM = 0x60;
    private static final int LD_LEN = 0x80;
    private static final int LDX_IMM = 0x01;
    private static final int LDX_MEM = 0x61;
    private static final int LDX_LEN = 0x81;
    private static final int ST = 0x02;
    private static final int STX = 0x03;
    private static final int ADD_K = 0x04;
    private static final int ADD_X = 0x0c;
    private static final int SUB_K = 0x14;
    private static final int SUB_X = 0x1c;
    private static final int MUL_K = 0x24;
    private static final int MUL_X = 0x2c;
    private static final int DIV_K = 0x34;
    private static final int DIV_X = 0x3c;
    private static final int OR_K = 0x44;
    private static final int OR_X = 0x4c;
    private static final int AND_K = 0x54;
    private static final int AND_X = 0x5c;
    private static final int LSH_K = 0x64;
    private static final int LSH_X = 0x6c;
    private static final int RSH_K = 0x74;
    private static final int RSH_X = 0x7c;
    private static final int NEG = 0x84;
    private static final int XOR_K = 0xa4;
    private static final int XOR_X = 0xac;
    private static final int JA = 0x05;
    private static final int JEQ_K = 0x15;
    private static final int JEQ_X = 0x1d;
    private static final int JGT_K = 0x25;
    private static final int JGT_X = 0x2d;
    private static final int JGE_K = 0x35;
    private static final int JGE_X = 0x3d;
    private static final int JSET_K = 0x45;
    private static final int JSET_X = 0x4d;
    private static final int RET_K = 0x06;
    private static final int RET_A = 0x16;
    private static final int TAX = 0x07;
    private static final int TXA = 0x87;

    private final int[] codes;
    private final int[] operands;
    /** Where a jump goes, as indices of instructions. */
    private final int[] whenTrue;

    private final int[] whenFalse;

    /**
     * @param bytes an array of struct sock_filter
     * @throws ErrnoException EINVAL for a program that Linux refuses
     */
    public BpfProgram(byte[] bytes) throws ErrnoException {
        int n = bytes.length / INSTRUCTION;
        if (n == 0 || n > MAX) {
            throw Errno.EINVAL.error();
        }
        ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        codes = new int[n];
        operands = new int[n];
        whenTrue = new int[n];
        whenFalse = new int[n];
        for (int i = 0; i < n; i++) {
            codes[i] = in.getShort(i * INSTRUCTION) & 0xffff;
            whenTrue[i] = i + 1 + (in.get(i * INSTRUCTION + 2) & 0xff);
            whenFalse[i] = i + 1 + (in.get(i * INSTRUCTION + 3) & 0xff);
            operands[i] = in.getInt(i * INSTRUCTION + 4);
        }
        check();
    }

    int length() {
        return codes.length;
    }

    /** The instructions as they came, an array of struct sock_filter. */
    byte[] bytes() {
        ByteBuffer out = ByteBuffer.allocate(codes.length * INSTRUCTION).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < codes.length; i++) {
            boolean always = codes[i] == JA;
            out.putShort((short) codes[i]);
            out.put((byte) (always ? 0 : whenTrue[i] - i - 1));
            out.put((byte) (always ? 0 : whenFalse[i] - i - 1));
            out.putInt(always ? whenTrue[i] - i - 1 : operands[i]);
        }
        return out.array();
    }

    private void check() throws ErrnoException {
        int n = codes.length;
        for (int i = 0; i < n; i++) {
            int k = operands[i];
            boolean sound = switch (codes[i]) {
                case LD_W_ABS -> k >= 0 && k < Seccomp.DATA_SIZE && (k & 3) == 0;
                case LD_MEM, LDX_MEM, ST, STX -> k >= 0 && k < MEMORY;
                case DIV_K -> k != 0;
                case LSH_K, RSH_K -> k >= 0 && k < 32;
                case JA -> {
                    boolean inside = Integer.compareUnsigned(k, n - i - 1) < 0;
                    whenTrue[i] = i + 1 + k;
                    yield inside;
                }
                case JEQ_K, JEQ_X, JGT_K, JGT_X, JGE_K, JGE_X, JSET_K, JSET_X -> whenTrue[i] < n && whenFalse[i] < n;
                case LD_IMM, LD_LEN, LDX_IMM, LDX_LEN, ADD_K, ADD_X, SUB_K, SUB_X, MUL_K, MUL_X, DIV_X, OR_K, OR_X, AND_K,
                        AND_X, LSH_X, RSH_X, NEG, XOR_K, XOR_X, RET_K, RET_A, TAX, TXA -> true;
                default -> false;
            };
            if (!sound) {
                throw Errno.EINVAL.error();
            }
        }
        if (codes[n - 1] != RET_K && codes[n - 1] != RET_A) {
            throw Errno.EINVAL.error();
        }
        checkMemory();
    }

    /** Nothing may be read from the scratch memory that was not written on every way there. */
    private void checkMemory() throws ErrnoException {
        int n = codes.length;
        int[] reached = new int[n]; // complement of what is written on all ways that lead here
        int written = 0;
        for (int i = 0; i < n; i++) {
            written &= ~reached[i];
            switch (codes[i]) {
                case ST, STX -> written |= 1 << operands[i];
                case LD_MEM, LDX_MEM -> {
                    if ((written >>> operands[i] & 1) == 0) {
                        throw Errno.EINVAL.error();
                    }
                }
                case JA -> {
                    reached[whenTrue[i]] |= ~written;
                    written = -1; // the next instruction is reached from elsewhere, or not at all
                }
                case JEQ_K, JEQ_X, JGT_K, JGT_X, JGE_K, JGE_X, JSET_K, JSET_X -> {
                    reached[whenTrue[i]] |= ~written;
                    reached[whenFalse[i]] |= ~written;
                    written = -1;
                }
                default -> {}
            }
        }
    }

    /** What the program says about a call with this number, or {@link #DEPENDS}. */
    long forNumber(int nr, int arch) {
        int[] words = {nr, arch};
        return execute(words, FIXED_WORDS);
    }

    /** @param words struct seccomp_data as 32-bit words */
    int run(int[] words) {
        return (int) execute(words, Seccomp.DATA_SIZE / 4);
    }

    private long execute(int[] words, int known) {
        int a = 0;
        int x = 0;
        int[] memory = null;
        for (int pc = 0; ; pc++) {
            int k = operands[pc];
            switch (codes[pc]) {
                case LD_W_ABS -> {
                    if (k >> 2 >= known) {
                        return DEPENDS;
                    }
                    a = words[k >> 2];
                }
                case LD_IMM -> a = k;
                case LD_LEN -> a = Seccomp.DATA_SIZE;
                case LD_MEM -> a = memory[k];
                case LDX_IMM -> x = k;
                case LDX_LEN -> x = Seccomp.DATA_SIZE;
                case LDX_MEM -> x = memory[k];
                case ST, STX -> {
                    if (memory == null) {
                        memory = new int[MEMORY];
                    }
                    memory[k] = codes[pc] == ST ? a : x;
                }
                case ADD_K -> a += k;
                case ADD_X -> a += x;
                case SUB_K -> a -= k;
                case SUB_X -> a -= x;
                case MUL_K -> a *= k;
                case MUL_X -> a *= x;
                case DIV_K -> a = Integer.divideUnsigned(a, k);
                case DIV_X -> {
                    if (x == 0) {
                        return 0;
                    }
                    a = Integer.divideUnsigned(a, x);
                }
                case OR_K -> a |= k;
                case OR_X -> a |= x;
                case AND_K -> a &= k;
                case AND_X -> a &= x;
                case LSH_K -> a <<= k;
                case LSH_X -> a <<= x;
                case RSH_K -> a >>>= k;
                case RSH_X -> a >>>= x;
                case NEG -> a = -a;
                case XOR_K -> a ^= k;
                case XOR_X -> a ^= x;
                case JA -> pc = whenTrue[pc] - 1;
                case JEQ_K -> pc = (a == k ? whenTrue[pc] : whenFalse[pc]) - 1;
                case JEQ_X -> pc = (a == x ? whenTrue[pc] : whenFalse[pc]) - 1;
                case JGT_K -> pc = (Integer.compareUnsigned(a, k) > 0 ? whenTrue[pc] : whenFalse[pc]) - 1;
                case JGT_X -> pc = (Integer.compareUnsigned(a, x) > 0 ? whenTrue[pc] : whenFalse[pc]) - 1;
                case JGE_K -> pc = (Integer.compareUnsigned(a, k) >= 0 ? whenTrue[pc] : whenFalse[pc]) - 1;
                case JGE_X -> pc = (Integer.compareUnsigned(a, x) >= 0 ? whenTrue[pc] : whenFalse[pc]) - 1;
                case JSET_K -> pc = ((a & k) != 0 ? whenTrue[pc] : whenFalse[pc]) - 1;
                case JSET_X -> pc = ((a & x) != 0 ? whenTrue[pc] : whenFalse[pc]) - 1;
                case RET_K -> {
                    return k;
                }
                case RET_A -> {
                    return a;
                }
                case TAX -> x = a;
                case TXA -> a = x;
                default -> throw new IllegalStateException("instruction " + codes[pc]);
            }
        }
    }
}
