package sentry.core.netlink;

import java.util.ArrayDeque;
import java.util.Map;
import sentry.core.abi.Bytes;
import sentry.core.abi.Capability;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Netlink;
import sentry.core.abi.PollEvents;
import sentry.core.abi.Sockets;
import sentry.core.net.DeviceControl;
import sentry.core.socket.Ancillary;
import sentry.core.socket.Outgoing;
import sentry.core.socket.Peer;
import sentry.core.socket.Received;
import sentry.core.socket.Socket;
import sentry.core.task.Task;
import sentry.core.vfs.IoBuffer;

/** A netlink socket: requests go to the kernel, whose answers are queued. The monitor guards the queue and the name. */
public final class NetlinkSocket extends Socket {
    private static final int DATA = PollEvents.POLLIN | PollEvents.POLLRDNORM;
    private static final int ROOM = PollEvents.POLLOUT | PollEvents.POLLWRNORM;
    private static final int FIONREAD = 0x541b;
    private static final int GROUPS = 64;

    /** @param port who sent it; 0: the kernel */
    private record Packet(byte[] data, int port) {}

    /** Sockets by protocol and port; one table for each network. */
    private final Map<Long, Object> ports;

    private final ArrayDeque<Packet> queued = new ArrayDeque<>(0);
    private int bytes;
    private boolean bound;
    private int port;
    private long groups;
    private int peerPort;
    private int peerGroups;
    /** Options that are a yes or no, by number. */
    private int flags;

    NetlinkSocket(Task task, int type, int protocol, int flags) {
        super(
                task.namespaces().net(),
                Sockets.AF_NETLINK,
                type,
                protocol,
                flags,
                task.credentials().fsuid(),
                task.credentials().fsgid());
        ports = net().stack().netlinkPorts();
    }

    private Long key(int number) {
        return (long) protocol() << 32 | number & 0xffffffffL;
    }

    // Names.

    @Override
    public synchronized void bind(Task task, byte[] b, int length) throws ErrnoException {
        check(b, length);
        int wanted = Bytes.getInt(b, 4);
        if (bound && wanted != port) {
            throw Errno.EINVAL.error();
        }
        if (!bound) {
            if (wanted == 0) {
                autobind(task);
            } else {
                if (ports.putIfAbsent(key(wanted), this) != null) {
                    throw Errno.EADDRINUSE.error();
                }
                port = wanted;
                bound = true;
            }
        }
        groups = groups & ~0xffffffffL | Bytes.getInt(b, 8) & 0xffffffffL;
    }

    private static void check(byte[] b, int length) throws ErrnoException {
        if (length < Netlink.ADDRESS || Bytes.getShort(b, 0) != Sockets.AF_NETLINK) {
            throw Errno.EINVAL.error();
        }
    }

    /** Takes the process's id for the port, or some negative number when that is taken. */
    private synchronized void autobind(Task task) {
        if (bound) {
            return;
        }
        int number = task.namespaces().pid().translate(task.pid());
        for (int i = -4097; ports.putIfAbsent(key(number), this) != null; i--) {
            number = i;
        }
        port = number;
        bound = true;
    }

    @Override
    public synchronized void connect(Task task, byte[] b, int length, boolean noWait) throws ErrnoException {
        if (length < 2) {
            throw Errno.EINVAL.error();
        }
        if (Bytes.getShort(b, 0) == Sockets.AF_UNSPEC) {
            peerPort = 0;
            peerGroups = 0;
            return;
        }
        check(b, length);
        int to = Bytes.getInt(b, 4);
        int many = Bytes.getInt(b, 8);
        requireSender(task, to, many);
        autobind(task);
        peerPort = to;
        peerGroups = many;
    }

    private void requireSender(Task task, int to, int many) throws ErrnoException {
        if ((to != 0 || many != 0) && !task.credentials().capableIn(net().owner(), Capability.NET_ADMIN)) {
            throw Errno.EPERM.error();
        }
    }

    @Override
    public void shutdown(boolean read, boolean write) throws ErrnoException {
        throw Errno.EOPNOTSUPP.error();
    }

    @Override
    public synchronized int name(byte[] out, boolean ofPeer) {
        return put(out, ofPeer ? peerPort : port, ofPeer ? peerGroups : (int) groups);
    }

    private static int put(byte[] out, int port, int groups) {
        Bytes.putInt(out, 0, Sockets.AF_NETLINK);
        Bytes.putInt(out, 4, port);
        Bytes.putInt(out, 8, groups);
        return Netlink.ADDRESS;
    }

    @Override
    protected void closed() {
        synchronized (this) {
            if (bound) {
                ports.remove(key(port), this);
            }
            queued.clear();
            bytes = 0;
        }
        queue.notify(PollEvents.READABLE | PollEvents.WRITABLE);
    }

    // Sending.

    @Override
    public long send(Task task, IoBuffer source, Outgoing message, int sendFlags) throws ErrnoException {
        if ((sendFlags & Sockets.MSG_OOB) != 0) {
            throw Errno.EOPNOTSUPP.error();
        }
        int to;
        int many;
        synchronized (this) {
            to = peerPort;
            many = peerGroups;
        }
        if (message.nameLength > 0) {
            check(message.name, message.nameLength);
            to = Bytes.getInt(message.name, 4);
            many = Bytes.getInt(message.name, 8);
            requireSender(task, to, many);
        }
        autobind(task);
        if (source.remaining() > options().sendBuffer() - 32) {
            throw Errno.EMSGSIZE.error();
        }
        byte[] data = new byte[(int) source.remaining()];
        if (data.length > 0 && source.get(data, 0, data.length) < data.length) {
            throw Errno.EFAULT.error();
        }
        if (to != 0) {
            if (!(ports.get(key(to)) instanceof NetlinkSocket other)) {
                throw Errno.ECONNREFUSED.error();
            }
            other.deliver(data, port);
        } else if (protocol() == Netlink.NETLINK_ROUTE) {
            requests(task, data);
        } else {
            throw Errno.ECONNREFUSED.error(); // the kernel does not listen to it
        }
        return data.length;
    }

    /** Answers the requests in {@code data} (Linux: netlink_rcv_skb). */
    private void requests(Task task, byte[] data) {
        RouteRequests handler = new RouteRequests(task, net(), port);
        for (int at = 0; data.length - at >= Netlink.HEADER; ) {
            int length = Bytes.getInt(data, at);
            if (length < Netlink.HEADER || length > data.length - at) {
                return;
            }
            int type = Bytes.getShort(data, at + 4);
            int asked = Bytes.getShort(data, at + 6);
            if ((asked & Netlink.NLM_F_REQUEST) != 0) {
                Errno error = null;
                boolean dumped = false;
                if (type >= Netlink.NLMSG_MIN_TYPE) {
                    Reply reply = new Reply();
                    try {
                        dumped = handler.handle(data, at, length, reply);
                        if (!reply.isEmpty()) {
                            deliver(reply.toBytes(), 0);
                        }
                    } catch (ErrnoException e) {
                        error = e.errno();
                    }
                }
                if (!dumped && (error != null || (asked & Netlink.NLM_F_ACK) != 0)) {
                    acknowledge(data, at, length, error);
                }
            }
            at += length + 3 & -4;
        }
    }

    /** struct nlmsgerr: the error, then the request, of which only the header comes back when all went well. */
    private void acknowledge(byte[] data, int at, int length, Errno error) {
        Reply reply = new Reply();
        boolean capped = error == null || (flags >>> Netlink.NETLINK_CAP_ACK & 1) != 0;
        reply.begin(Netlink.NLMSG_ERROR, capped && error != null || error == null ? 0x100 : 0, Bytes.getInt(data, at + 8), port);
        reply.put32(error == null ? 0 : -error.number());
        reply.put(data, at, capped ? Netlink.HEADER : length);
        deliver(reply.end().toBytes(), 0);
    }

    private void deliver(byte[] data, int from) {
        synchronized (this) {
            if (bytes > options().receiveBuffer()) {
                if ((flags >>> Netlink.NETLINK_NO_ENOBUFS & 1) == 0) {
                    setError(Errno.ENOBUFS);
                }
                return;
            }
            queued.add(new Packet(data, from));
            bytes += data.length;
        }
        queue.notify(DATA);
    }

    // Receiving.

    @Override
    public synchronized long receive(Task task, IoBuffer target, int recvFlags, Received with) throws ErrnoException {
        if ((recvFlags & Sockets.MSG_OOB) != 0) {
            throw Errno.EOPNOTSUPP.error();
        }
        reportError();
        Packet p = queued.peek();
        if (p == null) {
            return WOULD_BLOCK;
        }
        int want = (int) Math.min(p.data.length, target.remaining());
        if (want > 0 && target.put(p.data, 0, want) < want) {
            throw Errno.EFAULT.error();
        }
        if ((recvFlags & Sockets.MSG_PEEK) == 0) {
            queued.poll();
            bytes -= p.data.length;
        }
        with.any = true;
        with.packet = p;
        with.from = new Peer(0, 0, 0);
        with.truncated = want < p.data.length;
        with.fullLength = p.data.length;
        return (recvFlags & Sockets.MSG_TRUNC) != 0 ? p.data.length : want;
    }

    @Override
    public int senderName(Received with, byte[] out) {
        return with.packet instanceof Packet p ? put(out, p.port, 0) : 0;
    }

    @Override
    public void ancillary(Task task, Received with, Ancillary out) {
        if (options().has(Sockets.SO_PASSCRED) && with.any) {
            out.add(Sockets.SOL_SOCKET, Sockets.SCM_CREDENTIALS, new byte[12], 12);
        }
        if ((flags >>> Netlink.NETLINK_PKTINFO & 1) != 0 && with.any) {
            out.addInt(Netlink.SOL_NETLINK, Netlink.NETLINK_PKTINFO, 0);
        }
    }

    @Override
    protected boolean supports(int option) {
        return option != Sockets.SO_PEEK_OFF && option != Sockets.SO_REUSEPORT && option != Sockets.SO_ZEROCOPY;
    }

    @Override
    public void setOption(Task task, int level, int option, long address, int length) throws ErrnoException {
        if (level != Netlink.SOL_NETLINK) {
            throw Errno.ENOPROTOOPT.error();
        }
        int value = length >= 4 ? task.memory().getInt(address) : 0;
        switch (option) {
            case Netlink.NETLINK_ADD_MEMBERSHIP, Netlink.NETLINK_DROP_MEMBERSHIP -> {
                if (value < 1 || value > GROUPS) {
                    throw Errno.EINVAL.error();
                }
                synchronized (this) {
                    long bit = 1L << value - 1;
                    groups = option == Netlink.NETLINK_ADD_MEMBERSHIP ? groups | bit : groups & ~bit;
                }
            }
            case Netlink.NETLINK_PKTINFO, Netlink.NETLINK_BROADCAST_ERROR, Netlink.NETLINK_NO_ENOBUFS,
                    Netlink.NETLINK_CAP_ACK, Netlink.NETLINK_EXT_ACK, Netlink.NETLINK_GET_STRICT_CHK -> {
                synchronized (this) {
                    flags = value != 0 ? flags | 1 << option : flags & ~(1 << option);
                }
            }
            case Netlink.NETLINK_LISTEN_ALL_NSID -> {
                if (!task.credentials().capable(Capability.NET_ADMIN)) {
                    throw Errno.EPERM.error();
                }
            }
            default -> throw Errno.ENOPROTOOPT.error();
        }
    }

    @Override
    public synchronized int getOption(Task task, int level, int option, byte[] out, int room) throws ErrnoException {
        if (level != Netlink.SOL_NETLINK) {
            throw Errno.ENOPROTOOPT.error();
        }
        switch (option) {
            case Netlink.NETLINK_PKTINFO, Netlink.NETLINK_BROADCAST_ERROR, Netlink.NETLINK_NO_ENOBUFS,
                    Netlink.NETLINK_CAP_ACK, Netlink.NETLINK_EXT_ACK, Netlink.NETLINK_GET_STRICT_CHK -> {
                if (room < 4) {
                    throw Errno.EINVAL.error();
                }
                Bytes.putInt(out, 0, flags >>> option & 1);
                return 4;
            }
            case Netlink.NETLINK_LIST_MEMBERSHIPS -> {
                Bytes.putLong(out, 0, groups);
                return Math.min(room & -4, 8);
            }
            default -> throw Errno.ENOPROTOOPT.error();
        }
    }

    @Override
    public int poll(int mask) {
        int ready = ROOM;
        synchronized (this) {
            if (!queued.isEmpty()) {
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
            throw Errno.ENOTTY.error();
        }
        return DeviceControl.ioctl(task, this, command, argument);
    }
}
