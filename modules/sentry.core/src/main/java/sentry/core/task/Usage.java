package sentry.core.task;

/**
 * What a process and its children have used (getrusage(2)). Dead tasks and children are added under the task-set lock;
 * reading takes no lock and may be a moment behind.
 */
public final class Usage {
    private static final int PAGE = 4096;

    // CPU time: see ThreadGroup.userNanos.
    volatile long wallBefore;
    volatile long userBefore;
    volatile long lastCpu = -1;

    private volatile long peakResident;
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
