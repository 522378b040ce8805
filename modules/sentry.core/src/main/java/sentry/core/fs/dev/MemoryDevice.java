package sentry.core.fs.dev;

import sentry.core.vfs.FileDescription;
import sentry.core.vfs.VfsPath;

/** An open file of a device of major 1: always ready, position kept at 0 (mem(4), null(4), random(4)). */
abstract class MemoryDevice extends FileDescription {
    /** The major number of the memory devices. */
    static final int MAJOR = 1;

    MemoryDevice(VfsPath path, int flags) {
        super(path, flags);
    }

    @Override
    public long seek(sentry.core.task.Task task, long offset, int whence) {
        return 0;
    }

    @Override
    public boolean pollable() {
        return false;
    }
}
