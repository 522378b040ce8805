package host.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/** Unix sockets: sys/socket.h, unix(7), and descriptors passed over them (SCM_RIGHTS). All are made close-on-exec. */
public final class UnixSockets {
    private static final int AF_UNIX = 1;
    private static final int SOCK_STREAM = 1;
    private static final int SOCK_CLOEXEC = 0x80000;
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final int MSG_CMSG_CLOEXEC = 0x40000000;
    private static final int MSG_CTRUNC = 8;
    private static final int SOL_SOCKET = 1;
    private static final int SCM_RIGHTS = 1;
    private static final int SO_PEERCRED = 17;
    private static final int SO_RCVTIMEO = 20;
    private static final int SO_SNDTIMEO = 21;
    private static final int EINTR = 4;
    private static final int EPROTO = 71;
    private static final int ENAMETOOLONG = 36;
    /** Most descriptors in one message: the kernel's SCM_MAX_FD. */
    public static final int MAX_DESCRIPTORS = 253;

    private static final int CONTROL_HEADER = 16;

    private UnixSockets() {}

    /** Two connected stream sockets. */
    public static int[] pair() throws HostException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment fds = arena.allocate(8, 8);
            HostException.check("socketpair", Syscall.call(53, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds.address()));
            return new int[] {fds.get(ValueLayout.JAVA_INT, 0), fds.get(ValueLayout.JAVA_INT, 4)};
        }
    }

    /** A listening stream socket at {@code path}, which must not exist and be no longer than 107 bytes. */
    public static int listen(byte[] path, int backlog) throws HostException {
        int fd = (int) HostException.check("socket", Syscall.call(41, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = address(arena, path);
            HostException.check("bind", Syscall.call(49, fd, address.address(), address.byteSize()));
            HostException.check("listen", Syscall.call(50, fd, backlog));
            return fd;
        } catch (HostException e) {
            Files.close(fd);
            throw e;
        }
    }

    /** A stream socket connected to {@code path}. */
    public static int connect(byte[] path) throws HostException {
        int fd = (int) HostException.check("socket", Syscall.call(41, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = address(arena, path);
            HostException.check("connect", Syscall.call(42, fd, address.address(), address.byteSize()));
            return fd;
        } catch (HostException e) {
            Files.close(fd);
            throw e;
        }
    }

    /** The next connection of a listening socket, or a negated errno. */
    public static int accept(int fd) {
        return (int) Syscall.call(288, fd, 0, 0, SOCK_CLOEXEC);
    }

    /** Makes a blocking send or receive give up after so long (SO_SNDTIMEO, SO_RCVTIMEO). Returns whether it is set. */
    public static boolean limitStalls(int fd, int milliseconds) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment time = arena.allocate(16, 8);
            time.set(ValueLayout.JAVA_LONG, 0, milliseconds / 1000);
            time.set(ValueLayout.JAVA_LONG, 8, milliseconds % 1000 * 1000L);
            return Syscall.call(54, fd, SOL_SOCKET, SO_RCVTIMEO, time.address(), 16) == 0
                    && Syscall.call(54, fd, SOL_SOCKET, SO_SNDTIMEO, time.address(), 16) == 0;
        }
    }

    /** The user id of the process at the other end (SO_PEERCRED), or a negated errno. */
    public static int peerUser(int fd) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment credentials = arena.allocate(16, 8); // struct ucred: pid, uid, gid
            credentials.set(ValueLayout.JAVA_INT, 12, 12); // the length argument
            long r = Syscall.call(55, fd, SOL_SOCKET, SO_PEERCRED, credentials.address(), credentials.address() + 12);
            return Syscall.failed(r) ? (int) r : credentials.get(ValueLayout.JAVA_INT, 4);
        }
    }

    /**
     * Sends all of {@code bytes}, with {@code descriptors} attached to the first of them.
     *
     * @return 0 or a negated errno
     */
    public static int send(int fd, byte[] bytes, int... descriptors) {
        if (descriptors.length > MAX_DESCRIPTORS || bytes.length == 0) {
            throw new IllegalArgumentException();
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment data = arena.allocate(bytes.length, 8);
            MemorySegment.copy(MemorySegment.ofArray(bytes), 0, data, 0, bytes.length);
            MemorySegment vector = arena.allocate(16, 8);
            MemorySegment header = arena.allocate(56, 8);
            header.set(ValueLayout.JAVA_LONG, 16, vector.address());
            header.set(ValueLayout.JAVA_LONG, 24, 1);
            if (descriptors.length > 0) {
                long length = CONTROL_HEADER + 4L * descriptors.length;
                MemorySegment control = arena.allocate(length + 7 & -8, 8);
                control.set(ValueLayout.JAVA_LONG, 0, length);
                control.set(ValueLayout.JAVA_INT, 8, SOL_SOCKET);
                control.set(ValueLayout.JAVA_INT, 12, SCM_RIGHTS);
                MemorySegment.copy(
                        MemorySegment.ofArray(descriptors), 0, control, CONTROL_HEADER, 4L * descriptors.length);
                header.set(ValueLayout.JAVA_LONG, 32, control.address());
                header.set(ValueLayout.JAVA_LONG, 40, control.byteSize());
            }
            long done = 0;
            while (done < bytes.length) {
                vector.set(ValueLayout.JAVA_LONG, 0, data.address() + done);
                vector.set(ValueLayout.JAVA_LONG, 8, bytes.length - done);
                long n = Syscall.call(46, fd, header.address(), MSG_NOSIGNAL);
                if (n == -EINTR) {
                    continue;
                }
                if (Syscall.failed(n)) {
                    return (int) n;
                }
                done += n;
                header.set(ValueLayout.JAVA_LONG, 32, 0);
                header.set(ValueLayout.JAVA_LONG, 40, 0);
            }
            return 0;
        }
    }

    /**
     * What {@link #receive} got.
     *
     * @param count bytes, 0 at the end of the stream, or a negated errno
     * @param descriptors those that came along, now ours
     */
    public record Received(int count, int[] descriptors) {}

    /** Receives up to {@code length} bytes into {@code bytes} and the descriptors attached to them. */
    public static Received receive(int fd, byte[] bytes, int offset, int length) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment data = arena.allocate(Math.max(1, length), 8);
            MemorySegment vector = arena.allocate(16, 8);
            vector.set(ValueLayout.JAVA_LONG, 0, data.address());
            vector.set(ValueLayout.JAVA_LONG, 8, length);
            int room = CONTROL_HEADER + 4 * MAX_DESCRIPTORS + 4;
            MemorySegment control = arena.allocate(room, 8);
            MemorySegment header = arena.allocate(56, 8);
            header.set(ValueLayout.JAVA_LONG, 16, vector.address());
            header.set(ValueLayout.JAVA_LONG, 24, 1);
            header.set(ValueLayout.JAVA_LONG, 32, control.address());
            long n;
            do {
                header.set(ValueLayout.JAVA_LONG, 40, room);
                n = Syscall.call(47, fd, header.address(), MSG_CMSG_CLOEXEC);
            } while (n == -EINTR);
            if (n <= 0) {
                return new Received((int) n, new int[0]);
            }
            int[] descriptors = descriptors(control, header.get(ValueLayout.JAVA_LONG, 40));
            if ((header.get(ValueLayout.JAVA_INT, 48) & MSG_CTRUNC) != 0) {
                for (int d : descriptors) {
                    Files.close(d);
                }
                return new Received(-EPROTO, new int[0]);
            }
            MemorySegment.copy(data, 0, MemorySegment.ofArray(bytes), offset, n);
            return new Received((int) n, descriptors);
        }
    }

    private static int[] descriptors(MemorySegment control, long length) {
        int[] all = {};
        for (long at = 0; at + CONTROL_HEADER <= length; ) {
            long size = control.get(ValueLayout.JAVA_LONG, at);
            if (size < CONTROL_HEADER || at + size > length) {
                break;
            }
            if (control.get(ValueLayout.JAVA_INT, at + 8) == SOL_SOCKET
                    && control.get(ValueLayout.JAVA_INT, at + 12) == SCM_RIGHTS) {
                int count = (int) (size - CONTROL_HEADER) / 4;
                int[] more = Arrays.copyOf(all, all.length + count);
                MemorySegment.copy(
                        control, at + CONTROL_HEADER, MemorySegment.ofArray(more), 4L * all.length, 4L * count);
                all = more;
            }
            at += size + 7 & -8;
        }
        return all;
    }

    private static MemorySegment address(Arena arena, byte[] path) throws HostException {
        if (path.length > 107) {
            throw new HostException("socket path", ENAMETOOLONG);
        }
        MemorySegment address = arena.allocate(2L + path.length + 1, 2);
        address.set(ValueLayout.JAVA_SHORT, 0, (short) AF_UNIX);
        MemorySegment.copy(MemorySegment.ofArray(path), 0, address, 2, path.length);
        return address;
    }
}
