package sentry.syscalls;

import sentry.core.abi.Capability;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Resource;
import sentry.core.abi.Sys;
import sentry.core.memory.UserMemory;
import sentry.core.syscall.SyscallArgs;
import sentry.core.syscall.SyscallTable;
import sentry.core.task.Rlimits;
import sentry.core.task.Task;
import sentry.core.task.ThreadGroup;
import sentry.core.task.Usage;

/** Limits and usage: rlimits and rusage. */
final class ResourceSyscalls {
    /** The highest value that RLIMIT_NOFILE may have (/proc/sys/fs/nr_open). */
    private static final long NR_OPEN = 1 << 20;

    private ResourceSyscalls() {}

    static void install(SyscallTable.Builder table) {
        table.full(Sys.GETRLIMIT, ResourceSyscalls::getrlimit)
                .full(Sys.SETRLIMIT, ResourceSyscalls::setrlimit)
                .full(Sys.PRLIMIT64, ResourceSyscalls::prlimit)
                .partial(Sys.GETRUSAGE, "times, memory, faults and sleeps; no block operations", ResourceSyscalls::getrusage);
    }

    private static int resource(int number) throws ErrnoException {
        if (number < 0 || number >= Resource.RLIM_NLIMITS) {
            throw Errno.EINVAL.error();
        }
        return number;
    }

    private static void write(UserMemory memory, long address, long soft, long hard) throws ErrnoException {
        memory.putLong(address, soft);
        memory.putLong(address + 8, hard);
    }

    private static long getrlimit(Task task, SyscallArgs args) throws ErrnoException {
        int resource = resource(args.i0());
        Rlimits limits = task.group().rlimits();
        write(task.memory(), args.a1, limits.soft(resource), limits.hard(resource));
        return 0;
    }

    private static long setrlimit(Task task, SyscallArgs args) throws ErrnoException {
        long soft = task.memory().getLong(args.a1);
        long hard = task.memory().getLong(args.a1 + 8);
        set(task, task.group(), resource(args.i0()), soft, hard);
        return 0;
    }

    private static void set(Task task, ThreadGroup group, int resource, long soft, long hard) throws ErrnoException {
        if (Long.compareUnsigned(soft, hard) > 0) {
            throw Errno.EINVAL.error();
        }
        if (resource == Resource.RLIMIT_NOFILE && Long.compareUnsigned(hard, NR_OPEN) > 0) {
            throw Errno.EPERM.error();
        }
        Rlimits limits = group.rlimits();
        if (Long.compareUnsigned(hard, limits.hard(resource)) > 0
                && !task.credentials().capable(Capability.SYS_RESOURCE)) {
            throw Errno.EPERM.error();
        }
        limits.set(resource, soft, hard);
        if (resource == Resource.RLIMIT_CPU) {
            group.timers().setCpuLimit(soft, hard);
        }
    }

    private static long prlimit(Task task, SyscallArgs args) throws ErrnoException {
        UserMemory memory = task.memory();
        long soft = 0;
        long hard = 0;
        if (args.a2 != 0) {
            soft = memory.getLong(args.a2);
            hard = memory.getLong(args.a2 + 8);
        }
        Task target = task;
        if (args.i0() != 0) {
            target = task.namespaces().pid().task(args.i0());
            if (target == null) {
                throw Errno.ESRCH.error();
            }
            if (target.group() != task.group() && !mayLimit(task, target)) {
                throw Errno.EPERM.error();
            }
        }
        int resource = resource(args.i1());
        Rlimits limits = target.group().rlimits();
        long oldSoft = limits.soft(resource);
        long oldHard = limits.hard(resource);
        if (args.a2 != 0) {
            set(task, target.group(), resource, soft, hard);
        }
        if (args.a3 != 0) {
            write(memory, args.a3, oldSoft, oldHard);
        }
        return 0;
    }

    private static boolean mayLimit(Task task, Task target) {
        var c = task.credentials();
        var t = target.credentials();
        boolean same = c.uid() == t.euid() && c.uid() == t.suid() && c.uid() == t.uid()
                && c.gid() == t.egid() && c.gid() == t.sgid() && c.gid() == t.gid();
        return same || c.capableIn(t.userNamespace(), Capability.SYS_RESOURCE);
    }

    private static long getrusage(Task task, SyscallArgs args) throws ErrnoException {
        ThreadGroup g = task.group();
        UserMemory memory = task.memory();
        switch (args.i0()) {
            case Resource.RUSAGE_SELF -> Rusage.write(memory, args.a1, g.userNanos(), g.systemNanos(), g.counts());
            case Resource.RUSAGE_CHILDREN ->
                Rusage.write(
                        memory, args.a1, g.childUserNanos(), g.childSystemNanos(), g.usage().children());
            case Resource.RUSAGE_THREAD -> {
                Usage.Counts all = g.counts();
                boolean alone = g.signals().count() == 1;
                Usage.Counts own = new Usage.Counts(
                        all.peakResident(), alone ? all.faults() : task.faults(), task.voluntarySwitches());
                Rusage.write(memory, args.a1, task.userNanos(), task.systemNanos(), own);
            }
            default -> throw Errno.EINVAL.error();
        }
        return 0;
    }
}
