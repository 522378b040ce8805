package host.linux;

/** The host's epoll (epoll(7), sys/epoll.h) and single polls of a descriptor (poll(2)). */
public final class Epoll {
    public static final int EPOLLIN = 1;
    public static final int EPOLLOUT = 4;
    public static final int EPOLLERR = 8;
    public static final int EPOLLHUP = 0x10;
    public static final int EPOLLRDHUP = 0x2000;
    public static final int EPOLLONESHOT = 1 << 30;
    public static final int ADD = 1;
    public static final int DELETE = 2;
    public static final int MODIFY = 3;
    /** Bytes of struct epoll_event on amd64: events 4, data 8, packed. */
    public static final int EVENT_SIZE = 12;

    private static final int CLOEXEC = 0x80000;

    private Epoll() {}

    public static long create() {
        return Syscall.call(291, CLOEXEC);
    }

    /** {@code event} is the address of a struct epoll_event. */
    public static long control(int epoll, int operation, int fd, long event) {
        return Syscall.call(233, epoll, operation, fd, event);
    }

    /** Waits for ever. {@code events} is the address of room for {@code count} structures. */
    public static long await(int epoll, long events, int count) {
        return Syscall.call(232, epoll, events, count, -1);
    }

    /**
     * Which of {@code events} the descriptor has now, without waiting.
     *
     * @param scratch address of 8 bytes
     * @return poll(2) bits or a negated errno
     */
    public static long poll(int fd, int events, long scratch) {
        Memory.putInt(scratch, fd);
        Memory.putInt(scratch + 4, events & 0xffff);
        long r = Syscall.call(7, scratch, 1, 0);
        return r <= 0 ? r : Memory.getShort(scratch + 6) & 0xffff;
    }
}
