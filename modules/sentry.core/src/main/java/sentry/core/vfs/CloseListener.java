package sentry.core.vfs;

/** Wants to know when a description loses its last reference. */
public interface CloseListener {
    /** Called without locks, on the thread that dropped the last reference. */
    void fileClosed(FileDescription file);
}
