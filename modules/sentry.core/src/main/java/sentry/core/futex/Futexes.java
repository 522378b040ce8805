package sentry.core.futex;

import sentry.core.task.Task;

/** All futexes of a kernel. */
public final class Futexes {
    public Futexes() {}

    /** The task gives its memory up: hands its robust futexes on and wakes who waits for the task's end. */
    public void exit(Task task) {}
}
