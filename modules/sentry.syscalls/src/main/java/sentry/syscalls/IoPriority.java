package sentry.syscalls;

import sentry.core.abi.Capability;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Sched;
import sentry.core.syscall.SyscallArgs;
import sentry.core.task.Credentials;
import sentry.core.task.Scheduling;
import sentry.core.task.Task;

/** ioprio_set(2) and ioprio_get(2): kept and reported; files are served as they come. */
final class IoPriority {
    /** IOPRIO_WHO_PROCESS is 1; setpriority's numbers begin at 0. */
    private static final int WHO_PROCESS = 1;

    private static final int WHO_USER = 3;
    private static final int CLASS_SHIFT = 13;
    private static final int LEVELS = 8;
    private static final int CLASS_NONE = 0;
    private static final int CLASS_RT = 1;
    private static final int CLASS_BE = 2;
    private static final int CLASS_IDLE = 3;

    private IoPriority() {}

    private static void requireWho(int which) throws ErrnoException {
        if (which < WHO_PROCESS || which > WHO_USER) {
            throw Errno.EINVAL.error();
        }
    }

    static long set(Task task, SyscallArgs args) throws ErrnoException {
        int value = args.i2();
        int level = value & (1 << CLASS_SHIFT) - 1;
        Credentials c = task.credentials();
        switch (value >> CLASS_SHIFT) {
            case CLASS_RT -> {
                if (!c.capable(Capability.SYS_ADMIN) && !c.capable(Capability.SYS_NICE)) {
                    throw Errno.EPERM.error();
                }
                requireLevel(level);
            }
            case CLASS_BE -> requireLevel(level);
            case CLASS_IDLE -> {}
            case CLASS_NONE -> {
                if (level != 0) {
                    throw Errno.EINVAL.error();
                }
            }
            default -> throw Errno.EINVAL.error();
        }
        requireWho(args.i0());
        SchedulingSyscalls.forEach(task, args.i0() - WHO_PROCESS, args.i1(), t -> {
            Credentials other = t.credentials();
            if (other.uid() != c.euid() && other.uid() != c.uid() && !c.capable(Capability.SYS_NICE)) {
                throw Errno.EPERM.error();
            }
            t.scheduling().setIoPriority(value);
        });
        return 0;
    }

    private static void requireLevel(int level) throws ErrnoException {
        if (level >= LEVELS) {
            throw Errno.EINVAL.error();
        }
    }

    static long get(Task task, SyscallArgs args) throws ErrnoException {
        requireWho(args.i0());
        int[] best = {-1};
        boolean one = args.i0() == WHO_PROCESS;
        SchedulingSyscalls.forEach(task, args.i0() - WHO_PROCESS, args.i1(), t -> {
            int value = t.scheduling().ioPriority();
            if (one) {
                best[0] = value;
                return;
            }
            if (value >> CLASS_SHIFT == CLASS_NONE) {
                value = ofNice(t.scheduling());
            }
            best[0] = best[0] < 0 ? value : Math.min(best[0], value);
        });
        return best[0];
    }

    /** What a task that asked for nothing has. */
    private static int ofNice(Scheduling s) {
        int level = (s.nice() + 20) / 5;
        return switch (s.policy()) {
            case Sched.SCHED_IDLE -> CLASS_IDLE << CLASS_SHIFT | level;
            case Sched.SCHED_FIFO, Sched.SCHED_RR -> CLASS_RT << CLASS_SHIFT | level;
            default -> CLASS_BE << CLASS_SHIFT | level;
        };
    }
}
