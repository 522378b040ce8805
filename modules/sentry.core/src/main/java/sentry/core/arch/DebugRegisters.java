package sentry.core.arch;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.platform.Fault;

/**
 * The debug registers of a task, as its tracer sees them in {@code u_debugreg} of struct user (ptrace(2), sys/user.h;
 * Intel SDM vol. 3, "Debug registers"). They are the task's and outlive the tracer; a program that is executed starts
 * without.
 *
 * <p>For whoever holds the task in a stop, else for the task's own thread.
 */
public final class DebugRegisters {
    /** DR0 to DR3. */
    public static final int BREAKPOINTS = 4;

    public static final int STATUS = 6;
    public static final int CONTROL = 7;
    /** Registers of struct user. */
    public static final int COUNT = 8;

    /** What DR6 shows while nothing has happened. */
    public static final long IDLE_STATUS = 0xffff0ff0L;

    /** Length of what {@link #inForce} returns. */
    public static final int FORCE_LENGTH = BREAKPOINTS + 1;

    /** DR6: a single step. */
    private static final long STEP = 0x4000;
    /** si_code of a single step. */
    private static final int TRAP_TRACE = 2;

    private static final int EXECUTE = 0;
    private static final int WRITE = 1;
    private static final int INPUT_OUTPUT = 2;

    private final long[] address = new long[BREAKPOINTS];
    /** The four bits that DR7 has for each: type below, length above. */
    private final int[] kind = new int[BREAKPOINTS];
    /** Has had an address or has been switched on, so that what is said of it is checked. */
    private final boolean[] known = new boolean[BREAKPOINTS];

    private final boolean[] on = new boolean[BREAKPOINTS];
    /** Bits in the sense in which they are set when something has happened. */
    private long status;

    private long control;
    private boolean changed;

    /** What a task has that this one makes: no breakpoint, but DR6 and DR7 look the same. */
    public DebugRegisters forNewTask() {
        DebugRegisters copy = new DebugRegisters();
        copy.status = status;
        copy.control = control;
        return copy;
    }

    public long get(int index) {
        return switch (index) {
            case STATUS -> status ^ IDLE_STATUS;
            case CONTROL -> control;
            default -> index < BREAKPOINTS ? address[index] : 0;
        };
    }

    /**
     * Sets one register.
     *
     * @param limit end (exclusive) of the addresses that a breakpoint may have
     * @throws ErrnoException EIO for DR4 and DR5; EINVAL for an address or a kind that cannot be. Then nothing has changed
     */
    public void set(int index, long value, long limit) throws ErrnoException {
        switch (index) {
            case STATUS -> status = value ^ IDLE_STATUS;
            case CONTROL -> setControl(value, limit);
            case 4, 5 -> throw Errno.EIO.error();
            default -> {
                int k = known[index] ? kind[index] : WRITE;
                check(value, k, limit);
                address[index] = value;
                kind[index] = k;
                known[index] = true;
                changed = true;
            }
        }
    }

    /** Whether {@code control} switches a breakpoint on. */
    public static boolean enables(long control) {
        return (control & 0xff) != 0;
    }

    private static boolean enables(long control, int breakpoint) {
        return (control >> 2 * breakpoint & 3) != 0;
    }

    private static int kind(long control, int breakpoint) {
        return (int) (control >> 16 + 4 * breakpoint) & 15;
    }

    private void setControl(long value, long limit) throws ErrnoException {
        for (int i = 0; i < BREAKPOINTS; i++) {
            if (known[i] || enables(value, i)) {
                check(address[i], kind(value, i), limit);
            }
        }
        for (int i = 0; i < BREAKPOINTS; i++) {
            on[i] = enables(value, i);
            known[i] |= on[i];
            kind[i] = kind(value, i);
        }
        control = value;
        changed = true;
    }

    private static void check(long address, int kind, long limit) throws ErrnoException {
        int type = kind & 3;
        int length = (kind >> 2) + 1; // 2 means 8 bytes
        int align = length == 3 ? 7 : length - 1;
        if (type == INPUT_OUTPUT
                || type == EXECUTE && length != 1
                || (address & align) != 0
                || Long.compareUnsigned(address, limit) >= 0) {
            throw Errno.EINVAL.error();
        }
    }

    /** The processor raised a debug exception. */
    public void trapped(Fault fault) {
        status = fault.breakpoints | (fault.code == TRAP_TRACE ? STEP : 0);
    }

    /** Whether {@link #inForce} may have changed since this was last asked. */
    public boolean takeChange() {
        boolean was = changed;
        changed = false;
        return was;
    }

    /** DR0 to DR3 and DR7 as the processor is to have them; null when no breakpoint is on. */
    public long[] inForce() {
        long[] values = null;
        for (int i = 0; i < BREAKPOINTS; i++) {
            if (on[i]) {
                if (values == null) {
                    values = new long[FORCE_LENGTH];
                }
                values[i] = address[i];
                values[BREAKPOINTS] |= 1L << 2 * i | (long) kind[i] << 16 + 4 * i;
            }
        }
        return values;
    }
}
