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
    /** struct sched_attr, first version, and the one with utilisation clamps. */
    private static final int SCHED_ATTR_SIZE_VER0 = 48;

    private static final int SCHED_ATTR_SIZE_VER1 = 56;
    private static final int PAGE_SIZE = 4096;
    private static final long SCHED_FLAG_RESET_ON_FORK = 1;
    private static final long SCHED_FLAG_KEEP_POLICY = 8;
    private static final long SCHED_FLAG_KEEP_PARAMS = 0x10;
    private static final long SCHED_FLAG_UTIL_CLAMP = 0x60;
    private static final long SCHED_FLAG_ALL = 0x7f;
    /** Deadline scheduling: the shortest runtime, the shortest and the longest period, nanoseconds. */
    private static final long DL_MIN_RUNTIME = 1024;

    private static final long DL_MIN_PERIOD = 100_000;
    private static final long DL_MAX_PERIOD = 1L << 32;

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
                .partial(Sys.IOPRIO_SET, kept, IoPriority::set)
                .partial(Sys.IOPRIO_GET, kept, IoPriority::get)
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
        long[] set = task.scheduling().affinity();
        if (set != null && (set[cpu >> 6] >>> cpu & 1) == 0) {
            cpu = first(set); // where Linux would have it run
        }
        if (args.a0 != 0) {
            task.memory().putInt(args.a0, cpu);
        }
        if (args.a1 != 0) {
            task.memory().putInt(args.a1, 0); // one NUMA node
        }
        return 0;
    }

    private static int first(long[] set) {
        int i = 0;
        while (set[i] == 0) {
            i++;
        }
        return 64 * i + Long.numberOfTrailingZeros(set[i]);
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
        setPolicy(task, target, policy, priority, target.scheduling().nice(), reset);
    }

    private static boolean fair(int policy) {
        return policy == Sched.SCHED_NORMAL || policy == Sched.SCHED_BATCH;
    }

    private static void setPolicy(Task task, Task target, int policy, int priority, int nice, boolean reset)
            throws ErrnoException {
        priorityLimit(policy, 0);
        if (policy == Sched.SCHED_DEADLINE) {
            throw Errno.EINVAL.error(); // its parameters come by sched_setattr only
        }
        if (realTime(policy) ? priority < 1 || priority > 99 : priority != 0) {
            throw Errno.EINVAL.error();
        }
        requirePolicy(task, target, policy, priority, nice, reset);
        target.scheduling().setPolicy(policy, priority, reset);
    }

    /** EPERM unless {@code task} may schedule {@code target} so. */
    private static void requirePolicy(Task task, Task target, int policy, int priority, int nice, boolean reset)
            throws ErrnoException {
        if (task.credentials().capable(Capability.SYS_NICE)) {
            return;
        }
        Scheduling s = target.scheduling();
        long limit = target.group().rlimit(Resource.RLIMIT_RTPRIO);
        if (fair(policy) && nice < s.nice() && !niceAllowed(target, nice)
                || realTime(policy) && (limit == 0 && policy != s.policy() || priority > s.priority() && priority > limit)
                || policy == Sched.SCHED_DEADLINE
                || s.policy() == Sched.SCHED_IDLE && policy != Sched.SCHED_IDLE && !niceAllowed(target, s.nice())
                || !Access.sameOwner(task, target, Capability.SYS_NICE)
                || s.resetOnFork() && !reset) {
            throw Errno.EPERM.error();
        }
    }

    private static boolean niceAllowed(Task target, int nice) {
        return 20 - nice <= target.group().rlimit(Resource.RLIMIT_NICE);
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
        if (args.a1 == 0 || args.i0() < 0 || size < SCHED_ATTR_SIZE_VER0 || size > PAGE_SIZE || args.i3() != 0) {
            throw Errno.EINVAL.error();
        }
        Scheduling s = target(task, args.i0()).scheduling();
        int known = (int) Math.min(size, SCHED_ATTR_SIZE_VER1);
        byte[] out = new byte[(int) size];
        Struct.putInt(out, 0, known);
        Struct.putInt(out, 4, s.policy());
        Struct.putLong(out, 8, s.resetOnFork() ? SCHED_FLAG_RESET_ON_FORK : 0);
        Struct.putInt(out, 16, fair(s.policy()) || s.policy() == Sched.SCHED_IDLE ? s.nice() : 0);
        Struct.putInt(out, 20, s.priority());
        Scheduling.Deadline d = s.deadline();
        if (d != null) {
            Struct.putLong(out, 24, d.runtime());
            Struct.putLong(out, 32, d.deadline());
            Struct.putLong(out, 40, d.period());
        }
        task.memory().write(args.a1, out, 0, out.length);
        return 0;
    }

    /** struct sched_attr from the program. */
    private static byte[] readAttr(UserMemory memory, long address) throws ErrnoException {
        long size = memory.getInt(address) & 0xffffffffL;
        if (size == 0) {
            size = SCHED_ATTR_SIZE_VER0;
        }
        boolean fits = size >= SCHED_ATTR_SIZE_VER0 && size <= PAGE_SIZE;
        byte[] in = new byte[Math.max(fits ? (int) size : 0, SCHED_ATTR_SIZE_VER1)];
        if (fits) {
            memory.read(address, in, 0, (int) size);
            for (int i = SCHED_ATTR_SIZE_VER1; i < size; i++) {
                fits &= in[i] == 0;
            }
        }
        if (!fits) {
            memory.putInt(address, SCHED_ATTR_SIZE_VER1);
            throw Errno.E2BIG.error();
        }
        if ((Struct.getLong(in, 8) & SCHED_FLAG_UTIL_CLAMP) != 0 && size < SCHED_ATTR_SIZE_VER1) {
            throw Errno.EINVAL.error();
        }
        return in;
    }

    private static long setattr(Task task, SyscallArgs args) throws ErrnoException {
        if (args.a1 == 0 || args.i0() < 0 || args.i2() != 0) {
            throw Errno.EINVAL.error();
        }
        byte[] in = readAttr(task.memory(), args.a1);
        int policy = Struct.getInt(in, 4);
        long flags = Struct.getLong(in, 8);
        int nice = Math.max(-20, Math.min(19, Struct.getInt(in, 16)));
        int priority = Struct.getInt(in, 20);
        if (policy < 0) {
            throw Errno.EINVAL.error();
        }
        Task target = target(task, args.i0());
        Scheduling s = target.scheduling();
        if ((flags & ~SCHED_FLAG_ALL) != 0) {
            throw Errno.EINVAL.error();
        }
        boolean reset = (flags & SCHED_FLAG_RESET_ON_FORK) != 0;
        if ((flags & SCHED_FLAG_KEEP_POLICY) != 0) {
            policy = s.policy();
            reset = s.resetOnFork();
        }
        Scheduling.Deadline deadline = null;
        if ((flags & SCHED_FLAG_KEEP_PARAMS) != 0) {
            priority = s.priority();
            nice = s.nice();
            deadline = s.deadline();
        } else if (policy == Sched.SCHED_DEADLINE) {
            deadline = deadline(in);
        }
        if ((flags & SCHED_FLAG_UTIL_CLAMP) != 0) {
            throw Errno.EOPNOTSUPP.error(); // as a kernel without utilisation clamping
        }
        if (policy == Sched.SCHED_DEADLINE) {
            if (deadline == null || priority != 0) {
                throw Errno.EINVAL.error();
            }
            requirePolicy(task, target, policy, 0, s.nice(), reset);
            if (s.affinity() != null) {
                throw Errno.EPERM.error(); // deadlines are admitted for all CPUs
            }
            s.setDeadline(deadline, reset);
            return 0;
        }
        setPolicy(task, target, policy, priority, nice, reset);
        if (fair(policy)) {
            s.setNice(nice);
        }
        return 0;
    }

    private static Scheduling.Deadline deadline(byte[] in) throws ErrnoException {
        long runtime = Struct.getLong(in, 24);
        long deadline = Struct.getLong(in, 32);
        long period = Struct.getLong(in, 40);
        if (period == 0) {
            period = deadline;
        }
        if (deadline <= 0
                || runtime < DL_MIN_RUNTIME
                || period < deadline
                || deadline < runtime
                || period < DL_MIN_PERIOD
                || period > DL_MAX_PERIOD) {
            throw Errno.EINVAL.error();
        }
        return new Scheduling.Deadline(runtime, deadline, period);
    }

    private static long rrGetInterval(Task task, SyscallArgs args) throws ErrnoException {
        Scheduling s = target(task, args.i0()).scheduling();
        Timespec.write(task.memory(), args.a1, s.policy() == Sched.SCHED_FIFO ? 0 : 100_000_000);
        return 0;
    }

    // Nice values.

    /** What a call with (which, who) does to each task it means. */
    interface ForTask {
        void run(Task target) throws ErrnoException;
    }

    static void forEach(Task task, int which, int who, ForTask action) throws ErrnoException {
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
        // One that must not be changed does not keep the others from it; the last error is told.
        ErrnoException[] error = new ErrnoException[1];
        forEach(task, args.i0(), args.i1(), t -> {
            try {
                renice(task, t, args.i2());
            } catch (ErrnoException e) {
                error[0] = e;
            }
        });
        if (error[0] != null) {
            throw error[0];
        }
        return 0;
    }

    private static void renice(Task task, Task target, int value) throws ErrnoException {
        int nice = Math.max(-20, Math.min(19, value));
        if (!Access.sameOwner(task, target, Capability.SYS_NICE)) {
            throw Errno.EPERM.error();
        }
        if (nice < target.scheduling().nice()
                && !niceAllowed(target, nice)
                && !task.credentials().capable(Capability.SYS_NICE)) {
            throw Errno.EACCES.error();
        }
        target.scheduling().setNice(nice);
    }
}
