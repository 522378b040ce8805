package sentry.core.futex;

import sentry.core.memory.FutexKey;
import sentry.core.task.Task;

/** A task that sleeps on a futex. Links and {@link #bucket} are guarded by the bucket's monitor. */
final class Waiter {
    final Task task;
    final int bitset;

    /** Waits to own the word (FUTEX_LOCK_PI, or moved to such a word) rather than for a wake-up. Bucket's monitor. */
    boolean forLock;

    /** The address of the word that it waits to own, in its own memory. Bucket's monitor. */
    long lockAddress;

    /** Who owns the word that it waits for, while {@link #forLock}. Bucket's monitor; read by others as a hint. */
    volatile Task owner;

    /** FUTEX_WAIT_REQUEUE_PI: the lock that it is to be moved to; null for all others. */
    final FutexKey requeueTarget;

    FutexKey key;
    /** Where it is queued; null once it has been woken. Read without the monitor by its own task. */
    volatile Bucket bucket;

    Waiter next;
    Waiter previous;

    private Waiter(Task task, FutexKey key, int bitset, FutexKey requeueTarget) {
        this.task = task;
        this.key = key;
        this.bitset = bitset;
        this.requeueTarget = requeueTarget;
    }

    /** Waits for a wake-up. */
    static Waiter plain(Task task, FutexKey key, int bitset) {
        return new Waiter(task, key, bitset, null);
    }

    /** Waits to own the word at {@code address}. */
    static Waiter forLock(Task task, FutexKey key, long address) {
        Waiter w = new Waiter(task, key, -1, null);
        w.forLock = true;
        w.lockAddress = address;
        return w;
    }

    /** Waits to be moved to the lock {@code target} at {@code address}. */
    static Waiter forRequeue(Task task, FutexKey key, FutexKey target, long address) {
        Waiter w = new Waiter(task, key, -1, target);
        w.lockAddress = address;
        return w;
    }

    /** What the word holds when the waiter owns it. */
    int tid() {
        return task.tid(task.namespaces().pid());
    }

    /** Whether it takes part in the PI operations, which do not mix with the plain ones on one word. */
    boolean inherits() {
        return forLock || requeueTarget != null;
    }
}
