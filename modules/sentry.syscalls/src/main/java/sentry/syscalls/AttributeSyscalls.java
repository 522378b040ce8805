package sentry.syscalls;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.abi.FileMode;
import sentry.core.abi.Sys;
import sentry.core.syscall.SyscallArgs;
import sentry.core.syscall.SyscallTable;
import sentry.core.task.Credentials;
import sentry.core.task.Task;
import sentry.core.task.UserNamespace;
import sentry.core.vfs.Attributes;
import sentry.core.vfs.FileDescription;
import sentry.core.vfs.FileSizeLimit;
import sentry.core.vfs.FileTime;
import sentry.core.vfs.PathWalk;
import sentry.core.vfs.Permissions;
import sentry.core.vfs.VfsPath;

/** Attributes: access(2), chmod(2), chown(2), truncate(2), utimensat(2) and their kin. */
final class AttributeSyscalls {
    private static final long UTIME_NOW = 0x3fffffff;
    private static final long UTIME_OMIT = 0x3ffffffe;
    private static final long BILLION = 1_000_000_000L;

    private AttributeSyscalls() {}

    static void install(SyscallTable.Builder table) {
        int cwd = Fcntl.AT_FDCWD;
        int noFollow = Fcntl.AT_SYMLINK_NOFOLLOW;
        table.full(Sys.ACCESS, (task, a) -> access(task, cwd, a.a0, a.i1(), 0));
        table.full(Sys.FACCESSAT, (task, a) -> access(task, a.i0(), a.a1, a.i2(), 0));
        table.full(Sys.FACCESSAT2, (task, a) -> access(task, a.i0(), a.a1, a.i2(), a.i3()));
        table.full(Sys.CHMOD, (task, a) -> chmod(task, cwd, a.a0, a.i1(), 0));
        table.full(Sys.FCHMOD, (task, a) -> {
            Attributes.chmod(task.credentials(), PathArgs.file(task, a.i0()).path(), a.i1());
            return 0;
        });
        table.full(Sys.FCHMODAT, (task, a) -> chmod(task, a.i0(), a.a1, a.i2(), 0));
        table.full(Sys.FCHMODAT2, (task, a) -> chmod(task, a.i0(), a.a1, a.i2(), a.i3()));
        table.full(Sys.CHOWN, (task, a) -> chown(task, cwd, a.a0, a.i1(), a.i2(), 0));
        table.full(Sys.LCHOWN, (task, a) -> chown(task, cwd, a.a0, a.i1(), a.i2(), noFollow));
        table.full(Sys.FCHOWN, (task, a) -> {
            chown(task, PathArgs.file(task, a.i0()).path(), a.i1(), a.i2());
            return 0;
        });
        table.full(Sys.FCHOWNAT, (task, a) -> chown(task, a.i0(), a.a1, a.i2(), a.i3(), a.i4()));
        table.full(Sys.TRUNCATE, AttributeSyscalls::truncate);
        table.full(Sys.FTRUNCATE, AttributeSyscalls::ftruncate);
        table.full(Sys.UTIMENSAT, AttributeSyscalls::utimensat);
        table.full(Sys.UTIMES, (task, a) -> utimes(task, cwd, a.a0, a.a1));
        table.full(Sys.FUTIMESAT, (task, a) -> utimes(task, a.i0(), a.a1, a.a2));
        table.full(Sys.UTIME, AttributeSyscalls::utime);
    }

    private static long access(Task task, int dirFd, long path, int mode, int flags) throws ErrnoException {
        if ((mode & ~7) != 0
                || (flags & ~(Fcntl.AT_EACCESS | Fcntl.AT_SYMLINK_NOFOLLOW | Fcntl.AT_EMPTY_PATH)) != 0) {
            throw Errno.EINVAL.error();
        }
        Credentials who = task.credentials();
        if ((flags & Fcntl.AT_EACCESS) == 0 && (who.uid() != who.fsuid() || who.gid() != who.fsgid() || who.uid() != who.userNamespace().rootUid())) {
            who = who.asReal();
        }
        String text = PathArgs.string(task, path);
        PathWalk w = PathWalk.of(task).as(who);
        if (text.isEmpty() && (flags & Fcntl.AT_EMPTY_PATH) != 0) {
            w.at(PathArgs.scope(task, dirFd));
        } else {
            boolean follow = (flags & Fcntl.AT_SYMLINK_NOFOLLOW) == 0;
            w.resolve(PathArgs.base(task, dirFd, text), text, follow ? PathWalk.FOLLOW : 0);
        }
        int type = w.inode().mode() & FileMode.S_IFMT;
        if ((mode & Permissions.EXEC) != 0 && type == FileMode.S_IFREG && Permissions.noExec(w.mount())) {
            throw Errno.EACCES.error();
        }
        if (mode != 0) {
            Permissions.require(who, w.inode(), mode);
        }
        boolean special = type == FileMode.S_IFCHR || type == FileMode.S_IFBLK || type == FileMode.S_IFIFO
                || type == FileMode.S_IFSOCK;
        if ((mode & Permissions.WRITE) != 0 && !special) {
            Permissions.requireWritable(w.mount());
        }
        return 0;
    }

    private static long chmod(Task task, int dirFd, long path, int mode, int flags) throws ErrnoException {
        if ((flags & ~(Fcntl.AT_SYMLINK_NOFOLLOW | Fcntl.AT_EMPTY_PATH)) != 0) {
            throw Errno.EINVAL.error();
        }
        PathWalk w = PathArgs.resolve(task, dirFd, path, flags, (flags & Fcntl.AT_SYMLINK_NOFOLLOW) == 0);
        Attributes.chmod(task.credentials(), w.path(), mode);
        return 0;
    }

    private static void chown(Task task, VfsPath path, int uid, int gid) throws ErrnoException {
        UserNamespace ns = task.credentials().userNamespace();
        int owner = kernelId(uid, ns.kernelUid(uid));
        int group = kernelId(gid, ns.kernelGid(gid));
        Attributes.chown(task.credentials(), path, owner, group);
    }

    /** -1 stays; an id that has no meaning in the caller's user namespace is EINVAL. */
    private static int kernelId(int given, int kernel) throws ErrnoException {
        if (given != -1 && kernel == -1) {
            throw Errno.EINVAL.error();
        }
        return given == -1 ? -1 : kernel;
    }

    private static long chown(Task task, int dirFd, long path, int uid, int gid, int flags) throws ErrnoException {
        if ((flags & ~(Fcntl.AT_SYMLINK_NOFOLLOW | Fcntl.AT_EMPTY_PATH)) != 0) {
            throw Errno.EINVAL.error();
        }
        PathWalk w = PathArgs.resolve(task, dirFd, path, flags, (flags & Fcntl.AT_SYMLINK_NOFOLLOW) == 0);
        chown(task, w.path(), uid, gid);
        return 0;
    }

    private static long truncate(Task task, SyscallArgs a) throws ErrnoException {
        if (a.a1 < 0) {
            throw Errno.EINVAL.error();
        }
        PathWalk w = PathArgs.resolve(task, Fcntl.AT_FDCWD, a.a0, 0, true);
        FileSizeLimit.check(task, a.a1);
        Attributes.truncate(task.credentials(), w.path(), a.a1);
        return 0;
    }

    private static long ftruncate(Task task, SyscallArgs a) throws ErrnoException {
        if (a.a1 < 0) {
            throw Errno.EINVAL.error();
        }
        FileDescription file = PathArgs.file(task, a.i0());
        int mode = file.flags() & Fcntl.O_ACCMODE;
        if (mode == Fcntl.O_RDONLY || mode == Fcntl.O_ACCMODE || !FileMode.isRegular(file.inode().mode())) {
            throw Errno.EINVAL.error();
        }
        FileSizeLimit.check(task, a.a1);
        Attributes.truncateOpen(task.credentials(), file.path(), a.a1);
        return 0;
    }

    private static long utimensat(Task task, SyscallArgs a) throws ErrnoException {
        int flags = a.i3();
        if ((flags & ~(Fcntl.AT_SYMLINK_NOFOLLOW | Fcntl.AT_EMPTY_PATH)) != 0) {
            throw Errno.EINVAL.error();
        }
        long atime = Attributes.NOW;
        long mtime = Attributes.NOW;
        if (a.a2 != 0) {
            byte[] b = Scratch.get().bytes;
            task.memory().read(a.a2, b, 0, 32);
            atime = timespec(b, 0);
            mtime = timespec(b, 16);
            if (atime == Attributes.OMIT && mtime == Attributes.OMIT) {
                return 0;
            }
        }
        VfsPath path;
        if (a.a1 == 0) { // the descriptor itself: futimens(3)
            if (flags != 0 || a.i0() == Fcntl.AT_FDCWD) {
                throw (flags != 0 ? Errno.EINVAL : Errno.EFAULT).error();
            }
            path = PathArgs.file(task, a.i0()).path();
        } else {
            path = PathArgs.resolve(task, a.i0(), a.a1, flags, (flags & Fcntl.AT_SYMLINK_NOFOLLOW) == 0).path();
        }
        Attributes.utimes(task.credentials(), path, atime, mtime);
        return 0;
    }

    private static long timespec(byte[] b, int at) throws ErrnoException {
        long nanos = Struct.getLong(b, at + 8);
        if (nanos == UTIME_NOW) {
            return Attributes.NOW;
        }
        if (nanos == UTIME_OMIT) {
            return Attributes.OMIT;
        }
        if (nanos < 0 || nanos >= BILLION) {
            throw Errno.EINVAL.error();
        }
        return FileTime.of(Struct.getLong(b, at), nanos);
    }

    private static long utimes(Task task, int dirFd, long path, long times) throws ErrnoException {
        long atime = Attributes.NOW;
        long mtime = Attributes.NOW;
        if (times != 0) {
            byte[] b = Scratch.get().bytes;
            task.memory().read(times, b, 0, 32);
            atime = timeval(b, 0);
            mtime = timeval(b, 16);
        }
        VfsPath place = path == 0 && dirFd != Fcntl.AT_FDCWD
                ? PathArgs.file(task, dirFd).path()
                : PathArgs.resolve(task, dirFd, path, 0, true).path();
        Attributes.utimes(task.credentials(), place, atime, mtime);
        return 0;
    }

    private static long timeval(byte[] b, int at) throws ErrnoException {
        long micros = Struct.getLong(b, at + 8);
        if (micros < 0 || micros >= 1_000_000) {
            throw Errno.EINVAL.error();
        }
        return FileTime.of(Struct.getLong(b, at), micros * 1000);
    }

    private static long utime(Task task, SyscallArgs a) throws ErrnoException {
        long atime = Attributes.NOW;
        long mtime = Attributes.NOW;
        if (a.a1 != 0) {
            atime = FileTime.of(task.memory().getLong(a.a1), 0);
            mtime = FileTime.of(task.memory().getLong(a.a1 + 8), 0);
        }
        VfsPath path = PathArgs.resolve(task, Fcntl.AT_FDCWD, a.a0, 0, true).path();
        Attributes.utimes(task.credentials(), path, atime, mtime);
        return 0;
    }
}
