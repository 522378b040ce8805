package sentry.core.fs.proc;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.task.Task;
import sentry.core.vfs.DirectorySink;
import sentry.core.vfs.FdTable;
import sentry.core.vfs.Inode;

/** /proc/PID/fd and fdinfo: an entry for each open descriptor. */
final class FdDirectory extends OwnedDirectory {
    private final boolean info;

    FdDirectory(Subject subject, long ino, boolean info) {
        super(subject.fs(), subject, ino, info ? 0555 : 0500);
        this.info = info;
    }

    private FdTable table() {
        Task task = subject().taskOrNull();
        return task == null || task.group().zombie() ? null : task.fds();
    }

    private long ino(int fd) {
        return ino() + ((long) (fd + 1) << 21);
    }

    @Override
    public Inode lookup(String name) throws ErrnoException {
        int fd = Numbers.parse(name);
        FdTable table = table();
        if (fd < 0 || table == null) {
            return null;
        }
        try {
            table.get(fd);
        } catch (ErrnoException e) {
            return null;
        }
        return info ? new FdInfoFile(subject(), ino(fd), fd) : new FdLink(subject(), ino(fd), fd);
    }

    @Override
    protected boolean list(Task reader, long from, DirectorySink sink) throws ErrnoException {
        FdTable table = table();
        if (table == null) {
            throw Errno.ENOENT.error();
        }
        if (!info) {
            subject().requireInspectable(reader);
        }
        for (int fd : table.open()) {
            if (FIRST + fd >= from
                    && !sink.entry(Integer.toString(fd), ino(fd), info ? 8 : 10, FIRST + fd + 1)) {
                return false;
            }
        }
        return true;
    }

    @Override
    protected long size() {
        FdTable table = info ? null : table();
        return table == null ? 0 : table.open().length; // so Linux since 6.2
    }
}
