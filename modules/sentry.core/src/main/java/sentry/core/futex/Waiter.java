package sentry.core.futex;

import sentry.core.memory.FutexKey;
import sentry.core.task.Task;

/** A task that sleeps on a futex. Links and {@link #bucket} are guarded by the bucket's monitor. */
final class Waiter {
    final Task task;
    final int bitset;
    /** Waits to own the word (FUTEX_LOCK_PI) rather than for a wake-up. */
    final boolean forLock;
    FutexKey key;
    /** Where it is queued; null once it has been woken. Read without the monitor by its own task. */
    volatile Bucket bucket;

    Waiter next;
    Waiter previous;

    Waiter(Task task, FutexKey key, int bitset, boolean forLock) {
        this.task = task;
        this.forLock = forLock;
        this.key = key;
        this.bitset = bitset;
    }

    /** What the word holds when the waiter owns it. */
    int tid() {
        return task.tid(task.namespaces().pid());
    }
}
