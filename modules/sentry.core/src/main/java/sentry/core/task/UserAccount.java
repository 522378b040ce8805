package sentry.core.task;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** What one user has in use, for limits that count by user (RLIMIT_NPROC, RLIMIT_SIGPENDING, RLIMIT_MSGQUEUE). */
public final class UserAccount {
    private final AtomicInteger processes = new AtomicInteger();
    private final AtomicInteger signals = new AtomicInteger();

    private final AtomicLong messageQueueBytes = new AtomicLong();
    private final AtomicInteger inotifyInstances = new AtomicInteger();
    private final AtomicInteger inotifyWatches = new AtomicInteger();

    UserAccount() {}

    /** Instances of inotify(7). */
    public AtomicInteger inotifyInstances() {
        return inotifyInstances;
    }

    /** Watches of all of them. */
    public AtomicInteger inotifyWatches() {
        return inotifyWatches;
    }

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
