package sentry.core.wait;

/** A thread that wants to know when it is about to sleep, to give back what it does not need then. */
public interface Resting {
    /** Called on the thread itself before each sleep, so it should mostly do nothing. */
    void resting();
}
