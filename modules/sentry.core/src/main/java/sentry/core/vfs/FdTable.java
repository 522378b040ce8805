package sentry.core.vfs;

import java.util.Arrays;
import java.util.BitSet;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.task.Task;

/**
 * Open descriptors of a process (Linux: files_struct). Shared by tasks cloned with CLONE_FILES; freed with its last
 * user. Look-up takes no lock; changes take the table's monitor.
 */
public final class FdTable {
    private volatile FileDescription[] files = new FileDescription[64];
    private final BitSet cloexec = new BitSet();
    private int lowestFree;
    private volatile int users = 1;

    public FdTable() {}

    /** The file behind {@code fd}, or EBADF. The caller holds no reference: see {@link #take}. */
    public FileDescription get(int fd) throws ErrnoException {
        FileDescription[] f = files;
        if (fd < 0 || fd >= f.length || f[fd] == null) {
            throw Errno.EBADF.error();
        }
        return f[fd];
    }

    /** The file behind {@code fd}, or null. */
    public FileDescription peek(int fd) {
        FileDescription[] f = files;
        return fd < 0 || fd >= f.length ? null : f[fd];
    }

    /** One more than the highest descriptor that the table has room for now. */
    public int capacity() {
        return files.length;
    }

    /** Like {@link #get}, with a reference that the caller releases; for calls that may block. */
    public FileDescription take(int fd) throws ErrnoException {
        for (;;) {
            FileDescription file = get(fd);
            if (file.retain()) {
                return file;
            }
        }
    }

    /** Puts {@code file} (whose reference passes to the table) at the lowest free number that is at least {@code from}. */
    public synchronized int install(FileDescription file, int from, boolean closeOnExec, long limit)
            throws ErrnoException {
        int fd = Math.max(from, lowestFree);
        FileDescription[] f = files;
        while (fd < f.length && f[fd] != null) {
            fd++;
        }
        if (fd >= limit) {
            throw Errno.EMFILE.error();
        }
        put(fd, file, closeOnExec);
        if (from <= lowestFree) {
            lowestFree = fd + 1;
        }
        return fd;
    }

    /** Puts {@code file} (whose reference passes to the table) at {@code fd}; returns what was there, for the caller to release. */
    /** Whether no descriptor below {@code limit} is free. */
    public synchronized boolean full(long limit) {
        int fd = lowestFree;
        while (fd < files.length && files[fd] != null) {
            fd++;
        }
        return fd >= limit;
    }

    public synchronized FileDescription replace(int fd, FileDescription file, boolean closeOnExec) {
        FileDescription old = fd < files.length ? files[fd] : null;
        put(fd, file, closeOnExec);
        return old;
    }

    /** Takes {@code fd} out and gives its reference to the caller. */
    public synchronized FileDescription remove(int fd) throws ErrnoException {
        FileDescription file = get(fd);
        files[fd] = null;
        cloexec.clear(fd);
        lowestFree = Math.min(lowestFree, fd);
        return file;
    }

    public synchronized boolean closeOnExec(int fd) throws ErrnoException {
        get(fd);
        return cloexec.get(fd);
    }

    public synchronized void setCloseOnExec(int fd, boolean value) throws ErrnoException {
        get(fd);
        cloexec.set(fd, value);
    }

    /** The open descriptors, ascending. */
    public synchronized int[] open() {
        int[] fds = new int[files.length];
        int n = 0;
        for (int i = 0; i < files.length; i++) {
            if (files[i] != null) {
                fds[n++] = i;
            }
        }
        return Arrays.copyOf(fds, n);
    }

    /** A copy for fork(2): same descriptions, more references. */
    public synchronized FdTable fork() {
        FdTable copy = new FdTable();
        copy.files = files.clone();
        for (FileDescription f : copy.files) {
            if (f != null) {
                f.retain();
            }
        }
        copy.cloexec.or(cloexec);
        copy.lowestFree = lowestFree;
        return copy;
    }

    public synchronized FdTable share() {
        users++;
        return this;
    }

    public boolean shared() {
        return users > 1;
    }

    /** A task stops using the table; the last user closes everything. */
    public void release(Task task) {
        FileDescription[] closing;
        synchronized (this) {
            if (--users > 0) {
                return;
            }
            closing = files;
            files = new FileDescription[0];
        }
        for (FileDescription f : closing) {
            if (f != null) {
                closeQuietly(task, f);
            }
        }
    }

    /** execve(2) closes what is marked close-on-exec. */
    public void closeOnExec(Task task) {
        for (; ; ) {
            FileDescription file;
            synchronized (this) {
                int fd = cloexec.nextSetBit(0);
                if (fd < 0) {
                    return;
                }
                file = files[fd];
                files[fd] = null;
                cloexec.clear(fd);
                lowestFree = Math.min(lowestFree, fd);
            }
            if (file != null) {
                closeQuietly(task, file);
            }
        }
    }

    /** close(2): what flushing finds wrong is reported, but the descriptor is gone. */
    public void close(Task task, int fd) throws ErrnoException {
        FileDescription file = remove(fd);
        dropLocks(file);
        try {
            file.flush(task);
        } finally {
            file.release();
        }
    }

    /** Closes all descriptors of {@code [from, to]}. */
    public void closeRange(Task task, int from, int to) {
        for (int fd = from; ; fd++) {
            FileDescription file = null;
            synchronized (this) {
                while (fd <= to && fd < files.length && files[fd] == null) {
                    fd++;
                }
                if (fd > to || fd >= files.length) {
                    return;
                }
                file = files[fd];
                files[fd] = null;
                cloexec.clear(fd);
                lowestFree = Math.min(lowestFree, fd);
            }
            closeQuietly(task, file);
        }
    }

    public synchronized void markCloseOnExec(int from, int to) {
        for (int fd = from; fd <= to && fd < files.length; fd++) {
            if (files[fd] != null) {
                cloexec.set(fd);
            }
        }
    }

    /** Gives up a reference that a table held. Errors go nowhere: Linux drops those of an implicit close as well. */
    public void closeQuietly(Task task, FileDescription file) {
        dropLocks(file);
        try {
            file.flush(task);
        } catch (ErrnoException e) {
            // see above
        }
        file.release();
    }

    /** Closing any descriptor of a file gives up the table's record locks on it (fcntl(2)). */
    private void dropLocks(FileDescription file) {
        Inode inode = file.path() == null ? null : file.inode();
        if (inode != null) {
            inode.dropLocks(this);
        }
    }

    private void put(int fd, FileDescription file, boolean closeOnExec) {
        FileDescription[] f = files;
        if (fd >= f.length) {
            f = Arrays.copyOf(f, Math.max(fd + 1, f.length * 2));
        }
        f[fd] = file;
        files = f;
        cloexec.set(fd, closeOnExec);
    }
}
