package sentry.core.syscall;

/** How much of a system call is there, as {@code runsc syscalls} shows it. */
public enum Support {
    /** All that Linux does, as far as a program can tell. */
    FULL,
    /** Parts; the note says which are missing. */
    PARTIAL,
    /** Answered with the error that Linux gives when the feature is not configured or not permitted. */
    ERROR,
    /** Not there: ENOSYS, and a line in the log. */
    MISSING
}
