package sentry.core.vfs;

/** Whom O_ASYNC would tell (F_SETOWN, F_SETSIG of fcntl(2)). Thread-safe. */
public final class FileOwner {
    private volatile int pid;
    private volatile int signal;

    FileOwner() {}

    /** A process id, or a negated process group. */
    public int pid() {
        return pid;
    }

    public void set(int value) {
        pid = value;
    }

    public int signal() {
        return signal;
    }

    public void setSignal(int value) {
        signal = value;
    }
}
