package sentry.core.futex;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Futex;
import sentry.core.memory.FutexKey;
import sentry.core.memory.MemoryManager;
import sentry.core.task.Task;
import sentry.core.wait.Sleeper;

/**
 * Futexes whose word names their owner: the PI operations of futex(2). The kernel hands the word itself to the next
 * waiter, in the order of arrival. Priorities are the host's affair, so nothing is inherited.
 *
 * <p>Lock order: {@link #chain}, then buckets.
 */
public final class OwnedFutexes {
    private final Futexes futexes;

    /** Who waits for a lock, and as what. Changed with {@link #chain} held, so that circles are seen by who closes them. */
    private final ConcurrentHashMap<Task, Waiter> blocked = new ConcurrentHashMap<>();

    private final Object chain = new Object();

    /** How many tasks wait for locks: spares the end of every task a search. */
    private final AtomicInteger waiting = new AtomicInteger();

    OwnedFutexes(Futexes futexes) {
        this.futexes = futexes;
    }

    /**
     * FUTEX_LOCK_PI: waits until the word is the caller's.
     *
     * @param attemptOnly FUTEX_TRYLOCK_PI: EAGAIN instead of waiting
     * @throws ErrnoException EDEADLK when it is already or would never be, ESRCH when its owner is gone, EINVAL when the
     *     word names another owner than the kernel knows, ETIMEDOUT, ERESTARTNOINTR
     */
    public void lock(Task task, long address, boolean isPrivate, boolean attemptOnly, long deadline) throws ErrnoException {
        MemoryManager mm = task.mm();
        FutexKey key = Futexes.key(mm, address, isPrivate);
        mm.getIntVolatile(address);
        Bucket bucket = futexes.bucket(key);
        Waiter waiter = Waiter.forLock(task, key, address);
        synchronized (bucket) {
            if (acquire(task, mm, address, bucket, key, waiter.tid(), false) == task) {
                return;
            }
            if (attemptOnly) {
                throw Errno.EAGAIN.error();
            }
        }
        synchronized (chain) {
            synchronized (bucket) {
                Task owner = acquire(task, mm, address, bucket, key, waiter.tid(), false);
                if (owner == task) {
                    return;
                }
                refuseCircle(task, owner);
                task.sleeper().prepare();
                enqueue(waiter, bucket, owner);
            }
        }
        Sleeper.Wake wake;
        try {
            wake = Futexes.sleep(waiter, deadline);
        } finally {
            dequeued(task);
        }
        switch (wake) {
            case READY -> {}
            case TIMED_OUT -> throw Errno.ETIMEDOUT.error();
            case INTERRUPTED -> throw Errno.ERESTARTNOINTR.error();
        }
    }

    /**
     * Takes the free word for {@code task} and returns that, or marks it as waited for and returns its owner. With the
     * bucket's monitor held.
     *
     * @param mark whether the word is marked as waited for also when it was free
     */
    private static Task acquire(
            Task task, MemoryManager mm, long address, Bucket bucket, FutexKey key, int tid, boolean mark)
            throws ErrnoException {
        for (;;) {
            int value = mm.getIntVolatile(address);
            int owner = value & Futex.FUTEX_TID_MASK;
            Waiter first = next(bucket, key, null);
            if (owner == tid) {
                throw Errno.EDEADLK.error();
            }
            if (owner == 0) {
                int mine = value & Futex.FUTEX_OWNER_DIED | tid | (mark || first != null ? Futex.FUTEX_WAITERS : 0);
                if (mm.compareAndExchangeInt(address, value, mine) == value) {
                    if (first != null) {
                        setOwner(bucket, key, task);
                    }
                    return task;
                }
                continue;
            }
            int marked = value | Futex.FUTEX_WAITERS;
            if (marked != value && mm.compareAndExchangeInt(address, value, marked) != value) {
                continue;
            }
            Task holder = task.namespaces().pid().task(owner);
            if (first != null) {
                if (first.owner != holder) {
                    throw Errno.EINVAL.error(); // the program has written over the word
                }
            }
            if (holder == null || holder.exiting()) {
                throw Errno.ESRCH.error();
            }
            return holder;
        }
    }

    /** With {@link #chain} held: EDEADLK when {@code owner} waits, by however many steps, for {@code task}. */
    private void refuseCircle(Task task, Task owner) throws ErrnoException {
        Task t = owner;
        for (int steps = 0; t != null && steps < 1024; steps++) {
            if (t == task) {
                throw Errno.EDEADLK.error();
            }
            Waiter w = blocked.get(t);
            t = w == null || w.bucket == null ? null : w.owner;
        }
    }

    /** With {@link #chain} and the bucket's monitor held. */
    private void enqueue(Waiter waiter, Bucket bucket, Task owner) {
        waiter.owner = owner;
        bucket.add(waiter);
        blocked.put(waiter.task, waiter);
        waiting.incrementAndGet();
    }

    private void dequeued(Task task) {
        if (blocked.remove(task) != null) {
            waiting.decrementAndGet();
        }
    }

    /** FUTEX_UNLOCK_PI: gives the word to the next waiter, or frees it. EPERM when it is not the caller's. */
    public void unlock(Task task, long address, boolean isPrivate) throws ErrnoException {
        MemoryManager mm = task.mm();
        if ((address & 3) == 0
                && (mm.getIntVolatile(address) & Futex.FUTEX_TID_MASK) != task.tid(task.namespaces().pid())) {
            throw Errno.EPERM.error();
        }
        FutexKey key = Futexes.key(mm, address, isPrivate);
        Bucket bucket = futexes.bucket(key);
        synchronized (bucket) {
            for (;;) {
                int value = mm.getIntVolatile(address);
                if ((value & Futex.FUTEX_TID_MASK) != task.tid(task.namespaces().pid())) {
                    throw Errno.EPERM.error();
                }
                Waiter heir = next(bucket, key, null);
                if (heir != null && heir.owner != task) {
                    throw Errno.EINVAL.error();
                }
                if (handOver(mm, address, bucket, key, value, 0)) {
                    return;
                }
            }
        }
    }

    /** The owner's end has been noted in the word: the next waiter gets it and is told so by the mark. */
    void ownerDied(MemoryManager mm, long address) throws ErrnoException {
        FutexKey key = Futexes.key(mm, address, false);
        Bucket bucket = futexes.bucket(key);
        synchronized (bucket) {
            for (;;) {
                int value = mm.getIntVolatile(address);
                if ((value & Futex.FUTEX_TID_MASK) != 0 || next(bucket, key, null) == null) {
                    return;
                }
                if (handOver(mm, address, bucket, key, value, Futex.FUTEX_OWNER_DIED)) {
                    return;
                }
            }
        }
    }

    /** A task ends: whatever it still owns, and somebody waits for, goes to the first of those, with the mark. */
    void exit(Task task) {
        if (waiting.get() == 0) {
            return;
        }
        for (Bucket bucket : futexes.buckets()) {
            synchronized (bucket) {
                for (Waiter w = ownedBy(bucket, task); w != null; w = ownedBy(bucket, task)) {
                    inheritFrom(bucket, w);
                }
            }
        }
    }

    private static Waiter ownedBy(Bucket bucket, Task task) {
        for (Waiter w = bucket.first; w != null; w = w.next) {
            if (w.forLock && w.owner == task) {
                return w;
            }
        }
        return null;
    }

    private static void inheritFrom(Bucket bucket, Waiter heir) {
        MemoryManager mm = heir.task.mm();
        try {
            boolean done = false;
            while (mm != null && !done) {
                int value = mm.getIntVolatile(heir.lockAddress);
                done = handOver(mm, heir.lockAddress, bucket, heir.key, value, Futex.FUTEX_OWNER_DIED);
            }
        } catch (ErrnoException e) {
            mm = null; // the word is gone: nobody can own it any more
        }
        if (mm == null) {
            bucket.remove(heir);
            heir.task.sleeper().wake();
        }
    }

    /** With the bucket's monitor held; false when the word was changed meanwhile. */
    private static boolean handOver(MemoryManager mm, long address, Bucket bucket, FutexKey key, int value, int mark)
            throws ErrnoException {
        Waiter heir = next(bucket, key, null);
        int word = 0;
        if (heir != null) {
            word = heir.tid() | mark | Futex.FUTEX_WAITERS; // so that it comes back here to unlock, as in Linux
        }
        if (mm.compareAndExchangeInt(address, value, word) != value) {
            return false;
        }
        if (heir != null) {
            bucket.remove(heir);
            setOwner(bucket, key, heir.task);
            heir.task.sleeper().wake();
        }
        return true;
    }

    private static void setOwner(Bucket bucket, FutexKey key, Task owner) {
        for (Waiter w = next(bucket, key, null); w != null; w = next(bucket, key, w)) {
            w.owner = owner;
        }
    }

    /** The first waiter for the lock {@code key} behind {@code after}, or null. */
    private static Waiter next(Bucket bucket, FutexKey key, Waiter after) {
        for (Waiter w = after == null ? bucket.first : after.next; w != null; w = w.next) {
            if (w.forLock && w.key.equals(key)) {
                return w;
            }
        }
        return null;
    }

    // Condition variables: wait on one word, and be moved to a lock when it is woken.

    /**
     * FUTEX_WAIT_REQUEUE_PI: waits on the word at {@code address} and returns as the owner of {@code lock}.
     *
     * @throws ErrnoException EINVAL when both are the same, EAGAIN when the word differs or a signal came after the task
     *     was moved, ETIMEDOUT, ERESTARTNOINTR
     */
    public void awaitRequeue(Task task, long address, int expected, long lock, boolean isPrivate, long deadline)
            throws ErrnoException {
        if (address == lock) {
            throw Errno.EINVAL.error();
        }
        MemoryManager mm = task.mm();
        FutexKey target = Futexes.key(mm, lock, isPrivate);
        FutexKey key = Futexes.key(mm, address, isPrivate);
        if (key.equals(target)) {
            throw Errno.EINVAL.error();
        }
        if (mm.getIntVolatile(address) != expected) {
            throw Errno.EAGAIN.error();
        }
        Waiter waiter = Waiter.forRequeue(task, key, target, lock);
        Bucket bucket = futexes.bucket(key);
        synchronized (bucket) {
            if (mm.getIntVolatile(address) != expected) {
                throw Errno.EAGAIN.error();
            }
            task.sleeper().prepare();
            bucket.add(waiter);
        }
        Sleeper.Wake wake;
        try {
            wake = Futexes.sleep(waiter, deadline);
        } finally {
            dequeued(task);
        }
        switch (wake) {
            case READY -> {}
            case TIMED_OUT -> throw Errno.ETIMEDOUT.error();
            // Once it was moved the call cannot be made again: the word it waited on has changed.
            case INTERRUPTED -> throw (waiter.forLock ? Errno.EAGAIN : Errno.ERESTARTNOINTR).error();
        }
    }

    /**
     * FUTEX_CMP_REQUEUE_PI: lets the first waiter have the lock if it is free, and moves the others to it.
     *
     * @return how many were moved or have the lock
     * @throws ErrnoException EINVAL when a waiter is none of {@link #awaitRequeue} or waits for another lock, EAGAIN when
     *     the word differs, ESRCH, EDEADLK
     */
    public int requeue(Task task, long from, int expected, long lock, boolean isPrivate, int wake, int requeue)
            throws ErrnoException {
        if (wake < 0 || requeue < 0 || from == lock || wake != 1) {
            throw Errno.EINVAL.error();
        }
        MemoryManager mm = task.mm();
        FutexKey source = Futexes.key(mm, from, isPrivate);
        FutexKey target = Futexes.key(mm, lock, isPrivate);
        if (source.equals(target)) {
            throw Errno.EINVAL.error();
        }
        mm.getIntVolatile(from);
        mm.getIntVolatile(lock);
        Bucket a = futexes.bucket(source);
        Bucket b = futexes.bucket(target);
        synchronized (chain) {
            synchronized (a.index <= b.index ? a : b) {
                synchronized (a.index <= b.index ? b : a) {
                    if (mm.getIntVolatile(from) != expected) {
                        throw Errno.EAGAIN.error();
                    }
                    return move(mm, a, b, source, target, lock, requeue);
                }
            }
        }
    }

    private int move(MemoryManager mm, Bucket a, Bucket b, FutexKey source, FutexKey target, long lock, int requeue)
            throws ErrnoException {
        int done = 0;
        Task owner = null;
        Waiter following;
        for (Waiter w = a.first; w != null && done - 1 < requeue; w = following) {
            following = w.next;
            if (!w.key.equals(source)) {
                continue;
            }
            if (w.requeueTarget == null || !w.requeueTarget.equals(target)) {
                throw Errno.EINVAL.error();
            }
            if (owner == null) {
                owner = acquire(w.task, mm, lock, b, target, w.tid(), requeue > 0);
                if (owner == w.task) {
                    a.remove(w);
                    w.task.sleeper().wake();
                    done++;
                    continue;
                }
            }
            refuseCircle(w.task, owner);
            a.remove(w);
            markWaited(mm, lock);
            w.key = target;
            w.forLock = true;
            enqueue(w, b, owner);
            done++;
        }
        return done;
    }

    private static void markWaited(MemoryManager mm, long address) throws ErrnoException {
        for (;;) {
            int value = mm.getIntVolatile(address);
            int marked = value | Futex.FUTEX_WAITERS;
            if (marked == value || mm.compareAndExchangeInt(address, value, marked) == value) {
                return;
            }
        }
    }
}
