package sentry.core.vfs;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.task.Task;
import sentry.core.wait.Sleeper;
import sentry.core.wait.WaitQueue;

/**
 * Advisory locks on one file: byte ranges (fcntl(2); owned by a descriptor table, or by a description for the OFD kind)
 * and whole-file locks (flock(2); owned by a description). The two kinds do not see each other, as in Linux.
 */
public final class FileLocks {
    /** The end of a lock that reaches to the end of the file, however it grows. */
    public static final long TO_END = Long.MAX_VALUE;

    private static final int EVENT = 1;

    /**
     * A byte range.
     *
     * @param start first byte
     * @param end last byte, inclusive; {@link #TO_END}
     * @param pid who made it, for F_GETLK; -1 for a description's lock
     */
    public record Range(Object owner, boolean exclusive, long start, long end, int pid) {}

    private final ArrayList<Range> ranges = new ArrayList<>();
    private final Map<Object, Boolean> whole = new HashMap<>(); // owner -> exclusive
    private final WaitQueue queue = new WaitQueue();

    /** Who waits for whom, over all files, to find circles of waiting processes. Guarded by itself. */
    private static final Map<Object, Object> WAITING = new HashMap<>();

    FileLocks() {}

    // Byte ranges.

    /** The first lock that keeps {@code wanted} from being set, or null. */
    public synchronized Range conflict(Range wanted) {
        for (Range r : ranges) {
            if (r.owner != wanted.owner
                    && (r.exclusive || wanted.exclusive)
                    && r.start <= wanted.end
                    && wanted.start <= r.end) {
                return r;
            }
        }
        return null;
    }

    /** Sets a lock if nothing is in the way; returns what is. */
    private synchronized Range tryLock(Range wanted) {
        Range in = conflict(wanted);
        if (in == null) {
            carve(wanted);
            merge(wanted);
        }
        return in;
    }

    /** Sets a lock; EAGAIN when it is taken. */
    public void lock(Range wanted) throws ErrnoException {
        if (tryLock(wanted) != null) {
            throw Errno.EAGAIN.error();
        }
        queue.notify(EVENT); // an exclusive lock may have become a shared one
    }

    /** Sets a lock and waits for it. EDEADLK when processes would wait in a circle; ERESTARTSYS on a signal. */
    public void lockWaiting(Task task, Range wanted) throws ErrnoException {
        boolean circles = wanted.pid >= 0;
        queue.add(task.waitEntry(), EVENT);
        try {
            for (; ; ) {
                task.sleeper().prepare();
                Range in = tryLock(wanted);
                if (in == null) {
                    return;
                }
                if (circles) {
                    await(wanted.owner, in.owner);
                }
                if (task.sleep(Sleeper.FOREVER) == Sleeper.Wake.INTERRUPTED) {
                    throw Errno.ERESTARTSYS.error();
                }
            }
        } finally {
            queue.remove(task.waitEntry());
            if (circles) {
                synchronized (WAITING) {
                    WAITING.remove(wanted.owner);
                }
            }
        }
    }

    private static void await(Object who, Object whom) throws ErrnoException {
        synchronized (WAITING) {
            int steps = 0;
            for (Object o = whom; o != null && steps < 10_000; o = WAITING.get(o), steps++) {
                if (o == who) {
                    throw Errno.EDEADLK.error();
                }
            }
            WAITING.put(who, whom);
        }
    }

    /** Frees {@code [start, end]} of what {@code owner} has locked. */
    public void unlock(Object owner, long start, long end) {
        synchronized (this) {
            carve(new Range(owner, false, start, end, 0));
        }
        queue.notify(EVENT);
    }

    /** Takes the range out of the owner's locks. */
    private void carve(Range hole) {
        for (int i = 0; i < ranges.size(); i++) {
            Range r = ranges.get(i);
            if (r.owner != hole.owner || r.start > hole.end || hole.start > r.end) {
                continue;
            }
            ranges.remove(i--);
            if (r.start < hole.start) {
                ranges.add(++i, new Range(r.owner, r.exclusive, r.start, hole.start - 1, r.pid));
            }
            if (r.end > hole.end) {
                ranges.add(++i, new Range(r.owner, r.exclusive, hole.end + 1, r.end, r.pid));
            }
        }
    }

    /** Adds a range, joined with neighbours of the same kind. */
    private void merge(Range added) {
        long start = added.start;
        long end = added.end;
        for (int i = 0; i < ranges.size(); i++) {
            Range r = ranges.get(i);
            if (r.owner == added.owner && r.exclusive == added.exclusive) {
                if (r.end != TO_END && r.end + 1 == start) {
                    start = r.start;
                    ranges.remove(i--);
                } else if (end != TO_END && end + 1 == r.start) {
                    end = r.end;
                    ranges.remove(i--);
                }
            }
        }
        ranges.add(new Range(added.owner, added.exclusive, start, end, added.pid));
    }

    // Whole-file locks.

    /**
     * flock(2).
     *
     * @param operation LOCK_SH, LOCK_EX or LOCK_UN, with LOCK_NB for no waiting
     */
    public void flock(Task task, Object owner, int operation) throws ErrnoException {
        int kind = operation & ~Fcntl.LOCK_NB;
        if (kind == Fcntl.LOCK_UN) {
            synchronized (this) {
                whole.remove(owner);
            }
            queue.notify(EVENT);
            return;
        }
        boolean exclusive = kind == Fcntl.LOCK_EX;
        if (tryFlock(owner, exclusive)) {
            return;
        }
        if ((operation & Fcntl.LOCK_NB) != 0) {
            throw Errno.EAGAIN.error();
        }
        queue.add(task.waitEntry(), EVENT);
        try {
            for (; ; ) {
                task.sleeper().prepare();
                if (tryFlock(owner, exclusive)) {
                    return;
                }
                if (task.sleep(Sleeper.FOREVER) == Sleeper.Wake.INTERRUPTED) {
                    throw Errno.ERESTARTSYS.error();
                }
            }
        } finally {
            queue.remove(task.waitEntry());
        }
    }

    /** A lock held already is given up first: changing its kind is not atomic, says flock(2). */
    private boolean tryFlock(Object owner, boolean exclusive) {
        boolean weaker = false;
        boolean got = true;
        synchronized (this) {
            Boolean held = whole.get(owner);
            if (held != null && held == exclusive) {
                return true;
            }
            weaker = whole.remove(owner) != null;
            for (boolean other : whole.values()) {
                if (exclusive || other) {
                    got = false;
                    break;
                }
            }
            if (got) {
                whole.put(owner, exclusive);
            }
        }
        if (weaker) {
            queue.notify(EVENT);
        }
        return got;
    }

    /** {@code owner} is gone, or has closed the file: its locks go. */
    void releaseAll(Object owner) {
        boolean any;
        synchronized (this) {
            any = whole.remove(owner) != null;
            any |= ranges.removeIf(r -> r.owner == owner);
        }
        if (any) {
            queue.notify(EVENT);
        }
    }
}
