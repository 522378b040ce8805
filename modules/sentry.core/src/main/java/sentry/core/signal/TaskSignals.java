package sentry.core.signal;

import sentry.core.task.Task;

/** The signal state of one task: mask, pending signals, alternate stack. */
public final class TaskSignals {
    private final Task task;

    public TaskSignals(Task task) {
        this.task = task;
    }

    /** Whether the program is being single-stepped (by a tracer). */
    public boolean singleStep() {
        return false;
    }

    /** Queues a signal for this task alone. From any thread. */
    public void send(SignalInfo info) {
        throw new UnsupportedOperationException();
    }
}
