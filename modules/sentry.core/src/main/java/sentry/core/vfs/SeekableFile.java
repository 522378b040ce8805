package sentry.core.vfs;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.task.Task;

/**
 * A description of a file with a position: a regular file. The position's lock is held over a transfer, so two readers
 * that share the description get different bytes.
 */
public abstract class SeekableFile extends FileDescription {
    private final Object positionLock = new Object();
    private volatile long position;

    protected SeekableFile(VfsPath path, int flags) {
        super(path, flags);
    }

    /** The file's size in bytes, for SEEK_END. */
    protected abstract long size() throws ErrnoException;

    /** Transfers at {@code offset}; access mode is checked. */
    protected abstract long readAt(Task task, IoBuffer target, long offset) throws ErrnoException;

    /** Transfers at {@code offset}, or to the end of the file for an offset of -1 (O_APPEND); returns bytes. */
    protected abstract long writeAt(Task task, IoBuffer source, long offset) throws ErrnoException;

    /** Where a transfer to the end of the file left off; called after {@link #writeAt} with -1. */
    protected abstract long appendedTo() throws ErrnoException;

    @Override
    public long read(Task task, IoBuffer target) throws ErrnoException {
        synchronized (positionLock) {
            long n = readAt(task, target, position);
            if (n > 0) {
                position += n;
            }
            return n;
        }
    }

    @Override
    public long pread(Task task, IoBuffer target, long offset) throws ErrnoException {
        return readAt(task, target, offset);
    }

    @Override
    public long write(Task task, IoBuffer source) throws ErrnoException {
        synchronized (positionLock) {
            if ((flags() & Fcntl.O_APPEND) != 0) {
                long n = limitedWrite(task, source, -1);
                if (n > 0) {
                    position = appendedTo();
                }
                return n;
            }
            long n = limitedWrite(task, source, position);
            if (n > 0) {
                position += n;
            }
            return n;
        }
    }

    @Override
    public long append(Task task, IoBuffer source, boolean move) throws ErrnoException {
        synchronized (positionLock) {
            long n = limitedWrite(task, source, -1);
            if (n > 0 && move) {
                position = appendedTo();
            }
            return n;
        }
    }

    private long limitedWrite(Task task, IoBuffer source, long offset) throws ErrnoException {
        if (FileSizeLimit.applies(task)) {
            return writeAt(task, FileSizeLimit.limit(task, source, offset < 0 ? size() : offset), offset);
        }
        return writeAt(task, source, offset);
    }

    /** With O_APPEND the bytes go to the end whatever {@code offset} says, as Linux has it (pwrite(2), BUGS). */
    @Override
    public long pwrite(Task task, IoBuffer source, long offset) throws ErrnoException {
        return limitedWrite(task, source, (flags() & Fcntl.O_APPEND) != 0 ? -1 : offset);
    }

    @Override
    public long seek(Task task, long offset, int whence) throws ErrnoException {
        synchronized (positionLock) {
            long target =
                    switch (whence) {
                        case Fcntl.SEEK_SET -> offset;
                        case Fcntl.SEEK_CUR -> position + offset;
                        case Fcntl.SEEK_END -> size() + offset;
                        case Fcntl.SEEK_DATA -> seekData(offset);
                        case Fcntl.SEEK_HOLE -> seekHole(offset);
                        default -> throw Errno.EINVAL.error();
                    };
            if (target < 0) {
                throw Errno.EINVAL.error();
            }
            position = target;
            return target;
        }
    }

    /** The first data at or behind {@code offset}; ENXIO when there is none. A file that knows no holes is all data. */
    protected long seekData(long offset) throws ErrnoException {
        if (offset < 0 || offset >= size()) {
            throw Errno.ENXIO.error();
        }
        return offset;
    }

    /** The first hole at or behind {@code offset}; the end of the file counts as one. */
    protected long seekHole(long offset) throws ErrnoException {
        long size = size();
        if (offset < 0 || offset >= size) {
            throw Errno.ENXIO.error();
        }
        return size;
    }

    @Override
    public long position() {
        return position;
    }
}
