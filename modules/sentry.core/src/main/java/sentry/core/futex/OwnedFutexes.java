package sentry.core.futex;

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
 */
public final class OwnedFutexes {
    private final Futexes futexes;

    OwnedFutexes(Futexes futexes) {
        this.futexes = futexes;
    }

    /**
     * FUTEX_LOCK_PI: waits until the word is the caller's.
     *
     * @param attemptOnly FUTEX_TRYLOCK_PI: EAGAIN instead of waiting
     * @throws ErrnoException EDEADLK when it is already, ESRCH when its owner is gone, ETIMEDOUT, ERESTARTNOINTR
     */
    public void lock(Task task, long address, boolean isPrivate, boolean attemptOnly, long deadline)
            throws ErrnoException {
        MemoryManager mm = task.mm();
        FutexKey key = Futexes.key(mm, address, isPrivate);
        mm.getIntVolatile(address);
        Bucket bucket = futexes.bucket(key);
        Waiter waiter = new Waiter(task, key, Futex.FUTEX_BITSET_MATCH_ANY, true);
        synchronized (bucket) {
            for (;;) {
                int value = mm.getIntVolatile(address);
                int owner = value & Futex.FUTEX_TID_MASK;
                if (owner == waiter.tid()) {
                    throw Errno.EDEADLK.error();
                }
                if (owner == 0) {
                    int mine = value & Futex.FUTEX_OWNER_DIED
                            | waiter.tid()
                            | (next(bucket, key, null) != null ? Futex.FUTEX_WAITERS : 0);
                    if (mm.compareAndExchangeInt(address, value, mine) == value) {
                        return;
                    }
                    continue;
                }
                if (attemptOnly) {
                    throw Errno.EAGAIN.error();
                }
                Task holder = task.namespaces().pid().task(owner);
                if (holder == null || holder.exiting()) {
                    throw Errno.ESRCH.error();
                }
                int marked = value | Futex.FUTEX_WAITERS;
                if (marked == value || mm.compareAndExchangeInt(address, value, marked) == value) {
                    break;
                }
            }
            task.sleeper().prepare();
            bucket.add(waiter);
        }
        switch (Futexes.sleep(waiter, deadline)) {
            case READY -> {}
            case TIMED_OUT -> throw Errno.ETIMEDOUT.error();
            case INTERRUPTED -> throw Errno.ERESTARTNOINTR.error();
        }
    }

    /** FUTEX_UNLOCK_PI: gives the word to the next waiter, or frees it. EPERM when it is not the caller's. */
    public void unlock(Task task, long address, boolean isPrivate) throws ErrnoException {
        MemoryManager mm = task.mm();
        FutexKey key = Futexes.key(mm, address, isPrivate);
        mm.getIntVolatile(address);
        Bucket bucket = futexes.bucket(key);
        synchronized (bucket) {
            for (;;) {
                int value = mm.getIntVolatile(address);
                if ((value & Futex.FUTEX_TID_MASK) != task.tid(task.namespaces().pid())) {
                    throw Errno.EPERM.error();
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

    /** With the bucket's monitor held; false when the word was changed meanwhile. */
    private static boolean handOver(MemoryManager mm, long address, Bucket bucket, FutexKey key, int value, int mark)
            throws ErrnoException {
        Waiter heir = next(bucket, key, null);
        int word = 0;
        if (heir != null) {
            word = heir.tid() | mark | (next(bucket, key, heir) != null ? Futex.FUTEX_WAITERS : 0);
        }
        if (mm.compareAndExchangeInt(address, value, word) != value) {
            return false;
        }
        if (heir != null) {
            bucket.remove(heir);
            heir.task.sleeper().wake();
        }
        return true;
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
}
