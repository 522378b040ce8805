package sentry.core.fs.notify;

/** The limits of /proc/sys/fs/inotify. */
public final class NotifyLimits {
    public static final int DEFAULT_QUEUED_EVENTS = 16384;

    private static volatile int queuedEvents = DEFAULT_QUEUED_EVENTS;
    private static volatile int instances = 128;
    private static volatile int watches = 65536;

    private NotifyLimits() {}

    /** Events that an instance keeps; applies to instances made from now on. */
    public static int queuedEvents() {
        return queuedEvents;
    }

    public static void setQueuedEvents(int value) {
        queuedEvents = value;
    }

    /** Instances of one user. */
    public static int instances() {
        return instances;
    }

    public static void setInstances(int value) {
        instances = value;
    }

    /** Watches of one user. */
    public static int watches() {
        return watches;
    }

    public static void setWatches(int value) {
        watches = value;
    }
}
