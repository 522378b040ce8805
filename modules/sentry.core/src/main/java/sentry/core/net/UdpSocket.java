package sentry.core.net;

import java.util.ArrayDeque;
import sentry.core.abi.Bytes;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.abi.Inet;
import sentry.core.abi.PollEvents;
import sentry.core.abi.Sockets;
import sentry.core.abi.Tcp;
import sentry.core.socket.Ancillary;
import sentry.core.socket.Outgoing;
import sentry.core.socket.Received;
import sentry.core.task.Task;
import sentry.core.time.Clocks;
import sentry.core.vfs.IoBuffer;

/** A UDP socket (udp(7)). The monitor guards its queue and its connection. */
final class UdpSocket extends InetSocket {
    private static final int HEADERS_4 = 28;
    private static final int FIONREAD = 0x541b;
    private static final int SIOCOUTQ = 0x5411;
    private static final int DATA = PollEvents.POLLIN | PollEvents.POLLRDNORM;
    private static final int ROOM = PollEvents.POLLOUT | PollEvents.POLLWRNORM;
    private static final int MOST_4 = 65535 - HEADERS_4;
    private static final int MOST_6 = 65535 - 8;

    private final ArrayDeque<Datagram> queued = new ArrayDeque<>(0);
    private int cost;
    private int dropped;
    private boolean readShut;
    private boolean writeShut;
    private boolean closed;
    private volatile boolean corked;
    /** Parts of a datagram under construction (UDP_CORK, MSG_MORE), with where it goes. */
    private byte[] parts;

    private int partsLength;
    private Endpoint partsTo;
    private int encapsulation;
    private int segment;
    private boolean noCheckSend;
    private boolean noCheckReceive;
    private boolean gro;
    final ErrorQueue errors = new ErrorQueue();

    UdpSocket(Task task, boolean v6, int flags) {
        super(task, v6, Sockets.SOCK_DGRAM, Inet.IPPROTO_UDP, flags);
    }

    @Override
    PortTable ports() {
        return stack().udp();
    }

    @Override
    boolean bindsNoMore() {
        return remote() != null;
    }

    @Override
    Endpoint peer() {
        Endpoint to = remote();
        return to == null || to.port() == 0 ? null : to;
    }

    // Connecting.

    @Override
    public void connect(Task task, byte[] b, int length, boolean noWait) throws ErrnoException {
        if (length < 2) {
            throw Errno.EINVAL.error();
        }
        if (Bytes.getShort(b, 0) == Sockets.AF_UNSPEC) {
            disconnect();
            return;
        }
        synchronized (this) {
            autobind();
        }
        Endpoint wanted = destination(Endpoint.read(b, length, v6()));
        checkDestination(wanted);
        if (!wanted.isV4() && Ip.isLinkLocal6(wanted.high()) && wanted.scope() == 0 && options().device() == 0) {
            throw Errno.EINVAL.error();
        }
        NetStack.Reach reach = reach(wanted, 0);
        requireBroadcast(reach);
        synchronized (this) {
            autobind();
            if (local().isAny()) {
                Endpoint source = ip.multicastSource(wanted, stack().source(wanted));
                setLocal(source.withPort(local().port()));
            }
            setRemote(wanted);
            binding = rebind(binding, wanted);
        }
    }

    /** The port with another address or another end: receivers are found by what a binding says. */
    private Binding rebind(Binding old, Endpoint to) {
        Binding made = ports().replace(old, local(), to);
        return made;
    }

    private void disconnect() {
        synchronized (this) {
            if (remote() == null) {
                return;
            }
            setRemote(null);
            if (!addressByHand()) {
                setLocal(unnamed().withPort(local().port()));
            }
            if (binding != null) {
                if (boundByHand()) {
                    binding = rebind(binding, null);
                } else {
                    ports().remove(binding);
                    binding = null;
                    setLocal(local().withPort(0));
                }
            }
        }
    }

    private void checkDestination(Endpoint to) throws ErrnoException {
        if (to.isV4() && v6Only()) {
            throw Errno.ENETUNREACH.error();
        }
        if (v6() && to.isV4() && !local().isAny() && !local().isV4()) {
            throw Errno.ENETUNREACH.error();
        }
    }

    private NetStack.Reach reach(Endpoint to, int device) throws ErrnoException {
        int by = device != 0 ? device : options().device();
        if (by == 0 && to.isMulticast()) {
            by = ip.multicastDevice(to.isV4());
        }
        NetStack.Reach reach = stack().reach(to.high(), to.low(), by);
        if (reach == NetStack.Reach.NONE) {
            throw Errno.ENETUNREACH.error();
        }
        return reach;
    }

    private void requireBroadcast(NetStack.Reach reach) throws ErrnoException {
        if (reach == NetStack.Reach.BROADCAST && !options().has(Sockets.SO_BROADCAST)) {
            throw Errno.EACCES.error();
        }
    }

    @Override
    public void shutdown(boolean read, boolean write) throws ErrnoException {
        boolean connected;
        synchronized (this) {
            readShut |= read;
            writeShut |= write;
            connected = remote() != null;
        }
        queue.notify(PollEvents.READABLE | PollEvents.WRITABLE);
        if (!connected) {
            throw Errno.ENOTCONN.error();
        }
    }

    @Override
    protected void closed() {
        synchronized (this) {
            closed = true;
            queued.clear();
            if (binding != null) {
                ports().remove(binding);
                binding = null;
            }
        }
        ip.leaveAll();
        queue.notify(PollEvents.READABLE | PollEvents.WRITABLE);
    }

    // Sending.

    @Override
    public long send(Task task, IoBuffer source, Outgoing message, int flags) throws ErrnoException {
        long length = source.remaining();
        if (length > 65535) {
            throw Errno.EMSGSIZE.error();
        }
        if ((flags & Sockets.MSG_OOB) != 0) {
            throw Errno.EOPNOTSUPP.error();
        }
        Endpoint to = remote();
        if (message.nameLength > 0) {
            to = target(message);
        } else if (to == null) {
            throw Errno.EDESTADDRREQ.error();
        }
        if (partsTo == null) {
            if (message.nameLength > 0 && to.port() == 0) {
                throw Errno.EINVAL.error();
            }
            reportError();
        }
        checkDestination(to);
        if (writeShut) {
            throw brokenPipe(task, flags);
        }
        NetStack.Reach reach = reach(to, message.device);
        requireBroadcast(reach);
        if (length > (to.isV4() ? MOST_4 : MOST_6)) {
            throw Errno.EMSGSIZE.error();
        }
        Endpoint from;
        synchronized (this) {
            autobind();
            from = from(to, message);
        }
        byte[] data = new byte[(int) length];
        if (length > 0 && source.get(data, 0, data.length) < data.length) {
            throw Errno.EFAULT.error();
        }
        boolean more = corked || (flags & Sockets.MSG_MORE) != 0;
        if (more || partsTo != null) {
            data = collect(data, to, more);
            if (data == null) {
                return length;
            }
        }
        boolean many = reach == NetStack.Reach.MULTICAST;
        int ttl = message.ttl >= 0 ? message.ttl : ip.ttl(to.isV4(), many);
        int tos = message.tos >= 0 ? message.tos : ip.tos(to.isV4());
        if (many && !ip.multicastLoops(to.isV4())) {
            return length;
        }
        if (segment > 0 && data.length > segment) {
            for (int at = 0; at < data.length; at += segment) {
                byte[] piece = java.util.Arrays.copyOfRange(data, at, Math.min(data.length, at + segment));
                transmit(new Datagram(piece, piece.length, from, to, ttl, tos, 1, Clocks.realtime()), reach);
            }
        } else {
            transmit(new Datagram(data, data.length, from, to, ttl, tos, 1, Clocks.realtime()), reach);
        }
        return length;
    }

    private void transmit(Datagram d, NetStack.Reach reach) {
        stack().transport().send(this, d, reach);
    }

    private Endpoint target(Outgoing message) throws ErrnoException {
        if (message.target instanceof Endpoint known) {
            return known;
        }
        byte[] b = message.name;
        int length = message.nameLength;
        int family = length < 2 ? -1 : Bytes.getShort(b, 0);
        Endpoint to;
        if (v6()) {
            if (family == Sockets.AF_INET6) {
                to = Endpoint.read(b, length, true);
            } else if (family == Sockets.AF_INET) {
                if (v6Only()) {
                    throw Errno.ENETUNREACH.error();
                }
                to = Endpoint.read(b, length, false);
            } else if (family == Sockets.AF_UNSPEC) {
                to = remote();
                if (to == null) {
                    throw Errno.EDESTADDRREQ.error();
                }
            } else {
                throw Errno.EINVAL.error();
            }
        } else {
            if (length < Inet.ADDRESS_4) {
                throw Errno.EINVAL.error();
            }
            if (family != Sockets.AF_INET && family != Sockets.AF_UNSPEC) {
                throw Errno.EAFNOSUPPORT.error();
            }
            to = Endpoint.parse(b, length, false);
        }
        to = destination(to);
        message.target = to;
        return to;
    }

    /** The source address of a datagram. */
    private Endpoint from(Endpoint to, Outgoing message) throws ErrnoException {
        Endpoint mine = local();
        if (message.hasSource) {
            if (!stack().isLocal(message.sourceHigh, message.sourceLow)) {
                throw Errno.EINVAL.error();
            }
            return new Endpoint(message.sourceHigh, message.sourceLow, mine.port());
        }
        if (!mine.isAny() && !mine.isMulticast() && !Ip.isLimitedBroadcast(mine.high(), mine.low())) {
            return mine;
        }
        return ip.multicastSource(to, stack().source(to)).withPort(mine.port());
    }

    /** Adds to the datagram under construction; the whole when it is complete, else null. */
    private synchronized byte[] collect(byte[] data, Endpoint to, boolean more) throws ErrnoException {
        if (partsTo == null) {
            partsTo = to;
            parts = new byte[0];
            partsLength = 0;
        }
        if (partsLength + data.length > (to.isV4() ? MOST_4 : MOST_6)) {
            throw Errno.EMSGSIZE.error();
        }
        parts = java.util.Arrays.copyOf(parts, partsLength + data.length);
        System.arraycopy(data, 0, parts, partsLength, data.length);
        partsLength += data.length;
        if (more) {
            return null;
        }
        byte[] whole = parts;
        parts = null;
        partsTo = null;
        return whole;
    }

    /** UDP_CORK is taken off: what was collected goes out. */
    private void uncork() throws ErrnoException {
        Endpoint to;
        byte[] whole;
        synchronized (this) {
            to = partsTo;
            whole = parts;
            partsTo = null;
            parts = null;
        }
        if (to != null) {
            Endpoint from = from(to, Outgoing.PLAIN);
            transmit(
                    new Datagram(whole, whole.length, from, to, ip.ttl(to.isV4(), false), ip.tos(to.isV4()), 1, Clocks.realtime()),
                    reach(to, 0));
        }
    }

    /** Nobody has the port that a datagram of ours went to: an ICMP message says so. */
    void unreachable(Datagram d) {
        Endpoint to = remote();
        boolean queues = ip.queuesErrors(d.to().isV4());
        if (queues) {
            errors.add(ErrorQueue.refused(d));
        }
        if (to == null && !queues) {
            return;
        }
        setError(Errno.ECONNREFUSED);
        queue.notify(PollEvents.POLLERR | PollEvents.READABLE);
    }

    // Receiving.

    /** Whether a datagram to many is also for this socket. */
    boolean hears(Datagram d, Binding b) {
        if (b.score(d.to(), d.from(), d.device()) < 0) {
            return false;
        }
        return !d.to().isMulticast() || ip.hears(d.to());
    }

    /** Queues a datagram; when there is no room it is lost. */
    void deliver(Datagram d) {
        synchronized (this) {
            if (closed) {
                return;
            }
            if (d.ttl() < ip.leastTtl(d.to().isV4())) {
                return;
            }
            if (cost > options().receiveBuffer()) {
                dropped++;
                return;
            }
            cost += d.cost();
            queued.add(d);
        }
        queue.notify(DATA);
    }

    @Override
    public long receive(Task task, IoBuffer target, int flags, Received with) throws ErrnoException {
        if ((flags & Sockets.MSG_ERRQUEUE) != 0) {
            long n = errors.receive(target, with);
            setError(errors.isEmpty() ? null : Errno.ECONNREFUSED); // it has been told
            return n;
        }
        boolean peek = (flags & Sockets.MSG_PEEK) != 0;
        synchronized (this) {
            reportError();
            Datagram d = queued.peek();
            int offset = 0;
            if (peek && options().peekOffset() > 0) {
                offset = options().peekOffset();
                for (Datagram each : queued) {
                    d = each;
                    if (offset < each.length()) {
                        break;
                    }
                    offset -= each.length();
                    d = null;
                }
            }
            if (d == null) {
                boolean noWait = (flags & Sockets.MSG_DONTWAIT) != 0 || (flags() & Fcntl.O_NONBLOCK) != 0;
                return readShut && !noWait ? 0 : WOULD_BLOCK; // only who waits hears of the end
            }
            int left = d.length() - offset;
            int want = (int) Math.min(left, target.remaining());
            try {
                if (want > 0 && target.put(d.data(), offset, want) < want) {
                    throw Errno.EFAULT.error();
                }
            } catch (ErrnoException e) {
                if (!peek) {
                    drop(d);
                }
                throw e;
            }
            with.any = true;
            with.packet = d;
            with.time = d.time();
            with.truncated = want < left;
            with.fullLength = d.length();
            if (peek) {
                options().movePeekOffset(want);
            } else {
                options().movePeekOffset(-d.length());
                drop(d);
            }
            return (flags & Sockets.MSG_TRUNC) != 0 ? left : want;
        }
    }

    private void drop(Datagram d) {
        queued.poll();
        cost -= d.cost();
    }

    @Override
    public int senderName(Received with, byte[] out) {
        return switch (with.packet) {
            case Datagram d -> shown(d.from()).write(out, v6());
            case ErrorQueue.Entry e -> shown(e.about().to()).write(out, v6());
            case null, default -> 0;
        };
    }

    private Endpoint shown(Endpoint e) {
        return e;
    }

    @Override
    public void ancillary(Task task, Received with, Ancillary out) {
        if (with.packet instanceof Datagram d) {
            if (options().has(Sockets.SO_RXQ_OVFL) && dropped > 0) {
                out.addInt(Sockets.SOL_SOCKET, Sockets.SO_RXQ_OVFL, dropped);
            }
            ip.ancillary(d, out);
        } else if (with.packet instanceof ErrorQueue.Entry e) {
            e.ancillary(out, v6());
        }
    }

    @Override
    public void control(Task task, Outgoing message, int level, int kind, byte[] data, int at, int length)
            throws ErrnoException {
        if (level == Inet.IPPROTO_UDP && kind == Tcp.UDP_SEGMENT) {
            return;
        }
        ip.control(message, level, kind, data, at, length);
    }

    // Readiness.

    @Override
    public int poll(int mask) {
        int ready = ROOM;
        synchronized (this) {
            if (!queued.isEmpty() || readShut) {
                ready |= DATA;
            }
            if (readShut) {
                ready |= PollEvents.POLLRDHUP;
            }
            if (readShut && writeShut) {
                ready |= PollEvents.POLLHUP;
            }
        }
        if (error() != null || !errors.isEmpty()) {
            ready |= PollEvents.POLLERR;
        }
        return ready & (mask | PollEvents.POLLERR | PollEvents.POLLHUP);
    }

    @Override
    public long ioctl(Task task, int command, long argument) throws ErrnoException {
        switch (command) {
            case FIONREAD -> {
                int n;
                synchronized (this) {
                    Datagram d = queued.peek();
                    n = d == null ? 0 : d.length();
                }
                task.memory().putInt(argument, n);
                return 0;
            }
            case SIOCOUTQ -> {
                task.memory().putInt(argument, 0);
                return 0;
            }
            default -> {
                return super.ioctl(task, command, argument);
            }
        }
    }

    // Options.

    @Override
    public void setOption(Task task, int level, int option, long address, int length) throws ErrnoException {
        if (level != Inet.IPPROTO_UDP) {
            super.setOption(task, level, option, address, length);
            return;
        }
        if (length < 4) {
            throw Errno.EINVAL.error();
        }
        int value = task.memory().getInt(address);
        switch (option) {
            case Tcp.UDP_CORK -> {
                corked = value != 0;
                if (!corked) {
                    uncork();
                }
            }
            case Tcp.UDP_ENCAP -> {
                if (value != 0) {
                    throw Errno.ENOPROTOOPT.error();
                }
                encapsulation = value;
            }
            case Tcp.UDP_NO_CHECK6_TX -> noCheckSend = value != 0;
            case Tcp.UDP_NO_CHECK6_RX -> noCheckReceive = value != 0;
            case Tcp.UDP_SEGMENT -> {
                if (value < 0 || value > 65535) {
                    throw Errno.EINVAL.error();
                }
                segment = value;
            }
            case Tcp.UDP_GRO -> gro = value != 0;
            default -> throw Errno.ENOPROTOOPT.error();
        }
    }

    @Override
    public int getOption(Task task, int level, int option, byte[] out, int room) throws ErrnoException {
        if (level != Inet.IPPROTO_UDP) {
            return super.getOption(task, level, option, out, room);
        }
        int value = switch (option) {
            case Tcp.UDP_CORK -> corked ? 1 : 0;
            case Tcp.UDP_ENCAP -> encapsulation;
            case Tcp.UDP_NO_CHECK6_TX -> noCheckSend ? 1 : 0;
            case Tcp.UDP_NO_CHECK6_RX -> noCheckReceive ? 1 : 0;
            case Tcp.UDP_SEGMENT -> segment;
            case Tcp.UDP_GRO -> gro ? 1 : 0;
            default -> throw Errno.ENOPROTOOPT.error();
        };
        Bytes.putInt(out, 0, value);
        return Math.min(4, room);
    }

    /** For /proc/net: bytes that its queue holds. */
    synchronized int receiveQueue() {
        return cost;
    }

    synchronized int dropped() {
        return dropped;
    }
}
