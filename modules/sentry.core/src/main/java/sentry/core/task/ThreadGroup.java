package sentry.core.task;

import sentry.core.kernel.Kernel;
import sentry.core.signal.SignalInfo;

/** A process (Linux: thread group with its signal_struct). */
public final class ThreadGroup {
    private final Kernel kernel;
    private final int pid;

    ThreadGroup(Kernel kernel, int pid) {
        this.kernel = kernel;
        this.pid = pid;
    }

    public Kernel kernel() {
        return kernel;
    }

    /** The process id in the root pid namespace. */
    public int pid() {
        return pid;
    }

    /** Queues a signal for the process; one of its tasks will take it. From any thread. */
    public void send(SignalInfo info) {
        throw new UnsupportedOperationException();
    }
}
