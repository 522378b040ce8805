package sentry.syscalls;

import sentry.core.abi.Capability;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.abi.DeviceNumber;
import sentry.core.abi.Sys;
import sentry.core.syscall.SyscallTable;
import sentry.core.task.Task;
import sentry.core.vfs.Namei;
import sentry.core.vfs.PathWalk;
import sentry.core.vfs.VfsPath;

/** Names: mkdir(2), mknod(2), symlink(2), link(2), unlink(2), rmdir(2), rename(2) and their *at forms. */
final class PathSyscalls {
    private PathSyscalls() {}

    static void install(SyscallTable.Builder table) {
        int cwd = Fcntl.AT_FDCWD;
        table.full(Sys.MKDIR, (task, a) -> mkdir(task, cwd, a.a0, a.i1()));
        table.full(Sys.MKDIRAT, (task, a) -> mkdir(task, a.i0(), a.a1, a.i2()));
        table.full(Sys.MKNOD, (task, a) -> mknod(task, cwd, a.a0, a.i1(), a.i2()));
        table.full(Sys.MKNODAT, (task, a) -> mknod(task, a.i0(), a.a1, a.i2(), a.i3()));
        table.full(Sys.SYMLINK, (task, a) -> symlink(task, a.a0, cwd, a.a1));
        table.full(Sys.SYMLINKAT, (task, a) -> symlink(task, a.a0, a.i1(), a.a2));
        table.full(Sys.LINK, (task, a) -> link(task, cwd, a.a0, cwd, a.a1, 0));
        table.full(Sys.LINKAT, (task, a) -> link(task, a.i0(), a.a1, a.i2(), a.a3, a.i4()));
        table.full(Sys.UNLINK, (task, a) -> unlink(task, cwd, a.a0));
        table.full(Sys.RMDIR, (task, a) -> rmdir(task, cwd, a.a0));
        table.full(Sys.UNLINKAT, (task, a) -> {
            if ((a.i2() & ~Fcntl.AT_REMOVEDIR) != 0) {
                throw Errno.EINVAL.error();
            }
            return a.i2() != 0 ? rmdir(task, a.i0(), a.a1) : unlink(task, a.i0(), a.a1);
        });
        table.full(Sys.RENAME, (task, a) -> rename(task, cwd, a.a0, cwd, a.a1, 0));
        table.full(Sys.RENAMEAT, (task, a) -> rename(task, a.i0(), a.a1, a.i2(), a.a3, 0));
        table.full(Sys.RENAMEAT2, (task, a) -> rename(task, a.i0(), a.a1, a.i2(), a.a3, a.i4()));
    }

    private static long mkdir(Task task, int dirFd, long address, int mode) throws ErrnoException {
        String path = PathArgs.string(task, address);
        Namei.mkdir(PathWalk.of(task), PathArgs.base(task, dirFd, path), path, mode);
        return 0;
    }

    /** @param dev in the encoding of the system call, which is stat(2)'s cut to 32 bits */
    private static long mknod(Task task, int dirFd, long address, int mode, int dev) throws ErrnoException {
        String path = PathArgs.string(task, address);
        long rdev = DeviceNumber.of(DeviceNumber.major(dev & 0xffffffffL), DeviceNumber.minor(dev & 0xffffffffL));
        Namei.mknod(PathWalk.of(task), PathArgs.base(task, dirFd, path), path, mode, rdev);
        return 0;
    }

    private static long symlink(Task task, long target, int dirFd, long address) throws ErrnoException {
        String text = PathArgs.string(task, target);
        String path = PathArgs.string(task, address);
        Namei.symlink(PathWalk.of(task), text, PathArgs.base(task, dirFd, path), path);
        return 0;
    }

    private static long link(Task task, int oldFd, long oldAddress, int newFd, long newAddress, int flags)
            throws ErrnoException {
        if ((flags & ~(Fcntl.AT_SYMLINK_FOLLOW | Fcntl.AT_EMPTY_PATH)) != 0) {
            throw Errno.EINVAL.error();
        }
        if ((flags & Fcntl.AT_EMPTY_PATH) != 0 && !task.credentials().capable(Capability.DAC_READ_SEARCH)) {
            throw Errno.ENOENT.error();
        }
        boolean follow = (flags & Fcntl.AT_SYMLINK_FOLLOW) != 0;
        VfsPath old = PathArgs.resolve(task, oldFd, oldAddress, flags, follow).path();
        String path = PathArgs.string(task, newAddress);
        Namei.link(PathWalk.of(task), old, PathArgs.base(task, newFd, path), path);
        return 0;
    }

    private static long unlink(Task task, int dirFd, long address) throws ErrnoException {
        String path = PathArgs.string(task, address);
        Namei.unlink(PathWalk.of(task), PathArgs.base(task, dirFd, path), path);
        return 0;
    }

    private static long rmdir(Task task, int dirFd, long address) throws ErrnoException {
        String path = PathArgs.string(task, address);
        Namei.rmdir(PathWalk.of(task), PathArgs.base(task, dirFd, path), path);
        return 0;
    }

    private static long rename(Task task, int oldFd, long oldAddress, int newFd, long newAddress, int flags)
            throws ErrnoException {
        String from = PathArgs.string(task, oldAddress);
        String to = PathArgs.string(task, newAddress);
        Namei.rename(
                PathWalk.of(task),
                PathArgs.base(task, oldFd, from),
                from,
                PathArgs.base(task, newFd, to),
                to,
                flags);
        return 0;
    }
}
