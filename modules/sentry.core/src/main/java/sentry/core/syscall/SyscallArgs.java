package sentry.core.syscall;

import sentry.core.arch.Registers;

/**
 * Number and arguments of the system call that a task is making. One object per task, refilled for each call; the
 * fields are plain so that a handler reads them at the cost of a load.
 *
 * <p>Arguments that Linux declares as int or unsigned int must be narrowed by the handler ({@link #i0} and so on): the
 * upper halves of the registers are garbage.
 */
public final class SyscallArgs {
    public int nr;
    public long a0;
    public long a1;
    public long a2;
    public long a3;
    public long a4;
    public long a5;

    public SyscallArgs() {}

    /** Takes over what the program has in its registers. */
    public void load(Registers r) {
        nr = (int) r.syscallNumber();
        a0 = r.get(Registers.RDI);
        a1 = r.get(Registers.RSI);
        a2 = r.get(Registers.RDX);
        a3 = r.get(Registers.R10);
        a4 = r.get(Registers.R8);
        a5 = r.get(Registers.R9);
    }

    public int i0() {
        return (int) a0;
    }

    public int i1() {
        return (int) a1;
    }

    public int i2() {
        return (int) a2;
    }

    public int i3() {
        return (int) a3;
    }

    public int i4() {
        return (int) a4;
    }

    public int i5() {
        return (int) a5;
    }
}
