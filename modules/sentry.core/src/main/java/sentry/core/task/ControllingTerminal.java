package sentry.core.task;

/**
 * What a session knows of its controlling terminal (credentials(7), tty_ioctl(4)). The session holds the reference and
 * the terminal the session; both change under the task-set lock.
 */
public interface ControllingTerminal {
    /** The terminal's device number, for tty_nr of /proc/PID/stat. */
    long deviceNumber();

    /** The id of the foreground process group in the root pid namespace, -1 when there is none. */
    int foregroundGroup();

    /**
     * The session's leader is exiting. The terminal hangs up if it must, sends SIGHUP and SIGCONT to the foreground
     * group, and parts from the session. Called with the task-set lock held.
     */
    void leaderExits();
}
