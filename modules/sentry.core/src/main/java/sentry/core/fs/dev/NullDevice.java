package sentry.core.fs.dev;

import sentry.core.task.Task;
import sentry.core.vfs.IoBuffer;
import sentry.core.vfs.VfsPath;

/** /dev/null (null(4)): nothing to read, and takes everything without looking at it. */
final class NullDevice extends MemoryDevice {
    static final int MINOR = 3;

    NullDevice(VfsPath path, int flags) {
        super(path, flags);
    }

    @Override
    public long read(Task task, IoBuffer target) {
        return 0;
    }

    @Override
    public long pread(Task task, IoBuffer target, long offset) {
        return 0;
    }

    @Override
    public long write(Task task, IoBuffer source) {
        return source.remaining();
    }

    @Override
    public long pwrite(Task task, IoBuffer source, long offset) {
        return source.remaining();
    }
}
