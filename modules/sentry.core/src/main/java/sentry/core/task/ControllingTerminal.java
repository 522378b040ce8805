package sentry.core.task;

/** What a session needs of its terminal; terminals implement it. Called with the task-set lock held. */
public interface ControllingTerminal {
    /** The session leader has ended: the terminal sends SIGHUP and SIGCONT to its foreground group and is free again. */
    void sessionEnded(Session session);

    /** The foreground process group, or null. */
    ProcessGroup foreground();

    /** The terminal's device number, for /proc/PID/stat. */
    long device();

    /** vhangup(2): all its open files are dead from now on, and no session has it any more. */
    void hangUp();
}
