package sentry.core.wait;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Puts one thread to sleep and wakes it. The owner calls {@link #prepare}, checks its condition, then {@link #sleep};
 * a wake-up between the two is not lost.
 */
public final class Sleeper {
    /** How a sleep ended. */
    public enum Wake {
        READY,
        INTERRUPTED,
        TIMED_OUT
    }

    private static final int IDLE = 0;
    private static final int WOKEN = 1;
    /** Never wake by time. */
    public static final long FOREVER = Long.MAX_VALUE;

    private final AtomicInteger state = new AtomicInteger();
    /** Set by {@link #interrupt}; stays until the owner clears it. */
    private volatile boolean interrupted;
    private volatile Thread thread;

    public Sleeper() {}

    /** Forgets earlier wake-ups. Call before checking the condition. */
    public void prepare() {
        thread = Thread.currentThread();
        state.set(IDLE);
    }

    /** Wakes the owner. From any thread. */
    public void wake() {
        if (state.getAndSet(WOKEN) == IDLE) {
            LockSupport.unpark(thread);
        }
    }

    /** Ends the running or next interruptible sleep. From any thread. */
    public void interrupt() {
        interrupted = true;
        LockSupport.unpark(thread);
    }

    public boolean interrupted() {
        return interrupted;
    }

    public void clearInterrupted() {
        interrupted = false;
    }

    /**
     * Sleeps until woken, interrupted or {@code deadline}, in System.nanoTime() nanoseconds ({@link #FOREVER}: none).
     *
     * @param interruptible whether {@link #interrupt} ends it
     */
    public Wake sleep(long deadline, boolean interruptible) {
        boolean first = true;
        for (;;) {
            if (state.get() == WOKEN) {
                return Wake.READY;
            }
            if (first && Thread.currentThread() instanceof Resting r) {
                r.resting();
            }
            first = false;
            if (interruptible && interrupted) {
                return Wake.INTERRUPTED;
            }
            if (deadline == FOREVER) {
                LockSupport.park(this);
            } else {
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    return Wake.TIMED_OUT;
                }
                LockSupport.parkNanos(this, left);
            }
            Thread.interrupted(); // a stray Java interrupt would turn park into a busy loop
        }
    }
}
