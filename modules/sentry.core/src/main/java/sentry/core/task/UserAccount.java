package sentry.core.task;

import java.util.concurrent.atomic.AtomicInteger;

/** What one user has in use, for limits that count by user (RLIMIT_NPROC, RLIMIT_SIGPENDING). */
public final class UserAccount {
    private final AtomicInteger processes = new AtomicInteger();
    private final AtomicInteger signals = new AtomicInteger();

    UserAccount() {}

    /** Tasks. */
    public AtomicInteger processes() {
        return processes;
    }

    /** Queued signals. */
    public AtomicInteger signals() {
        return signals;
    }
}
