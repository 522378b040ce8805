package sentry.core.memory;

import java.util.ArrayDeque;
import java.util.ArrayList;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.PollEvents;
import sentry.core.abi.UserfaultAbi;
import sentry.core.task.Task;
import sentry.core.wait.Sleeper;
import sentry.core.wait.WaitEntry;
import sentry.core.wait.WaitQueue;

/**
 * What userfaultfd(2) makes: faults of registered memory wait here until a program has resolved them. Of private anonymous
 * memory, for pages that are missing and for writes to pages that are protected.
 *
 * <p>Guarded by its monitor, which is never held together with a memory manager's lock.
 */
public final class Userfault {
    private static final long PAGE = MemoryFile.PAGE;
    /** Bytes filled with the memory manager's lock held. */
    private static final int STEP = 1 << 16;

    /** A fault on its way: reported once, and then forgotten when its range is woken. */
    public static final class Waiting {
        private final long address;
        private final long flags;
        private final Task task;
        private boolean woken;

        private Waiting(long address, long flags, Task task) {
            this.address = address;
            this.flags = flags;
            this.task = task;
        }

        public long address() {
            return address;
        }

        /** UFFD_PAGEFAULT_FLAG_ bits. */
        public long flags() {
            return flags;
        }

        public Task task() {
            return task;
        }
    }

    private final MemoryManager mm;
    private final boolean userModeOnly;
    /** What was agreed upon; -1 before. */
    private volatile long features = -1;

    private final ArrayList<Waiting> waiting = new ArrayList<>();
    private final ArrayDeque<Waiting> unread = new ArrayDeque<>();
    private final WaitQueue sleepers = new WaitQueue();
    private final WaitQueue events = new WaitQueue();
    private boolean closed;

    /** @param userModeOnly the kernel's own accesses fail instead of waiting */
    public Userfault(MemoryManager mm, boolean userModeOnly) {
        this.mm = mm;
        this.userModeOnly = userModeOnly;
    }

    /** Agrees on features, once; false when that was done before. */
    public synchronized boolean agree(long wanted) {
        if (features != -1) {
            return false;
        }
        features = wanted;
        return true;
    }

    public boolean agreed() {
        return features != -1;
    }

    public boolean has(long feature) {
        return features != -1 && (features & feature) != 0;
    }

    /** Whoever waits for faults to come. */
    public WaitQueue events() {
        return events;
    }

    public synchronized int unread() {
        return unread.size();
    }

    public synchronized int waiting() {
        return waiting.size();
    }

    /** The next fault that nobody has been told of; null for none. */
    public synchronized Waiting next() {
        return unread.poll();
    }

    // Faults. No lock of a memory manager is held.

    /** The program's own fault: waits. Returns whether to try again; false: a signal is due instead. */
    boolean faulted(Task task, long address, long flags) {
        if (has(UserfaultAbi.FEATURE_SIGBUS)) {
            return false;
        }
        await(task, address, flags);
        return true;
    }

    /** The kernel's access. Returns whether to try again; false: it has failed. */
    boolean kernelFaulted(Task task, long address, long flags) {
        return task != null && !userModeOnly && !has(UserfaultAbi.FEATURE_SIGBUS) && await(task, address, flags);
    }

    /** Returns false when a signal ended the waiting. */
    private boolean await(Task task, long address, long flags) {
        Waiting w = new Waiting(address, flags, task);
        // An entry of our own: the task's may be in a queue already, in the midst of a read or write.
        WaitEntry entry = new WaitEntry(task.sleeper());
        synchronized (this) {
            if (closed) {
                return true;
            }
            waiting.add(w);
        }
        sleepers.add(entry, PollEvents.POLLIN);
        try {
            // Whoever has resolved it meanwhile did not see us.
            if (!mm.userfaults(address, flags)) {
                return true;
            }
            synchronized (this) {
                if (!w.woken) {
                    unread.add(w);
                }
            }
            events.notify(PollEvents.POLLIN);
            for (; ; ) {
                task.sleeper().prepare();
                synchronized (this) {
                    if (w.woken) {
                        return true;
                    }
                }
                if (task.sleep(Sleeper.FOREVER) != Sleeper.Wake.READY) {
                    return false;
                }
            }
        } finally {
            sleepers.remove(entry);
            synchronized (this) {
                waiting.remove(w);
                unread.remove(w);
            }
        }
    }

    /** Those who wait for pages of the range try again. */
    public void wake(long start, long length) {
        synchronized (this) {
            for (int i = waiting.size() - 1; i >= 0; i--) {
                Waiting w = waiting.get(i);
                if (Long.compareUnsigned((w.address & -PAGE) - start, length) < 0) {
                    w.woken = true;
                    waiting.remove(i);
                    unread.remove(w);
                }
            }
        }
        sleepers.notify(PollEvents.POLLIN);
    }

    /** The descriptor is gone: nothing is registered any more, and nobody waits. */
    public void close() {
        synchronized (this) {
            closed = true;
        }
        mm.forgetUserfault(this);
        wake(0, -1);
    }

    // What a program does about faults. Arguments are hostile.

    /** EINVAL for a range that no registration can have. */
    public void checkRange(long start, long length) throws ErrnoException {
        if (((start | length) & PAGE - 1) != 0
                || length <= 0
                || start < PAGE
                || start > mm.maxAddress
                || length > mm.maxAddress - start) {
            throw Errno.EINVAL.error();
        }
    }

    /** UFFDIO_REGISTER with UFFDIO_REGISTER_MODE_ bits. */
    public void register(long start, long length, int modes) throws ErrnoException {
        mm.registerUserfault(this, start, start + length, modes);
    }

    /** UFFDIO_UNREGISTER. */
    public void unregister(long start, long length) throws ErrnoException {
        if (mm.registerUserfault(this, start, start + length, 0)) {
            wake(start, length);
        }
    }

    /** UFFDIO_WRITEPROTECT; to take protection away wakes, unless {@code quiet}. */
    public void protect(long start, long length, boolean on, boolean quiet) throws ErrnoException {
        mm.protectUserfault(this, start, start + length, on);
        if (!on && !quiet) {
            wake(start, length);
        }
    }

    /**
     * UFFDIO_COPY and UFFDIO_ZEROPAGE.
     *
     * @param source the caller's memory, or null for zeros
     * @param protect whether the pages are protected from writes at once
     * @return bytes filled; less than {@code length} when there is something in the way later on
     * @throws ErrnoException ENOENT where nothing is registered, EEXIST for a page that is there, EFAULT for the source
     */
    public long fill(MemoryManager source, long from, long start, long length, boolean protect, boolean quiet)
            throws ErrnoException {
        byte[] data = source == null ? null : new byte[(int) Math.min(length, STEP)];
        long done = 0;
        try {
            mm.requireUserfault(this, start, length);
            while (done < length) {
                int n = (int) Math.min(length - done, STEP);
                int have = data == null ? n : source.copyOut(from + done, data, 0, n) & -(int) PAGE;
                if (have == 0) {
                    throw Errno.EFAULT.error();
                }
                long filled = mm.fillUserfault(this, start + done, data, have, protect);
                done += filled;
                if (filled < have) {
                    break;
                }
            }
        } catch (ErrnoException e) {
            if (done == 0) {
                throw e;
            }
        }
        if (!quiet && done > 0) {
            wake(start, done);
        }
        return done;
    }
}
