package platform.ptrace;

/**
 * Where one context runs, and what the placement needs to know of it. The task's thread writes most fields and the
 * balancer reads them without a lock: a stale value costs a decision that is late.
 */
final class Seat {
    /** The task's thread. */
    final int thread;
    /** The stub thread; 0 while there is none. */
    int stub;
    /** The CPU that thread and stub are bound to. Written by the task's thread. */
    int cpu;
    /** Where the balancer wants it; the task's thread goes there at its next switch. */
    volatile int target;
    /** The stub may run anywhere: it computes, and seldom calls. */
    volatile boolean loose;
    /** Switches since it was let loose. */
    int looseSwitches;

    /** Written by the task's thread alone. */
    int switches;

    int sleeps;
    long busy;
    long since;
    boolean asleep;

    // The balancer's own.
    int seenSwitches;
    int seenSleeps;
    long seenBusy;
    /** Part of the last period that it was not asleep. */
    double use;

    int newSwitches;
    int computing;
    /** Sleeps in a short period, smoothed. */
    double sleepRate;
    /** Sleeps and wakes so often that it is most likely talking to another task. */
    boolean talkative;

    Seat(int thread, int cpu) {
        this.thread = thread;
        this.cpu = cpu;
        this.target = cpu;
    }
}
