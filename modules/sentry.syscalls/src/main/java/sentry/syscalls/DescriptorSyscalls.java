package sentry.syscalls;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.abi.Sys;
import sentry.core.syscall.SyscallArgs;
import sentry.core.syscall.SyscallTable;
import sentry.core.task.Task;
import sentry.core.vfs.FdTable;
import sentry.core.vfs.FileDescription;

/** Descriptors: close(2), close_range(2), dup(2) and its kin. fcntl(2) is in FcntlSyscalls. */
final class DescriptorSyscalls {
    private static final int CLOSE_RANGE_UNSHARE = 2;
    private static final int CLOSE_RANGE_CLOEXEC = 4;

    private DescriptorSyscalls() {}

    static void install(SyscallTable.Builder table) {
        table.full(Sys.CLOSE, DescriptorSyscalls::close);
        table.full(Sys.CLOSE_RANGE, DescriptorSyscalls::closeRange);
        table.full(Sys.DUP, DescriptorSyscalls::dup);
        table.full(Sys.DUP2, DescriptorSyscalls::dup2);
        table.full(Sys.DUP3, DescriptorSyscalls::dup3);
    }

    private static long close(Task task, SyscallArgs a) throws ErrnoException {
        task.fds().close(task, a.i0());
        return 0;
    }

    private static long closeRange(Task task, SyscallArgs a) throws ErrnoException {
        int flags = a.i2();
        long first = a.a0 & 0xffffffffL;
        long last = a.a1 & 0xffffffffL;
        if ((flags & ~(CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC)) != 0 || first > last) {
            throw Errno.EINVAL.error();
        }
        FdTable fds = task.fds();
        if ((flags & CLOSE_RANGE_UNSHARE) != 0 && fds.shared()) {
            FdTable own = fds.fork();
            task.setFds(own);
            fds.release(task);
            fds = own;
        }
        int from = (int) Math.min(first, Integer.MAX_VALUE);
        int to = (int) Math.min(last, Integer.MAX_VALUE);
        if ((flags & CLOSE_RANGE_CLOEXEC) != 0) {
            fds.markCloseOnExec(from, to);
        } else {
            fds.closeRange(task, from, to);
        }
        return 0;
    }

    private static long dup(Task task, SyscallArgs a) throws ErrnoException {
        return Descriptors.install(task, task.fds().take(a.i0()), false);
    }

    private static long dup2(Task task, SyscallArgs a) throws ErrnoException {
        if (a.i0() == a.i1()) {
            task.fds().get(a.i0());
            return a.i1();
        }
        return replace(task, a.i0(), a.i1(), false);
    }

    private static long dup3(Task task, SyscallArgs a) throws ErrnoException {
        int flags = a.i2();
        if ((flags & ~Fcntl.O_CLOEXEC) != 0 || a.i0() == a.i1()) {
            throw Errno.EINVAL.error();
        }
        return replace(task, a.i0(), a.i1(), flags != 0);
    }

    private static long replace(Task task, int from, int to, boolean closeOnExec) throws ErrnoException {
        if (to < 0 || to >= Descriptors.limit(task)) {
            throw Errno.EBADF.error();
        }
        FileDescription file = task.fds().take(from);
        FileDescription old = task.fds().replace(to, file, closeOnExec);
        if (old != null) {
            task.fds().closeQuietly(task, old);
        }
        return to;
    }
}
