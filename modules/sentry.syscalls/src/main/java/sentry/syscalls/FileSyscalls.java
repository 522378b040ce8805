package sentry.syscalls;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.abi.FileMode;
import sentry.core.abi.Inotify;
import sentry.core.abi.Sys;
import sentry.core.memory.ProgramBuffer;
import sentry.core.syscall.SyscallArgs;
import sentry.core.syscall.SyscallTable;
import sentry.core.task.Task;
import sentry.core.vfs.FileDescription;
import sentry.core.vfs.FileEvents;
import sentry.core.vfs.IoBuffer;

/** Reading, writing, positions: read(2) and its kin, lseek(2). */
final class FileSyscalls {
    private static final int RWF_HIPRI = 1;
    private static final int RWF_DSYNC = 2;
    private static final int RWF_SYNC = 4;
    private static final int RWF_NOWAIT = 8;
    private static final int RWF_APPEND = 16;

    private FileSyscalls() {}

    static void install(SyscallTable.Builder table) {
        table.full(Sys.READ, FileSyscalls::read);
        table.full(Sys.WRITE, FileSyscalls::write);
        table.full(Sys.PREAD64, FileSyscalls::pread);
        table.full(Sys.PWRITE64, FileSyscalls::pwrite);
        table.full(Sys.READV, FileSyscalls::readv);
        table.full(Sys.WRITEV, FileSyscalls::writev);
        table.full(Sys.PREADV, FileSyscalls::preadv);
        table.full(Sys.PWRITEV, FileSyscalls::pwritev);
        table.full(Sys.PREADV2, FileSyscalls::preadv2);
        table.full(Sys.PWRITEV2, FileSyscalls::pwritev2);
        table.full(Sys.LSEEK, FileSyscalls::lseek);
    }

    private static FileDescription readable(Task task, int fd) throws ErrnoException {
        FileDescription file = task.fds().take(fd);
        int mode = file.flags() & Fcntl.O_ACCMODE;
        if (mode == Fcntl.O_WRONLY || mode == Fcntl.O_ACCMODE) {
            file.release();
            throw Errno.EBADF.error();
        }
        return file;
    }

    private static FileDescription writable(Task task, int fd) throws ErrnoException {
        FileDescription file = task.fds().take(fd);
        int mode = file.flags() & Fcntl.O_ACCMODE;
        if (mode == Fcntl.O_RDONLY || mode == Fcntl.O_ACCMODE) {
            file.release();
            throw Errno.EBADF.error();
        }
        return file;
    }

    private static long read(Task task, SyscallArgs a) throws ErrnoException {
        FileDescription file = readable(task, a.i0());
        try {
            ProgramBuffer b = Scratch.get().buffer.of(task, a.a1, a.a2);
            return Blocking.read(task, file, b, Blocking.POSITION, Blocking.nonBlocking(file));
        } finally {
            file.release();
        }
    }

    private static long write(Task task, SyscallArgs a) throws ErrnoException {
        FileDescription file = writable(task, a.i0());
        try {
            ProgramBuffer b = Scratch.get().buffer.of(task, a.a1, a.a2);
            return Blocking.write(task, file, b, Blocking.POSITION, Blocking.nonBlocking(file));
        } finally {
            file.release();
        }
    }

    private static long pread(Task task, SyscallArgs a) throws ErrnoException {
        if (a.a3 < 0) {
            throw Errno.EINVAL.error();
        }
        FileDescription file = readable(task, a.i0());
        try {
            ProgramBuffer b = Scratch.get().buffer.of(task, a.a1, a.a2);
            return Blocking.read(task, file, b, a.a3, Blocking.nonBlocking(file));
        } finally {
            file.release();
        }
    }

    private static long pwrite(Task task, SyscallArgs a) throws ErrnoException {
        if (a.a3 < 0) {
            throw Errno.EINVAL.error();
        }
        FileDescription file = writable(task, a.i0());
        try {
            ProgramBuffer b = Scratch.get().buffer.of(task, a.a1, a.a2);
            return Blocking.write(task, file, b, a.a3, Blocking.nonBlocking(file));
        } finally {
            file.release();
        }
    }

    private static long readv(Task task, SyscallArgs a) throws ErrnoException {
        return readVector(task, a, Blocking.POSITION, 0);
    }

    private static long writev(Task task, SyscallArgs a) throws ErrnoException {
        return writeVector(task, a, Blocking.POSITION, 0);
    }

    private static long preadv(Task task, SyscallArgs a) throws ErrnoException {
        return readVector(task, a, offset(a.a3), 0);
    }

    private static long pwritev(Task task, SyscallArgs a) throws ErrnoException {
        return writeVector(task, a, offset(a.a3), 0);
    }

    private static long offset(long offset) throws ErrnoException {
        if (offset < 0) {
            throw Errno.EINVAL.error();
        }
        return offset;
    }

    private static long preadv2(Task task, SyscallArgs a) throws ErrnoException {
        return readVector(task, a, a.a3 == -1 ? Blocking.POSITION : offset(a.a3), a.i5());
    }

    private static long pwritev2(Task task, SyscallArgs a) throws ErrnoException {
        return writeVector(task, a, a.a3 == -1 ? Blocking.POSITION : offset(a.a3), a.i5());
    }

    private static long readVector(Task task, SyscallArgs a, long offset, int flags) throws ErrnoException {
        FileDescription file = readable(task, a.i0());
        try {
            ProgramBuffer b = Scratch.get().buffer.ofIovecs(task, a.a1, a.a2);
            requireKnown(flags);
            return Blocking.read(task, file, b, offset, Blocking.nonBlocking(file) || noWait(flags));
        } finally {
            file.release();
        }
    }

    private static long writeVector(Task task, SyscallArgs a, long offset, int flags) throws ErrnoException {
        FileDescription file = writable(task, a.i0());
        try {
            ProgramBuffer b = Scratch.get().buffer.ofIovecs(task, a.a1, a.a2);
            requireKnown(flags);
            return writeWith(task, file, b, offset, Blocking.nonBlocking(file) || noWait(flags), flags);
        } finally {
            file.release();
        }
    }

    /** EOPNOTSUPP for RWF_ flags that there are not. */
    static void requireKnown(int flags) throws ErrnoException {
        if ((flags & ~(RWF_HIPRI | RWF_DSYNC | RWF_SYNC | RWF_NOWAIT | RWF_APPEND)) != 0) {
            throw Errno.EOPNOTSUPP.error();
        }
    }

    static boolean noWait(int flags) {
        return (flags & RWF_NOWAIT) != 0;
    }

    /** A write with RWF_ flags. */
    static long writeWith(Task task, FileDescription file, IoBuffer source, long offset, boolean nonBlocking, int flags)
            throws ErrnoException {
        boolean append = (flags & RWF_APPEND) != 0 && FileMode.isRegular(file.inode().mode());
        long n = append
                ? file.append(task, source, offset == Blocking.POSITION)
                : Blocking.write(task, file, source, offset, nonBlocking);
        if (append && n > 0 && FileEvents.watched()) {
            FileEvents.happened(file, Inotify.IN_MODIFY);
        }
        if (n > 0 && (flags & (RWF_DSYNC | RWF_SYNC)) != 0) {
            file.sync((flags & RWF_SYNC) == 0);
        }
        return n;
    }

    private static long lseek(Task task, SyscallArgs a) throws ErrnoException {
        FileDescription file = PathArgs.file(task, a.i0());
        int whence = a.i2();
        if (whence < 0 || whence > Fcntl.SEEK_HOLE) {
            throw Errno.EINVAL.error();
        }
        return file.seek(task, a.a1, whence);
    }
}
