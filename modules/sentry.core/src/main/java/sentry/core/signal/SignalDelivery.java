package sentry.core.signal;

import sentry.core.platform.Fault;
import sentry.core.task.Task;

/** What a task does about its signals before it runs the program again. On the task's own thread. */
public final class SignalDelivery {
    private SignalDelivery() {}

    /** Acts on everything that wants attention: group exit, stops, pending signals. May end the task. */
    public static void deliver(Task task) {
        throw new UnsupportedOperationException();
    }

    /** A call ended with internal restart code {@code code} (512 and up): restarts it or turns it into EINTR. */
    public static void restart(Task task, int code) {
        throw new UnsupportedOperationException();
    }

    /** Forces {@code signal} on the task for a processor exception: not to be blocked or ignored. */
    public static void forceFault(Task task, Fault fault, int signal) {
        throw new UnsupportedOperationException();
    }
}
