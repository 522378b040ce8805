package sentry.syscalls;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.abi.Inotify;
import sentry.core.abi.Sys;
import sentry.core.fs.notify.NotifyFile;
import sentry.core.syscall.SyscallArgs;
import sentry.core.syscall.SyscallTable;
import sentry.core.task.Task;
import sentry.core.vfs.FileDescription;
import sentry.core.vfs.PathWalk;
import sentry.core.vfs.Permissions;

/** inotify_init(2), inotify_add_watch(2), inotify_rm_watch(2). */
final class InotifySyscalls {
    private static final int KNOWN = Inotify.IN_ALL_EVENTS
            | Inotify.IN_UNMOUNT
            | Inotify.IN_Q_OVERFLOW
            | Inotify.IN_IGNORED
            | Inotify.IN_ONLYDIR
            | Inotify.IN_DONT_FOLLOW
            | Inotify.IN_EXCL_UNLINK
            | Inotify.IN_MASK_CREATE
            | Inotify.IN_MASK_ADD
            | Inotify.IN_ISDIR
            | Inotify.IN_ONESHOT;

    private InotifySyscalls() {}

    static void install(SyscallTable.Builder table) {
        String inside = "events by programs inside only";
        table.full(Sys.INOTIFY_INIT, (task, a) -> init(task, 0));
        table.full(Sys.INOTIFY_INIT1, (task, a) -> init(task, a.i0()));
        table.partial(Sys.INOTIFY_ADD_WATCH, inside, InotifySyscalls::add);
        table.full(Sys.INOTIFY_RM_WATCH, InotifySyscalls::remove);
    }

    private static long init(Task task, int flags) throws ErrnoException {
        if ((flags & ~(Fcntl.O_CLOEXEC | Fcntl.O_NONBLOCK)) != 0) {
            throw Errno.EINVAL.error();
        }
        NotifyFile file =
                new NotifyFile(task.kernel().tasks().user(task.credentials().uid()), flags & Fcntl.O_NONBLOCK);
        return Descriptors.install(task, file, (flags & Fcntl.O_CLOEXEC) != 0);
    }

    private static NotifyFile instance(FileDescription file) throws ErrnoException {
        if (file instanceof NotifyFile n) {
            return n;
        }
        throw Errno.EINVAL.error();
    }

    private static long add(Task task, SyscallArgs a) throws ErrnoException {
        int mask = a.i2();
        if ((mask & ~KNOWN) != 0 || mask == 0) {
            throw Errno.EINVAL.error();
        }
        FileDescription file = PathArgs.take(task, a.i0());
        try {
            if ((mask & Inotify.IN_MASK_ADD) != 0 && (mask & Inotify.IN_MASK_CREATE) != 0) {
                throw Errno.EINVAL.error();
            }
            NotifyFile instance = instance(file);
            int walk = (mask & Inotify.IN_DONT_FOLLOW) == 0 ? PathWalk.FOLLOW : 0;
            if ((mask & Inotify.IN_ONLYDIR) != 0) {
                walk |= PathWalk.DIRECTORY;
            }
            String path = PathArgs.string(task, a.a1);
            PathWalk w = PathWalk.of(task).resolve(task.fs().cwd(), path, walk);
            Permissions.require(task.credentials(), w.inode(), Permissions.READ);
            return instance.watch(w.inode(), mask);
        } finally {
            file.release();
        }
    }

    private static long remove(Task task, SyscallArgs a) throws ErrnoException {
        FileDescription file = PathArgs.take(task, a.i0());
        try {
            instance(file).unwatch(a.i1());
            return 0;
        } finally {
            file.release();
        }
    }
}
