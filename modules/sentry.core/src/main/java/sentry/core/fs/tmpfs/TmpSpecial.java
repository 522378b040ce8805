package sentry.core.fs.tmpfs;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.FileMode;
import sentry.core.task.Task;
import sentry.core.vfs.DeviceRegistry;
import sentry.core.vfs.FileDescription;
import sentry.core.vfs.VfsPath;

/** A FIFO, socket or device node: a name for something that lives elsewhere. */
final class TmpSpecial extends TmpInode {
    private final long rdev;

    TmpSpecial(TmpFileSystem fs, int mode, long rdev, int uid, int gid) {
        super(fs, mode, uid, gid);
        this.rdev = rdev;
    }

    @Override
    long rdev() {
        return rdev;
    }

    @Override
    public FileDescription open(VfsPath path, int flags, Task task) throws ErrnoException {
        DeviceRegistry devices = fs().devices();
        if (!FileMode.isDevice(mode()) || devices == null) {
            throw Errno.ENXIO.error();
        }
        return devices.open(mode(), rdev, path, flags, task);
    }
}
