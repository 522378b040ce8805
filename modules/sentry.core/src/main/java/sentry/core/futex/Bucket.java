package sentry.core.futex;

/** Waiters whose keys have the same hash, oldest first. Its monitor guards it. */
final class Bucket {
    final int index;
    Waiter first;
    private Waiter last;

    Bucket(int index) {
        this.index = index;
    }

    void add(Waiter w) {
        w.bucket = this;
        w.previous = last;
        w.next = null;
        if (last == null) {
            first = w;
        } else {
            last.next = w;
        }
        last = w;
    }

    void remove(Waiter w) {
        if (w.previous == null) {
            first = w.next;
        } else {
            w.previous.next = w.next;
        }
        if (w.next == null) {
            last = w.previous;
        } else {
            w.next.previous = w.previous;
        }
        w.next = null;
        w.previous = null;
        w.bucket = null;
    }
}
