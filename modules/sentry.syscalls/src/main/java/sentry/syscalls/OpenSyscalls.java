package sentry.syscalls;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.abi.FileMode;
import sentry.core.abi.Sys;
import sentry.core.syscall.SyscallArgs;
import sentry.core.syscall.SyscallTable;
import sentry.core.task.Task;
import sentry.core.vfs.FileDescription;
import sentry.core.vfs.Opener;
import sentry.core.vfs.PathWalk;
import sentry.core.vfs.VfsPath;

/** open(2), openat(2), openat2(2), creat(2). */
final class OpenSyscalls {
    private static final int HOW_SIZE = 24;
    private static final int PAGE = 4096;
    private static final int RESOLVE_VALID = Fcntl.RESOLVE_NO_XDEV
            | Fcntl.RESOLVE_NO_MAGICLINKS
            | Fcntl.RESOLVE_NO_SYMLINKS
            | Fcntl.RESOLVE_BENEATH
            | Fcntl.RESOLVE_IN_ROOT
            | Fcntl.RESOLVE_CACHED;

    private OpenSyscalls() {}

    static void install(SyscallTable.Builder table) {
        table.full(Sys.OPEN, (task, a) -> open(task, Fcntl.AT_FDCWD, a.a0, a.i1(), a.i2()));
        table.full(Sys.OPENAT, (task, a) -> open(task, a.i0(), a.a1, a.i2(), a.i3()));
        table.full(Sys.CREAT, (task, a) ->
                open(task, Fcntl.AT_FDCWD, a.a0, Fcntl.O_CREAT | Fcntl.O_WRONLY | Fcntl.O_TRUNC, a.i1()));
        table.full(Sys.OPENAT2, OpenSyscalls::openat2);
    }

    private static long open(Task task, int dirFd, long address, int flags, int mode) throws ErrnoException {
        String path = PathArgs.string(task, address);
        VfsPath base = PathArgs.base(task, dirFd, path);
        return open(task, base, path, flags & Fcntl.O_VALID, mode, 0);
    }

    private static long open(Task task, VfsPath base, String path, int flags, int mode, int resolve)
            throws ErrnoException {
        // Status flags that stay with the description; those that say how to open do not.
        FileDescription file = Opener.open(PathWalk.of(task), base, path, flags & ~Fcntl.O_CLOEXEC, mode, resolve);
        file.setFlags(file.flags() & ~(Fcntl.O_CREAT | Fcntl.O_EXCL | Fcntl.O_NOCTTY | Fcntl.O_TRUNC | Fcntl.O_CLOEXEC));
        return Descriptors.install(task, file, (flags & Fcntl.O_CLOEXEC) != 0);
    }

    private static long openat2(Task task, SyscallArgs a) throws ErrnoException {
        long size = a.a3;
        if (size < HOW_SIZE) {
            throw Errno.EINVAL.error();
        }
        if (size > PAGE) {
            throw Errno.E2BIG.error();
        }
        byte[] how = new byte[(int) size];
        task.memory().read(a.a2, how, 0, how.length);
        for (int i = HOW_SIZE; i < how.length; i++) {
            if (how[i] != 0) {
                throw Errno.E2BIG.error();
            }
        }
        long flags = Struct.getLong(how, 0);
        long mode = Struct.getLong(how, 8);
        long resolve = Struct.getLong(how, 16);
        if ((flags & ~(long) Fcntl.O_VALID) != 0 || (resolve & ~(long) RESOLVE_VALID) != 0) {
            throw Errno.EINVAL.error();
        }
        int f = (int) flags;
        boolean makes = (f & (Fcntl.O_CREAT | Fcntl.__O_TMPFILE)) != 0;
        if (makes ? (mode & ~(long) FileMode.PERMISSIONS) != 0 : mode != 0) {
            throw Errno.EINVAL.error();
        }
        if ((f & Fcntl.O_PATH) != 0
                && (f & ~(Fcntl.O_PATH | Fcntl.O_DIRECTORY | Fcntl.O_NOFOLLOW | Fcntl.O_CLOEXEC)) != 0) {
            throw Errno.EINVAL.error();
        }
        int r = (int) resolve;
        if ((r & Fcntl.RESOLVE_BENEATH) != 0 && (r & Fcntl.RESOLVE_IN_ROOT) != 0) {
            throw Errno.EINVAL.error();
        }
        if ((r & Fcntl.RESOLVE_CACHED) != 0) {
            if ((f & (Fcntl.O_TRUNC | Fcntl.O_CREAT | Fcntl.__O_TMPFILE)) != 0) {
                throw Errno.EAGAIN.error();
            }
        }
        String path = PathArgs.string(task, a.a1);
        boolean scoped = (r & (Fcntl.RESOLVE_BENEATH | Fcntl.RESOLVE_IN_ROOT)) != 0;
        VfsPath base = scoped ? PathArgs.scope(task, a.i0()) : PathArgs.base(task, a.i0(), path);
        return open(task, base, path, f, (int) mode, r);
    }
}
