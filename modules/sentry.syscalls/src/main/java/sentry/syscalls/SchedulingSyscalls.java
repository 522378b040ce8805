package sentry.syscalls;

import host.linux.Cpu;
import sentry.core.abi.Capability;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Resource;
import sentry.core.abi.Sched;
import sentry.core.abi.Sys;
import sentry.core.memory.UserMemory;
import sentry.core.syscall.SyscallArgs;
import sentry.core.syscall.SyscallTable;
import sentry.core.task.Pid;
import sentry.core.task.PidNamespace;
import sentry.core.task.Scheduling;
import sentry.core.task.Task;
import sentry.core.task.ThreadGroup;

/**
 * Scheduling: policies, priorities and CPU sets are checked, kept and reported as Linux does; the host schedules.
 */
final class SchedulingSyscalls {
    private static final int PRIO_PROCESS = 0;
    private static final int PRIO_PGRP = 1;
    private static final int PRIO_USER = 2;
    private static final int MAX_CPU_SET = 4096;
    /** struct sched_attr, first version. */
    private static final int SCHED_ATTR_SIZE_VER0 = 48;

    private static final long SCHED_FLAG_RESET_ON_FORK = 1;

    private SchedulingSyscalls() {}

    static void install(SyscallTable.Builder table) {
        String kept = "kept and reported; the host schedules";
        table.full(Sys.SCHED_YIELD, SchedulingSyscalls::yield)
                .partial(Sys.SCHED_GETAFFINITY, kept, SchedulingSyscalls::getaffinity)
                .partial(Sys.SCHED_SETAFFINITY, kept, SchedulingSyscalls::setaffinity)
                .partial(Sys.SCHED_GETSCHEDULER, kept, SchedulingSyscalls::getscheduler)
                .partial(Sys.SCHED_SETSCHEDULER, kept, SchedulingSyscalls::setscheduler)
                .partial(Sys.SCHED_GETPARAM, kept, SchedulingSyscalls::getparam)
                .partial(Sys.SCHED_SETPARAM, kept, SchedulingSyscalls::setparam)
                .partial(Sys.SCHED_GETATTR, kept, SchedulingSyscalls::getattr)
                .partial(Sys.SCHED_SETATTR, kept, SchedulingSyscalls::setattr)
                .full(Sys.SCHED_GET_PRIORITY_MAX, (t, a) -> priorityLimit(a.i0(), 99))
                .full(Sys.SCHED_GET_PRIORITY_MIN, (t, a) -> priorityLimit(a.i0(), 1))
                .partial(Sys.SCHED_RR_GET_INTERVAL, kept, SchedulingSyscalls::rrGetInterval)
                .partial(Sys.GETPRIORITY, kept, SchedulingSyscalls::getpriority)
                .partial(Sys.SETPRIORITY, kept, SchedulingSyscalls::setpriority)
                .full(Sys.GETCPU, SchedulingSyscalls::getcpu);
    }

    private static long yield(Task task, SyscallArgs args) {
        Thread.yield();
        return 0;
    }

    private static int cpus(Task task) {
        return task.kernel().host() == null ? 1 : Math.max(1, task.kernel().host().cpus());
    }

    private static long getcpu(Task task, SyscallArgs args) throws ErrnoException {
        long where = Cpu.current();
        int cpu = where < 0 ? 0 : (int) (where & 0xffffffffL) % cpus(task);
        if (args.a0 != 0) {
            task.memory().putInt(args.a0, cpu);
        }
        if (args.a1 != 0) {
            task.memory().putInt(args.a1, 0); // one NUMA node
        }
        return 0;
    }

    private static Task target(Task task, int pid) throws ErrnoException {
        if (pid < 0) {
            throw Errno.EINVAL.error();
        }
        return found(task, pid);
    }

    private static Task found(Task task, int pid) throws ErrnoException {
        Task target = pid == 0 ? task : task.namespaces().pid().task(pid);
        if (target == null) {
            throw Errno.ESRCH.error();
        }
        return target;
    }

    private static long getaffinity(Task task, SyscallArgs args) throws ErrnoException {
        int cpus = cpus(task);
        long length = args.a1 & 0xffffffffL;
        // The kernel's own set is a multiple of a long and must fit.
        int size = (cpus + 63) / 64 * 8;
        if (length * 8 < cpus || (length & 7) != 0) {
            throw Errno.EINVAL.error();
        }
        long[] set = found(task, args.i0()).scheduling().affinity();
        for (int i = 0; i < size / 8; i++) {
            long all = cpus - 64 * i >= 64 ? -1L : (1L << cpus - 64 * i) - 1;
            task.memory().putLong(args.a2 + 8L * i, set == null ? all : set[i]);
        }
        return size;
    }

    private static long setaffinity(Task task, SyscallArgs args) throws ErrnoException {
        int cpus = cpus(task);
        int length = (int) Math.min(args.a1 & 0xffffffffL, MAX_CPU_SET);
        byte[] in = new byte[(cpus + 63) / 64 * 8];
        task.memory().read(args.a2, in, 0, Math.min(length, in.length));
        Task target = found(task, args.i0());
        if (!Access.sameOwner(task, target, Capability.SYS_NICE)) {
            throw Errno.EPERM.error();
        }
        long[] set = new long[in.length / 8];
        boolean any = false;
        for (int cpu = 0; cpu < cpus; cpu++) {
            if ((in[cpu >> 3] >> (cpu & 7) & 1) != 0) {
                set[cpu >> 6] |= 1L << cpu;
                any = true;
            }
        }
        if (!any) {
            throw Errno.EINVAL.error();
        }
        target.scheduling().setAffinity(set);
        return 0;
    }

    private static boolean realTime(int policy) {
        return policy == Sched.SCHED_FIFO || policy == Sched.SCHED_RR;
    }

    private static long priorityLimit(int policy, int realTimeLimit) throws ErrnoException {
        return switch (policy) {
            case Sched.SCHED_FIFO, Sched.SCHED_RR -> realTimeLimit;
            case Sched.SCHED_NORMAL, Sched.SCHED_BATCH, Sched.SCHED_IDLE, Sched.SCHED_DEADLINE -> 0;
            default -> throw Errno.EINVAL.error();
        };
    }

    private static long getscheduler(Task task, SyscallArgs args) throws ErrnoException {
        Scheduling s = target(task, args.i0()).scheduling();
        return s.policy() | (s.resetOnFork() ? Sched.SCHED_RESET_ON_FORK : 0);
    }

    private static long setscheduler(Task task, SyscallArgs args) throws ErrnoException {
        int policy = args.i1();
        if (policy < 0 || args.a2 == 0 || args.i0() < 0) {
            throw Errno.EINVAL.error();
        }
        int priority = task.memory().getInt(args.a2);
        boolean reset = (policy & Sched.SCHED_RESET_ON_FORK) != 0;
        setPolicy(task, target(task, args.i0()), policy & ~Sched.SCHED_RESET_ON_FORK, priority, reset);
        return 0;
    }

    private static void setPolicy(Task task, Task target, int policy, int priority, boolean reset)
            throws ErrnoException {
        if (policy == Sched.SCHED_DEADLINE) {
            throw Errno.EINVAL.error(); // has to be asked for by sched_setattr, and is not to be had there either
        }
        priorityLimit(policy, 0);
        if (realTime(policy) ? priority < 1 || priority > 99 : priority != 0) {
            throw Errno.EINVAL.error();
        }
        Scheduling s = target.scheduling();
        if (!task.credentials().capable(Capability.SYS_NICE)) {
            long limit = target.group().rlimit(Resource.RLIMIT_RTPRIO);
            boolean same = policy == s.policy();
            if (realTime(policy) && (limit == 0 && !same || priority > s.priority() && priority > limit)
                    || !Access.sameOwner(task, target, Capability.SYS_NICE)
                    || s.resetOnFork() && !reset) {
                throw Errno.EPERM.error();
            }
        }
        s.setPolicy(policy, priority, reset);
    }

    private static long getparam(Task task, SyscallArgs args) throws ErrnoException {
        if (args.a1 == 0 || args.i0() < 0) {
            throw Errno.EINVAL.error();
        }
        task.memory().putInt(args.a1, target(task, args.i0()).scheduling().priority());
        return 0;
    }

    private static long setparam(Task task, SyscallArgs args) throws ErrnoException {
        if (args.a1 == 0 || args.i0() < 0) {
            throw Errno.EINVAL.error();
        }
        int priority = task.memory().getInt(args.a1);
        Task target = target(task, args.i0());
        setPolicy(task, target, target.scheduling().policy(), priority, target.scheduling().resetOnFork());
        return 0;
    }

    private static long getattr(Task task, SyscallArgs args) throws ErrnoException {
        long size = args.a2 & 0xffffffffL;
        if (args.a1 == 0 || args.i0() < 0 || size < SCHED_ATTR_SIZE_VER0 || size > 4096 || args.i3() != 0) {
            throw Errno.EINVAL.error();
        }
        Scheduling s = target(task, args.i0()).scheduling();
        UserMemory memory = task.memory();
        memory.fill(args.a1, size, (byte) 0);
        memory.putInt(args.a1, SCHED_ATTR_SIZE_VER0);
        memory.putInt(args.a1 + 4, s.policy());
        memory.putLong(args.a1 + 8, s.resetOnFork() ? SCHED_FLAG_RESET_ON_FORK : 0);
        memory.putInt(args.a1 + 16, realTime(s.policy()) ? 0 : s.nice());
        memory.putInt(args.a1 + 20, s.priority());
        return 0;
    }

    private static long setattr(Task task, SyscallArgs args) throws ErrnoException {
        if (args.a1 == 0 || args.i0() < 0 || args.i2() != 0) {
            throw Errno.EINVAL.error();
        }
        UserMemory memory = task.memory();
        int size = memory.getInt(args.a1);
        if (size != 0 && (size < SCHED_ATTR_SIZE_VER0 || size > 4096)) {
            memory.putInt(args.a1, SCHED_ATTR_SIZE_VER0);
            throw Errno.E2BIG.error();
        }
        int policy = memory.getInt(args.a1 + 4);
        long flags = memory.getLong(args.a1 + 8);
        int nice = memory.getInt(args.a1 + 16);
        int priority = memory.getInt(args.a1 + 20);
        if ((flags & ~SCHED_FLAG_RESET_ON_FORK) != 0) {
            throw Errno.EINVAL.error();
        }
        Task target = target(task, args.i0());
        setPolicy(task, target, policy, priority, flags != 0);
        if (!realTime(policy)) {
            renice(task, target, nice);
        }
        return 0;
    }

    private static long rrGetInterval(Task task, SyscallArgs args) throws ErrnoException {
        Scheduling s = target(task, args.i0()).scheduling();
        Timespec.write(task.memory(), args.a1, s.policy() == Sched.SCHED_FIFO ? 0 : 100_000_000);
        return 0;
    }

    // Nice values.

    /** What a call with (which, who) does to each task it means. */
    private interface ForTask {
        void run(Task target) throws ErrnoException;
    }

    private static void forEach(Task task, int which, int who, ForTask action) throws ErrnoException {
        PidNamespace pids = task.namespaces().pid();
        switch (which) {
            case PRIO_PROCESS -> action.run(found(task, who));
            case PRIO_PGRP -> {
                task.kernel().taskSet().lock();
                try {
                    Pid id = who == 0 ? task.group().processGroup().id() : pids.find(who);
                    if (id == null || id.processGroup() == null) {
                        throw Errno.ESRCH.error();
                    }
                    for (ThreadGroup g : id.processGroup().members()) {
                        for (Task t : g.tasks()) {
                            action.run(t);
                        }
                    }
                } finally {
                    task.kernel().taskSet().unlock();
                }
            }
            case PRIO_USER -> {
                int uid = who == 0 ? task.credentials().uid() : who;
                boolean any = false;
                for (ThreadGroup g : pids.processes()) {
                    for (Task t : g.tasks()) {
                        if (t.credentials().uid() == uid) {
                            action.run(t);
                            any = true;
                        }
                    }
                }
                if (!any) {
                    throw Errno.ESRCH.error();
                }
            }
            default -> throw Errno.EINVAL.error();
        }
    }

    private static long getpriority(Task task, SyscallArgs args) throws ErrnoException {
        int[] best = {20};
        forEach(task, args.i0(), args.i1(), t -> best[0] = Math.min(best[0], t.scheduling().nice()));
        return 20 - best[0];
    }

    private static long setpriority(Task task, SyscallArgs args) throws ErrnoException {
        forEach(task, args.i0(), args.i1(), t -> renice(task, t, args.i2()));
        return 0;
    }

    private static void renice(Task task, Task target, int value) throws ErrnoException {
        int nice = Math.max(-20, Math.min(19, value));
        if (!Access.sameOwner(task, target, Capability.SYS_NICE)) {
            throw Errno.EPERM.error();
        }
        if (nice < target.scheduling().nice()
                && 20 - nice > target.group().rlimit(Resource.RLIMIT_NICE)
                && !task.credentials().capable(Capability.SYS_NICE)) {
            throw Errno.EACCES.error();
        }
        target.scheduling().setNice(nice);
    }
}
