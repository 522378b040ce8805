package sentry.core.conformance;

import java.io.ByteArrayOutputStream;

/** Writes the few amd64 instructions that test programs are made of. */
public final class MachineCode {
    /** Register numbers as instructions encode them. */
    public static final int RAX = 0;
    public static final int RCX = 1;
    public static final int RDX = 2;
    public static final int RBX = 3;
    public static final int RSP = 4;
    public static final int RBP = 5;
    public static final int RSI = 6;
    public static final int RDI = 7;
    public static final int R8 = 8;
    public static final int R9 = 9;
    public static final int R10 = 10;
    public static final int R11 = 11;
    public static final int R12 = 12;
    public static final int R13 = 13;
    public static final int R14 = 14;
    public static final int R15 = 15;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    public byte[] bytes() {
        return out.toByteArray();
    }

    /** Offset of the next instruction. */
    public int here() {
        return out.size();
    }

    public MachineCode raw(int... code) {
        for (int b : code) {
            out.write(b);
        }
        return this;
    }

    private MachineCode number(long value, int size) {
        for (int i = 0; i < size; i++) {
            out.write((int) (value >>> 8 * i));
        }
        return this;
    }

    public MachineCode mov(int register, long value) {
        return raw(0x48 | register >> 3, 0xb8 | register & 7).number(value, 8);
    }

    /** {@code mov [base], source}, 8 bytes; base not rsp, rbp, r12 or r13. */
    public MachineCode store(int base, int source) {
        return raw(0x48 | source >> 3 << 2 | base >> 3, 0x89, (source & 7) << 3 | base & 7);
    }

    /** {@code mov target, [base]}, 8 bytes; base not rsp, rbp, r12 or r13. */
    public MachineCode load(int target, int base) {
        return raw(0x48 | target >> 3 << 2 | base >> 3, 0x8b, (target & 7) << 3 | base & 7);
    }

    public MachineCode not(int register) {
        return raw(0x48 | register >> 3, 0xf7, 0xd0 | register & 7);
    }

    public MachineCode inc(int register) {
        return raw(0x48 | register >> 3, 0xff, 0xc0 | register & 7);
    }

    public MachineCode dec(int register) {
        return raw(0x48 | register >> 3, 0xff, 0xc8 | register & 7);
    }

    public MachineCode syscall() {
        return raw(0x0f, 0x05);
    }

    public MachineCode syscall(int number) {
        return raw(0xb8).number(number, 4).syscall();
    }

    public MachineCode nop() {
        return raw(0x90);
    }

    public MachineCode jump(int target) {
        int from = here() + 5;
        return raw(0xe9).number(target - from, 4);
    }

    /** Jumps when the last result was not zero. */
    public MachineCode jumpNotZero(int target) {
        int from = here() + 6;
        return raw(0x0f, 0x85).number(target - from, 4);
    }
}
