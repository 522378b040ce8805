package sentry.core.fs.mqueue;

/** The settings of an IPC namespace below /proc/sys/fs/mqueue (mq_overview(7)). */
public final class QueueLimits {
    /** Most messages of a queue that CAP_SYS_RESOURCE may make. */
    public static final int HARD_MESSAGES = 65536;
    /** Most bytes of a message of such a queue. */
    public static final int HARD_SIZE = 16 << 20;

    public static final int LEAST_SIZE = 128;

    /** Queues in the namespace. */
    public volatile int queues = 256;
    /** Messages of a queue. */
    public volatile int messages = 10;
    /** Bytes of a message. */
    public volatile int size = 8192;
    /** Messages of a queue whose maker does not say. */
    public volatile int defaultMessages = 10;
    /** Bytes of its messages. */
    public volatile int defaultSize = 8192;

    QueueLimits() {}
}
