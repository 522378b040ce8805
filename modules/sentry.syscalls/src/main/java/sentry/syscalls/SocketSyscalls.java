package sentry.syscalls;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.abi.PollEvents;
import sentry.core.abi.Sockets;
import sentry.core.abi.Sys;
import sentry.core.socket.Socket;
import sentry.core.socket.SocketFamilies;
import sentry.core.syscall.SyscallArgs;
import sentry.core.syscall.SyscallTable;
import sentry.core.task.Task;
import sentry.core.vfs.FileDescription;

/** Making, naming and connecting sockets of any family, and their options. Messages are in MessageSyscalls. */
final class SocketSyscalls {
    private static final int STATUS = Fcntl.O_CLOEXEC | Fcntl.O_NONBLOCK;
    /** The longest value that getsockopt(2) gives. */
    private static final int VALUE = 512;

    private SocketSyscalls() {}

    static void install(SyscallTable.Builder table) {
        table.partial(Sys.SOCKET, "AF_UNIX, AF_INET, AF_INET6, AF_NETLINK", SocketSyscalls::socket);
        table.full(Sys.SOCKETPAIR, SocketSyscalls::socketpair);
        table.full(Sys.BIND, SocketSyscalls::bind);
        table.full(Sys.LISTEN, SocketSyscalls::listen);
        table.full(Sys.CONNECT, SocketSyscalls::connect);
        table.full(Sys.ACCEPT, (task, a) -> accept(task, a, 0));
        table.full(Sys.ACCEPT4, (task, a) -> accept(task, a, a.i3()));
        table.full(Sys.SHUTDOWN, SocketSyscalls::shutdown);
        table.full(Sys.GETSOCKNAME, (task, a) -> name(task, a, false));
        table.full(Sys.GETPEERNAME, (task, a) -> name(task, a, true));
        table.partial(Sys.SETSOCKOPT, "no packet filters", SocketSyscalls::setOption);
        table.partial(Sys.GETSOCKOPT, "no packet filters", SocketSyscalls::getOption);
        MessageSyscalls.install(table);
    }

    /** The socket {@code fd} with a reference; ENOTSOCK. */
    static Socket take(Task task, int fd) throws ErrnoException {
        FileDescription file = task.fds().take(fd);
        if (file instanceof Socket socket) {
            return socket;
        }
        boolean path = (file.flags() & Fcntl.O_PATH) != 0;
        file.release();
        throw (path ? Errno.EBADF : Errno.ENOTSOCK).error();
    }

    private static Socket make(Task task, SyscallArgs a) throws ErrnoException {
        int type = a.i1();
        if ((type & ~(Sockets.SOCK_TYPE_MASK | STATUS)) != 0) {
            throw Errno.EINVAL.error();
        }
        return SocketFamilies.create(
                task, a.i0(), type & Sockets.SOCK_TYPE_MASK, a.i2(), type & Fcntl.O_NONBLOCK);
    }

    private static long socket(Task task, SyscallArgs a) throws ErrnoException {
        return Descriptors.install(task, make(task, a), (a.i1() & Fcntl.O_CLOEXEC) != 0);
    }

    private static long socketpair(Task task, SyscallArgs a) throws ErrnoException {
        Socket one = make(task, a);
        Socket two;
        try {
            two = make(task, a);
        } catch (ErrnoException e) {
            one.release();
            throw e;
        }
        boolean cloexec = (a.i1() & Fcntl.O_CLOEXEC) != 0;
        int first;
        try {
            one.pairWith(task, two);
            first = task.fds().install(one, 0, cloexec, Descriptors.limit(task));
        } catch (ErrnoException e) {
            one.release();
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

    // Addresses.

    /** Copies an address in; EINVAL for one that is too long. */
    private static byte[] address(Task task, long address, int length) throws ErrnoException {
        if (length < 0 || length > Sockets.ADDRESS) {
            throw Errno.EINVAL.error();
        }
        byte[] b = new byte[Sockets.ADDRESS];
        task.memory().read(address, b, 0, length);
        return b;
    }

    /** Writes an address as getsockname(2) does: cut to the program's room, with the true length in {@code lengthAt}. */
    static void write(Task task, long address, long lengthAt, byte[] name, int length) throws ErrnoException {
        int room = task.memory().getInt(lengthAt);
        if (room < 0) {
            throw Errno.EINVAL.error();
        }
        int n = Math.min(room, length);
        if (n > 0) {
            task.memory().write(address, name, 0, n);
        }
        task.memory().putInt(lengthAt, length);
    }

    private static long bind(Task task, SyscallArgs a) throws ErrnoException {
        Socket s = take(task, a.i0());
        try {
            s.bind(task, address(task, a.a1, a.i2()), a.i2());
            return 0;
        } finally {
            s.release();
        }
    }

    private static long listen(Task task, SyscallArgs a) throws ErrnoException {
        Socket s = take(task, a.i0());
        try {
            s.listen(task, a.i1());
            return 0;
        } finally {
            s.release();
        }
    }

    private static long connect(Task task, SyscallArgs a) throws ErrnoException {
        Socket s = take(task, a.i0());
        try {
            s.connect(task, address(task, a.a1, a.i2()), a.i2(), Blocking.nonBlocking(s));
            return 0;
        } finally {
            s.release();
        }
    }

    private static long accept(Task task, SyscallArgs a, int flags) throws ErrnoException {
        if ((flags & ~STATUS) != 0) {
            throw Errno.EINVAL.error();
        }
        Socket s = take(task, a.i0());
        try {
            Socket next = s.accept();
            if (next == null) {
                if (Blocking.nonBlocking(s)) {
                    throw Errno.EAGAIN.error();
                }
                next = await(task, s);
            }
            if ((flags & Fcntl.O_NONBLOCK) != 0) {
                next.setFlags(next.flags() | Fcntl.O_NONBLOCK);
            }
            if (a.a1 != 0) {
                try {
                    byte[] peer = Scratch.get().name;
                    int length;
                    try {
                        length = next.name(peer, true);
                    } catch (ErrnoException e) {
                        throw Errno.ECONNABORTED.error();
                    }
                    write(task, a.a1, a.a2, peer, length);
                } catch (ErrnoException e) {
                    next.release();
                    throw e;
                }
            }
            return Descriptors.install(task, next, (flags & Fcntl.O_CLOEXEC) != 0);
        } finally {
            s.release();
        }
    }

    private static Socket await(Task task, Socket s) throws ErrnoException {
        long deadline = Blocking.deadline(s.readTimeout());
        s.addWaiter(task.waitEntry(), PollEvents.READABLE);
        try {
            for (; ; ) {
                task.sleeper().prepare();
                Socket next = s.accept();
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
        Socket s = take(task, a.i0());
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
        Socket s = take(task, a.i0());
        try {
            byte[] b = Scratch.get().name;
            int length = s.name(b, ofPeer);
            write(task, a.a1, a.a2, b, length);
            return 0;
        } finally {
            s.release();
        }
    }

    // Options.

    private static long setOption(Task task, SyscallArgs a) throws ErrnoException {
        int length = a.i4();
        if (length < 0) {
            throw Errno.EINVAL.error();
        }
        Socket s = take(task, a.i0());
        try {
            if (a.i1() == Sockets.SOL_SOCKET) {
                s.options().set(task, a.i2(), a.a3, length);
            } else {
                s.setOption(task, a.i1(), a.i2(), a.a3, length);
            }
            return 0;
        } finally {
            s.release();
        }
    }

    private static long getOption(Task task, SyscallArgs a) throws ErrnoException {
        Socket s = take(task, a.i0());
        try {
            int room = task.memory().getInt(a.a4);
            if (room < 0) {
                throw Errno.EINVAL.error();
            }
            byte[] b = new byte[VALUE];
            int n = a.i1() == Sockets.SOL_SOCKET
                    ? s.options().get(task, a.i2(), b, room)
                    : s.getOption(task, a.i1(), a.i2(), b, room);
            if (n > 0) {
                task.memory().write(a.a3, b, 0, n);
            }
            task.memory().putInt(a.a4, n);
            return 0;
        } finally {
            s.release();
        }
    }
}
