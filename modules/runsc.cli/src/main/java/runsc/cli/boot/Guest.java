package runsc.cli.boot;

import runsc.cli.RunscException;
import runsc.cli.control.SignalTarget;

/** The container as the outer shell sees it. */
interface Guest {
    /** Begins the program. Called once, after the lock-down. */
    void start() throws RunscException;

    /**
     * Sends a signal. From any thread, also before {@link #start}.
     *
     * @return 0 or an errno
     */
    int signal(int signal, SignalTarget target);

    /** Waits for the end of the init process and returns its exit code, 128+n for signal n. */
    int awaitExit() throws InterruptedException;
}
