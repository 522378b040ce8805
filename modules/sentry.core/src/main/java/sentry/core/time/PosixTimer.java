package sentry.core.time;

import java.util.concurrent.atomic.AtomicInteger;
import sentry.core.abi.Clock;
import sentry.core.abi.ErrnoException;
import sentry.core.signal.SignalInfo;
import sentry.core.task.Task;

/** A timer of timer_create(2). At most one signal of it is queued; further firings count as overruns. */
public final class PosixTimer extends IntervalTimer {
    private static final int MAX_OVERRUN = Integer.MAX_VALUE;

    private final int id;
    private final Task owner;
    /** The task that gets the signal; null: the process. */
    private final Task target;

    private final int notify;
    private final int signo;
    private final long value;

    private AtomicInteger account;

    // Guarded by queueLock: taken with the signal lock held, so nothing is called under it.
    private final Object queueLock = new Object();
    private boolean queued;
    private long missed;
    private int overrun;

    PosixTimer(Task owner, int id, int clock, int notify, int signo, long value, Task target) throws ErrnoException {
        super(owner, clock);
        this.id = id;
        this.owner = owner;
        this.notify = notify;
        this.signo = signo;
        this.value = value;
        this.target = target;
    }

    /** {@code count} has been incremented for the timer. Once. */
    void countedIn(AtomicInteger count) {
        account = count;
    }

    /** Stops the timer for good. Once. */
    void end() {
        cancel();
        account.decrementAndGet();
    }

    public int signo() {
        return signo;
    }

    /** sigev_value. */
    public long value() {
        return value;
    }

    /** sigev_notify. */
    public int notification() {
        return notify;
    }

    /** The thread that gets the signal, or null. */
    public Task target() {
        return target;
    }

    public int id() {
        return id;
    }

    /** timer_getoverrun(2): of the signal that was taken last. */
    public int overrun() {
        synchronized (queueLock) {
            return overrun;
        }
    }

    /** One that nobody is told of is over when its time is over: nothing has to fire for that. */
    @Override
    protected long left(long left, long interval) {
        if (notify != Clock.SIGEV_NONE || left > 0) {
            return super.left(left, interval);
        }
        return interval == 0 ? 0 : interval - -left % interval;
    }

    @Override
    protected void fired(long times, int setting) {
        if (notify == Clock.SIGEV_NONE) {
            return;
        }
        synchronized (queueLock) {
            if (queued) {
                missed += times;
                return;
            }
            queued = true;
            missed = times - 1;
        }
        if (target != null && target.exiting()) {
            return; // nobody else is to have it
        }
        owner.group().signals().send(
                new SignalInfo(signo, SignalInfo.SI_TIMER, id, 0, 0, value, 0, 0), target, true, this::taken);
    }

    private SignalInfo taken(SignalInfo info) {
        synchronized (queueLock) {
            queued = false;
            overrun = (int) Math.min(missed, MAX_OVERRUN);
            missed = 0;
            return new SignalInfo(info.signo(), info.code(), info.pid(), overrun, 0, info.address(), 0, 0);
        }
    }
}
