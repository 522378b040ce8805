package sentry.core.futex;

import sentry.core.memory.FutexKey;
import sentry.core.task.Task;

/** A task that sleeps on a futex. Links and {@link #bucket} are guarded by the bucket's monitor. */
final class Waiter {
    final Task task;
    final int bitset;
    FutexKey key;
    /** Where it is queued; null once it has been woken. Read without the monitor by its own task. */
    volatile Bucket bucket;

    Waiter next;
    Waiter previous;

    Waiter(Task task, FutexKey key, int bitset) {
        this.task = task;
        this.key = key;
        this.bitset = bitset;
    }
}
