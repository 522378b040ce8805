package sentry.core.socket;

import sentry.core.abi.Bytes;
import sentry.core.abi.Capability;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Sockets;
import sentry.core.net.NetDevice;
import sentry.core.task.Credentials;
import sentry.core.task.Task;

/** The options of level SOL_SOCKET of one socket (socket(7)). */
public final class SocketOptions {
    private static final int NANOS_PER_SECOND = 1_000_000_000;
    /** Time-outs are kept in ticks (CONFIG_HZ 250). */
    private static final long TICK = 4_000_000;
    /** Largest interface name with its NUL. */
    private static final int IFNAMSIZ = 16;

    /** Options that are a yes or no and that somebody may look at later: their numbers are below 64. */
    private static final long FLAGS = 1L << Sockets.SO_DEBUG
            | 1L << Sockets.SO_REUSEADDR
            | 1L << Sockets.SO_REUSEPORT
            | 1L << Sockets.SO_DONTROUTE
            | 1L << Sockets.SO_BROADCAST
            | 1L << Sockets.SO_KEEPALIVE
            | 1L << Sockets.SO_OOBINLINE
            | 1L << Sockets.SO_NO_CHECK
            | 1L << Sockets.SO_PASSCRED
            | 1L << Sockets.SO_PASSSEC
            | 1L << Sockets.SO_TIMESTAMP
            | 1L << Sockets.SO_TIMESTAMPNS
            | 1L << Sockets.SO_RXQ_OVFL
            | 1L << Sockets.SO_NOFCS
            | 1L << Sockets.SO_SELECT_ERR_QUEUE
            | 1L << Sockets.SO_ZEROCOPY;

    private final Socket socket;
    private volatile long flags;
    private volatile int sendBuffer = Sockets.BUFFER;
    private volatile int receiveBuffer = Sockets.BUFFER;
    /** Whether a program chose the sizes, so that nothing else changes them. */
    private volatile boolean sendChosen;

    private volatile boolean receiveChosen;
    private volatile long receiveTimeout;
    private volatile long sendTimeout;
    private volatile int receiveLow = 1;
    private volatile boolean lingers;
    private volatile int lingerSeconds;
    private volatile int priority;
    private volatile int mark;
    private volatile int peekOffset = -1;
    private volatile int timestamping;
    private volatile int busyPoll;
    private volatile int incomingCpu = -1;
    private volatile long pacing = -1;
    private volatile int device;

    SocketOptions(Socket socket) {
        this.socket = socket;
    }

    /** Whether a yes-or-no option is on. */
    public boolean has(int option) {
        return (flags >>> option & 1) != 0;
    }

    public synchronized void set(int option, boolean on) {
        flags = on ? flags | 1L << option : flags & ~(1L << option);
    }

    public int sendBuffer() {
        return sendBuffer;
    }

    public int receiveBuffer() {
        return receiveBuffer;
    }

    public boolean sendChosen() {
        return sendChosen;
    }

    public boolean receiveChosen() {
        return receiveChosen;
    }

    /** The sizes of a family's new sockets. */
    public void buffers(int send, int receive) {
        sendBuffer = send;
        receiveBuffer = receive;
    }

    public long receiveTimeout() {
        return receiveTimeout;
    }

    public long sendTimeout() {
        return sendTimeout;
    }

    /** SO_RCVLOWAT. */
    public int receiveLow() {
        return receiveLow;
    }

    /** SO_LINGER: seconds, or -1 when it is off. */
    public int linger() {
        return lingers ? lingerSeconds : -1;
    }

    public int peekOffset() {
        return peekOffset;
    }

    public void setPeekOffset(int value) {
        peekOffset = value;
    }

    /** Moves SO_PEEK_OFF, when it is in use: forward by a peek, back by a read. */
    public void movePeekOffset(int by) {
        int at = peekOffset;
        if (at >= 0) {
            peekOffset = Math.max(0, at + by);
        }
    }

    /** The interface that the socket is bound to, 0 for none. */
    public int device() {
        return device;
    }

    /** Takes over what an accepted connection has from its listener. */
    public void inherit(SocketOptions from) {
        flags = from.flags;
        sendBuffer = from.sendBuffer;
        receiveBuffer = from.receiveBuffer;
        sendChosen = from.sendChosen;
        receiveChosen = from.receiveChosen;
        receiveTimeout = from.receiveTimeout;
        sendTimeout = from.sendTimeout;
        receiveLow = from.receiveLow;
        lingers = from.lingers;
        lingerSeconds = from.lingerSeconds;
        priority = from.priority;
        mark = from.mark;
        device = from.device;
    }

    /** setsockopt(2) with SOL_SOCKET. */
    public void set(Task task, int option, long address, int length) throws ErrnoException {
        if (option == Sockets.SO_BINDTODEVICE) {
            bindToDevice(task, address, length);
            return;
        }
        if (length < 4) {
            throw Errno.EINVAL.error();
        }
        int value = task.memory().getInt(address);
        boolean on = value != 0;
        Credentials who = task.credentials();
        if (!socket.supports(option)) {
            throw Errno.EOPNOTSUPP.error();
        }
        switch (option) {
            case Sockets.SO_DEBUG -> {
                if (on && !who.capableIn(socket.net().owner(), Capability.NET_ADMIN)) {
                    throw Errno.EACCES.error();
                }
                set(option, on);
            }
            case Sockets.SO_TIMESTAMP, Sockets.SO_TIMESTAMP_NEW -> {
                set(Sockets.SO_TIMESTAMPNS, false);
                set(Sockets.SO_TIMESTAMP, on);
            }
            case Sockets.SO_TIMESTAMPNS, Sockets.SO_TIMESTAMPNS_NEW -> {
                set(Sockets.SO_TIMESTAMP, false);
                set(Sockets.SO_TIMESTAMPNS, on);
            }
            case Sockets.SO_ZEROCOPY -> {
                if (value < 0 || value > 1) {
                    throw Errno.EINVAL.error();
                }
                set(option, on);
            }
            case Sockets.SO_SNDBUF -> setSendBuffer(value, Sockets.MOST_BUFFER);
            case Sockets.SO_RCVBUF -> setReceiveBuffer(value, Sockets.MOST_BUFFER);
            case Sockets.SO_SNDBUFFORCE -> {
                requireAdmin(who);
                setSendBuffer(Math.max(0, value), Integer.MAX_VALUE / 2);
            }
            case Sockets.SO_RCVBUFFORCE -> {
                requireAdmin(who);
                setReceiveBuffer(Math.max(0, value), Integer.MAX_VALUE / 2);
            }
            case Sockets.SO_PRIORITY -> {
                if ((value < 0 || value > 6)
                        && !who.capableIn(socket.net().owner(), Capability.NET_ADMIN)
                        && !who.capableIn(socket.net().owner(), Capability.NET_RAW)) {
                    throw Errno.EPERM.error();
                }
                priority = value;
            }
            case Sockets.SO_MARK -> {
                if (!who.capableIn(socket.net().owner(), Capability.NET_ADMIN)
                        && !who.capableIn(socket.net().owner(), Capability.NET_RAW)) {
                    throw Errno.EPERM.error();
                }
                mark = value;
            }
            case Sockets.SO_LINGER -> {
                if (length < 8) {
                    throw Errno.EINVAL.error();
                }
                if (on) {
                    lingerSeconds = task.memory().getInt(address + 4);
                }
                lingers = on;
            }
            case Sockets.SO_BSDCOMPAT -> {}
            case Sockets.SO_RCVLOWAT -> {
                receiveLow = value < 0 ? Integer.MAX_VALUE : Math.max(1, value);
                socket.queue.notify(sentry.core.abi.PollEvents.READABLE);
            }
            case Sockets.SO_RCVTIMEO, Sockets.SO_RCVTIMEO_NEW ->
                receiveTimeout = timeout(task, address, length);
            case Sockets.SO_SNDTIMEO, Sockets.SO_SNDTIMEO_NEW -> sendTimeout = timeout(task, address, length);
            case Sockets.SO_PEEK_OFF -> peekOffset = value;
            case Sockets.SO_TIMESTAMPING -> timestamping = value;
            case Sockets.SO_BUSY_POLL -> {
                if (value < 0) {
                    throw Errno.EINVAL.error();
                }
                if (value > busyPoll && !who.capableIn(socket.net().owner(), Capability.NET_ADMIN)) {
                    throw Errno.EPERM.error();
                }
                busyPoll = value;
            }
            case Sockets.SO_INCOMING_CPU -> incomingCpu = value;
            case Sockets.SO_MAX_PACING_RATE ->
                pacing = length >= 8 ? task.memory().getLong(address) : value == -1 ? -1 : value & 0xffffffffL;
            case Sockets.SO_BINDTOIFINDEX -> {
                if (value < 0) {
                    throw Errno.EINVAL.error();
                }
                if (value != 0 && socket.net().stack().device(value) == null) {
                    throw Errno.ENODEV.error();
                }
                device = value;
            }
            case Sockets.SO_DETACH_FILTER -> throw Errno.ENOENT.error(); // there never is one
            case Sockets.SO_LOCK_FILTER -> {}
            default -> {
                if (option < 0 || option >= 64 || (FLAGS >>> option & 1) == 0) {
                    throw Errno.ENOPROTOOPT.error();
                }
                set(option, on);
            }
        }
    }

    private void requireAdmin(Credentials who) throws ErrnoException {
        if (!who.capableIn(socket.net().owner(), Capability.NET_ADMIN)) {
            throw Errno.EPERM.error();
        }
    }

    /** What a program asks for is doubled, within limits (socket(7)); a negative size is a very large one. */
    private void setSendBuffer(int wanted, int most) {
        int size = Integer.compareUnsigned(wanted, most) > 0 ? most : wanted;
        sendBuffer = Math.max(2 * size, Sockets.LEAST_SEND_BUFFER);
        sendChosen = true;
        socket.buffersChanged();
    }

    private void setReceiveBuffer(int wanted, int most) {
        int size = Integer.compareUnsigned(wanted, most) > 0 ? most : wanted;
        receiveBuffer = Math.max(2 * size, Sockets.LEAST_RECEIVE_BUFFER);
        receiveChosen = true;
        socket.buffersChanged();
    }

    private void bindToDevice(Task task, long address, int length) throws ErrnoException {
        if (length < 0) {
            throw Errno.EINVAL.error();
        }
        byte[] name = new byte[Math.min(length, IFNAMSIZ - 1)];
        task.memory().read(address, name, 0, name.length);
        int n = 0;
        while (n < name.length && name[n] != 0) {
            n++;
        }
        int index = 0;
        if (n > 0) {
            NetDevice found = socket.net().stack().device(new String(name, 0, n, java.nio.charset.StandardCharsets.ISO_8859_1));
            if (found == null) {
                throw Errno.ENODEV.error();
            }
            index = found.index();
        }
        if (device != 0 && device != index && !task.credentials().capableIn(socket.net().owner(), Capability.NET_RAW)) {
            throw Errno.EPERM.error();
        }
        device = index;
    }

    /** struct timeval of a time-out; a negative one counts as none, microseconds out of range are EDOM. */
    private static long timeout(Task task, long address, int length) throws ErrnoException {
        if (length < 16) {
            throw Errno.EINVAL.error();
        }
        long seconds = task.memory().getLong(address);
        long micros = task.memory().getLong(address + 8);
        if (micros < 0 || micros >= 1_000_000) {
            throw Errno.EDOM.error();
        }
        if (seconds < 0) {
            return 1;
        }
        return seconds > Long.MAX_VALUE / NANOS_PER_SECOND - 1
                ? 0
                : (seconds * NANOS_PER_SECOND + micros * 1000 + TICK - 1) / TICK * TICK;
    }

    /** getsockopt(2) with SOL_SOCKET; as {@link Socket#getOption}. */
    public int get(Task task, int option, byte[] b, int room) throws ErrnoException {
        int size = 4;
        Bytes.putLong(b, 0, 0);
        switch (option) {
            case Sockets.SO_TYPE -> Bytes.putInt(b, 0, socket.type());
            case Sockets.SO_DOMAIN -> Bytes.putInt(b, 0, socket.domain());
            case Sockets.SO_PROTOCOL -> Bytes.putInt(b, 0, socket.protocol());
            case Sockets.SO_ERROR -> Bytes.putInt(b, 0, socket.takeError());
            case Sockets.SO_SNDBUF -> Bytes.putInt(b, 0, sendBuffer);
            case Sockets.SO_RCVBUF -> Bytes.putInt(b, 0, receiveBuffer);
            case Sockets.SO_LINGER -> {
                size = 8;
                Bytes.putInt(b, 0, lingers ? 1 : 0);
                Bytes.putInt(b, 4, lingerSeconds);
            }
            case Sockets.SO_BSDCOMPAT, Sockets.SO_LOCK_FILTER, Sockets.SO_INCOMING_NAPI_ID,
                    Sockets.SO_PREFER_BUSY_POLL -> {}
            case Sockets.SO_PRIORITY -> Bytes.putInt(b, 0, priority);
            case Sockets.SO_MARK -> Bytes.putInt(b, 0, mark);
            case Sockets.SO_RCVLOWAT -> Bytes.putInt(b, 0, receiveLow);
            case Sockets.SO_SNDLOWAT -> Bytes.putInt(b, 0, 1);
            case Sockets.SO_TIMESTAMPING -> {
                size = 8; // struct so_timestamping: flags, bind_phc
                Bytes.putInt(b, 0, timestamping);
            }
            case Sockets.SO_TIMESTAMP_NEW, Sockets.SO_TIMESTAMPNS_NEW -> {}
            case Sockets.SO_BUSY_POLL -> Bytes.putInt(b, 0, busyPoll);
            case Sockets.SO_INCOMING_CPU -> Bytes.putInt(b, 0, incomingCpu);
            case Sockets.SO_BPF_EXTENSIONS -> Bytes.putInt(b, 0, 64);
            case Sockets.SO_BINDTOIFINDEX -> Bytes.putInt(b, 0, device);
            case Sockets.SO_ACCEPTCONN -> Bytes.putInt(b, 0, socket.listening() ? 1 : 0);
            case Sockets.SO_PEEK_OFF -> {
                if (!socket.supports(option)) {
                    throw Errno.EOPNOTSUPP.error();
                }
                Bytes.putInt(b, 0, peekOffset);
            }
            case Sockets.SO_MAX_PACING_RATE -> {
                size = room >= 8 ? 8 : 4;
                Bytes.putLong(b, 0, size == 8 || pacing < 0xffffffffL ? pacing : 0xffffffffL);
            }
            case Sockets.SO_RCVTIMEO, Sockets.SO_RCVTIMEO_NEW -> size = putTimeout(b, receiveTimeout);
            case Sockets.SO_SNDTIMEO, Sockets.SO_SNDTIMEO_NEW -> size = putTimeout(b, sendTimeout);
            case Sockets.SO_PEERCRED -> {
                Peer p = socket.peerIs();
                size = 12;
                Bytes.putInt(b, 0, task.namespaces().pid().translate(p.pid()));
                Bytes.putInt(b, 4, p.uid() == -1 ? -1 : task.credentials().userNamespace().uid(p.uid()));
                Bytes.putInt(b, 8, p.gid() == -1 ? -1 : task.credentials().userNamespace().gid(p.gid()));
            }
            case Sockets.SO_PEERGROUPS -> size = peerGroups(task, b, room);
            case Sockets.SO_PEERNAME -> {
                size = socket.name(b, true);
                if (size < room) {
                    throw Errno.EINVAL.error();
                }
            }
            case Sockets.SO_COOKIE -> {
                size = 8;
                if (room < 8) {
                    throw Errno.EINVAL.error();
                }
                Bytes.putLong(b, 0, socket.ino());
            }
            case Sockets.SO_NETNS_COOKIE -> {
                size = 8;
                if (room != 8) {
                    throw Errno.EINVAL.error();
                }
                Bytes.putLong(b, 0, socket.net().number());
            }
            case Sockets.SO_BINDTODEVICE -> size = deviceName(b, room);
            case Sockets.SO_ATTACH_FILTER -> size = 0;
            default -> {
                if (option < 0 || option >= 64 || (FLAGS >>> option & 1) == 0) {
                    throw Errno.ENOPROTOOPT.error();
                }
                Bytes.putInt(b, 0, has(option) ? 1 : 0);
            }
        }
        return Math.min(size, room);
    }

    private int peerGroups(Task task, byte[] b, int room) throws ErrnoException {
        int[] groups = socket.peerIs().groups();
        if (groups == null) {
            throw Errno.ENODATA.error();
        }
        if (room < 4 * groups.length || b.length < 4 * groups.length) {
            throw Errno.ERANGE.error();
        }
        for (int i = 0; i < groups.length; i++) {
            Bytes.putInt(b, 4 * i, task.credentials().userNamespace().gid(groups[i]));
        }
        return 4 * groups.length;
    }

    private int deviceName(byte[] b, int room) throws ErrnoException {
        NetDevice d = device == 0 ? null : socket.net().stack().device(device);
        if (d == null) {
            return 0;
        }
        if (room < IFNAMSIZ) {
            throw Errno.EINVAL.error();
        }
        int n = d.name().length();
        for (int i = 0; i < n; i++) {
            b[i] = (byte) d.name().charAt(i);
        }
        b[n] = 0;
        return n + 1;
    }

    private static int putTimeout(byte[] b, long nanos) {
        Bytes.putLong(b, 0, nanos / NANOS_PER_SECOND);
        Bytes.putLong(b, 8, nanos % NANOS_PER_SECOND / 1000);
        return 16;
    }
}
