package sentry.core.task;

import sentry.core.memory.MemoryManager;

/**
 * What a process and its children have used (getrusage(2)). Dead tasks and children are added under the task-set lock;
 * reading takes no lock and may be a moment behind.
 */
public final class Usage {
    private static final int PAGE = 4096;
    /** Of the time of a process, looking at its memory may take one part in this. */
    private static final int PATIENCE = 20;

    // CPU time: see ThreadGroup.userNanos.
    volatile long wallBefore;
    volatile long userBefore;
    volatile long lastCpu = -1;

    private volatile long peakResident;
    /** When {@link #look} last ended, and how long it took. */
    private volatile long looked = System.nanoTime();

    private volatile long lookCost;
    private volatile long deadFaults;
    private volatile long deadSwitches;
    private volatile Counts children = new Counts(0, 0, 0);

    /**
     * @param peakResident the most memory that one process had, bytes
     * @param faults page faults that needed no file to be read
     * @param switches how often tasks slept in the kernel
     */
    public record Counts(long peakResident, long faults, long switches) {
        Counts plus(Counts other) {
            return new Counts(
                    Math.max(peakResident, other.peakResident), faults + other.faults, switches + other.switches);
        }
    }

    Usage() {}

    /** Looks at how much memory the process has, unless it did so a moment ago: of a large one that takes long. */
    void look(MemoryManager mm) {
        long start = System.nanoTime();
        if (start - looked < PATIENCE * lookCost) {
            return;
        }
        sawResident(mm.residentBytes());
        looked = System.nanoTime();
        lookCost = looked - start;
    }

    void sawResident(long bytes) {
        if (bytes > peakResident) {
            peakResident = bytes;
        }
    }

    void addDead(long faults, long switches) {
        deadFaults += faults;
        deadSwitches += switches;
    }

    void addChild(Counts child) {
        children = children.plus(child);
    }

    /** Of the children that were waited for, and theirs. */
    public Counts children() {
        return children;
    }

    /**
     * @param faults those that the kernel saw of tasks that live; the host fills most pages without us, one fault each
     */
    Counts counts(long faults, long switches) {
        long peak = peakResident;
        return new Counts(peak, deadFaults + faults + peak / PAGE, deadSwitches + switches);
    }
}
