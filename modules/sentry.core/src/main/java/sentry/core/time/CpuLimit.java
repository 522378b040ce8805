package sentry.core.time;

import sentry.core.abi.Clock;
import sentry.core.abi.Signal;
import sentry.core.signal.SignalInfo;
import sentry.core.task.ThreadGroup;

/** Enforces RLIMIT_CPU on a process. */
final class CpuLimit extends IntervalTimer {
    private static final long SECOND = 1_000_000_000L;

    private final ThreadGroup group;
    private volatile long hardNanos;

    CpuLimit(ThreadGroup group) {
        super(group.kernel().timers(), Clock.CLOCK_MONOTONIC, Clocks.ofProcess(group, false), group);
        this.group = group;
    }

    /** Both in seconds, unsigned; ~0: none. */
    void set(long soft, long hard) {
        hardNanos = nanos(hard);
        long first = Math.min(nanos(soft), hardNanos);
        if (first == Long.MAX_VALUE) {
            cancel();
        } else {
            set(Math.max(1, first), SECOND, true);
        }
    }

    private static long nanos(long seconds) {
        return seconds < 0 || seconds >= Long.MAX_VALUE / SECOND ? Long.MAX_VALUE : seconds * SECOND;
    }

    @Override
    protected void fired(long times, int setting) {
        group.send(SignalInfo.kernel(now() >= hardNanos ? Signal.SIGKILL : Signal.SIGXCPU));
    }
}
