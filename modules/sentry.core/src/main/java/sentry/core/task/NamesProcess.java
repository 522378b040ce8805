package sentry.core.task;

/** A file that stands for a process although it is no pidfd: /proc/PID, which pidfd_send_signal(2) takes as well. */
public interface NamesProcess {
    /** Whether it is for a process, and not for one of its threads. */
    boolean ofProcess();

    /** The process; null when it is gone. */
    ThreadGroup process();
}
