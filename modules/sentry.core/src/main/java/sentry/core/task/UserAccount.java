package sentry.core.task;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** What one user has in use, for limits that count by user (RLIMIT_NPROC, RLIMIT_SIGPENDING, RLIMIT_MSGQUEUE). */
public final class UserAccount {
    private final AtomicInteger processes = new AtomicInteger();
    private final AtomicInteger signals = new AtomicInteger();

    private final AtomicLong messageQueueBytes = new AtomicLong();

    UserAccount() {}

    /** Tasks. */
    public AtomicInteger processes() {
        return processes;
    }

    /** Queued signals. */
    public AtomicInteger signals() {
        return signals;
    }

    /** Bytes of POSIX message queues, full or not. */
    public AtomicLong messageQueueBytes() {
        return messageQueueBytes;
    }
}
