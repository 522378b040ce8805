package sentry.core.arch;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The general registers of one task, in the layout of Linux's {@code struct user_regs_struct} (sys/user.h), in native
 * memory so that a platform can hand it to the host without a copy.
 *
 * <p>Keeps note of how much the kernel changed since the platform last looked, so that a platform moves no more than
 * it must: nothing, the result register alone, or everything.
 *
 * <p>Used by the task's own thread only.
 */
public final class Registers {
    public static final int SIZE = 27 * 8;
    /** Nothing was changed since {@link #clean()}. */
    public static final int CLEAN = 0;
    /** Only the result register (rax) was changed. */
    public static final int RESULT = 1;
    /** Any register may have been changed. */
    public static final int ALL = 2;

    public static final int R15 = 0;
    public static final int R14 = 8;
    public static final int R13 = 16;
    public static final int R12 = 24;
    public static final int RBP = 32;
    public static final int RBX = 40;
    public static final int R11 = 48;
    public static final int R10 = 56;
    public static final int R9 = 64;
    public static final int R8 = 72;
    public static final int RAX = 80;
    public static final int RCX = 88;
    public static final int RDX = 96;
    public static final int RSI = 104;
    public static final int RDI = 112;
    public static final int ORIG_RAX = 120;
    public static final int RIP = 128;
    public static final int CS = 136;
    public static final int EFLAGS = 144;
    public static final int RSP = 152;
    public static final int SS = 160;
    public static final int FS_BASE = 168;
    public static final int GS_BASE = 176;
    public static final int DS = 184;
    public static final int ES = 192;
    public static final int FS = 200;
    public static final int GS = 208;

    private final MemorySegment segment;
    private int changed = ALL;

    public Registers() {
        this.segment = Arena.ofAuto().allocate(SIZE, 16);
    }

    /** Host address of the {@code user_regs_struct}. */
    public long address() {
        return segment.address();
    }

    /** All zero, as in a new object. */
    public void reset() {
        segment.fill((byte) 0);
        changed = ALL;
    }

    public int changed() {
        return changed;
    }

    /** Called by the platform once program and registers agree. */
    public void clean() {
        changed = CLEAN;
    }

    public long get(int offset) {
        return segment.get(ValueLayout.JAVA_LONG, offset);
    }

    public void set(int offset, long value) {
        segment.set(ValueLayout.JAVA_LONG, offset, value);
        changed = ALL;
    }

    public void copyFrom(Registers other) {
        segment.copyFrom(other.segment);
        changed = ALL;
    }

    /** The number of the system call that stopped the program. */
    public long syscallNumber() {
        return get(ORIG_RAX);
    }

    /** Argument {@code 0..5} of a system call: rdi, rsi, rdx, r10, r8, r9. */
    public long argument(int index) {
        return switch (index) {
            case 0 -> get(RDI);
            case 1 -> get(RSI);
            case 2 -> get(RDX);
            case 3 -> get(R10);
            case 4 -> get(R8);
            case 5 -> get(R9);
            default -> throw new IllegalArgumentException();
        };
    }

    public long result() {
        return get(RAX);
    }

    /** Sets the result of a system call; the cheapest change there is. */
    public void setResult(long value) {
        segment.set(ValueLayout.JAVA_LONG, RAX, value);
        if (changed == CLEAN) {
            changed = RESULT;
        }
    }

    public long ip() {
        return get(RIP);
    }

    public void setIp(long value) {
        set(RIP, value);
    }

    public long sp() {
        return get(RSP);
    }

    public void setSp(long value) {
        set(RSP, value);
    }
}
