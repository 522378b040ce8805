package sentry.core.time;

/**
 * Something that happens at a point in time. Armed by {@link KernelTimers#arm}; may be armed again from
 * {@link #expired} and from anywhere else.
 */
public abstract class KernelTimer {
    /** System.nanoTime() value; guarded by the heap's monitor. */
    long deadline;
    /** Place in the heap, -1 when not armed; guarded by the heap's monitor. */
    int index = -1;

    protected KernelTimer() {}

    /**
     * The time has come. On the timer thread, with no lock held; must not block. A timer that is cancelled at this very
     * moment may still fire: check under your own lock whether it is still wanted.
     */
    protected abstract void expired();
}
