package gofer.p9.fs;

import gofer.p9.codec.Attributes;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.FileMode;
import sentry.core.task.Task;
import sentry.core.vfs.DeviceRegistry;
import sentry.core.vfs.FileDescription;
import sentry.core.vfs.VfsPath;

/**
 * A FIFO, socket or device node: only its attributes are the host's. A device node means the Sentry's device of that
 * number, never the host's.
 */
final class GoferSpecial extends GoferInode {
    GoferSpecial(GoferFileSystem fs, Attributes attributes, GoferDirectory parent, String name) {
        super(fs, attributes, parent, name);
    }

    @Override
    public FileDescription open(VfsPath path, int flags, Task task) throws ErrnoException {
        DeviceRegistry devices = fs.devices();
        if (!FileMode.isDevice(mode()) || devices == null) {
            throw Errno.ENXIO.error();
        }
        return devices.open(mode(), attributes().rdev, path, flags, task);
    }
}
