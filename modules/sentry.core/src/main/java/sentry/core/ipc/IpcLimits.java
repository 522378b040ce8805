package sentry.core.ipc;

/** The limits of one namespace that /proc/sys/kernel shows and sets (proc(5)). From any thread. */
public final class IpcLimits {
    /** msgmax: bytes of one message. */
    public volatile int message = MessageQueue.LARGEST_MESSAGE;
    /** msgmnb: bytes in a new queue. */
    public volatile int queue = MessageQueue.DEFAULT_BYTES;
    /** msgmni: queues. */
    public volatile int queues = MessageQueue.MOST;
    /** sem: semaphores in a set, in all, operations in a call, sets. */
    public volatile int semaphoresInSet = SemaphoreSet.MOST_IN_SET;

    public volatile int semaphores = SemaphoreSet.MOST_SEMAPHORES;
    public volatile int operations = SemaphoreSet.MOST_OPERATIONS;
    public volatile int sets = SemaphoreSet.MOST_SETS;
    /** shmmax: bytes of a segment, unsigned. */
    public volatile long segment = ShmSegment.LARGEST;
    /** shmall: pages of all segments, unsigned. */
    public volatile long segmentPages = ShmSegment.LARGEST;
    /** shmmni: segments. */
    public volatile int segments = ShmSegment.MOST;

    IpcLimits() {}
}
