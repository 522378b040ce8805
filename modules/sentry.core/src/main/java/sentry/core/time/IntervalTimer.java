package sentry.core.time;

import sentry.core.abi.Clock;
import sentry.core.abi.ErrnoException;
import sentry.core.task.Task;
import sentry.core.task.ThreadGroup;

/**
 * A timer on any clock, one-shot or periodic: what setitimer(2), timer_create(2) and timerfd have in common. Its monitor
 * guards it.
 */
public abstract class IntervalTimer {
    /** CPU time is looked at no more often than this. */
    private static final long CPU_TICK = 1_000_000;

    /** What a timer is set to: nanoseconds until it fires next (0: not armed), and between firings (0: once). */
    public record Setting(long remaining, long interval) {
        public static final Setting OFF = new Setting(0, 0);
    }

    private final KernelTimers timers;
    private final int clock;
    /** For CPU-time clocks; else null. */
    private final Clocks.CpuClock cpu;
    /** Whose tasks can make CPU time pass. */
    private final ThreadGroup runner;

    private final KernelTimer timer = new KernelTimer() {
        @Override
        protected void expired() {
            check();
        }
    };

    private boolean armed;
    private long expiry;
    private long interval;
    /** Counts settings, so that a firing of an earlier one can be told apart. */
    private volatile int generation;

    /** A timer on clock {@code clock}; EINVAL when {@code task} has no such clock. */
    protected IntervalTimer(Task task, int clock) throws ErrnoException {
        this(
                task.kernel().timers(),
                clock,
                Clocks.isCpuClock(clock) ? Clocks.cpu(task, clock) : null,
                task.group());
    }

    IntervalTimer(KernelTimers timers, int clock, Clocks.CpuClock cpu, ThreadGroup runner) {
        this.timers = timers;
        this.clock = clock;
        this.cpu = cpu;
        this.runner = runner;
    }

    /** The number of its clock. */
    public final int clock() {
        return clock;
    }

    private boolean realtime() {
        return cpu == null && clock == Clock.CLOCK_REALTIME;
    }

    /** What the timer's clock shows. Clocks that differ from CLOCK_MONOTONIC by suspends alone count as it. */
    public final long now() {
        return cpu != null ? cpu.read() : realtime() ? Clocks.realtime() : System.nanoTime();
    }

    /**
     * Sets the timer and returns what it was set to.
     *
     * @param value nanoseconds; 0 stops the timer
     * @param absolute whether {@code value} is a moment of the clock rather than a duration
     */
    public final Setting set(long value, long newInterval, boolean absolute) {
        synchronized (this) {
            Setting old = get();
            timers.cancel(timer);
            generation++;
            armed = value != 0;
            interval = armed || keepsInterval() ? newInterval : 0;
            if (armed) {
                long now = now();
                expiry = absolute ? value : value > Long.MAX_VALUE - now ? Long.MAX_VALUE : now + value;
                arm(now);
            }
            return old;
        }
    }

    /** How often the timer was set. */
    protected final int generation() {
        return generation;
    }

    /** Whether a timer that was stopped still shows the interval it was given with that. */
    protected boolean keepsInterval() {
        return cpu != null;
    }

    public final synchronized Setting get() {
        if (!armed) {
            return new Setting(0, interval);
        }
        return new Setting(left(expiry - now(), interval), interval);
    }

    /** What a timer shows whose expiry is so far away. Due but not fired yet still counts as armed. */
    protected long left(long left, long interval) {
        return Math.max(leastLeft(), left);
    }

    /** What a timer shows that is due and has not fired: not 0 where that means that it is not armed. */
    protected long leastLeft() {
        return 1;
    }

    public final void cancel() {
        set(0, 0, false);
    }

    private void arm(long now) {
        long left = expiry - now;
        if (cpu != null) {
            // CPU time cannot pass quicker than this; look again then.
            left = Math.max(CPU_TICK, left / Math.max(1, runner.signals().count()));
        }
        long mono = System.nanoTime();
        timers.arm(timer, left > Long.MAX_VALUE - mono ? Long.MAX_VALUE : mono + Math.max(0, left));
    }

    private void check() {
        long times;
        int setting;
        synchronized (this) {
            if (!armed) {
                return;
            }
            setting = generation;
            long now = now();
            if (now < expiry) {
                arm(now); // the wall clock was set, or the process has not run enough yet
                return;
            }
            times = 1;
            if (interval > 0) {
                times += (now - expiry) / interval;
                expiry += times * interval;
                arm(now);
            } else {
                armed = false;
            }
        }
        fired(times, setting);
    }

    /**
     * The timer fired {@code times} times since it was last told. On the timer thread, without its monitor: it may have
     * been set anew meanwhile, which {@link #generation} tells.
     */
    protected abstract void fired(long times, int setting);
}
