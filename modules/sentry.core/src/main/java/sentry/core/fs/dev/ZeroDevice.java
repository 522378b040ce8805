package sentry.core.fs.dev;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.task.Task;
import sentry.core.vfs.IoBuffer;
import sentry.core.vfs.VfsPath;

/** /dev/zero and /dev/full (zero(4), full(4)): zeros to read; the one takes everything, the other has no room. */
final class ZeroDevice extends MemoryDevice {
    static final int MINOR = 5;
    static final int FULL_MINOR = 7;

    private final boolean full;

    ZeroDevice(VfsPath path, int flags, boolean full) {
        super(path, flags);
        this.full = full;
    }

    @Override
    public long read(Task task, IoBuffer target) throws ErrnoException {
        return target.putZeros(target.remaining());
    }

    @Override
    public long pread(Task task, IoBuffer target, long offset) throws ErrnoException {
        return read(task, target);
    }

    @Override
    public boolean mapsZeros() {
        return !full;
    }

    @Override
    public long write(Task task, IoBuffer source) throws ErrnoException {
        if (full) {
            throw Errno.ENOSPC.error();
        }
        return source.remaining();
    }

    @Override
    public long pwrite(Task task, IoBuffer source, long offset) throws ErrnoException {
        return write(task, source);
    }
}
