package runsc.cli.boot;

import java.util.List;
import runsc.cli.RunscException;
import runsc.cli.oci.ProcessSpec;
import sentry.core.kernel.ProcessInfo;

/** The container as the outer shell sees it. */
interface Guest {
    /** Its first process. */
    GuestProcess init();

    /**
     * Makes another process, ready to start. From any thread.
     *
     * @param stdio descriptors 0 to 2, or -1; they belong to the process, and stay the caller's when there can be none
     */
    GuestProcess join(ProcessSpec spec, int[] stdio) throws RunscException;

    /** Sends a signal to every process. From any thread. */
    void signalAll(int signal);

    /** Holds every process; false when one could not be stopped. */
    boolean pause() throws InterruptedException;

    void resume();

    List<ProcessInfo> processes();
}
