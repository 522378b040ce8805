package sentry.core.time;

import host.linux.HostClock;
import java.time.Instant;
import sentry.core.abi.Clock;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.task.Task;
import sentry.core.task.ThreadGroup;
import sentry.core.wait.Sleeper;

/** Reads the clocks that programs see (clock_gettime(2)), in nanoseconds. */
public final class Clocks {
    private static final long NANOS_PER_SECOND = 1_000_000_000L;
    /** The tick of the coarse clocks. */
    private static final long TICK = 4_000_000;

    private Clocks() {}

    /** Since the epoch. */
    public static long realtime() {
        Instant now = Instant.now();
        return now.getEpochSecond() * NANOS_PER_SECOND + now.getNano();
    }

    public static long monotonic() {
        return System.nanoTime();
    }

    /** How far clock {@code id} is ahead for {@code task} because of its time namespace. */
    public static long offset(Task task, int id) {
        return task.namespaces().time().offset(id);
    }

    /** The moment of the kernel's clock {@code id} that {@code task} calls {@code moment}; for deadlines, so never below 1. */
    public static long toKernel(Task task, int id, long moment) {
        long offset = offset(task, id);
        return offset == 0 ? moment : Math.max(1, moment - offset);
    }

    /** The moment of {@link System#nanoTime} that is {@code realtime} on the wall, as things stand. */
    public static long deadlineOfRealtime(long realtime) {
        long left = realtime - realtime();
        long now = System.nanoTime();
        return left >= Sleeper.FOREVER - now ? Sleeper.FOREVER : now + left;
    }

    /** Whether {@code id} names a CPU-time clock, the dynamic ones of clock_getcpuclockid(3) included. */
    public static boolean isCpuClock(int id) {
        return id < 0 || id == Clock.CLOCK_PROCESS_CPUTIME_ID || id == Clock.CLOCK_THREAD_CPUTIME_ID;
    }

    /** Whether {@code id} names the clock of an open file (a clock device), of which there are none here. */
    public static boolean isDynamic(int id) {
        return id < 0 && (id & 7) == 3;
    }

    /** Whether {@code id} is a clock of the very thread that asks: one that stands still while it sleeps. */
    public static boolean isOwnThread(Task task, int id) {
        int tid = ~(id >> 3);
        return id < 0 && (id & 4) != 0 && (tid == 0 || tid == task.tid(task.namespaces().pid()));
    }

    /** What clock {@code id} shows to {@code task}; EINVAL for a clock that does not exist. */
    public static long read(Task task, int id) throws ErrnoException {
        return switch (id) {
            case Clock.CLOCK_REALTIME, Clock.CLOCK_REALTIME_COARSE -> realtime();
            case Clock.CLOCK_MONOTONIC, Clock.CLOCK_MONOTONIC_COARSE -> monotonic() + offset(task, id);
            case Clock.CLOCK_MONOTONIC_RAW, Clock.CLOCK_BOOTTIME, Clock.CLOCK_TAI ->
                Errno.check(HostClock.read(id)) + offset(task, id);
            // There is no clock in hardware that could wake the machine.
            case Clock.CLOCK_REALTIME_ALARM, Clock.CLOCK_BOOTTIME_ALARM -> throw Errno.EINVAL.error();
            default -> cpu(task, id).read();
        };
    }

    /** The resolution of clock {@code id}. */
    public static long resolution(Task task, int id) throws ErrnoException {
        switch (id) {
            case Clock.CLOCK_REALTIME_COARSE, Clock.CLOCK_MONOTONIC_COARSE -> {
                return TICK;
            }
            default -> read(task, id); // for its error
        }
        // The clocks of user time and of all CPU time count ticks.
        return id < 0 && (id & 3) < 2 ? TICK : 1;
    }

    /** Measures the CPU time of a task or a process. */
    @FunctionalInterface
    interface CpuClock {
        long read();
    }

    /** CPU-time clock {@code id}; EINVAL when there is none. */
    static CpuClock cpu(Task task, int id) throws ErrnoException {
        if (id == Clock.CLOCK_PROCESS_CPUTIME_ID) {
            return ofGroup(task.group(), 2);
        }
        if (id == Clock.CLOCK_THREAD_CPUTIME_ID) {
            return ofTask(task, 2);
        }
        int which = id & 3;
        if (id >= 0 || which == 3) {
            throw Errno.EINVAL.error();
        }
        int pid = ~(id >> 3);
        boolean thread = (id & 4) != 0;
        Task target = pid == 0 ? task : task.namespaces().pid().task(pid);
        if (target == null || thread && target.group() != task.group()
                || !thread && target.group().leader() != target && pid != 0) {
            throw Errno.EINVAL.error();
        }
        return thread ? ofTask(target, which) : ofGroup(target.group(), which);
    }

    private static CpuClock ofGroup(ThreadGroup g, int which) {
        return which == 1 ? g::userNanos : () -> g.userNanos() + g.systemNanos();
    }

    private static CpuClock ofTask(Task t, int which) {
        return which == 1 ? t::userNanos : () -> t.userNanos() + t.systemNanos();
    }

    /** The CPU time that ITIMER_VIRTUAL ({@code userOnly}) or ITIMER_PROF counts. */
    static CpuClock ofProcess(ThreadGroup group, boolean userOnly) {
        return ofGroup(group, userOnly ? 1 : 0);
    }
}
