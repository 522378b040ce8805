package sentry.core.task;

import sentry.core.abi.Clock;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;

/**
 * How far the clocks of its processes are from the kernel's (time_namespaces(7)). The offsets can be set until the first
 * process is inside, and stay the same from then on.
 */
public final class TimeNamespace extends Namespace {
    /** The last second that a clock may show, with room for timers. */
    private static final long LAST_SECOND = Long.MAX_VALUE / 1_000_000_000L / 2;

    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private volatile long monotonic;
    private volatile long boottime;
    /** Guarded by this. */
    private boolean entered;

    public TimeNamespace(UserNamespace owner) {
        super(owner);
    }

    @Override
    public Kind kind() {
        return Kind.TIME;
    }

    /** Somebody is inside: the offsets are fixed. */
    public synchronized void enter() {
        entered = true;
    }

    /** Nanoseconds to add to what the kernel's clock {@code id} shows. */
    public long offset(int id) {
        return switch (id) {
            case Clock.CLOCK_MONOTONIC, Clock.CLOCK_MONOTONIC_RAW, Clock.CLOCK_MONOTONIC_COARSE -> monotonic;
            case Clock.CLOCK_BOOTTIME, Clock.CLOCK_BOOTTIME_ALARM -> boottime;
            default -> 0;
        };
    }

    /** Whether its clocks show what the kernel's do. */
    public boolean plain() {
        return monotonic == 0 && boottime == 0;
    }

    /** One offset to set: CLOCK_MONOTONIC or CLOCK_BOOTTIME, and how far. */
    public record Change(int clock, long seconds, long nanos) {}

    /**
     * Sets offsets, all or none. ERANGE when a clock that shows {@code now} would be before 0 or too late, EACCES when
     * somebody is inside already.
     */
    public void set(Change[] changes, long[] now) throws ErrnoException {
        for (int i = 0; i < changes.length; i++) {
            Change c = changes[i];
            if (c.seconds() > 2 * LAST_SECOND || c.seconds() < -2 * LAST_SECOND) {
                throw Errno.ERANGE.error();
            }
            long second = c.seconds() + Math.floorDiv(now[i] + c.nanos(), NANOS_PER_SECOND);
            if (second < 0 || second > LAST_SECOND) {
                throw Errno.ERANGE.error();
            }
        }
        synchronized (this) {
            if (entered) {
                throw Errno.EACCES.error();
            }
            for (Change c : changes) {
                long offset = c.seconds() * NANOS_PER_SECOND + c.nanos();
                if (c.clock() == Clock.CLOCK_MONOTONIC) {
                    monotonic = offset;
                } else {
                    boottime = offset;
                }
            }
        }
    }
}
