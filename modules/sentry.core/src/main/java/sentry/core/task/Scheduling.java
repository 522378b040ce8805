package sentry.core.task;

/**
 * What a task has asked of the scheduler (sched(7), setpriority(2)). The host schedules; these values are kept and
 * reported. From any thread.
 */
public final class Scheduling {
    private volatile int nice;
    private volatile int policy;
    private volatile int priority;
    private volatile boolean resetOnFork;
    /** Allowed CPUs as a bit mask; null: all. Never changed in place. */
    private volatile long[] affinity;

    private volatile long timerSlack = 50_000;

    Scheduling() {}

    void inherit(Scheduling parent) {
        affinity = parent.affinity;
        timerSlack = parent.timerSlack;
        if (parent.resetOnFork) {
            nice = Math.max(0, parent.nice);
            return;
        }
        nice = parent.nice;
        policy = parent.policy;
        priority = parent.priority;
    }

    /** -20 to 19. */
    public int nice() {
        return nice;
    }

    public void setNice(int value) {
        nice = value;
    }

    /** SCHED_ number, without SCHED_RESET_ON_FORK. */
    public int policy() {
        return policy;
    }

    /** 0, or 1 to 99 for the real-time policies. */
    public int priority() {
        return priority;
    }

    public boolean resetOnFork() {
        return resetOnFork;
    }

    public void setPolicy(int newPolicy, int newPriority, boolean reset) {
        policy = newPolicy;
        priority = newPriority;
        resetOnFork = reset;
    }

    /** Null: all CPUs. */
    public long[] affinity() {
        return affinity;
    }

    public void setAffinity(long[] value) {
        affinity = value;
    }

    /** PR_SET_TIMERSLACK, nanoseconds. */
    public long timerSlack() {
        return timerSlack;
    }

    public void setTimerSlack(long value) {
        timerSlack = value;
    }
}
