package sentry.syscalls;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Sched;
import sentry.core.abi.Signal;
import sentry.core.abi.Sys;
import sentry.core.memory.UserMemory;
import sentry.core.syscall.SyscallArgs;
import sentry.core.syscall.SyscallTable;
import sentry.core.task.CloneArgs;
import sentry.core.task.JobControl;
import sentry.core.task.PidNamespace;
import sentry.core.task.ProcessGroup;
import sentry.core.task.Task;
import sentry.core.task.TaskClone;
import sentry.core.task.TaskExit;
import sentry.core.task.ThreadGroup;

/** Tasks come and go: clone, fork, vfork, exit, ids, process groups and sessions. */
final class TaskSyscalls {
    /** struct clone_args of clone3(2), by version. */
    private static final int CLONE_ARGS_SIZE_VER0 = 64;

    private static final int CLONE_ARGS_SIZE_VER2 = 88;
    private static final int PAGE_SIZE = 4096;
    private static final int MAX_PID_NS_LEVEL = 32;
    /** struct robust_list_head. */
    private static final int ROBUST_LIST_HEAD_SIZE = 24;

    private TaskSyscalls() {}

    static void install(SyscallTable.Builder table) {
        table.full(Sys.CLONE, TaskSyscalls::clone)
                .partial(Sys.CLONE3, "no cgroups", TaskSyscalls::clone3)
                .full(Sys.FORK, (t, a) -> TaskClone.clone(t, CloneArgs.fork()))
                .full(Sys.VFORK, TaskSyscalls::vfork)
                .full(Sys.EXIT, TaskSyscalls::exit)
                .full(Sys.EXIT_GROUP, TaskSyscalls::exitGroup)
                .full(Sys.GETPID, (t, a) -> t.group().pid(t.namespaces().pid()))
                .full(Sys.GETTID, (t, a) -> t.tid(t.namespaces().pid()))
                .steady(Sys.GETPID)
                .steady(Sys.GETTID)
                .full(Sys.GETPPID, (t, a) -> t.group().parentPid(t.namespaces().pid()))
                .full(Sys.SET_TID_ADDRESS, TaskSyscalls::setTidAddress)
                .full(Sys.SET_ROBUST_LIST, TaskSyscalls::setRobustList)
                .full(Sys.GET_ROBUST_LIST, TaskSyscalls::getRobustList)
                .full(Sys.SETPGID, TaskSyscalls::setpgid)
                .full(Sys.GETPGID, TaskSyscalls::getpgid)
                .full(Sys.GETPGRP, TaskSyscalls::getpgrp)
                .full(Sys.SETSID, (t, a) -> JobControl.newSession(t))
                .full(Sys.GETSID, TaskSyscalls::getsid);
    }

    /** clone(flags, stack, parent_tid, child_tid, tls) in amd64's order. */
    private static long clone(Task task, SyscallArgs args) throws ErrnoException {
        long flags = args.a0 & 0xffffffffL;
        if ((flags & Sched.CLONE_PIDFD) != 0 && (flags & (Sched.CLONE_PARENT_SETTID | Sched.CLONE_DETACHED)) != 0) {
            throw Errno.EINVAL.error();
        }
        return TaskClone.clone(
                task,
                new CloneArgs(
                        flags & ~Sched.CSIGNAL,
                        (int) (flags & Sched.CSIGNAL),
                        args.a1,
                        args.a2,
                        args.a2,
                        args.a3,
                        args.a4,
                        null,
                        0));
    }

    private static long clone3(Task task, SyscallArgs args) throws ErrnoException {
        long size = args.a1;
        if (Long.compareUnsigned(size, PAGE_SIZE) > 0) {
            throw Errno.E2BIG.error();
        }
        if (size < CLONE_ARGS_SIZE_VER0) {
            throw Errno.EINVAL.error();
        }
        UserMemory memory = task.memory();
        long at = args.a0;
        long[] f = new long[CLONE_ARGS_SIZE_VER2 / 8];
        for (int i = 0; i < size / 8; i++) {
            long value = memory.getLong(at + 8 * i);
            if (i < f.length) {
                f[i] = value;
            } else if (value != 0) {
                throw Errno.E2BIG.error();
            }
        }
        for (long i = Math.max(size & ~7L, f.length * 8L); i < size; i++) {
            if (memory.getByte(at + i) != 0) {
                throw Errno.E2BIG.error();
            }
        }
        if (f[9] > MAX_PID_NS_LEVEL || f[9] < 0 || (f[8] == 0) != (f[9] == 0)) {
            throw Errno.EINVAL.error();
        }
        long flags = f[0];
        long exitSignal = f[4];
        long stack = f[5];
        long stackSize = f[6];
        long known = 0xffffffffL | Sched.CLONE_CLEAR_SIGHAND | Sched.CLONE_INTO_CGROUP;
        if ((flags & ~known) != 0
                || (flags & (Sched.CLONE_DETACHED | Sched.CSIGNAL & ~Sched.CLONE_NEWTIME)) != 0
                || (exitSignal & ~Sched.CSIGNAL) != 0
                || exitSignal > Signal.NSIG
                || (flags & (Sched.CLONE_THREAD | Sched.CLONE_PARENT)) != 0 && exitSignal != 0
                || (stack == 0) != (stackSize == 0)
                || !inUserSpace(task, stack, stackSize)
                || (flags & Sched.CLONE_INTO_CGROUP) != 0
                        && (size < CLONE_ARGS_SIZE_VER2 || f[10] < 0 || f[10] > Integer.MAX_VALUE)) {
            throw Errno.EINVAL.error();
        }
        int[] wished = null;
        if (f[9] > 0) {
            wished = new int[(int) f[9]];
            for (int i = 0; i < wished.length; i++) {
                wished[i] = memory.getInt(f[8] + 4L * i);
                if (wished[i] <= 0) {
                    throw Errno.EINVAL.error();
                }
            }
        }
        return TaskClone.clone(
                task,
                new CloneArgs(flags, (int) exitSignal, stack + stackSize, f[1], f[3], f[2], f[7], wished, (int) f[10]));
    }

    private static boolean inUserSpace(Task task, long start, long length) {
        long max = task.kernel().platform().traits().maxAddress();
        return Long.compareUnsigned(length, max) <= 0 && Long.compareUnsigned(start, max - length) <= 0;
    }

    private static long vfork(Task task, SyscallArgs args) throws ErrnoException {
        return TaskClone.clone(
                task, new CloneArgs(Sched.CLONE_VM | Sched.CLONE_VFORK, Signal.SIGCHLD, 0, 0, 0, 0, 0, null, 0));
    }

    private static long exit(Task task, SyscallArgs args) {
        TaskExit.exit(task, args.i0());
        return 0;
    }

    private static long exitGroup(Task task, SyscallArgs args) {
        TaskExit.exitGroup(task, args.i0());
        return 0;
    }

    private static long setTidAddress(Task task, SyscallArgs args) {
        task.setClearChildTid(args.a0);
        return task.tid(task.namespaces().pid());
    }

    private static long setRobustList(Task task, SyscallArgs args) throws ErrnoException {
        if (args.a1 != ROBUST_LIST_HEAD_SIZE) {
            throw Errno.EINVAL.error();
        }
        task.setRobustList(args.a0);
        return 0;
    }

    private static long getRobustList(Task task, SyscallArgs args) throws ErrnoException {
        Task target = task;
        if (args.i0() != 0) {
            target = task.namespaces().pid().task(args.i0());
            if (target == null) {
                throw Errno.ESRCH.error();
            }
            if (!Access.mayInspect(task, target)) {
                throw Errno.EPERM.error();
            }
        }
        task.memory().putLong(args.a2, ROBUST_LIST_HEAD_SIZE);
        task.memory().putLong(args.a1, target.robustList());
        return 0;
    }

    private static long setpgid(Task task, SyscallArgs args) throws ErrnoException {
        JobControl.setProcessGroup(task, args.i0(), args.i1());
        return 0;
    }

    private static long getpgid(Task task, SyscallArgs args) throws ErrnoException {
        return groupOf(task, args.i0()).id().in(task.namespaces().pid());
    }

    private static long getpgrp(Task task, SyscallArgs args) {
        return task.group().processGroup().id().in(task.namespaces().pid());
    }

    private static long getsid(Task task, SyscallArgs args) throws ErrnoException {
        PidNamespace pids = task.namespaces().pid();
        return groupOf(task, args.i0()).session().id().in(pids);
    }

    /** The process group of a process; ESRCH also when somebody reaps it meanwhile. */
    private static ProcessGroup groupOf(Task task, int pid) throws ErrnoException {
        ProcessGroup group = JobControl.find(task, pid).processGroup();
        if (group == null) {
            throw Errno.ESRCH.error();
        }
        return group;
    }
}
