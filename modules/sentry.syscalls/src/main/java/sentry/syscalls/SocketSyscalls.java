package sentry.syscalls;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.abi.PollEvents;
import sentry.core.abi.Sys;
import sentry.core.socket.Peer;
import sentry.core.socket.UnixSocket;
import sentry.core.syscall.SyscallArgs;
import sentry.core.syscall.SyscallTable;
import sentry.core.task.Task;
import sentry.core.vfs.FileDescription;
import sentry.core.wait.WaitQueue;

/** Sockets of the Unix domain: making, naming, connecting, options. Messages are in MessageSyscalls. */
final class SocketSyscalls {
    private static final int SOL_SOCKET = 1;
    private static final int TYPE_MASK = 0xf;
    private static final int SOCK_RAW = 3;
    private static final int STATUS = Fcntl.O_CLOEXEC | Fcntl.O_NONBLOCK;

    private static final int SO_REUSEADDR = 2;
    private static final int SO_TYPE = 3;
    private static final int SO_ERROR = 4;
    private static final int SO_BROADCAST = 6;
    private static final int SO_SNDBUF = 7;
    private static final int SO_RCVBUF = 8;
    private static final int SO_KEEPALIVE = 9;
    private static final int SO_PRIORITY = 12;
    private static final int SO_LINGER = 13;
    private static final int MIN_SEND_BUFFER = 4608;
    private static final int MIN_RECEIVE_BUFFER = 2304;
    private static final int SO_PASSCRED = 16;
    private static final int SO_PEERCRED = 17;
    private static final int SO_RCVTIMEO = 20;
    private static final int SO_SNDTIMEO = 21;
    private static final int SO_ACCEPTCONN = 30;
    private static final int SO_PROTOCOL = 38;
    private static final int SO_DOMAIN = 39;

    private SocketSyscalls() {}

    static void install(SyscallTable.Builder table) {
        String only = "of the Unix domain only";
        table.partial(Sys.SOCKET, "AF_UNIX; other families EAFNOSUPPORT", SocketSyscalls::socket);
        table.partial(Sys.SOCKETPAIR, only, SocketSyscalls::socketpair);
        table.partial(Sys.BIND, only, SocketSyscalls::bind);
        table.partial(Sys.LISTEN, only, SocketSyscalls::listen);
        table.partial(Sys.CONNECT, only, SocketSyscalls::connect);
        table.partial(Sys.ACCEPT, only, (task, a) -> accept(task, a, 0));
        table.partial(Sys.ACCEPT4, only, (task, a) -> accept(task, a, a.i3()));
        table.partial(Sys.SHUTDOWN, only, SocketSyscalls::shutdown);
        table.partial(Sys.GETSOCKNAME, only, (task, a) -> name(task, a, false));
        table.partial(Sys.GETPEERNAME, only, (task, a) -> name(task, a, true));
        table.partial(Sys.SETSOCKOPT, "buffer sizes are fixed", SocketSyscalls::setOption);
        table.partial(Sys.GETSOCKOPT, only, SocketSyscalls::getOption);
        MessageSyscalls.install(table);
    }

    /** The socket {@code fd} with a reference; ENOTSOCK. */
    static UnixSocket take(Task task, int fd) throws ErrnoException {
        FileDescription file = task.fds().take(fd);
        if (file instanceof UnixSocket socket) {
            return socket;
        }
        boolean path = (file.flags() & Fcntl.O_PATH) != 0;
        file.release();
        throw (path ? Errno.EBADF : Errno.ENOTSOCK).error();
    }

    private static int type(int domain, int type, int protocol) throws ErrnoException {
        if ((type & ~(TYPE_MASK | STATUS)) != 0) {
            throw Errno.EINVAL.error();
        }
        if (domain != SocketAddress.AF_UNIX) {
            throw Errno.EAFNOSUPPORT.error();
        }
        if (protocol != 0 && protocol != SocketAddress.AF_UNIX) {
            throw Errno.EPROTONOSUPPORT.error();
        }
        return switch (type & TYPE_MASK) {
            case UnixSocket.STREAM, UnixSocket.DGRAM, UnixSocket.SEQPACKET -> type & TYPE_MASK;
            case SOCK_RAW -> UnixSocket.DGRAM;
            default -> throw Errno.ESOCKTNOSUPPORT.error();
        };
    }

    private static UnixSocket make(Task task, int type, int flags) {
        return new UnixSocket(
                type, flags & Fcntl.O_NONBLOCK, task.credentials().fsuid(), task.credentials().fsgid());
    }

    private static long socket(Task task, SyscallArgs a) throws ErrnoException {
        int type = type(a.i0(), a.i1(), a.i2());
        return Descriptors.install(task, make(task, type, a.i1()), (a.i1() & Fcntl.O_CLOEXEC) != 0);
    }

    private static long socketpair(Task task, SyscallArgs a) throws ErrnoException {
        int type = type(a.i0(), a.i1(), a.i2());
        UnixSocket one = make(task, type, a.i1());
        UnixSocket two = make(task, type, a.i1());
        UnixSocket.pair(one, two, Peer.of(task));
        boolean cloexec = (a.i1() & Fcntl.O_CLOEXEC) != 0;
        int first;
        try {
            first = Descriptors.install(task, one, cloexec);
        } catch (ErrnoException e) {
            two.release();
            throw e;
        }
        int second;
        try {
            second = Descriptors.install(task, two, cloexec);
        } catch (ErrnoException e) {
            task.fds().close(task, first);
            throw e;
        }
        try {
            task.memory().putLong(a.a3, first & 0xffffffffL | (long) second << 32);
        } catch (ErrnoException e) {
            task.fds().close(task, first);
            task.fds().close(task, second);
            throw e;
        }
        return 0;
    }

    private static long bind(Task task, SyscallArgs a) throws ErrnoException {
        UnixSocket s = take(task, a.i0());
        try {
            SocketAddress.bind(task, s, SocketAddress.read(task, a.a1, a.i2()));
            return 0;
        } finally {
            s.release();
        }
    }

    private static long listen(Task task, SyscallArgs a) throws ErrnoException {
        UnixSocket s = take(task, a.i0());
        try {
            s.listen(a.i1(), Peer.of(task));
            return 0;
        } finally {
            s.release();
        }
    }

    private static long connect(Task task, SyscallArgs a) throws ErrnoException {
        UnixSocket s = take(task, a.i0());
        try {
            if (SocketAddress.family(task, a.a1, a.i2()) == SocketAddress.AF_UNSPEC) {
                s.disconnect();
                return 0;
            }
            UnixSocket to = SocketAddress.find(task, SocketAddress.read(task, a.a1, a.i2()));
            if (s.connect(to, Peer.of(task))) {
                return 0;
            }
            if (Blocking.nonBlocking(s)) {
                throw Errno.EAGAIN.error();
            }
            long deadline = Blocking.deadline(s.writeTimeout());
            WaitQueue queue = to.backlogQueue();
            queue.add(task.waitEntry(), PollEvents.POLLOUT | PollEvents.POLLHUP);
            try {
                for (; ; ) {
                    task.sleeper().prepare();
                    if (s.connect(to, Peer.of(task))) {
                        return 0;
                    }
                    Blocking.sleep(task, deadline);
                }
            } finally {
                queue.remove(task.waitEntry());
            }
        } finally {
            s.release();
        }
    }

    private static long accept(Task task, SyscallArgs a, int flags) throws ErrnoException {
        if ((flags & ~STATUS) != 0) {
            throw Errno.EINVAL.error();
        }
        UnixSocket s = take(task, a.i0());
        try {
            UnixSocket next = s.accept();
            if (next == null) {
                if (Blocking.nonBlocking(s)) {
                    throw Errno.EAGAIN.error();
                }
                next = await(task, s);
            }
            if ((flags & Fcntl.O_NONBLOCK) != 0) {
                next.setFlags(next.flags() | Fcntl.O_NONBLOCK);
            }
            byte[] peer = next.peerAddress();
            int fd = Descriptors.install(task, next, (flags & Fcntl.O_CLOEXEC) != 0);
            if (a.a1 != 0) {
                try {
                    SocketAddress.write(task, a.a1, a.a2, peer);
                } catch (ErrnoException e) {
                    task.fds().close(task, fd);
                    throw e;
                }
            }
            return fd;
        } finally {
            s.release();
        }
    }

    private static UnixSocket await(Task task, UnixSocket s) throws ErrnoException {
        long deadline = Blocking.deadline(s.readTimeout());
        s.addWaiter(task.waitEntry(), PollEvents.READABLE);
        try {
            for (; ; ) {
                task.sleeper().prepare();
                UnixSocket next = s.accept();
                if (next != null) {
                    return next;
                }
                Blocking.sleep(task, deadline);
            }
        } finally {
            s.removeWaiter(task.waitEntry());
        }
    }

    private static long shutdown(Task task, SyscallArgs a) throws ErrnoException {
        UnixSocket s = take(task, a.i0());
        try {
            if (a.i1() < 0 || a.i1() > 2) {
                throw Errno.EINVAL.error();
            }
            s.shutdown(a.i1() != 1, a.i1() != 0);
            return 0;
        } finally {
            s.release();
        }
    }

    private static long name(Task task, SyscallArgs a, boolean ofPeer) throws ErrnoException {
        UnixSocket s = take(task, a.i0());
        try {
            SocketAddress.write(task, a.a1, a.a2, ofPeer ? s.peerAddress() : s.address());
            return 0;
        } finally {
            s.release();
        }
    }

    // Options.

    private static long setOption(Task task, SyscallArgs a) throws ErrnoException {
        UnixSocket s = take(task, a.i0());
        try {
            if (a.i1() != SOL_SOCKET) {
                throw Errno.EOPNOTSUPP.error();
            }
            int length = a.i4();
            int option = a.i2();
            if (option == SO_RCVTIMEO || option == SO_SNDTIMEO) {
                if (length < 16) {
                    throw Errno.EINVAL.error();
                }
                long nanos = timeout(task, a.a3);
                if (option == SO_RCVTIMEO) {
                    s.setReadTimeout(nanos);
                } else {
                    s.setWriteTimeout(nanos);
                }
                return 0;
            }
            if (length < 4) {
                throw Errno.EINVAL.error();
            }
            int value = task.memory().getInt(a.a3);
            switch (option) {
                case SO_SNDBUF -> s.setSendBuffer(bufferSize(value, MIN_SEND_BUFFER));
                case SO_RCVBUF -> s.setReceiveBuffer(bufferSize(value, MIN_RECEIVE_BUFFER));
                case SO_LINGER -> {
                    if (length < 8) {
                        throw Errno.EINVAL.error();
                    }
                    long seconds = value == 0 ? s.linger() >>> 32 : task.memory().getInt(a.a3 + 4) & 0xffffffffL;
                    s.setLinger(seconds << 32 | (value == 0 ? 0 : 1));
                }
                case SO_PASSCRED -> s.passCredentials = value != 0;
                // They have no meaning for sockets of this domain; Linux takes them all the same.
                case SO_REUSEADDR, SO_BROADCAST, SO_KEEPALIVE, SO_PRIORITY -> {}
                default -> throw Errno.ENOPROTOOPT.error();
            }
            return 0;
        } finally {
            s.release();
        }
    }

    /** What a program asks for is doubled, within limits (socket(7)); a negative size is a very large one. */
    private static int bufferSize(int wanted, int least) {
        int size = Integer.compareUnsigned(wanted, UnixSocket.BUFFER) > 0 ? UnixSocket.BUFFER : wanted;
        return Math.max(2 * size, least);
    }

    /** struct timeval of a time-out; a negative one counts as none, microseconds out of range are EDOM. */
    private static long timeout(Task task, long address) throws ErrnoException {
        long seconds = task.memory().getLong(address);
        long micros = task.memory().getLong(address + 8);
        if (micros < 0 || micros >= 1_000_000) {
            throw Errno.EDOM.error();
        }
        return seconds < 0 ? 1 : Timespec.nanos(seconds, micros * 1000);
    }

    private static long getOption(Task task, SyscallArgs a) throws ErrnoException {
        UnixSocket s = take(task, a.i0());
        try {
            if (a.i1() != SOL_SOCKET) {
                throw Errno.EOPNOTSUPP.error();
            }
            byte[] b = new byte[16];
            int size = 4;
            switch (a.i2()) {
                case SO_TYPE -> Struct.putInt(b, 0, s.type());
                case SO_DOMAIN -> Struct.putInt(b, 0, SocketAddress.AF_UNIX);
                case SO_PROTOCOL, SO_REUSEADDR, SO_BROADCAST, SO_KEEPALIVE, SO_PRIORITY -> {}
                case SO_ERROR -> Struct.putInt(b, 0, s.takeError());
                case SO_SNDBUF -> Struct.putInt(b, 0, s.sendBuffer());
                case SO_RCVBUF -> Struct.putInt(b, 0, s.receiveBuffer());
                case SO_LINGER -> {
                    size = 8;
                    Struct.putLong(b, 0, s.linger());
                }
                case SO_PASSCRED -> Struct.putInt(b, 0, s.passCredentials ? 1 : 0);
                case SO_ACCEPTCONN -> Struct.putInt(b, 0, s.listening() ? 1 : 0);
                case SO_PEERCRED -> {
                    Peer p = s.peerIs();
                    size = 12;
                    Struct.putInt(b, 0, task.namespaces().pid().translate(p.pid()));
                    Struct.putInt(b, 4, p.uid() == -1 ? -1 : task.credentials().userNamespace().uid(p.uid()));
                    Struct.putInt(b, 8, p.gid() == -1 ? -1 : task.credentials().userNamespace().gid(p.gid()));
                }
                case SO_RCVTIMEO, SO_SNDTIMEO -> {
                    long nanos = a.i2() == SO_RCVTIMEO ? s.readTimeout() : s.writeTimeout();
                    size = 16;
                    Struct.putLong(b, 0, nanos / 1_000_000_000L);
                    Struct.putLong(b, 8, nanos % 1_000_000_000L / 1000);
                }
                default -> throw Errno.ENOPROTOOPT.error();
            }
            int room = task.memory().getInt(a.a4);
            if (room < 0) {
                throw Errno.EINVAL.error();
            }
            int n = Math.min(room, size);
            task.memory().write(a.a3, b, 0, n);
            task.memory().putInt(a.a4, n);
            return 0;
        } finally {
            s.release();
        }
    }
}
