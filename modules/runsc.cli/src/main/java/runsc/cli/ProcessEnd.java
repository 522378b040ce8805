package runsc.cli;

import host.linux.Processes;

/** How our processes end. */
public final class ProcessEnd {
    /**
     * Set while an AOT cache is being trained: the virtual machine writes what it learned in an orderly shutdown only.
     */
    private static final boolean TRAINING = Boolean.getBoolean("runsc.train");

    private ProcessEnd() {}

    /** Whether all classes are in the image; in development they may be read from files at any time. */
    public static boolean fromImage() {
        return System.getProperty("jdk.module.path") == null;
    }

    /** Whether this process only runs to train the image's AOT cache, and has to keep what its shutdown needs. */
    public static boolean training() {
        return TRAINING;
    }

    /** Ends the process. The orderly shutdown of a virtual machine takes milliseconds and nobody needs it here. */
    public static void exit(int code) {
        if (TRAINING) {
            System.exit(code);
        }
        Processes.exit(code);
    }
}
