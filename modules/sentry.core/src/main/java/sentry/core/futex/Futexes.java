package sentry.core.futex;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Futex;
import sentry.core.memory.FutexKey;
import sentry.core.memory.MemoryManager;
import sentry.core.task.Task;
import sentry.core.wait.Sleeper;

/**
 * All futexes of a kernel, in hashed buckets. A waiter compares the word and queues itself under its bucket's monitor,
 * and a waker takes the same monitor after the word was changed: that is why no wake-up is lost.
 */
public final class Futexes {
    private static final int BUCKETS = 256;

    private final OwnedFutexes owned = new OwnedFutexes(this);
    private final Bucket[] buckets = new Bucket[BUCKETS];

    public Futexes() {
        for (int i = 0; i < BUCKETS; i++) {
            buckets[i] = new Bucket(i);
        }
    }

    Bucket[] buckets() {
        return buckets;
    }

    Bucket bucket(FutexKey key) {
        int h = key.hashCode();
        return buckets[(h ^ h >>> 8 ^ h >>> 16) & BUCKETS - 1];
    }

    static FutexKey key(MemoryManager mm, long address, boolean isPrivate) throws ErrnoException {
        if ((address & 3) != 0) {
            throw Errno.EINVAL.error();
        }
        if (Long.compareUnsigned(address, mm.maxAddress()) >= 0) {
            throw Errno.EFAULT.error();
        }
        if (!isPrivate) {
            mm.getIntVolatile(address); // what is shared is found by its page, which must be there
        }
        FutexKey key = new FutexKey();
        mm.futexKey(address, isPrivate, key);
        return key;
    }

    /**
     * Waits until woken, if the word is {@code expected}.
     *
     * @param deadline System.nanoTime() or {@link Sleeper#FOREVER}
     * @throws ErrnoException EAGAIN when the word differs, ETIMEDOUT, ERESTARTSYS when a signal came, EFAULT, EINVAL
     */
    public void await(Task task, long address, boolean isPrivate, int expected, int bitset, long deadline)
            throws ErrnoException {
        if (bitset == 0) {
            throw Errno.EINVAL.error();
        }
        MemoryManager mm = task.mm();
        FutexKey key = key(mm, address, isPrivate);
        // Faults the page in, so that nothing is loaded under the bucket's monitor.
        if (mm.getIntVolatile(address) != expected) {
            throw Errno.EAGAIN.error();
        }
        Waiter waiter;
        Bucket bucket = bucket(key);
        synchronized (bucket) {
            if (mm.getIntVolatile(address) != expected) {
                throw Errno.EAGAIN.error();
            }
            waiter = Waiter.plain(task, key, bitset);
            task.sleeper().prepare();
            bucket.add(waiter);
        }
        Sleeper.Wake wake = sleep(waiter, deadline);
        if (wake == Sleeper.Wake.READY) {
            return;
        }
        throw wake == Sleeper.Wake.TIMED_OUT ? Errno.ETIMEDOUT.error() : Errno.ERESTARTSYS.error();
    }

    /** Sleeps until the queued {@code waiter} is woken (READY), or takes it out again. */
    static Sleeper.Wake sleep(Waiter waiter, long deadline) {
        Task task = waiter.task;
        for (;;) {
            Sleeper.Wake wake = task.sleep(deadline);
            if (wake == Sleeper.Wake.READY) {
                if (waiter.bucket == null) {
                    return wake;
                }
                task.sleeper().prepare();
                if (waiter.bucket == null) {
                    return wake;
                }
                continue;
            }
            // Woken at the same moment: that wake-up must not be lost.
            return cancel(waiter) ? wake : Sleeper.Wake.READY;
        }
    }

    /** Takes a waiter out; false when it has been woken already. */
    static boolean cancel(Waiter waiter) {
        for (;;) {
            Bucket b = waiter.bucket;
            if (b == null) {
                return false;
            }
            synchronized (b) {
                if (waiter.bucket == b) {
                    b.remove(waiter);
                    return true;
                }
            }
        }
    }

    /** Wakes at least one and at most {@code count} waiters that share a bit of {@code bitset}; returns how many. */
    public int wake(MemoryManager mm, long address, boolean isPrivate, int count, int bitset) throws ErrnoException {
        if (bitset == 0) {
            throw Errno.EINVAL.error();
        }
        FutexKey key = key(mm, address, isPrivate);
        Bucket bucket = bucket(key);
        synchronized (bucket) {
            return wakeIn(bucket, key, count, bitset);
        }
    }

    private static int wakeIn(Bucket bucket, FutexKey key, int count, int bitset) throws ErrnoException {
        int woken = 0;
        for (Waiter w = bucket.first; w != null; ) {
            Waiter next = w.next;
            if ((w.bitset & bitset) != 0 && w.key.equals(key)) {
                if (w.inherits()) {
                    throw Errno.EINVAL.error(); // who waits for a lock cannot be woken without it
                }
                bucket.remove(w);
                w.task.sleeper().wake();
                if (++woken >= count) {
                    break;
                }
            }
            w = next;
        }
        return woken;
    }

    /**
     * Wakes {@code wake} waiters of one word and moves {@code requeue} others to another word.
     *
     * @param compare whether the first word must be {@code expected} (else EAGAIN)
     * @return how many were woken or moved
     */
    public int requeue(
            MemoryManager mm,
            long from,
            long to,
            boolean isPrivate,
            int wake,
            int requeue,
            boolean compare,
            int expected)
            throws ErrnoException {
        if (wake < 0 || requeue < 0) {
            throw Errno.EINVAL.error();
        }
        FutexKey source = key(mm, from, isPrivate);
        FutexKey target = key(mm, to, isPrivate);
        if (compare && mm.getIntVolatile(from) != expected) {
            throw Errno.EAGAIN.error();
        }
        Bucket a = bucket(source);
        Bucket b = bucket(target);
        synchronized (a.index <= b.index ? a : b) {
            synchronized (a.index <= b.index ? b : a) {
                if (compare && mm.getIntVolatile(from) != expected) {
                    throw Errno.EAGAIN.error();
                }
                int done = 0;
                Waiter next;
                for (Waiter w = a.first; w != null && done - wake < requeue; w = next) {
                    next = w.next;
                    if (!w.key.equals(source)) {
                        continue;
                    }
                    if (w.inherits()) {
                        throw Errno.EINVAL.error();
                    }
                    if (done < wake) {
                        a.remove(w);
                        w.task.sleeper().wake();
                    } else if (!source.equals(target)) {
                        a.remove(w);
                        w.key = target;
                        b.add(w);
                    }
                    done++;
                }
                return done;
            }
        }
    }

    /** One word of futex_waitv(2). */
    public record Word(long address, int expected, boolean isPrivate) {}

    /**
     * Waits until one of several words is woken, if all are as expected.
     *
     * @return the index of the word that was woken
     * @throws ErrnoException as {@link #await}
     */
    public int awaitAny(Task task, Word[] words, long deadline) throws ErrnoException {
        MemoryManager mm = task.mm();
        FutexKey[] keys = new FutexKey[words.length];
        for (int i = 0; i < words.length; i++) {
            keys[i] = key(mm, words[i].address(), words[i].isPrivate());
        }
        for (Word word : words) {
            mm.getIntVolatile(word.address()); // faults the page in
        }
        Waiter[] waiters = new Waiter[words.length];
        task.sleeper().prepare();
        int queued = 0;
        Errno failure = null;
        try {
            for (; queued < words.length; queued++) {
                Waiter w = Waiter.plain(task, keys[queued], Futex.FUTEX_BITSET_MATCH_ANY);
                Bucket bucket = bucket(w.key);
                synchronized (bucket) {
                    if (mm.getIntVolatile(words[queued].address()) != words[queued].expected()) {
                        failure = Errno.EAGAIN;
                        break;
                    }
                    bucket.add(w);
                }
                waiters[queued] = w;
            }
        } catch (ErrnoException e) {
            failure = e.errno();
        }
        while (failure == null) {
            Sleeper.Wake wake = task.sleep(deadline);
            if (wake != Sleeper.Wake.READY) {
                failure = wake == Sleeper.Wake.TIMED_OUT ? Errno.ETIMEDOUT : Errno.ERESTARTSYS;
                break;
            }
            task.sleeper().prepare();
            if (anyWoken(waiters)) {
                break;
            }
        }
        // Woken at the same moment: that wake-up must not be lost.
        int woken = -1;
        for (int i = 0; i < queued; i++) {
            if (!cancel(waiters[i])) {
                woken = i;
            }
        }
        if (woken < 0) {
            throw (failure == null ? Errno.EAGAIN : failure).error();
        }
        return woken;
    }

    private static boolean anyWoken(Waiter[] waiters) {
        for (Waiter w : waiters) {
            if (w.bucket == null) {
                return true;
            }
        }
        return false;
    }

    /** FUTEX_WAKE_OP: changes the second word, wakes waiters of the first, and of the second if its old value says so. */
    public int wakeOp(MemoryManager mm, long first, long second, boolean isPrivate, int wake, int wakeSecond, int op)
            throws ErrnoException {
        FutexKey key1 = key(mm, first, isPrivate);
        FutexKey key2 = key(mm, second, isPrivate);
        mm.getIntVolatile(second);
        Bucket a = bucket(key1);
        Bucket b = bucket(key2);
        synchronized (a.index <= b.index ? a : b) {
            synchronized (a.index <= b.index ? b : a) {
                boolean both = FutexOp.apply(mm, second, op);
                int woken = wakeIn(a, key1, wake, Futex.FUTEX_BITSET_MATCH_ANY);
                if (both) {
                    woken += wakeIn(b, key2, wakeSecond, Futex.FUTEX_BITSET_MATCH_ANY);
                }
                return woken;
            }
        }
    }

    /** The futexes that have owners (FUTEX_LOCK_PI). */
    public OwnedFutexes owned() {
        return owned;
    }

    /** The task gives its memory up: hands its robust futexes on and wakes who waits for the task's end. */
    public void exit(Task task) {
        MemoryManager mm = task.mm();
        if (task.robustList() != 0) {
            RobustList.release(this, task, mm);
        }
        owned.exit(task);
        long word = task.clearChildTid();
        if (word != 0 && mm.shared()) {
            try {
                mm.putInt(word, 0);
                wake(mm, word, false, 1, Futex.FUTEX_BITSET_MATCH_ANY);
            } catch (ErrnoException e) {
                // A bad address is the program's own misfortune, as in Linux.
            }
        }
    }
}
