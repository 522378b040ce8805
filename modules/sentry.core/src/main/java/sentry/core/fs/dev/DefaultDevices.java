package sentry.core.fs.dev;

import sentry.core.abi.DeviceNumber;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.FileMode;
import sentry.core.vfs.Inode;

/**
 * What the OCI runtime specification wants in /dev: default devices (config-linux.md) and links (runtime-linux.md), and
 * the directories that filesystems are mounted on.
 */
public final class DefaultDevices {
    private static final int CHARACTER = 0020000;
    private static final int DIRECTORY_MODE = 0755;

    private DefaultDevices() {}

    /** Puts the devices, links and directories into {@code dev}; names that are there already stay. */
    public static void populate(Inode dev) throws ErrnoException {
        device(dev, "null", 1, NullDevice.MINOR);
        device(dev, "zero", 1, ZeroDevice.MINOR);
        device(dev, "full", 1, ZeroDevice.FULL_MINOR);
        device(dev, "random", 1, RandomDevice.RANDOM_MINOR);
        device(dev, "urandom", 1, RandomDevice.URANDOM_MINOR);
        device(dev, "tty", 5, 0);
        link(dev, "fd", "/proc/self/fd");
        link(dev, "stdin", "/proc/self/fd/0");
        link(dev, "stdout", "/proc/self/fd/1");
        link(dev, "stderr", "/proc/self/fd/2");
        link(dev, "ptmx", "pts/ptmx");
        directory(dev, "pts", DIRECTORY_MODE);
        directory(dev, "shm", 01777);
    }

    private static void device(Inode dev, String name, int major, int minor) throws ErrnoException {
        if (missing(dev, name)) {
            dev.mknod(name, CHARACTER | 0666, DeviceNumber.of(major, minor), 0, 0);
        }
    }

    private static void link(Inode dev, String name, String target) throws ErrnoException {
        if (missing(dev, name)) {
            dev.symlink(name, target, 0, 0);
        }
    }

    private static void directory(Inode dev, String name, int mode) throws ErrnoException {
        if (missing(dev, name)) {
            dev.mkdir(name, FileMode.S_IFDIR | mode, 0, 0);
        }
    }

    private static boolean missing(Inode dev, String name) throws ErrnoException {
        try {
            return dev.lookup(name) == null;
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENOENT) {
                return true;
            }
            throw e;
        }
    }
}
