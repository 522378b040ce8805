package sentry.core.task;

import sentry.core.wait.Sleeper;

/** A parent's wait for its CLONE_VFORK child to give up the memory that it borrowed. */
final class VforkWait {
    private final Task parent;
    private volatile boolean done;

    VforkWait(Task parent) {
        this.parent = parent;
    }

    /** The child runs another program or has ended. From the child's thread. */
    void complete() {
        done = true;
        parent.sleeper().wake();
    }

    /** Sleeps until the child is done or the parent is to end. */
    void await() {
        for (;;) {
            parent.sleeper().prepare();
            if (done) {
                return;
            }
            if (parent.sleepKillable(Sleeper.FOREVER) == Sleeper.Wake.INTERRUPTED) {
                return;
            }
        }
    }
}
