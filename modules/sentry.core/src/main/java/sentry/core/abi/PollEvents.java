package sentry.core.abi;

/** Event bits of poll(2); epoll(7) uses the same. */
public final class PollEvents {
    public static final int POLLIN = 0x1;
    public static final int POLLPRI = 0x2;
    public static final int POLLOUT = 0x4;
    public static final int POLLERR = 0x8;
    public static final int POLLHUP = 0x10;
    public static final int POLLNVAL = 0x20;
    public static final int POLLRDNORM = 0x40;
    public static final int POLLRDBAND = 0x80;
    public static final int POLLWRNORM = 0x100;
    public static final int POLLWRBAND = 0x200;
    public static final int POLLRDHUP = 0x2000;

    /** What a reader waits for. */
    public static final int READABLE = POLLIN | POLLRDNORM | POLLERR | POLLHUP | POLLRDHUP;
    /** What a writer waits for. */
    public static final int WRITABLE = POLLOUT | POLLWRNORM | POLLERR | POLLHUP;

    private PollEvents() {}
}
