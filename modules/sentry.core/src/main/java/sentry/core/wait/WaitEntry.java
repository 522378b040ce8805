package sentry.core.wait;

/**
 * A place in a {@link WaitQueue}. An entry is in one queue at a time. The default entry wakes a sleeper; epoll and
 * others override {@link #notified}.
 */
public class WaitEntry {
    WaitEntry next;
    WaitEntry previous;
    WaitQueue queue;
    int mask;
    boolean exclusive;
    private final Sleeper sleeper;

    /** @param sleeper whom to wake; null for a subclass that overrides {@link #notified} */
    public WaitEntry(Sleeper sleeper) {
        this.sleeper = sleeper;
    }

    /**
     * Called with the queue's monitor held; must not block and must not touch this queue.
     *
     * @param events which of the events that the entry waits for happened
     */
    protected void notified(int events) {
        sleeper.wake();
    }
}
