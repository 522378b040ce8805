package sentry.syscalls;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.memory.UserMemory;
import sentry.core.wait.Sleeper;

/** struct timespec and struct timeval, as nanoseconds in a long. Times beyond 292 years count as for ever. */
final class Timespec {
    static final long NANOS_PER_SECOND = 1_000_000_000L;

    private Timespec() {}

    /** Reads a timespec; EINVAL when it is negative or not normalised. */
    static long readNanos(UserMemory memory, long address) throws ErrnoException {
        return nanos(memory.getLong(address), memory.getLong(address + 8));
    }

    /** Reads a timeval; EINVAL when it is negative or not normalised. */
    static long readMicros(UserMemory memory, long address) throws ErrnoException {
        long micros = memory.getLong(address + 8);
        if (micros < 0 || micros >= 1_000_000) {
            throw Errno.EINVAL.error();
        }
        return nanos(memory.getLong(address), micros * 1000);
    }

    static long nanos(long seconds, long nanos) throws ErrnoException {
        if (seconds < 0 || nanos < 0 || nanos >= NANOS_PER_SECOND) {
            throw Errno.EINVAL.error();
        }
        if (seconds >= Long.MAX_VALUE / NANOS_PER_SECOND) {
            return Long.MAX_VALUE;
        }
        return seconds * NANOS_PER_SECOND + nanos;
    }

    static void write(UserMemory memory, long address, long nanos) throws ErrnoException {
        memory.putLong(address, Math.floorDiv(nanos, NANOS_PER_SECOND));
        memory.putLong(address + 8, Math.floorMod(nanos, NANOS_PER_SECOND));
    }

    static void writeMicros(UserMemory memory, long address, long nanos) throws ErrnoException {
        memory.putLong(address, Math.floorDiv(nanos, NANOS_PER_SECOND));
        memory.putLong(address + 8, Math.floorMod(nanos, NANOS_PER_SECOND) / 1000);
    }

    /** The moment {@code nanos} from now, for {@link sentry.core.task.Task#sleep}. */
    static long deadline(long nanos) {
        long now = System.nanoTime();
        return nanos >= Sleeper.FOREVER - now ? Sleeper.FOREVER : now + nanos;
    }
}
