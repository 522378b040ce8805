package sentry.syscalls;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.abi.Sys;
import sentry.core.syscall.SyscallArgs;
import sentry.core.syscall.SyscallTable;
import sentry.core.task.NamesProcess;
import sentry.core.task.PidFile;
import sentry.core.task.Task;
import sentry.core.task.ThreadGroup;
import sentry.core.vfs.FdTable;
import sentry.core.vfs.FileDescription;

/** Descriptors that stand for processes (pidfd_open(2)). */
final class PidfdSyscalls {
    private PidfdSyscalls() {}

    static void install(SyscallTable.Builder table) {
        table.full(Sys.PIDFD_OPEN, PidfdSyscalls::open)
                .full(Sys.PIDFD_SEND_SIGNAL, PidfdSyscalls::sendSignal)
                .full(Sys.PIDFD_GETFD, PidfdSyscalls::getfd)
                .full(Sys.PROCESS_MRELEASE, PidfdSyscalls::mrelease);
    }

    /** The pidfd behind {@code fd}; EBADF for anything else. */
    static PidFile get(Task task, int fd) throws ErrnoException {
        if (task.fds().get(fd) instanceof PidFile file) {
            return file;
        }
        throw Errno.EBADF.error();
    }

    private static long open(Task task, SyscallArgs args) throws ErrnoException {
        int flags = args.i1();
        if ((flags & ~Fcntl.O_NONBLOCK) != 0 || args.i0() <= 0) {
            throw Errno.EINVAL.error();
        }
        Task target = task.namespaces().pid().task(args.i0());
        if (target == null) {
            throw Errno.ESRCH.error();
        }
        if (target.group().leader() != target) {
            throw Errno.EINVAL.error();
        }
        return Descriptors.install(task, new PidFile(target.group(), flags), true);
    }

    /** The process of a pidfd or of its directory in /proc; null when it is gone. */
    private static ThreadGroup receiver(FileDescription file) throws ErrnoException {
        if (file instanceof PidFile pidfd) {
            return pidfd.group();
        }
        if (file.inode() instanceof NamesProcess directory && directory.ofProcess()) {
            return directory.process();
        }
        throw Errno.EBADF.error();
    }

    private static long sendSignal(Task task, SyscallArgs args) throws ErrnoException {
        if (args.i3() != 0) {
            throw Errno.EINVAL.error();
        }
        ThreadGroup target = receiver(task.fds().get(args.i0()));
        if (target == null || target.state() == ThreadGroup.State.DEAD) {
            throw Errno.ESRCH.error();
        }
        return SignalSyscalls.send(task, target, args.i1(), args.a2);
    }

    /** process_mrelease(2): a process that is ending gives its memory up as soon as it can anyway. */
    private static long mrelease(Task task, SyscallArgs args) throws ErrnoException {
        if (args.i1() != 0) {
            throw Errno.EINVAL.error();
        }
        ThreadGroup target = get(task, args.i0()).group();
        if (target == null || target.zombie()) {
            throw Errno.ESRCH.error();
        }
        if (!target.signals().groupExit() && !target.leader().exiting()) {
            throw Errno.EINVAL.error();
        }
        return 0;
    }

    private static long getfd(Task task, SyscallArgs args) throws ErrnoException {
        if (args.i2() != 0) {
            throw Errno.EINVAL.error();
        }
        ThreadGroup target = get(task, args.i0()).group();
        if (target == null || target.zombie()) {
            throw Errno.ESRCH.error();
        }
        if (!Access.mayInspect(task, target.leader())) {
            throw Errno.EPERM.error();
        }
        FdTable fds = target.leader().fds();
        if (fds == null) {
            throw Errno.ESRCH.error();
        }
        FileDescription file = fds.take(args.i1());
        return Descriptors.install(task, file, true);
    }
}
