package sentry.core.fs.tmpfs;

import sentry.core.abi.ErrnoException;
import sentry.core.memory.Mappable;
import sentry.core.task.Task;
import sentry.core.vfs.IoBuffer;
import sentry.core.vfs.SeekableFile;
import sentry.core.vfs.VfsPath;

/** An open regular file. */
final class TmpRegularFile extends SeekableFile {
    private final TmpRegular file;

    TmpRegularFile(TmpRegular file, VfsPath path, int flags) {
        super(path, flags);
        this.file = file;
    }

    @Override
    protected void closed() {
        file.closed();
    }

    @Override
    protected long size() {
        return file.size();
    }

    @Override
    protected long readAt(Task task, IoBuffer target, long offset) throws ErrnoException {
        return file.read(target, offset);
    }

    @Override
    protected long writeAt(Task task, IoBuffer source, long offset) throws ErrnoException {
        return file.write(task, source, offset);
    }

    @Override
    protected long appendedTo() {
        return file.lastEnd();
    }

    @Override
    protected long seekData(long offset) throws ErrnoException {
        return file.nextData(offset);
    }

    @Override
    protected long seekHole(long offset) throws ErrnoException {
        return file.nextHole(offset);
    }

    @Override
    public Mappable mappable() {
        return file;
    }

    @Override
    public void sync(boolean dataOnly) {}

    @Override
    public void allocate(Task task, int mode, long offset, long length) throws ErrnoException {
        file.allocate(mode, offset, length);
    }
}
