package host.linux;

/** The host's sockets (sys/socket.h, poll.h), as far as messages between our own processes need them. */
public final class Sockets {
    public static final int AF_UNIX = 1;
    public static final int SOCK_STREAM = 1;
    public static final int SOCK_SEQPACKET = 5;
    public static final int SOCK_CLOEXEC = 0x80000;

    public static final int MSG_DONTWAIT = 0x40;
    public static final int MSG_NOSIGNAL = 0x4000;
    public static final int MSG_CMSG_CLOEXEC = 0x40000000;
    public static final int MSG_CTRUNC = 8;

    public static final int POLLIN = 1;
    public static final int POLLOUT = 4;
    public static final int POLLERR = 8;
    public static final int POLLHUP = 16;

    public static final int SHUT_RDWR = 2;

    private Sockets() {}

    /** A connected pair of unix sockets, close-on-exec: the first end in the low half, the second in the high half. */
    public static long pair(int type) throws HostException {
        try (NativeArea fds = NativeArea.allocate(8)) {
            HostException.check("socketpair", Syscall.call(53, AF_UNIX, type | SOCK_CLOEXEC, 0, fds.address()));
            return Memory.getLong(fds.address());
        }
    }

    public static long sendmsg(int fd, long header, int flags) {
        return Syscall.call(46, fd, header, flags);
    }

    public static long recvmsg(int fd, long header, int flags) {
        return Syscall.call(47, fd, header, flags);
    }

    public static long shutdown(int fd, int how) {
        return Syscall.call(48, fd, how);
    }

    /** {@code pollfds}: address of fd[4] events[2] revents[2] each. Waits without limit when {@code timeout} is 0. */
    public static long ppoll(long pollfds, int count, long timeout) {
        return Syscall.call(271, pollfds, count, timeout, 0, 8);
    }
}
