package sentry.syscalls;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.abi.Signal;
import sentry.core.abi.Sys;
import sentry.core.abi.Wait;
import sentry.core.signal.SignalInfo;
import sentry.core.signal.SignalInfoCodec;
import sentry.core.syscall.SyscallArgs;
import sentry.core.syscall.SyscallTable;
import sentry.core.task.PidFile;
import sentry.core.task.Task;
import sentry.core.task.TaskWait;
import sentry.core.task.ThreadGroup;

/** wait4 and waitid. */
final class WaitSyscalls {
    private static final int COMMON = Wait.WNOHANG | Wait.WCONTINUED | Wait.WNOTHREAD | Wait.WCLONE | Wait.WALL;

    /** Linux fills the fields of siginfo up to si_status and no more. */
    private static final int FILLED = 28;

    private WaitSyscalls() {}

    static void install(SyscallTable.Builder table) {
        table.full(Sys.WAIT4, WaitSyscalls::wait4).full(Sys.WAITID, WaitSyscalls::waitid);
    }

    private static long wait4(Task task, SyscallArgs args) throws ErrnoException {
        int pid = args.i0();
        int options = args.i2();
        if ((options & ~(COMMON | Wait.WUNTRACED)) != 0) {
            throw Errno.EINVAL.error();
        }
        if (pid == Integer.MIN_VALUE) {
            throw Errno.ESRCH.error();
        }
        int which = pid == -1 ? Wait.P_ALL : pid > 0 ? Wait.P_PID : Wait.P_PGID;
        TaskWait.Result r = TaskWait.wait(task, which, pid > 0 ? pid : pid == -1 ? 0 : -pid, options | Wait.WEXITED);
        if (r == null) {
            return 0;
        }
        if (args.a1 != 0) {
            task.memory().putInt(args.a1, r.raw());
        }
        if (args.a3 != 0) {
            Rusage.write(task.memory(), args.a3, r.userNanos(), r.systemNanos(), r.counts());
        }
        return r.pid();
    }

    /** As in Linux the structure is written, with zeros, also when the call fails; EFAULT counts more than the failure. */
    private static long waitid(Task task, SyscallArgs args) throws ErrnoException {
        try {
            return await(task, args);
        } catch (ErrnoException e) {
            if (args.a2 != 0 && e.errno() != Errno.EFAULT) {
                task.memory().write(args.a2, new byte[FILLED], 0, FILLED);
            }
            throw e;
        }
    }

    private static long await(Task task, SyscallArgs args) throws ErrnoException {
        int which = args.i0();
        int id = args.i1();
        int options = args.i3();
        int states = Wait.WEXITED | Wait.WSTOPPED | Wait.WCONTINUED;
        if ((options & ~(COMMON | states | Wait.WNOWAIT)) != 0 || (options & states) == 0) {
            throw Errno.EINVAL.error();
        }
        ThreadGroup only = null;
        boolean polled = false;
        switch (which) {
            case Wait.P_ALL -> {}
            case Wait.P_PID -> {
                if (id <= 0) {
                    throw Errno.EINVAL.error();
                }
            }
            case Wait.P_PGID -> {
                if (id < 0) {
                    throw Errno.EINVAL.error();
                }
            }
            case Wait.P_PIDFD -> {
                if (id < 0) {
                    throw Errno.EINVAL.error();
                }
                PidFile file = PidfdSyscalls.get(task, id);
                only = file.group();
                polled = (file.flags() & Fcntl.O_NONBLOCK) != 0;
            }
            default -> throw Errno.EINVAL.error();
        }
        TaskWait.Result r = TaskWait.wait(task, which, id, only, polled ? options | Wait.WNOHANG : options);
        if (r == null && polled && (options & Wait.WNOHANG) == 0) {
            throw Errno.EAGAIN.error();
        }
        if (r != null && args.a4 != 0) {
            Rusage.write(task.memory(), args.a4, r.userNanos(), r.systemNanos(), r.counts());
        }
        if (args.a2 != 0) {
            byte[] out = new byte[SignalInfoCodec.SIZE];
            if (r != null) {
                SignalInfoCodec.encode(
                        new SignalInfo(
                                Signal.SIGCHLD,
                                r.code(),
                                r.pid(),
                                task.credentials().userNamespace().uid(r.uid()),
                                r.status(),
                                0,
                                0,
                                0), out, 0);
            }
            task.memory().write(args.a2, out, 0, FILLED);
        }
        return 0;
    }
}
