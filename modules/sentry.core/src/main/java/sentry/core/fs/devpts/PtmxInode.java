package sentry.core.fs.devpts;

import sentry.core.abi.ErrnoException;
import sentry.core.task.Task;
import sentry.core.vfs.FileDescription;
import sentry.core.vfs.VfsPath;

/** ptmx: opening it makes a new terminal. */
final class PtmxInode extends DeviceInode {
    private static final int INO = 2;
    private final DevptsFileSystem fs;

    PtmxInode(DevptsFileSystem fs, int permissions) {
        super(fs, INO, DevptsFileSystem.PTMX, permissions, 0, 0);
        this.fs = fs;
    }

    @Override
    public FileDescription open(VfsPath path, int flags, Task task) throws ErrnoException {
        return fs.openMaster(path, flags, task);
    }
}
