package sentry.core.vfs;

import java.util.concurrent.ConcurrentHashMap;
import sentry.core.abi.DeviceNumber;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.task.Task;

/**
 * The kernel's character devices by number. A filesystem's inode of type S_IFCHR opens through it, so that a node made
 * with mknod(2) works on any filesystem. Thread-safe.
 */
public final class DeviceRegistry {
    /** Opens one device. */
    @FunctionalInterface
    public interface Opener {
        /**
         * @param path where the node was found
         * @param flags as given to open(2)
         * @param task the opener, or null inside the kernel
         */
        FileDescription open(VfsPath path, int flags, Task task) throws ErrnoException;
    }

    private final ConcurrentHashMap<Long, Opener> characterDevices = new ConcurrentHashMap<>();

    public DeviceRegistry() {}

    /** Makes a character device known, in place of an earlier one with the number. */
    public void character(int major, int minor, Opener opener) {
        characterDevices.put(DeviceNumber.of(major, minor), opener);
    }

    /**
     * Opens the device behind a node.
     *
     * @param mode the node's type: there are no block devices
     * @throws ErrnoException ENXIO when there is no such device
     */
    public FileDescription open(int mode, long rdev, VfsPath path, int flags, Task task) throws ErrnoException {
        Opener opener = (mode & 0170000) == 0020000 ? characterDevices.get(rdev) : null;
        if (opener == null) {
            throw Errno.ENXIO.error();
        }
        return opener.open(path, flags, task);
    }
}
