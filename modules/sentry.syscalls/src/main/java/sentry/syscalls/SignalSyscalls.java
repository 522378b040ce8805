package sentry.syscalls;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Signal;
import sentry.core.abi.Sys;
import sentry.core.memory.UserMemory;
import sentry.core.signal.GroupSignals;
import sentry.core.signal.SignalAction;
import sentry.core.signal.SignalDelivery;
import sentry.core.signal.SignalInfo;
import sentry.core.signal.SignalInfoCodec;
import sentry.core.signal.TaskSignals;
import sentry.core.syscall.SyscallArgs;
import sentry.core.syscall.SyscallHandler;
import sentry.core.syscall.SyscallTable;
import sentry.core.task.Pid;
import sentry.core.task.PidNamespace;
import sentry.core.task.ProcessGroup;
import sentry.core.task.Task;
import sentry.core.task.ThreadGroup;
import sentry.core.wait.Sleeper;

/** Signals: actions, masks, alternate stacks, waiting for them and sending them. */
final class SignalSyscalls {
    private static final int SIGSET_SIZE = 8;

    private SignalSyscalls() {}

    static void install(SyscallTable.Builder table) {
        table.full(Sys.RT_SIGACTION, SignalSyscalls::sigaction)
                .full(Sys.RT_SIGPROCMASK, SignalSyscalls::sigprocmask)
                .full(Sys.RT_SIGRETURN, SignalSyscalls::sigreturn)
                .full(Sys.RT_SIGPENDING, SignalSyscalls::sigpending)
                .full(Sys.RT_SIGSUSPEND, SignalSyscalls::sigsuspend)
                .full(Sys.RT_SIGTIMEDWAIT, SignalSyscalls::sigtimedwait)
                .full(Sys.RT_SIGQUEUEINFO, SignalSyscalls::sigqueueinfo)
                .full(Sys.RT_TGSIGQUEUEINFO, SignalSyscalls::tgsigqueueinfo)
                .full(Sys.SIGALTSTACK, SignalSyscalls::sigaltstack)
                .full(Sys.KILL, SignalSyscalls::kill)
                .full(Sys.TKILL, SignalSyscalls::tkill)
                .full(Sys.TGKILL, SignalSyscalls::tgkill)
                .full(Sys.PAUSE, SignalSyscalls::pause)
                .full(Sys.RESTART_SYSCALL, SignalSyscalls::restart);
    }

    private static void requireSetSize(long size) throws ErrnoException {
        if (size != SIGSET_SIZE) {
            throw Errno.EINVAL.error();
        }
    }

    private static long sigaction(Task task, SyscallArgs args) throws ErrnoException {
        requireSetSize(args.a3);
        int signo = args.i0();
        UserMemory memory = task.memory();
        SignalAction action = null;
        if (args.a1 != 0) {
            long handler = memory.getLong(args.a1);
            // A program finds out what is supported by asking back what it has set.
            long flags = memory.getLong(args.a1 + 8) & Signal.SA_SUPPORTED;
            long restorer = memory.getLong(args.a1 + 16);
            long mask = memory.getLong(args.a1 + 24) & ~Signal.KERNEL_ONLY;
            action = new SignalAction(handler, flags, restorer, mask);
        }
        if (signo < 1 || signo > Signal.NSIG || action != null && Signal.in(signo, Signal.KERNEL_ONLY)) {
            throw Errno.EINVAL.error();
        }
        GroupSignals group = task.group().signals();
        SignalAction old = action == null ? group.handlers().get(signo) : group.setAction(signo, action);
        if (args.a2 != 0) {
            memory.putLong(args.a2, old.handler());
            memory.putLong(args.a2 + 8, old.flags());
            memory.putLong(args.a2 + 16, old.restorer());
            memory.putLong(args.a2 + 24, old.mask());
        }
        return 0;
    }

    private static long sigprocmask(Task task, SyscallArgs args) throws ErrnoException {
        requireSetSize(args.a3);
        TaskSignals signals = task.signals();
        long old = signals.mask();
        if (args.a1 != 0) {
            long set = task.memory().getLong(args.a1);
            switch (args.i0()) {
                case Signal.SIG_BLOCK -> signals.setMask(old | set);
                case Signal.SIG_UNBLOCK -> signals.setMask(old & ~set);
                case Signal.SIG_SETMASK -> signals.setMask(set);
                default -> throw Errno.EINVAL.error();
            }
        }
        if (args.a2 != 0) {
            task.memory().putLong(args.a2, old);
        }
        return 0;
    }

    private static long sigreturn(Task task, SyscallArgs args) {
        SignalDelivery.returnFromHandler(task);
        return SyscallHandler.REGISTERS_SET;
    }

    private static long sigpending(Task task, SyscallArgs args) throws ErrnoException {
        if (Long.compareUnsigned(args.a1, SIGSET_SIZE) > 0) {
            throw Errno.EINVAL.error();
        }
        long set = (task.signals().pending() | task.group().signals().pending())
                & task.signals().mask();
        byte[] out = new byte[SIGSET_SIZE];
        for (int i = 0; i < SIGSET_SIZE; i++) {
            out[i] = (byte) (set >>> 8 * i);
        }
        task.memory().write(args.a0, out, 0, (int) args.a1);
        return 0;
    }

    private static long sigsuspend(Task task, SyscallArgs args) throws ErrnoException {
        requireSetSize(args.a1);
        task.signals().useMaskForCall(task.memory().getLong(args.a0));
        waitForSignal(task);
        throw Errno.ERESTARTNOHAND.error();
    }

    private static long pause(Task task, SyscallArgs args) throws ErrnoException {
        waitForSignal(task);
        throw Errno.ERESTARTNOHAND.error();
    }

    private static void waitForSignal(Task task) {
        task.sleeper().prepare();
        while (task.sleep(Sleeper.FOREVER) != Sleeper.Wake.INTERRUPTED) {
            task.sleeper().prepare();
        }
    }

    private static long sigtimedwait(Task task, SyscallArgs args) throws ErrnoException {
        requireSetSize(args.a3);
        long wanted = task.memory().getLong(args.a0) & ~Signal.KERNEL_ONLY;
        long deadline = Sleeper.FOREVER;
        if (args.a2 != 0) {
            long nanos = Timespec.readNanos(task.memory(), args.a2);
            deadline = Timespec.deadline(nanos);
        }
        TaskSignals signals = task.signals();
        SignalInfo info = signals.take(wanted);
        if (info == null) {
            boolean interrupted = false;
            signals.openForWait(wanted);
            try {
                for (;;) {
                    task.sleeper().prepare();
                    // A signal that is wanted arrives as an interrupt; the deadline ends the wait otherwise.
                    Sleeper.Wake wake = task.sleep(deadline);
                    if (wake == Sleeper.Wake.INTERRUPTED) {
                        interrupted = true;
                        break;
                    }
                    if (wake == Sleeper.Wake.TIMED_OUT) {
                        break;
                    }
                }
            } finally {
                signals.closeAfterWait();
            }
            info = signals.take(wanted);
            if (info == null) {
                throw interrupted ? Errno.EINTR.error() : Errno.EAGAIN.error();
            }
        }
        if (args.a1 != 0) {
            byte[] out = new byte[SignalInfoCodec.SIZE];
            SignalInfoCodec.encode(info, out, 0);
            task.memory().write(args.a1, out, 0, out.length);
        }
        return info.signo();
    }

    private static long sigaltstack(Task task, SyscallArgs args) throws ErrnoException {
        UserMemory memory = task.memory();
        TaskSignals signals = task.signals();
        long sp = task.registers().sp();
        long oldBase = signals.stackBase();
        long oldSize = signals.stackSize();
        int oldFlags = signals.reportedStackFlags(sp);
        if (args.a0 != 0) {
            long base = memory.getLong(args.a0);
            int flags = memory.getInt(args.a0 + 8);
            long size = memory.getLong(args.a0 + 16);
            signals.setStack(base, size, flags, sp, Signal.MINSIGSTKSZ);
        }
        if (args.a1 != 0) {
            memory.putLong(args.a1, oldBase);
            memory.putLong(args.a1 + 8, oldFlags & 0xffffffffL);
            memory.putLong(args.a1 + 16, oldSize);
        }
        return 0;
    }

    private static long restart(Task task, SyscallArgs args) throws ErrnoException {
        Task.RestartBlock block = task.takeRestartBlock();
        if (block == null) {
            throw Errno.EINTR.error();
        }
        return block.restart(task);
    }

    // Sending.

    private static void requireSignal(int signo) throws ErrnoException {
        if (signo < 0 || signo > Signal.NSIG) {
            throw Errno.EINVAL.error();
        }
    }

    private static boolean permitted(Task task, ThreadGroup target, int signo) {
        return permitted(task, target.leader(), signo);
    }

    private static boolean permitted(Task task, Task target, int signo) {
        return Access.maySignal(task, target)
                || signo == Signal.SIGCONT && task.group().session() == target.group().session();
    }

    private static SignalInfo from(Task task, int signo, int code, ThreadGroup receiver) {
        int pid = task.group().pid(receiver.id().namespace());
        int uid = receiver.leader().credentials().userNamespace().uid(task.credentials().uid());
        return new SignalInfo(signo, code, pid, uid, 0, 0, 0, 0);
    }

    private static void sendToProcess(Task task, ThreadGroup target, int signo) throws ErrnoException {
        requireSignal(signo);
        if (!permitted(task, target, signo)) {
            throw Errno.EPERM.error();
        }
        if (signo != 0) {
            PidNamespace pids = target.id().namespace();
            boolean force = task.group().pid(pids) == 0; // from outside the receiver's namespace
            target.signals().send(from(task, signo, SignalInfo.SI_USER, target), null, force);
        }
    }

    private static long kill(Task task, SyscallArgs args) throws ErrnoException {
        int pid = args.i0();
        int signo = args.i1();
        PidNamespace pids = task.namespaces().pid();
        if (pid > 0) {
            Task target = pids.task(pid);
            if (target == null) {
                throw Errno.ESRCH.error();
            }
            sendToProcess(task, target.group(), signo);
            return 0;
        }
        if (pid == Integer.MIN_VALUE) {
            throw Errno.ESRCH.error();
        }
        task.kernel().taskSet().lock();
        try {
            return pid == -1 ? killAll(task, pids, signo) : killGroup(task, pids, pid, signo);
        } finally {
            task.kernel().taskSet().unlock();
        }
    }

    private static long killAll(Task task, PidNamespace pids, int signo) throws ErrnoException {
        int count = 0;
        ErrnoException failure = null;
        for (ThreadGroup g : pids.processes()) {
            if (g == task.group() || g == pids.init()) {
                continue;
            }
            count++;
            try {
                sendToProcess(task, g, signo);
            } catch (ErrnoException e) {
                if (e.errno() != Errno.EPERM) {
                    failure = e;
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
        if (count == 0) {
            throw Errno.ESRCH.error();
        }
        return 0;
    }

    private static long killGroup(Task task, PidNamespace pids, int pid, int signo) throws ErrnoException {
        ProcessGroup group;
        if (pid == 0) {
            group = task.group().processGroup();
        } else {
            Pid id = pids.find(-pid);
            group = id == null ? null : id.processGroup();
        }
        ErrnoException failure = Errno.ESRCH.error();
        boolean success = false;
        if (group != null) {
            for (ThreadGroup member : group.members().toArray(new ThreadGroup[0])) {
                try {
                    sendToProcess(task, member, signo);
                    success = true;
                } catch (ErrnoException e) {
                    failure = e;
                }
            }
        }
        if (!success) {
            throw failure;
        }
        return 0;
    }

    private static long tkill(Task task, SyscallArgs args) throws ErrnoException {
        return sendToTask(task, 0, args.i0(), args.i1());
    }

    private static long tgkill(Task task, SyscallArgs args) throws ErrnoException {
        if (args.i0() <= 0) {
            throw Errno.EINVAL.error();
        }
        return sendToTask(task, args.i0(), args.i1(), args.i2());
    }

    private static Task findTask(Task task, int tgid, int tid) throws ErrnoException {
        PidNamespace pids = task.namespaces().pid();
        if (tid <= 0) {
            throw Errno.EINVAL.error();
        }
        Task target = pids.task(tid);
        if (target == null || tgid != 0 && target.group().pid(pids) != tgid) {
            throw Errno.ESRCH.error();
        }
        return target;
    }

    private static long sendToTask(Task task, int tgid, int tid, int signo) throws ErrnoException {
        if (tid <= 0) {
            throw Errno.EINVAL.error();
        }
        Task target = findTask(task, tgid, tid);
        requireSignal(signo);
        if (!permitted(task, target, signo)) {
            throw Errno.EPERM.error();
        }
        if (signo != 0) {
            PidNamespace pids = target.group().id().namespace();
            boolean force = task.group().pid(pids) == 0;
            if (!target.group().signals().send(from(task, signo, SignalInfo.SI_TKILL, target.group()), target, force)) {
                throw Errno.EAGAIN.error();
            }
        }
        return 0;
    }

    private static SignalInfo readInfo(Task task, long address, int signo) throws ErrnoException {
        byte[] in = new byte[SignalInfoCodec.SIZE];
        task.memory().read(address, in, 0, in.length);
        return SignalInfoCodec.decode(in, signo);
    }

    /** pidfd_send_signal(2); {@code infoAddress} 0: as kill(2) would. */
    static long send(Task task, ThreadGroup target, int signo, long infoAddress) throws ErrnoException {
        requireSignal(signo);
        if (infoAddress == 0) {
            sendToProcess(task, target, signo);
            return 0;
        }
        byte[] in = new byte[SignalInfoCodec.SIZE];
        task.memory().read(infoAddress, in, 0, in.length);
        int inner = in[0] & 0xff | (in[1] & 0xff) << 8 | (in[2] & 0xff) << 16 | in[3] << 24;
        if (inner != signo) {
            throw Errno.EINVAL.error();
        }
        SignalInfo info = SignalInfoCodec.decode(in, signo);
        if ((info.code() >= 0 || info.code() == SignalInfo.SI_TKILL) && target != task.group()) {
            throw Errno.EPERM.error();
        }
        return queue(task, target.leader(), null, info, signo);
    }

    private static long sigqueueinfo(Task task, SyscallArgs args) throws ErrnoException {
        int signo = args.i1();
        SignalInfo info = readInfo(task, args.a2, signo);
        Task target = task.namespaces().pid().task(args.i0());
        // Nobody may pretend to be the kernel or kill(2) towards others.
        if ((info.code() >= 0 || info.code() == SignalInfo.SI_TKILL) && (target == null || target.group() != task.group())) {
            throw Errno.EPERM.error();
        }
        if (target == null) {
            throw Errno.ESRCH.error();
        }
        return queue(task, target, null, info, signo);
    }

    private static long tgsigqueueinfo(Task task, SyscallArgs args) throws ErrnoException {
        int signo = args.i2();
        SignalInfo info = readInfo(task, args.a3, signo);
        if (args.i0() <= 0 || args.i1() <= 0) {
            throw Errno.EINVAL.error();
        }
        if ((info.code() >= 0 || info.code() == SignalInfo.SI_TKILL)
                && args.i1() != task.tid(task.namespaces().pid())) {
            throw Errno.EPERM.error();
        }
        Task target = findTask(task, args.i0(), args.i1());
        return queue(task, target, target, info, signo);
    }

    private static long queue(Task task, Task target, Task single, SignalInfo info, int signo) throws ErrnoException {
        requireSignal(signo);
        if (!permitted(task, target, signo)) {
            throw Errno.EPERM.error();
        }
        if (signo != 0 && !target.group().signals().send(info, single, false)) {
            throw Errno.EAGAIN.error();
        }
        return 0;
    }
}
