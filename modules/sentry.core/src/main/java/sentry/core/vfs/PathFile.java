package sentry.core.vfs;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.memory.Mappable;
import sentry.core.task.Task;

/** What O_PATH opens: a place in the tree, not a file; reading, writing and the like answer EBADF. */
public final class PathFile extends FileDescription {
    public PathFile(VfsPath path, int flags) {
        super(path, flags);
    }

    @Override
    public long read(Task task, IoBuffer target) throws ErrnoException {
        throw Errno.EBADF.error();
    }

    @Override
    public long pread(Task task, IoBuffer target, long offset) throws ErrnoException {
        throw Errno.EBADF.error();
    }

    @Override
    public long write(Task task, IoBuffer source) throws ErrnoException {
        throw Errno.EBADF.error();
    }

    @Override
    public long pwrite(Task task, IoBuffer source, long offset) throws ErrnoException {
        throw Errno.EBADF.error();
    }

    @Override
    public long seek(Task task, long offset, int whence) throws ErrnoException {
        throw Errno.EBADF.error();
    }

    @Override
    public void iterate(Task task, DirectorySink sink) throws ErrnoException {
        throw Errno.EBADF.error();
    }

    @Override
    public long ioctl(Task task, int command, long argument) throws ErrnoException {
        throw Errno.EBADF.error();
    }

    @Override
    public Mappable mappable() throws ErrnoException {
        throw Errno.EBADF.error();
    }

    @Override
    public void sync(boolean dataOnly) throws ErrnoException {
        throw Errno.EBADF.error();
    }

    @Override
    public void allocate(Task task, int mode, long offset, long length) throws ErrnoException {
        throw Errno.EBADF.error();
    }

    @Override
    public int poll(int mask) {
        return 0x20; // POLLNVAL
    }
}
