package sentry.core.fs.proc;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.fs.pseudo.PseudoSymlink;
import sentry.core.kernel.Kernel;
import sentry.core.task.Task;
import sentry.core.vfs.FdTable;
import sentry.core.vfs.FileDescription;
import sentry.core.vfs.Paths;
import sentry.core.vfs.VfsPath;

/** /proc/PID/fd/N: a link to the open file's place. Its mode says how the file was opened. */
final class FdLink extends PseudoSymlink {
    private final Subject subject;
    private final int fd;

    FdLink(Subject subject, long ino, int fd) {
        super(subject.fs(), ino, null);
        this.subject = subject;
        this.fd = fd;
    }

    private FileDescription file() throws ErrnoException {
        Task task = subject.taskOrNull();
        FdTable table = task == null || task.group().zombie() ? null : task.fds();
        if (table == null) {
            throw Errno.ENOENT.error();
        }
        try {
            return table.get(fd);
        } catch (ErrnoException e) {
            throw Errno.ENOENT.error();
        }
    }

    @Override
    public int uid() {
        return subject.uid();
    }

    @Override
    public int gid() {
        return subject.gid();
    }

    @Override
    public int mode() {
        int flags;
        try {
            flags = file().flags();
        } catch (ErrnoException e) {
            return S_IFLNK;
        }
        int access = flags & Fcntl.O_ACCMODE;
        int mode = S_IFLNK;
        if (access != Fcntl.O_WRONLY) {
            mode |= 0500;
        }
        if (access != Fcntl.O_RDONLY) {
            mode |= 0300;
        }
        return mode;
    }

    @Override
    protected long size() {
        return 64; // as Linux has it, whatever the text is
    }

    @Override
    public VfsPath magicLink(Task reader) throws ErrnoException {
        subject.requireInspectable(reader);
        return file().path();
    }

    @Override
    public String readlink() throws ErrnoException {
        Task reader = Kernel.current();
        return Paths.of(magicLink(reader), (reader == null ? subject.task() : reader).fs().root());
    }
}
