package sentry.core.fs.proc;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.fs.pseudo.GeneratedFile;
import sentry.core.fs.pseudo.Text;
import sentry.core.task.Task;
import sentry.core.vfs.FdTable;
import sentry.core.vfs.FileDescription;

/** /proc/PID/fdinfo/N. */
final class FdInfoFile extends GeneratedFile {
    private final Subject subject;
    private final int fd;

    FdInfoFile(Subject subject, long ino, int fd) {
        super(subject.fs(), ino, 0400);
        this.subject = subject;
        this.fd = fd;
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
    protected void generate(Task reader, Text out) throws ErrnoException {
        FdTable table = subject.task().fds();
        if (table == null) {
            throw Errno.ENOENT.error();
        }
        FileDescription file;
        boolean closeOnExec;
        try {
            file = table.get(fd);
            closeOnExec = table.closeOnExec(fd);
        } catch (ErrnoException e) {
            throw Errno.ENOENT.error();
        }
        out.add("pos:\t").add(file.position());
        out.add("\nflags:\t0").addOctal(file.flags() | Fcntl.O_LARGEFILE | (closeOnExec ? Fcntl.O_CLOEXEC : 0), 1);
        out.add("\nmnt_id:\t").add(file.path().mount().id());
        out.add("\nino:\t").add(file.inode().ino()).line();
        out.add(file.fdinfo());
    }
}
