package sentry.syscalls;

import sentry.core.abi.Capability;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.abi.FileMode;
import sentry.core.abi.Inotify;
import sentry.core.abi.Sys;
import sentry.core.syscall.SyscallArgs;
import sentry.core.syscall.SyscallTable;
import sentry.core.task.Task;
import sentry.core.vfs.FileDescription;
import sentry.core.vfs.FileEvents;
import sentry.core.vfs.PathWalk;
import sentry.core.vfs.Paths;
import sentry.core.vfs.Permissions;
import sentry.core.vfs.VfsPath;

/** Listing directories, and the directory that a task is in: getdents(2), chdir(2), getcwd(2), chroot(2), umask(2). */
final class DirectorySyscalls {
    private DirectorySyscalls() {}

    static void install(SyscallTable.Builder table) {
        table.full(Sys.GETDENTS, (task, a) -> getdents(task, a, true));
        table.full(Sys.GETDENTS64, (task, a) -> getdents(task, a, false));
        table.full(Sys.CHDIR, DirectorySyscalls::chdir);
        table.full(Sys.FCHDIR, DirectorySyscalls::fchdir);
        table.full(Sys.CHROOT, DirectorySyscalls::chroot);
        table.full(Sys.GETCWD, DirectorySyscalls::getcwd);
        table.full(Sys.UMASK, (task, a) -> task.fs().setUmask(a.i0()));
    }

    private static long getdents(Task task, SyscallArgs a, boolean old) throws ErrnoException {
        FileDescription file = task.fds().take(a.i0());
        try {
            DirentWriter w = Scratch.get().dirents.start(Math.max(0, a.i2()), old);
            long before = file.position();
            file.iterate(task, w);
            if (FileEvents.watched()) {
                FileEvents.happened(file, Inotify.IN_ACCESS);
            }
            if (w.tooSmall()) {
                throw Errno.EINVAL.error();
            }
            if (w.used() > 0) {
                try {
                    task.memory().write(a.a1, w.bytes(), 0, w.used());
                } catch (ErrnoException e) {
                    file.seek(task, before, Fcntl.SEEK_SET); // what the program did not get comes again
                    throw e;
                }
            }
            return w.used();
        } finally {
            file.release();
        }
    }

    private static long chdir(Task task, SyscallArgs a) throws ErrnoException {
        String path = PathArgs.string(task, a.a0);
        PathWalk w = PathWalk.of(task);
        w.resolve(task.fs().cwd(), path, PathWalk.FOLLOW | PathWalk.DIRECTORY);
        Permissions.require(task.credentials(), w.inode(), Permissions.EXEC);
        task.fs().setCwd(w.path());
        return 0;
    }

    private static long fchdir(Task task, SyscallArgs a) throws ErrnoException {
        VfsPath path = task.fds().get(a.i0()).path();
        if (!FileMode.isDirectory(path.inode().mode())) {
            throw Errno.ENOTDIR.error();
        }
        Permissions.require(task.credentials(), path.inode(), Permissions.EXEC);
        task.fs().setCwd(path);
        return 0;
    }

    private static long chroot(Task task, SyscallArgs a) throws ErrnoException {
        String path = PathArgs.string(task, a.a0);
        PathWalk w = PathWalk.of(task);
        w.resolve(task.fs().cwd(), path, PathWalk.FOLLOW | PathWalk.DIRECTORY);
        Permissions.require(task.credentials(), w.inode(), Permissions.EXEC);
        if (!task.credentials().capableHere(Capability.SYS_CHROOT)) {
            throw Errno.EPERM.error();
        }
        task.fs().setRoot(w.path());
        return 0;
    }

    @SuppressWarnings("deprecation") // the low bytes of a raw-byte string
    private static long getcwd(Task task, SyscallArgs a) throws ErrnoException {
        VfsPath cwd = task.fs().cwd();
        if (cwd.dentry().unlinked()) {
            throw Errno.ENOENT.error();
        }
        VfsPath root = task.fs().root();
        String text = Paths.of(cwd, root);
        if (!Paths.reachable(cwd, root)) {
            text = "(unreachable)" + text;
        }
        int n = text.length() + 1;
        if (n > Fcntl.PATH_MAX) {
            throw Errno.ENAMETOOLONG.error();
        }
        if (Long.compareUnsigned(n, a.a1) > 0) {
            throw Errno.ERANGE.error();
        }
        byte[] b = new byte[n];
        text.getBytes(0, n - 1, b, 0);
        task.memory().write(a.a0, b, 0, n);
        return n;
    }
}
