package sentry.core.kernel;

import java.util.concurrent.locks.LockSupport;
import sentry.core.abi.Signal;
import sentry.core.cgroup.Cgroup;
import sentry.core.log.Log;
import sentry.core.memory.MemoryManager;
import sentry.core.task.Task;
import sentry.core.task.ThreadGroup;
import sentry.core.task.WaitStatus;

/**
 * Keeps a container to its memory limit. Programs fill their memory without asking the Sentry, so a thread looks how much
 * there is, the more often the nearer the limit; over the limit it kills the process that Linux would choose.
 */
public final class OutOfMemory implements Runnable {
    /** Faster than this nobody fills memory here; bytes in a nanosecond. */
    private static final long FASTEST = 32;

    /** With less left no memory is filled before it is touched. */
    private static final long LITTLE = 32 << 20;

    private static final long SHORTEST_NANOS = 1_000_000;
    private static final long LONGEST_NANOS = 200_000_000;
    /** How long a killed process has to give its memory back before the next one is chosen. */
    private static final long PATIENCE_NANOS = 2_000_000_000;

    /** oom_score_adj that exempts a process. */
    private static final int NEVER = -1000;

    private final Kernel kernel;
    /** The group whose limit is kept; null for the whole container's. */
    private final Cgroup group;

    private long limit;
    private ThreadGroup victim;
    private long killedAt;

    private OutOfMemory(Kernel kernel, long limit, Cgroup group) {
        this.kernel = kernel;
        this.limit = limit;
        this.group = group;
    }

    /** Starts to keep the processes of {@code group} to its limit, until it is removed. */
    public static void watch(Kernel kernel, Cgroup group) {
        start(new OutOfMemory(kernel, group.memoryMax(), group));
    }

    /** Starts to keep programs to {@code limit} bytes. */
    static void watch(Kernel kernel, long limit) {
        start(new OutOfMemory(kernel, limit, null));
    }

    private static void start(OutOfMemory watch) {
        Thread thread = new Thread(null, watch, "memory limit", 256 << 10, false);
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void run() {
        while (group == null || !group.removed()) {
            long left = left();
            long pause = SHORTEST_NANOS;
            if (left >= 0) {
                pause = Math.clamp(left / FASTEST, SHORTEST_NANOS, LONGEST_NANOS);
            } else {
                try {
                    relieve();
                } catch (RuntimeException e) {
                    Log.error("no process could be chosen to be killed", e);
                }
            }
            LockSupport.parkNanos(pause);
        }
    }

    private long left() {
        if (group != null) {
            limit = group.memoryMax();
            return limit - group.memory();
        }
        long left = limit - kernel.memory().residentBytes();
        kernel.memory().scarce(left < Math.max(LITTLE, limit / 16));
        return left;
    }

    private void relieve() {
        if (victim != null && !victim.zombie() && System.nanoTime() - killedAt < PATIENCE_NANOS) {
            return;
        }
        ThreadGroup worst = null;
        long most = Long.MIN_VALUE;
        for (ThreadGroup g : group == null ? kernel.tasks().rootPids().processes() : group.members(true)) {
            if (g.zombie() || g.signals().groupExit() || g.oomScoreAdjustment() == NEVER) {
                continue;
            }
            long points = badness(g, limit);
            if (points > most) {
                most = points;
                worst = g;
            }
        }
        if (worst == null) {
            return;
        }
        Log.warn("memory limit of " + limit + " bytes reached: process " + worst.pid() + " is killed");
        (group == null ? kernel.cgroups().unified().root() : group).memoryKilled();
        victim = worst;
        killedAt = System.nanoTime();
        MemoryManager shared = memory(worst);
        kill(worst);
        for (ThreadGroup g : kernel.tasks().rootPids().processes()) {
            if (g != worst && shared != null && memory(g) == shared && g.oomScoreAdjustment() != NEVER) {
                kill(g); // or nothing would be given back
            }
        }
    }

    private static void kill(ThreadGroup g) {
        g.signals().exit(WaitStatus.killed(Signal.SIGKILL, false).raw());
    }

    private static MemoryManager memory(ThreadGroup g) {
        for (Task t : g.tasks()) {
            MemoryManager mm = t.mm();
            if (mm != null) {
                return mm;
            }
        }
        return null;
    }

    /** What Linux calls a process's badness, in bytes: its memory, and as much of {@code total} as its adjustment says. */
    public static long badness(ThreadGroup g, long total) {
        MemoryManager mm = memory(g);
        long resident = mm == null ? 0 : mm.residentBytes();
        return resident + total / 1000 * g.oomScoreAdjustment();
    }
}
