package sentry.syscalls;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Sys;
import sentry.core.syscall.SyscallArgs;
import sentry.core.syscall.SyscallTable;
import sentry.core.task.Task;
import sentry.core.vfs.FdTable;
import sentry.core.vfs.FileDescription;

/** kcmp(2): whether two processes share something. */
final class CompareSyscalls {
    private static final int KCMP_FILE = 0;
    private static final int KCMP_VM = 1;
    private static final int KCMP_FILES = 2;
    private static final int KCMP_FS = 3;
    private static final int KCMP_SIGHAND = 4;
    private static final int KCMP_IO = 5;
    private static final int KCMP_SYSVSEM = 6;
    private static final int KCMP_EPOLL_TFD = 7;

    private static final int EQUAL = 0;
    private static final int LESS = 1;
    private static final int GREATER = 2;
    /** Different, and no order between them. */
    private static final int DIFFERENT = 3;

    private CompareSyscalls() {}

    static void install(SyscallTable.Builder table) {
        table.partial(Sys.KCMP, "no KCMP_EPOLL_TFD", CompareSyscalls::kcmp);
    }

    private static long kcmp(Task task, SyscallArgs args) throws ErrnoException {
        Task one = find(task, args.i0());
        Task other = find(task, args.i1());
        if (!Access.mayInspect(task, one) || !Access.mayInspect(task, other)) {
            throw Errno.EPERM.error();
        }
        return switch (args.i2()) {
            case KCMP_FILE -> compare(file(one, args.a3), file(other, args.a4));
            case KCMP_VM -> compare(one.mm(), other.mm());
            case KCMP_FILES -> compare(one.fds(), other.fds());
            case KCMP_FS -> compare(one.fs(), other.fs());
            case KCMP_SIGHAND ->
                compare(one.group().signals().handlers(), other.group().signals().handlers());
            case KCMP_IO -> EQUAL; // nobody has an I/O context
            case KCMP_SYSVSEM -> compare(one.semaphoreUndoOrNull(), other.semaphoreUndoOrNull());
            case KCMP_EPOLL_TFD -> throw Errno.EOPNOTSUPP.error();
            default -> throw Errno.EINVAL.error();
        };
    }

    private static Task find(Task task, int pid) throws ErrnoException {
        Task found = task.namespaces().pid().task(pid);
        if (found == null) {
            throw Errno.ESRCH.error();
        }
        return found;
    }

    /** The file, for its identity only. */
    private static FileDescription file(Task task, long fd) throws ErrnoException {
        FdTable fds = task.fds();
        if (fds == null || fd < 0 || fd > Integer.MAX_VALUE) {
            throw Errno.EBADF.error();
        }
        return fds.get((int) fd);
    }

    private static long compare(Object one, Object other) {
        if (one == other) {
            return EQUAL;
        }
        int a = System.identityHashCode(one);
        int b = System.identityHashCode(other);
        return a < b ? LESS : a > b ? GREATER : DIFFERENT;
    }
}
