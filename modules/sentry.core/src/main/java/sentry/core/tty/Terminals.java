package sentry.core.tty;

import sentry.core.abi.Capability;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.task.Task;
import sentry.core.vfs.DeviceRegistry;
import sentry.core.vfs.FileDescription;
import sentry.core.vfs.VfsPath;

/** Opens terminals. */
public final class Terminals {
    /** The major number of /dev/tty, /dev/console and /dev/ptmx. */
    public static final int AUXILIARY_MAJOR = 5;

    public static final int TTY_MINOR = 0;
    public static final int CONSOLE_MINOR = 1;
    public static final int PTMX_MINOR = 2;

    private Terminals() {}

    /** Makes /dev/tty known: another name of the opener's controlling terminal. */
    public static void register(DeviceRegistry registry) {
        registry.character(AUXILIARY_MAJOR, TTY_MINOR, Terminals::openControlling);
    }

    private static FileDescription openControlling(VfsPath path, int flags, Task task) throws ErrnoException {
        Tty tty = task == null ? null : JobControl.terminalOf(task);
        if (tty == null || !tty.opened()) {
            throw Errno.ENXIO.error();
        }
        return new TtyFile(tty, path, flags);
    }

    /**
     * Opens the terminal side of a pair.
     *
     * @param task the opener, null inside the kernel
     * @throws ErrnoException EIO when it is locked or has hung up, EBUSY when it is in exclusive mode
     */
    public static FileDescription open(Tty tty, VfsPath path, int flags, Task task) throws ErrnoException {
        if (tty.locked()) {
            throw Errno.EIO.error();
        }
        if (tty.exclusive() && task != null && !task.credentials().capable(Capability.SYS_ADMIN)) {
            throw Errno.EBUSY.error();
        }
        if (!tty.opened()) {
            throw Errno.EIO.error();
        }
        if (task != null && (flags & Fcntl.O_NOCTTY) == 0) {
            JobControl.acquireOnOpen(tty, task);
        }
        return new TtyFile(tty, path, flags);
    }

    /** Makes {@code tty} the controlling terminal of the session that {@code leader} leads, as TIOCSCTTY does. */
    public static void makeControlling(Tty tty, Task leader) throws ErrnoException {
        JobControl.acquire(tty, leader, false);
    }

    /** The terminal that {@code file} is on, or null. */
    public static Tty of(FileDescription file) {
        return file instanceof TtySide side ? side.tty : null;
    }
}
