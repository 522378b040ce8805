package sentry.core.vfs;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.abi.FileMode;
import sentry.core.task.Task;

/** An open directory. Position 0 is ".", 1 is "..", what follows is the filesystem's. */
public abstract class DirectoryFile extends FileDescription {
    /** The first position of the directory's own entries. */
    protected static final long FIRST = 2;

    private long position;

    protected DirectoryFile(VfsPath path, int flags) {
        super(path, flags);
    }

    /**
     * Passes the entries from {@code from} (at least {@link #FIRST}) on to {@code sink} until it takes no more.
     *
     * @return the position behind the last entry taken, {@code from} when none was
     */
    protected abstract long entries(Task task, long from, DirectorySink sink) throws ErrnoException;

    /** The position moved to the start: the directory's content may be read anew. */
    protected void rewound() {}

    @Override
    public final synchronized void iterate(Task task, DirectorySink sink) throws ErrnoException {
        if (path().dentry().unlinked()) {
            throw Errno.ENOENT.error();
        }
        if (position == 0) {
            if (!sink.entry(".", inode().ino(), FileMode.DT_DIR, 1)) {
                return;
            }
            position = 1;
        }
        if (position == 1) {
            Inode up = path().dentry().parent().inode();
            if (!sink.entry("..", (up == null ? inode() : up).ino(), FileMode.DT_DIR, FIRST)) {
                return;
            }
            position = FIRST;
        }
        position = entries(task, position, sink);
    }

    @Override
    public synchronized long seek(Task task, long offset, int whence) throws ErrnoException {
        long target =
                switch (whence) {
                    case Fcntl.SEEK_SET -> offset;
                    case Fcntl.SEEK_CUR -> position + offset;
                    default -> throw Errno.EINVAL.error();
                };
        if (target < 0) {
            throw Errno.EINVAL.error();
        }
        if (target == 0 && position != 0) {
            rewound();
        }
        position = target;
        return target;
    }

    @Override
    public long read(Task task, IoBuffer target) throws ErrnoException {
        throw Errno.EISDIR.error();
    }

    @Override
    public long pread(Task task, IoBuffer target, long offset) throws ErrnoException {
        throw Errno.EISDIR.error();
    }

    @Override
    public void sync(boolean dataOnly) throws ErrnoException {}

    @Override
    public synchronized long position() {
        return position;
    }
}
