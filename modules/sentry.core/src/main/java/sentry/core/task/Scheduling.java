package sentry.core.task;

import sentry.core.abi.Sched;

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
    /** What PR_SET_TIMERSLACK with 0 goes back to: the parent's at the task's birth. */
    private volatile long defaultTimerSlack = 50_000;

    private volatile int ioPriority;
    private volatile Deadline deadline;

    /** What SCHED_DEADLINE was asked for, nanoseconds. */
    public record Deadline(long runtime, long deadline, long period) {}

    Scheduling() {}

    void inherit(Scheduling parent) {
        affinity = parent.affinity;
        timerSlack = parent.timerSlack;
        defaultTimerSlack = parent.timerSlack;
        ioPriority = parent.ioPriority;
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
        deadline = null;
    }

    /** What SCHED_DEADLINE was asked for; null with another policy. */
    public Deadline deadline() {
        return deadline;
    }

    public void setDeadline(Deadline value, boolean reset) {
        setPolicy(Sched.SCHED_DEADLINE, 0, reset);
        deadline = value;
    }

    /** The value of ioprio_set(2): class and level; 0: none was set. */
    public int ioPriority() {
        return ioPriority;
    }

    public void setIoPriority(int value) {
        ioPriority = value;
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

    /** Sets it; 0 goes back to the default. */
    public void setTimerSlack(long value) {
        timerSlack = value == 0 ? defaultTimerSlack : value;
    }
}
