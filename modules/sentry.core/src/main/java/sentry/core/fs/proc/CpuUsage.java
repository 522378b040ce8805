package sentry.core.fs.proc;

import java.util.Map;
import java.util.WeakHashMap;
import sentry.core.kernel.Kernel;
import sentry.core.task.ThreadGroup;

/**
 * CPU time that the whole kernel's tasks have used, and the load averages that follow from it. Nothing is sampled: each
 * look takes the time used since the last one as the load of that span.
 */
final class CpuUsage {
    /** Time constants of the three averages, in seconds. */
    private static final double[] CONSTANTS = {60, 300, 900};

    private static final Map<Kernel, CpuUsage> ALL = new WeakHashMap<>();

    private final long bootNanos;
    private final double[] load = new double[3];
    private long user;
    private long system;
    private long lastLook;
    private long lastUsed;

    private CpuUsage(Kernel kernel) {
        bootNanos = kernel.bootNanos();
        lastLook = bootNanos;
    }

    /** The figures as of now. */
    static synchronized CpuUsage of(Kernel kernel) {
        CpuUsage usage = ALL.computeIfAbsent(kernel, CpuUsage::new);
        usage.look(kernel);
        return usage;
    }

    private synchronized void look(Kernel kernel) {
        long nowUser = 0;
        long nowSystem = 0;
        kernel.taskSet().lock();
        try {
            for (ThreadGroup group : kernel.tasks().rootPids().processes()) {
                nowUser += group.userNanos() + group.childUserNanos();
                nowSystem += group.systemNanos() + group.childSystemNanos();
            }
        } finally {
            kernel.taskSet().unlock();
        }
        // A process that nobody waits for takes its time with it; sums must not go back.
        user = Math.max(user, nowUser);
        system = Math.max(system, nowSystem);
        long now = System.nanoTime();
        long span = now - lastLook;
        if (span < 100_000_000) {
            return;
        }
        double busy = (double) (user + system - lastUsed) / span;
        for (int i = 0; i < load.length; i++) {
            double keep = Math.exp(-span / 1e9 / CONSTANTS[i]);
            load[i] = load[i] * keep + busy * (1 - keep);
        }
        lastLook = now;
        lastUsed = user + system;
    }

    /** Nanoseconds in programs. */
    synchronized long user() {
        return user;
    }

    /** Nanoseconds in the kernel. */
    synchronized long system() {
        return system;
    }

    synchronized long idle(int cpus) {
        return Math.max(0, (System.nanoTime() - bootNanos) * cpus - user - system);
    }

    /** The average over 1, 5 or 15 minutes. */
    synchronized double load(int which) {
        return load[which];
    }
}
