package sentry.core.wait;

/** Entries that wait for events of one object. Events are poll(2) bits. Thread-safe. */
public final class WaitQueue {
    private WaitEntry first;
    private WaitEntry last;
    /** Read without the monitor so that notifying a queue on which nobody waits costs one load. */
    private volatile boolean empty = true;

    public WaitQueue() {}

    /** Puts {@code entry} at the end. It must be in no queue. */
    public void add(WaitEntry entry, int mask) {
        add(entry, mask, false);
    }

    /** @param exclusive at most one exclusive entry is told of an event by {@link #notifyExclusive} */
    public synchronized void add(WaitEntry entry, int mask, boolean exclusive) {
        if (entry.queue != null) {
            throw new IllegalStateException("entry is in a queue");
        }
        entry.queue = this;
        entry.mask = mask;
        entry.exclusive = exclusive;
        entry.previous = last;
        if (last == null) {
            first = entry;
        } else {
            last.next = entry;
        }
        last = entry;
        empty = false;
    }

    /** Takes {@code entry} out; no effect when it is not in this queue. */
    public synchronized void remove(WaitEntry entry) {
        if (entry.queue != this) {
            return;
        }
        if (entry.previous == null) {
            first = entry.next;
        } else {
            entry.previous.next = entry.next;
        }
        if (entry.next == null) {
            last = entry.previous;
        } else {
            entry.next.previous = entry.previous;
        }
        entry.next = null;
        entry.previous = null;
        entry.queue = null;
        empty = first == null;
    }

    /** Whether nobody waits; a hint when other threads add. */
    public boolean isEmpty() {
        return empty;
    }

    /** Tells every entry that waits for one of {@code events}. Change the condition first. */
    public void notify(int events) {
        if (empty) {
            return;
        }
        synchronized (this) {
            for (WaitEntry e = first; e != null; e = e.next) {
                int hit = e.mask & events;
                if (hit != 0) {
                    e.notified(hit);
                }
            }
        }
    }

    /** Tells every non-exclusive entry and at most {@code count} exclusive ones. Returns how many of these it told. */
    public int notifyExclusive(int events, int count) {
        if (empty) {
            return 0;
        }
        int told = 0;
        synchronized (this) {
            for (WaitEntry e = first; e != null; e = e.next) {
                int hit = e.mask & events;
                if (hit != 0 && (!e.exclusive || told < count)) {
                    if (e.exclusive) {
                        told++;
                    }
                    e.notified(hit);
                }
            }
        }
        return told;
    }
}
