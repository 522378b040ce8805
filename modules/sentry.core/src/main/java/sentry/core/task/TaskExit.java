package sentry.core.task;

/** The end of tasks and thread groups. */
public final class TaskExit {
    private TaskExit() {}

    /** Ends the whole group as if killed by {@code signal}. */
    public static void killGroup(Task task, int signal) {
        throw new UnsupportedOperationException();
    }

    /** Runs on the task's thread when its loop has ended: gives everything back and tells who waits. */
    static void finish(Task task) {
        throw new UnsupportedOperationException();
    }
}
