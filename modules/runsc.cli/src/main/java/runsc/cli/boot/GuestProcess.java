package runsc.cli.boot;

import runsc.cli.control.SignalTarget;
import sentry.core.kernel.ContainerProcess;

/** A process that was started from outside. */
record GuestProcess(ContainerProcess process) {
    /** Its id inside. */
    int pid() {
        return process.pid();
    }

    /** Begins the program. Called once, after the lock-down. */
    void start() {
        process.start();
    }

    /** Sends a signal to it, or to the foreground of its terminal. From any thread, also before {@link #start}. */
    void signal(int signal, SignalTarget target) {
        if (target == SignalTarget.FOREGROUND) {
            process.signalForeground(signal);
        } else {
            process.signal(signal);
        }
    }

    /** Waits for its end and returns the exit code, 128+n for signal n. */
    int awaitExit() throws InterruptedException {
        return process.awaitExit().shellCode();
    }
}
