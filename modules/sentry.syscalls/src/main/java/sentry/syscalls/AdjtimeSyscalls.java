package sentry.syscalls;

import sentry.core.abi.Clock;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Sys;
import sentry.core.syscall.SyscallArgs;
import sentry.core.syscall.SyscallTable;
import sentry.core.task.Task;
import sentry.core.time.Clocks;

/**
 * adjtimex(2), clock_adjtime(2): the wall clock is the host's. A program can ask how it is disciplined, and hears that
 * nobody here does it, but can change nothing.
 */
final class AdjtimeSyscalls {
    /** Bytes of struct timex. */
    private static final int TIMEX = 208;

    private static final int ADJ_OFFSET_SINGLESHOT = 0x0001;
    private static final int ADJ_OFFSET_READONLY = 0x2000;
    private static final int ADJ_SETOFFSET = 0x100;
    private static final int ADJ_ADJTIME = 0x8000;

    private static final int STA_UNSYNC = 0x0040;
    /** What the calls return while the clock is not synchronised. */
    private static final int TIME_ERROR = 5;
    /** Microseconds: the largest error that is kept count of. */
    private static final long MAX_ERROR = 16_000_000;
    /** Parts per million, with 16 binary places. */
    private static final long TOLERANCE = 500L << 16;
    /** Microseconds per tick of USER_HZ. */
    private static final long TICK = 10_000;

    private AdjtimeSyscalls() {}

    static void install(SyscallTable.Builder table) {
        table.partial(Sys.ADJTIMEX, "reads only: the clock is the host's", (task, a) -> adjust(task, a.a0));
        table.partial(Sys.CLOCK_ADJTIME, "reads only: the clock is the host's", AdjtimeSyscalls::clockAdjtime);
    }

    private static long clockAdjtime(Task task, SyscallArgs a) throws ErrnoException {
        task.memory().read(a.a1, new byte[TIMEX], 0, TIMEX);
        int clock = a.i0();
        if (clock == Clock.CLOCK_REALTIME) {
            return adjust(task, a.a1);
        }
        boolean known = clock >= 0 ? clock <= Clock.CLOCK_TAI && clock != 10 : !Clocks.isDynamic(clock);
        throw (known ? Errno.EOPNOTSUPP : Errno.EINVAL).error();
    }

    private static long adjust(Task task, long address) throws ErrnoException {
        byte[] b = new byte[TIMEX];
        task.memory().read(address, b, 0, TIMEX);
        int modes = Struct.getInt(b, 0);
        boolean change = modes != 0;
        if ((modes & ADJ_ADJTIME) != 0) {
            if ((modes & ADJ_OFFSET_SINGLESHOT) == 0) {
                throw Errno.EINVAL.error();
            }
            change = (modes & ADJ_OFFSET_READONLY) == 0 || (modes & ADJ_SETOFFSET) != 0;
        }
        if (change) {
            throw Errno.EPERM.error();
        }
        long now = Clocks.realtime();
        java.util.Arrays.fill(b, 4, TIMEX, (byte) 0);
        Struct.putLong(b, 24, MAX_ERROR);
        Struct.putLong(b, 32, MAX_ERROR); // esterror
        Struct.putInt(b, 40, STA_UNSYNC);
        Struct.putLong(b, 48, 2); // time constant
        Struct.putLong(b, 56, 1); // precision in microseconds
        Struct.putLong(b, 64, TOLERANCE);
        Struct.putLong(b, 72, Math.floorDiv(now, Timespec.NANOS_PER_SECOND));
        Struct.putLong(b, 80, Math.floorMod(now, Timespec.NANOS_PER_SECOND) / 1000);
        Struct.putLong(b, 88, TICK);
        task.memory().write(address, b, 0, TIMEX);
        return TIME_ERROR;
    }
}
