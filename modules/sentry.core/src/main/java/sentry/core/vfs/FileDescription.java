package sentry.core.vfs;

import java.util.ArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.abi.Inotify;
import sentry.core.memory.Mappable;
import sentry.core.task.Task;
import sentry.core.wait.WaitEntry;

/**
 * An open file description (Linux: struct file): what descriptors refer to, shared by dup(2) and fork(2).
 *
 * <p>No operation here blocks for events. One that would returns {@link #WOULD_BLOCK}; the system call layer waits on
 * {@link #addWaiter} and tries again, or answers EAGAIN for O_NONBLOCK. That keeps signals, time-outs and poll in one
 * place.
 */
public abstract class FileDescription {
    /** The operation cannot go on now; wait for POLLIN or POLLOUT. */
    public static final long WOULD_BLOCK = -11;

    private final AtomicInteger references = new AtomicInteger(1);
    private final VfsPath path;
    /** The file that counts this description as a writer, or null. Set before anybody else has the description. */
    private InodeState written;
    /** Status flags and access mode (O_ACCMODE, O_APPEND, O_NONBLOCK, ...). */
    private volatile int flags;

    private FileOwner owner;
    /** Made on first use; guarded by our monitor. */
    private ArrayList<CloseListener> closeListeners;

    /** @param path where it was opened; for pipes, sockets and the like a path on a kernel-internal mount */
    protected FileDescription(VfsPath path, int flags) {
        this.path = path;
        this.flags = flags;
        if (path != null) {
            path.mount().fileOpened();
        }
    }

    public final VfsPath path() {
        return path;
    }

    public Inode inode() {
        return path.inode();
    }

    public final int flags() {
        return flags;
    }

    public final void setFlags(int value) {
        flags = value;
    }

    /**
     * Begins or ends signal-driven I/O, as far as the file has such; O_ASYNC among the flags says whether it is on.
     *
     * @param fd what the signals will name
     * @return false when the file cannot
     */
    public final boolean async(int fd, boolean on) {
        if (!AsyncSignals.possible(this)) {
            return false;
        }
        if (on != ((flags & Fcntl.O_ASYNC) != 0)) {
            owner().async(this, fd, on);
            flags = on ? flags | Fcntl.O_ASYNC : flags & ~Fcntl.O_ASYNC;
        }
        return true;
    }

    /** Whom signal-driven I/O tells; made on first use. */
    public final synchronized FileOwner owner() {
        if (owner == null) {
            owner = new FileOwner();
        }
        return owner;
    }

    /** Adds a reference; false when the last one is gone already. */
    public final boolean retain() {
        for (;;) {
            int n = references.get();
            if (n == 0) {
                return false;
            }
            if (references.compareAndSet(n, n + 1)) {
                return true;
            }
        }
    }

    /** This description is one that {@link InodeState#beginWriting} has counted, until it is closed. Once, by who opened it. */
    final void countAsWriter(InodeState file) {
        written = file;
        path.mount().writerOpened();
    }

    /** Whether it may write. */
    public final boolean writes() {
        return (flags & Fcntl.O_ACCMODE) != Fcntl.O_RDONLY;
    }

    /** Drops a reference; the last one closes the file. */
    public final void release() {
        if (references.decrementAndGet() == 0) {
            if (written != null) {
                written.endWriting();
                path.mount().writerClosed();
            }
            if (path != null) {
                if (FileEvents.watched()) {
                    boolean reader = (flags & Fcntl.O_ACCMODE) == Fcntl.O_RDONLY;
                    FileEvents.happened(this, reader ? Inotify.IN_CLOSE_NOWRITE : Inotify.IN_CLOSE_WRITE);
                }
                path.mount().fileClosed();
                Inode inode = inode();
                if (inode != null) {
                    inode.dropLocks(this);
                }
            }
            tellListeners();
            closed();
        }
    }

    /** Adds a listener; one that is added twice is to be removed twice. */
    public final synchronized void addCloseListener(CloseListener listener) {
        if (closeListeners == null) {
            closeListeners = new ArrayList<>(1);
        }
        closeListeners.add(listener);
    }

    public final synchronized void removeCloseListener(CloseListener listener) {
        if (closeListeners != null) {
            closeListeners.remove(listener);
        }
    }

    private void tellListeners() {
        ArrayList<CloseListener> told;
        synchronized (this) {
            told = closeListeners;
            closeListeners = null;
        }
        if (told != null) {
            for (CloseListener l : told) {
                l.fileClosed(this);
            }
        }
    }

    /** The last reference is gone. */
    protected void closed() {}

    /** A descriptor of {@code task}'s table is being closed (Linux: flush), for errors that close(2) reports. */
    public void flush(Task task) throws ErrnoException {}

    /** Reads at the file position and moves it. Returns bytes, 0 at the end, or {@link #WOULD_BLOCK}. */
    public long read(Task task, IoBuffer target) throws ErrnoException {
        throw Errno.EINVAL.error();
    }

    /** Reads at {@code offset}. ESPIPE for files without positions. */
    public long pread(Task task, IoBuffer target, long offset) throws ErrnoException {
        throw Errno.ESPIPE.error();
    }

    public long write(Task task, IoBuffer source) throws ErrnoException {
        throw Errno.EINVAL.error();
    }

    public long pwrite(Task task, IoBuffer source, long offset) throws ErrnoException {
        throw Errno.ESPIPE.error();
    }

    /**
     * Writes at the end of the file, whatever the flags and the position.
     *
     * @param move whether the position moves behind what was written
     */
    public long append(Task task, IoBuffer source, boolean move) throws ErrnoException {
        return write(task, source);
    }

    /** lseek(2) with any whence. */
    public long seek(Task task, long offset, int whence) throws ErrnoException {
        throw Errno.ESPIPE.error();
    }

    /** Passes directory entries from the file position on to {@code sink} and moves the position behind those taken. */
    public void iterate(Task task, DirectorySink sink) throws ErrnoException {
        throw Errno.ENOTDIR.error();
    }

    public long ioctl(Task task, int command, long argument) throws ErrnoException {
        throw Errno.ENOTTY.error();
    }

    /** Whether mapping it gives anonymous memory, private or shared, as /dev/zero does. */
    public boolean mapsZeros() {
        return false;
    }

    /** What mmap(2) maps; ENODEV when the file cannot be mapped. */
    public Mappable mappable() throws ErrnoException {
        throw Errno.ENODEV.error();
    }

    public void sync(boolean dataOnly) throws ErrnoException {
        throw Errno.EINVAL.error();
    }

    /** fallocate(2). */
    public void allocate(Task task, int mode, long offset, long length) throws ErrnoException {
        throw Errno.EOPNOTSUPP.error();
    }

    /** Which of the poll(2) events in {@code mask} are there, POLLERR and POLLHUP always included. */
    public int poll(int mask) {
        return mask & (0x1 | 0x4 | 0x40 | 0x100); // POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM: always ready
    }

    /** Whether epoll accepts the file; regular files and directories are refused with EPERM. */
    public boolean pollable() {
        return false;
    }

    /** Registers for events; files that are always ready have no queue. */
    public void addWaiter(WaitEntry entry, int mask) {}

    public void removeWaiter(WaitEntry entry) {}

    /** Nanoseconds that a read may wait, 0 for ever: SO_RCVTIMEO of sockets. */
    public long readTimeout() {
        return 0;
    }

    /** Nanoseconds that a write may wait, 0 for ever: SO_SNDTIMEO of sockets. */
    public long writeTimeout() {
        return 0;
    }

    /** The file position, for /proc/PID/fdinfo. */
    public long position() {
        return 0;
    }

    /** Extra lines for /proc/PID/fdinfo/N, each ending in a newline. */
    public String fdinfo() {
        return "";
    }
}
