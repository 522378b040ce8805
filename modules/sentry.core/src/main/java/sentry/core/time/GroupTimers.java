package sentry.core.time;

import sentry.core.task.ThreadGroup;

/** The interval timers (setitimer(2)) and POSIX timers (timer_create(2)) of a process. */
public final class GroupTimers {
    private final ThreadGroup group;

    public GroupTimers(ThreadGroup group) {
        this.group = group;
    }

    ThreadGroup group() {
        return group;
    }

    /** The process has ended: nothing fires any more. */
    public void close() {}

    /** The process executes a new program: POSIX timers are gone, interval timers stay. */
    public void exec() {}
}
