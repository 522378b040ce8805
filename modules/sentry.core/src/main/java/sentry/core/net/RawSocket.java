package sentry.core.net;

import java.util.ArrayDeque;
import java.util.Arrays;
import sentry.core.abi.Bytes;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Inet;
import sentry.core.abi.PollEvents;
import sentry.core.abi.Sockets;
import sentry.core.socket.Ancillary;
import sentry.core.socket.Outgoing;
import sentry.core.socket.Received;
import sentry.core.task.Task;
import sentry.core.time.Clocks;
import sentry.core.vfs.IoBuffer;

/**
 * A raw socket (raw(7)), or a ping socket, which sends ICMP echo requests and gets the replies to its own (icmp(7)).
 * The network answers echo requests. The monitor guards the queue.
 */
final class RawSocket extends InetSocket {
    private static final int FIONREAD = 0x541b;
    private static final int ECHO_4 = 8;
    private static final int ECHO_REPLY_4 = 0;
    private static final int ECHO_6 = 128;
    private static final int ECHO_REPLY_6 = 129;
    private static final int ICMP_HEADER = 8;
    private static final int IP_HEADER = 20;
    private static final int DATA = PollEvents.POLLIN | PollEvents.POLLRDNORM;
    private static final int ROOM = PollEvents.POLLOUT | PollEvents.POLLWRNORM;
    /** struct icmp_filter: ICMP_FILTER of level RAW. */
    private static final int SOL_RAW = 255;

    private static final int ICMP_FILTER = 1;

    private final boolean ping;
    private final ArrayDeque<Datagram> queued = new ArrayDeque<>(0);
    private int cost;
    private volatile int identifier;
    private volatile int filter;
    private boolean readShut;
    private boolean closed;

    RawSocket(Task task, boolean v6, int type, int protocol, int flags) {
        super(task, v6, type, protocol, flags);
        ping = type == Sockets.SOCK_DGRAM;
        stack().raw().add(this);
        if (!ping) {
            setLocal(local().withPort(v6 ? 0 : protocol));
        }
    }

    @Override
    PortTable ports() {
        return null;
    }

    @Override
    boolean bindsNoMore() {
        return ping && identifier != 0;
    }

    int identifier() {
        return identifier;
    }

    @Override
    public void bind(Task task, byte[] b, int length) throws ErrnoException {
        super.bind(task, b, length);
        int wanted = Bytes.getNetShort(b, 2);
        if (ping) {
            int id = stack().raw().identify(this, wanted);
            if (id < 0) {
                throw Errno.EADDRINUSE.error();
            }
            identifier = id;
            setLocal(local().withPort(id));
        } else {
            setLocal(local().withPort(v6() ? 0 : protocol()));
        }
    }

    @Override
    public void connect(Task task, byte[] b, int length, boolean noWait) throws ErrnoException {
        if (length < 2) {
            throw Errno.EINVAL.error();
        }
        if (Bytes.getShort(b, 0) == Sockets.AF_UNSPEC) {
            setRemote(null);
            return;
        }
        Endpoint to = destination(Endpoint.read(b, length, v6()));
        requireReach(to);
        setRemote(to);
        if (local().isAny()) {
            setLocal(stack().source(to).withPort(local().port()));
        }
        if (ping) {
            identify();
        }
    }

    private void identify() throws ErrnoException {
        if (identifier == 0) {
            int id = stack().raw().identify(this, 0);
            if (id < 0) {
                throw Errno.EAGAIN.error();
            }
            identifier = id;
            setLocal(local().withPort(id));
        }
    }

    private void requireReach(Endpoint to) throws ErrnoException {
        switch (stack().reach(to.high(), to.low(), options().device())) {
            case NONE -> throw Errno.ENETUNREACH.error();
            case BROADCAST -> {
                if (!options().has(Sockets.SO_BROADCAST)) {
                    throw Errno.EACCES.error();
                }
            }
            default -> {}
        }
    }

    @Override
    public void shutdown(boolean read, boolean write) throws ErrnoException {
        synchronized (this) {
            readShut |= read;
        }
        queue.notify(PollEvents.READABLE);
        if (remote() == null) {
            throw Errno.ENOTCONN.error();
        }
    }

    @Override
    protected void closed() {
        stack().raw().remove(this);
        synchronized (this) {
            closed = true;
            queued.clear();
        }
        ip.leaveAll();
        queue.notify(PollEvents.READABLE | PollEvents.WRITABLE);
    }

    @Override
    public long send(Task task, IoBuffer source, Outgoing message, int flags) throws ErrnoException {
        if (source.remaining() > 65535) {
            throw Errno.EMSGSIZE.error();
        }
        if ((flags & Sockets.MSG_OOB) != 0) {
            throw Errno.EOPNOTSUPP.error();
        }
        int length = (int) source.remaining();
        if (ping && length < ICMP_HEADER) {
            throw Errno.EINVAL.error();
        }
        Endpoint to = remote();
        if (message.nameLength > 0) {
            to = destination(Endpoint.read(message.name, message.nameLength, v6()));
        } else if (to == null) {
            throw Errno.EDESTADDRREQ.error();
        }
        reportError();
        requireReach(to);
        byte[] data = new byte[length];
        if (length > 0 && source.get(data, 0, length) < length) {
            throw Errno.EFAULT.error();
        }
        if (ping) {
            if ((data[0] & 0xff) != (v6() ? ECHO_6 : ECHO_4) || data[1] != 0) {
                throw Errno.EINVAL.error();
            }
            identify();
            Bytes.putNetShort(data, 4, identifier);
            data[2] = 0;
            data[3] = 0;
            if (!v6()) {
                Bytes.putNetShort(data, 2, checksum(data, 0, data.length));
            }
        } else if (!v6() && (protocol() == Inet.IPPROTO_RAW || headerIncluded())) {
            if (length < IP_HEADER) {
                throw Errno.EINVAL.error();
            }
            data = Arrays.copyOfRange(data, IP_HEADER, length); // the header is made anew from what it says
        }
        Endpoint from = local().isAny() ? stack().source(to) : local();
        send(data, from.withPort(0), to.withPort(0), message);
        return length;
    }

    private boolean headerIncluded() throws ErrnoException {
        byte[] b = new byte[4];
        ip.get(null, Inet.IPPROTO_IP, Inet.IP_HDRINCL, b, 4);
        return b[0] != 0;
    }

    private void send(byte[] data, Endpoint from, Endpoint to, Outgoing message) {
        boolean v4 = !v6();
        int ttl = message.ttl >= 0 ? message.ttl : ip.ttl(v4, false);
        int tos = message.tos >= 0 ? message.tos : ip.tos(v4);
        int protocol = protocol();
        Datagram d = new Datagram(data, data.length, from, to, ttl, tos, 1, Clocks.realtime());
        spread(d, protocol, v4);
        boolean icmp = protocol == (v4 ? Inet.IPPROTO_ICMP : Inet.IPPROTO_ICMPV6);
        if (icmp && data.length >= ICMP_HEADER && (data[0] & 0xff) == (v4 ? ECHO_4 : ECHO_6)) {
            byte[] back = data.clone();
            back[0] = (byte) (v4 ? ECHO_REPLY_4 : ECHO_REPLY_6);
            back[2] = 0;
            back[3] = 0;
            if (v4) {
                Bytes.putNetShort(back, 2, checksum(back, 0, back.length));
            }
            spread(new Datagram(back, back.length, to, from, 64, tos, 1, Clocks.realtime()), protocol, v4);
        }
    }

    /** Gives a packet to all raw sockets that take it. */
    private void spread(Datagram d, int protocol, boolean v4) {
        stack().loopback().count(d.length());
        for (RawSocket s : stack().raw().all()) {
            if (s.v6() == v4 || s.protocol() != protocol) {
                continue;
            }
            Endpoint mine = s.local();
            if (!mine.isAny() && !mine.sameAddress(d.to())) {
                continue;
            }
            if (s.ping) {
                boolean reply = (d.data()[0] & 0xff) == (v4 ? ECHO_REPLY_4 : ECHO_REPLY_6);
                if (reply && Bytes.getNetShort(d.data(), 4) == s.identifier) {
                    s.deliver(d);
                }
                continue;
            }
            Endpoint theirs = s.remote();
            if (theirs != null && !theirs.sameAddress(d.from())) {
                continue;
            }
            if (v4 && protocol == Inet.IPPROTO_ICMP && d.length() > 0 && d.data()[0] < 32 && d.data()[0] >= 0
                    && (s.filter >>> d.data()[0] & 1) != 0) {
                continue;
            }
            s.deliver(v4 ? withHeader(d, protocol) : d);
        }
    }

    /** Receivers of IPv4 see the header. */
    private static Datagram withHeader(Datagram d, int protocol) {
        byte[] b = new byte[IP_HEADER + d.length()];
        b[0] = 0x45;
        b[1] = (byte) d.tos();
        Bytes.putNetShort(b, 2, b.length);
        b[6] = 0x40;
        b[8] = (byte) d.ttl();
        b[9] = (byte) protocol;
        Ip.putV4(b, 12, d.from().low());
        Ip.putV4(b, 16, d.to().low());
        Bytes.putNetShort(b, 10, checksum(b, 0, IP_HEADER));
        System.arraycopy(d.data(), 0, b, IP_HEADER, d.length());
        return new Datagram(b, b.length, d.from(), d.to(), d.ttl(), d.tos(), d.device(), d.time());
    }

    /** The Internet checksum (RFC 1071). */
    private static int checksum(byte[] b, int from, int length) {
        int sum = 0;
        for (int i = 0; i < length; i += 2) {
            sum += (b[from + i] & 0xff) << 8 | (i + 1 < length ? b[from + i + 1] & 0xff : 0);
        }
        sum = (sum >>> 16) + (sum & 0xffff);
        sum += sum >>> 16;
        return ~sum & 0xffff;
    }

    private void deliver(Datagram d) {
        synchronized (this) {
            if (closed || cost > options().receiveBuffer()) {
                return;
            }
            cost += d.cost();
            queued.add(d);
        }
        queue.notify(DATA);
    }

    @Override
    public long receive(Task task, IoBuffer target, int flags, Received with) throws ErrnoException {
        if ((flags & Sockets.MSG_OOB) != 0) {
            throw Errno.EOPNOTSUPP.error();
        }
        if ((flags & Sockets.MSG_ERRQUEUE) != 0) {
            throw Errno.EAGAIN.error();
        }
        synchronized (this) {
            reportError();
            Datagram d = queued.peek();
            if (d == null) {
                return readShut ? 0 : WOULD_BLOCK;
            }
            if ((flags & Sockets.MSG_PEEK) == 0) {
                queued.poll();
                cost -= d.cost();
            }
            int want = (int) Math.min(d.length(), target.remaining());
            if (want > 0 && target.put(d.data(), 0, want) < want) {
                throw Errno.EFAULT.error();
            }
            with.any = true;
            with.packet = d;
            with.time = d.time();
            with.truncated = want < d.length();
            with.fullLength = d.length();
            return (flags & Sockets.MSG_TRUNC) != 0 ? d.length() : want;
        }
    }

    @Override
    public int senderName(Received with, byte[] out) {
        return with.packet instanceof Datagram d ? d.from().write(out, v6()) : 0;
    }

    @Override
    public void ancillary(Task task, Received with, Ancillary out) {
        if (with.packet instanceof Datagram d) {
            ip.ancillary(d, out);
        }
    }

    @Override
    public void control(Task task, Outgoing message, int level, int kind, byte[] data, int at, int length)
            throws ErrnoException {
        ip.control(message, level, kind, data, at, length);
    }

    @Override
    public void setOption(Task task, int level, int option, long address, int length) throws ErrnoException {
        if (level == SOL_RAW && !ping) {
            if (option != ICMP_FILTER) {
                throw Errno.ENOPROTOOPT.error();
            }
            if (protocol() != Inet.IPPROTO_ICMP || v6()) {
                throw Errno.EOPNOTSUPP.error();
            }
            byte[] b = new byte[4];
            task.memory().read(address, b, 0, Math.min(4, length));
            filter = Bytes.getInt(b, 0);
            return;
        }
        super.setOption(task, level, option, address, length);
    }

    @Override
    public int getOption(Task task, int level, int option, byte[] out, int room) throws ErrnoException {
        if (level == SOL_RAW && !ping) {
            if (option != ICMP_FILTER) {
                throw Errno.ENOPROTOOPT.error();
            }
            Bytes.putInt(out, 0, filter);
            return Math.min(4, room);
        }
        return super.getOption(task, level, option, out, room);
    }

    @Override
    public int poll(int mask) {
        int ready = ROOM;
        synchronized (this) {
            if (!queued.isEmpty() || readShut) {
                ready |= DATA;
            }
        }
        if (error() != null) {
            ready |= PollEvents.POLLERR;
        }
        return ready & (mask | PollEvents.POLLERR | PollEvents.POLLHUP);
    }

    @Override
    public long ioctl(Task task, int command, long argument) throws ErrnoException {
        if (command == FIONREAD) {
            int n;
            synchronized (this) {
                Datagram d = queued.peek();
                n = d == null ? 0 : d.length();
            }
            task.memory().putInt(argument, n);
            return 0;
        }
        return super.ioctl(task, command, argument);
    }
}
