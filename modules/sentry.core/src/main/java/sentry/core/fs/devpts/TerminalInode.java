package sentry.core.fs.devpts;

import sentry.core.abi.ErrnoException;
import sentry.core.task.Task;
import sentry.core.tty.Terminals;
import sentry.core.tty.Tty;
import sentry.core.vfs.FileDescription;
import sentry.core.vfs.VfsPath;

/** The terminal side of one pair. */
final class TerminalInode extends DeviceInode {
    private final Tty tty;

    TerminalInode(DevptsFileSystem fs, long ino, Tty tty, int permissions, int uid, int gid) {
        super(fs, ino, tty.device(), permissions, uid, gid);
        this.tty = tty;
    }

    Tty tty() {
        return tty;
    }

    @Override
    public FileDescription open(VfsPath path, int flags, Task task) throws ErrnoException {
        return Terminals.open(tty, path, flags, task);
    }
}
