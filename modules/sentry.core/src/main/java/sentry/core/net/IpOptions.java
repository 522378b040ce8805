package sentry.core.net;

import java.util.ArrayList;
import java.util.List;
import sentry.core.abi.Bytes;
import sentry.core.abi.Capability;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Inet;
import sentry.core.abi.Sockets;
import sentry.core.socket.Ancillary;
import sentry.core.socket.Outgoing;
import sentry.core.task.Task;

/** The options of levels IP and IPv6 of one socket (ip(7), ipv6(7)). */
final class IpOptions {
    /** Most groups of one socket (net.ipv4.igmp_max_memberships). */
    private static final int MOST_GROUPS = 20;

    /** A multicast group that the socket is in. */
    private record Group(long high, long low, int device) {}

    private final InetSocket socket;

    // Bits by option number: levels IP and IPv6 have theirs below 96.
    private volatile long flags4 = 1L << Inet.IP_MULTICAST_LOOP | 1L << Inet.IP_MULTICAST_ALL;
    private volatile long flags6Low = 1L << Inet.IPV6_MULTICAST_LOOP | 1L << Inet.IPV6_MULTICAST_ALL;
    private volatile long flags6High = 1L << (Inet.IPV6_AUTOFLOWLABEL - 64);

    private volatile int tos;
    private volatile int ttl = -1;
    private volatile int minTtl;
    private volatile int multicastTtl = 1;
    private volatile int multicastDevice;
    private volatile int multicastFrom;
    private volatile int unicastDevice;
    private volatile int mtuDiscover = 1;
    private volatile int hops = -1;
    private volatile int multicastHops = 1;
    private volatile int multicastDevice6;
    private volatile int unicastDevice6;
    private volatile int trafficClass;
    private volatile int mtuDiscover6 = 1;
    private volatile int minHops;
    private volatile int checksum = -1;
    private volatile int portRange;
    private volatile List<Group> groups = List.of();

    IpOptions(InetSocket socket) {
        this.socket = socket;
    }

    void inherit(IpOptions from) {
        flags4 = from.flags4;
        flags6Low = from.flags6Low;
        flags6High = from.flags6High;
        tos = from.tos;
        ttl = from.ttl;
        minTtl = from.minTtl;
        hops = from.hops;
        trafficClass = from.trafficClass;
        mtuDiscover = from.mtuDiscover;
        mtuDiscover6 = from.mtuDiscover6;
    }

    private boolean has4(int option) {
        return (flags4 >>> option & 1) != 0;
    }

    private boolean has6(int option) {
        return ((option < 64 ? flags6Low >>> option : flags6High >>> option - 64) & 1) != 0;
    }

    private synchronized void put4(int option, boolean on) {
        flags4 = on ? flags4 | 1L << option : flags4 & ~(1L << option);
    }

    private synchronized void put6(int option, boolean on) {
        if (option < 64) {
            flags6Low = on ? flags6Low | 1L << option : flags6Low & ~(1L << option);
        } else {
            flags6High = on ? flags6High | 1L << option - 64 : flags6High & ~(1L << option - 64);
        }
    }

    // What sockets ask.

    /** IP_FREEBIND and IP_TRANSPARENT: addresses need not be ours. */
    boolean bindsAnything() {
        return has4(Inet.IP_FREEBIND) || has4(Inet.IP_TRANSPARENT) || has6(Inet.IPV6_FREEBIND) || has6(Inet.IPV6_TRANSPARENT);
    }

    boolean bindsAddressOnly() {
        return has4(Inet.IP_BIND_ADDRESS_NO_PORT);
    }

    boolean queuesErrors(boolean v4) {
        return socket.v6() && !v4 ? has6(Inet.IPV6_RECVERR) : has4(Inet.IP_RECVERR) || has6(Inet.IPV6_RECVERR);
    }

    int leastTtl(boolean v4) {
        return v4 ? minTtl : minHops;
    }

    int ttl(boolean v4, boolean multicast) {
        int chosen = v4 ? multicast ? multicastTtl : ttl : multicast ? multicastHops : hops;
        return chosen < 0 ? socket.stack().settings().defaultTtl : chosen;
    }

    int tos(boolean v4) {
        return v4 ? tos : trafficClass;
    }

    boolean multicastLoops(boolean v4) {
        return v4 ? has4(Inet.IP_MULTICAST_LOOP) : has6(Inet.IPV6_MULTICAST_LOOP);
    }

    /** The interface that datagrams to groups leave by; 0 when none was chosen. */
    int multicastDevice(boolean v4) {
        return v4 ? multicastDevice : multicastDevice6;
    }

    Endpoint multicastSource(Endpoint to, Endpoint otherwise) {
        return to.isMulticast() && to.isV4() && multicastFrom != 0
                ? new Endpoint(0, Ip.ofV4(multicastFrom), 0)
                : otherwise;
    }

    /** Whether the socket is in the group, or wants all that others of this machine are in. */
    boolean hears(Endpoint to) {
        for (Group g : groups) {
            if (g.high == to.high() && g.low == to.low()) {
                return true;
            }
        }
        return to.isV4() ? has4(Inet.IP_MULTICAST_ALL) && socket.stack().joined(to) : has6(Inet.IPV6_MULTICAST_ALL) && socket.stack().joined(to);
    }

    // Control messages.

    void ancillary(Datagram d, Ancillary out) {
        boolean v4 = d.to().isV4();
        if (v4) {
            if (has4(Inet.IP_PKTINFO)) {
                byte[] b = new byte[12];
                Bytes.putInt(b, 0, d.device());
                Ip.putV4(b, 4, d.to().isMulticast() ? Ip.LOOPBACK_4 : d.to().low());
                Ip.putV4(b, 8, d.to().low());
                out.add(Inet.IPPROTO_IP, Inet.IP_PKTINFO, b, b.length);
            }
            if (has4(Inet.IP_RECVTTL)) {
                out.addInt(Inet.IPPROTO_IP, Inet.IP_TTL, d.ttl());
            }
            if (has4(Inet.IP_RECVTOS)) {
                out.add(Inet.IPPROTO_IP, Inet.IP_TOS, new byte[] {(byte) d.tos()}, 1);
            }
            if (has4(Inet.IP_RECVORIGDSTADDR)) {
                byte[] b = new byte[Inet.ADDRESS_6];
                out.add(Inet.IPPROTO_IP, Inet.IP_RECVORIGDSTADDR, b, d.to().write(b, false));
            }
        }
        if (socket.v6()) {
            if (has6(Inet.IPV6_RECVPKTINFO)) {
                byte[] b = new byte[20];
                Ip.put(b, 0, d.to().high(), d.to().low());
                Bytes.putInt(b, 16, d.device());
                out.add(Inet.IPPROTO_IPV6, Inet.IPV6_PKTINFO, b, b.length);
            }
            if (v4) {
                return;
            }
            if (has6(Inet.IPV6_RECVHOPLIMIT)) {
                out.addInt(Inet.IPPROTO_IPV6, Inet.IPV6_HOPLIMIT, d.ttl());
            }
            if (has6(Inet.IPV6_RECVTCLASS)) {
                out.addInt(Inet.IPPROTO_IPV6, Inet.IPV6_TCLASS, d.tos());
            }
            if (has6(Inet.IPV6_RECVORIGDSTADDR)) {
                byte[] b = new byte[Inet.ADDRESS_6];
                out.add(Inet.IPPROTO_IPV6, Inet.IPV6_RECVORIGDSTADDR, b, d.to().write(b, true));
            }
        }
    }

    void control(Outgoing message, int level, int kind, byte[] b, int at, int length) throws ErrnoException {
        if (level == Inet.IPPROTO_IP) {
            switch (kind) {
                case Inet.IP_TTL -> {
                    int value = whole(b, at, length);
                    if (value < 1 || value > 255) {
                        throw Errno.EINVAL.error();
                    }
                    message.ttl = value;
                }
                case Inet.IP_TOS -> {
                    int value = length == 1 ? b[at] & 0xff : whole(b, at, length);
                    if (value < 0 || value > 255) {
                        throw Errno.EINVAL.error();
                    }
                    message.tos = value;
                }
                case Inet.IP_PKTINFO -> {
                    if (length != 12) {
                        throw Errno.EINVAL.error();
                    }
                    message.device = Bytes.getInt(b, at);
                    int source = Bytes.getNetInt(b, at + 4);
                    message.hasSource = source != 0;
                    message.sourceHigh = 0;
                    message.sourceLow = Ip.ofV4(source);
                }
                default -> throw Errno.EINVAL.error();
            }
        } else if (level == Inet.IPPROTO_IPV6 && socket.v6()) {
            switch (kind) {
                case Inet.IPV6_HOPLIMIT -> {
                    int value = whole(b, at, length);
                    if (value < -1 || value > 255) {
                        throw Errno.EINVAL.error();
                    }
                    message.ttl = value;
                }
                case Inet.IPV6_TCLASS -> {
                    int value = whole(b, at, length);
                    if (value < -1 || value > 255) {
                        throw Errno.EINVAL.error();
                    }
                    message.tos = value;
                }
                case Inet.IPV6_PKTINFO -> {
                    if (length < 20) {
                        throw Errno.EINVAL.error();
                    }
                    message.device = Bytes.getInt(b, at + 16);
                    message.sourceHigh = Bytes.getNetLong(b, at);
                    message.sourceLow = Bytes.getNetLong(b, at + 8);
                    message.hasSource = !Ip.isAny(message.sourceHigh, message.sourceLow);
                }
                default -> throw Errno.EINVAL.error();
            }
        }
    }

    private static int whole(byte[] b, int at, int length) throws ErrnoException {
        if (length != 4) {
            throw Errno.EINVAL.error();
        }
        return Bytes.getInt(b, at);
    }

    // setsockopt(2).

    /** False when the level is none of these. */
    boolean set(Task task, int level, int option, long address, int length) throws ErrnoException {
        if (level == Inet.IPPROTO_IP) {
            set4(task, option, address, length);
            return true;
        }
        if (level == Inet.IPPROTO_IPV6 && socket.v6()) {
            set6(task, option, address, length);
            return true;
        }
        return false;
    }

    /** An int, or a byte when the program gives less; 0 for nothing. */
    private static int value(Task task, long address, int length) throws ErrnoException {
        return length >= 4 ? task.memory().getInt(address) : length >= 1 ? task.memory().getByte(address) & 0xff : 0;
    }

    private void requireStreamless() throws ErrnoException {
        if (socket.streams()) {
            throw Errno.ENOPROTOOPT.error();
        }
    }

    private static void requireRange(int value, int low, int high) throws ErrnoException {
        if (value < low || value > high) {
            throw Errno.EINVAL.error();
        }
    }

    private void set4(Task task, int option, long address, int length) throws ErrnoException {
        switch (option) {
            case Inet.IP_ADD_MEMBERSHIP, Inet.IP_DROP_MEMBERSHIP -> {
                membership4(task, option == Inet.IP_ADD_MEMBERSHIP, address, length);
                return;
            }
            case Inet.IP_MULTICAST_IF -> {
                multicastInterface4(task, address, length);
                return;
            }
            case Inet.MCAST_JOIN_GROUP, Inet.MCAST_LEAVE_GROUP -> {
                groupRequest(task, option == Inet.MCAST_JOIN_GROUP, address, length, false);
                return;
            }
            default -> {}
        }
        int value = value(task, address, length);
        switch (option) {
            case Inet.IP_PKTINFO, Inet.IP_RECVTTL, Inet.IP_RECVOPTS, Inet.IP_RECVTOS, Inet.IP_RETOPTS,
                    Inet.IP_RECVORIGDSTADDR, Inet.IP_RECVFRAGSIZE, Inet.IP_FREEBIND, Inet.IP_BIND_ADDRESS_NO_PORT,
                    Inet.IP_RECVERR_RFC4884, Inet.IP_CHECKSUM -> {
                if ((option == Inet.IP_RECVERR_RFC4884) && (value < 0 || value > 1)) {
                    throw Errno.EINVAL.error();
                }
                put4(option, value != 0);
            }
            case Inet.IP_RECVERR -> {
                put4(option, value != 0);
                if (value == 0 && socket instanceof UdpSocket u) {
                    u.errors.clear();
                }
            }
            case Inet.IP_TRANSPARENT -> {
                if (value != 0
                        && !task.credentials().capableIn(socket.net().owner(), Capability.NET_RAW)
                        && !task.credentials().capableIn(socket.net().owner(), Capability.NET_ADMIN)) {
                    throw Errno.EPERM.error();
                }
                if (length < 1) {
                    throw Errno.EINVAL.error();
                }
                put4(option, value != 0);
            }
            case Inet.IP_HDRINCL, Inet.IP_NODEFRAG -> {
                if (socket.type() != Sockets.SOCK_RAW) {
                    throw Errno.ENOPROTOOPT.error();
                }
                put4(option, value != 0);
            }
            case Inet.IP_TOS -> tos = socket.streams() ? value & 0xfc | tos & 3 : value & 0xff;
            case Inet.IP_TTL -> {
                if (length < 1) {
                    throw Errno.EINVAL.error();
                }
                if (value != -1) {
                    requireRange(value, 1, 255);
                }
                ttl = value;
            }
            case Inet.IP_MINTTL -> {
                if (length < 1) {
                    throw Errno.EINVAL.error();
                }
                requireRange(value, 0, 255);
                minTtl = value;
            }
            case Inet.IP_MTU_DISCOVER -> {
                requireRange(value, 0, 5);
                mtuDiscover = value;
            }
            case Inet.IP_MULTICAST_TTL -> {
                if (socket.streams() || length < 1) {
                    throw Errno.EINVAL.error();
                }
                requireRange(value, -1, 255);
                multicastTtl = value == -1 ? 1 : value;
            }
            case Inet.IP_MULTICAST_LOOP -> {
                if (length < 1) {
                    throw Errno.EINVAL.error();
                }
                put4(option, value != 0);
            }
            case Inet.IP_MULTICAST_ALL -> {
                if (length < 1) {
                    throw Errno.EINVAL.error();
                }
                requireRange(value, 0, 1);
                put4(option, value != 0);
            }
            case Inet.IP_UNICAST_IF -> {
                if (length != 4) {
                    throw Errno.EINVAL.error();
                }
                int index = Integer.reverseBytes(value);
                requireDevice(index);
                unicastDevice = index;
            }
            case Inet.IP_LOCAL_PORT_RANGE -> {
                if (length != 4) {
                    throw Errno.EINVAL.error();
                }
                portRange = value;
            }
            case Inet.IP_OPTIONS -> {
                if (length > 40 || length < 0) {
                    throw Errno.EINVAL.error();
                }
                if (length > 0) {
                    throw Errno.EOPNOTSUPP.error();
                }
            }
            default -> throw Errno.ENOPROTOOPT.error();
        }
    }

    private void requireDevice(int index) throws ErrnoException {
        if (index != 0 && socket.stack().device(index) == null) {
            throw Errno.EADDRNOTAVAIL.error();
        }
    }

    /** struct ip_mreq or ip_mreqn. */
    private void membership4(Task task, boolean join, long address, int length) throws ErrnoException {
        if (socket.streams()) {
            throw Errno.EPROTO.error();
        }
        if (length < 8) {
            throw Errno.EINVAL.error();
        }
        byte[] b = new byte[12];
        task.memory().read(address, b, 0, Math.min(length, 12));
        int device = length >= 12 ? Bytes.getInt(b, 8) : 0;
        int by = Bytes.getNetInt(b, 4);
        if (device == 0 && by != 0) {
            NetDevice d = socket.stack().deviceOf(0, Ip.ofV4(by));
            if (d == null) {
                throw (join ? Errno.ENODEV : Errno.EADDRNOTAVAIL).error();
            }
            device = d.index();
        }
        member(join, 0, Ip.ofV4(Bytes.getNetInt(b, 0)), device);
    }

    /** struct group_req. */
    private void groupRequest(Task task, boolean join, long address, int length, boolean v6) throws ErrnoException {
        if (length < 136) {
            throw Errno.EINVAL.error();
        }
        byte[] b = new byte[136];
        task.memory().read(address, b, 0, b.length);
        byte[] name = java.util.Arrays.copyOfRange(b, 8, 136);
        int family = Bytes.getShort(name, 0);
        if (family != (v6 ? Sockets.AF_INET6 : Sockets.AF_INET)) {
            throw Errno.EINVAL.error();
        }
        Endpoint group = Endpoint.parse(name, name.length, v6);
        member(join, group.high(), group.low(), Bytes.getInt(b, 0));
    }

    private synchronized void member(boolean join, long high, long low, int device) throws ErrnoException {
        if (!Ip.isMulticast(high, low)) {
            throw Errno.EINVAL.error();
        }
        if (device == 0) {
            // There is no route that would choose one.
            throw (join ? Errno.ENODEV : Errno.EADDRNOTAVAIL).error();
        }
        if (socket.stack().device(device) == null) {
            throw Errno.ENODEV.error();
        }
        Group g = new Group(high, low, device);
        ArrayList<Group> next = new ArrayList<>(groups);
        if (join) {
            if (next.contains(g)) {
                throw Errno.EADDRINUSE.error();
            }
            if (next.size() >= MOST_GROUPS) {
                throw Errno.ENOBUFS.error();
            }
            next.add(g);
        } else if (!next.remove(g)) {
            throw Errno.EADDRNOTAVAIL.error();
        }
        socket.stack().joins(high, low, join ? 1 : -1);
        groups = List.copyOf(next);
    }

    synchronized void leaveAll() {
        for (Group g : groups) {
            socket.stack().joins(g.high, g.low, -1);
        }
        groups = List.of();
    }

    /** struct in_addr, ip_mreq or ip_mreqn. */
    private void multicastInterface4(Task task, long address, int length) throws ErrnoException {
        if (socket.streams() || length < 4) {
            throw Errno.EINVAL.error();
        }
        byte[] b = new byte[12];
        task.memory().read(address, b, 0, Math.min(length, 12));
        int by = Bytes.getNetInt(b, length >= 8 ? 4 : 0);
        int device = length >= 12 ? Bytes.getInt(b, 8) : 0;
        if (device == 0) {
            if (by == 0) {
                multicastDevice = 0;
                multicastFrom = 0;
                return;
            }
            NetDevice d = socket.stack().deviceOf(0, Ip.ofV4(by));
            if (d == null) {
                throw Errno.EADDRNOTAVAIL.error();
            }
            device = d.index();
        } else if (socket.stack().device(device) == null) {
            throw Errno.EADDRNOTAVAIL.error();
        }
        multicastDevice = device;
        multicastFrom = by;
    }

    private void set6(Task task, int option, long address, int length) throws ErrnoException {
        switch (option) {
            case Inet.IPV6_ADD_MEMBERSHIP, Inet.IPV6_DROP_MEMBERSHIP -> {
                if (length < 20) {
                    throw Errno.EINVAL.error();
                }
                if (socket.streams()) {
                    throw Errno.EPROTO.error();
                }
                byte[] b = new byte[20];
                task.memory().read(address, b, 0, b.length);
                member(option == Inet.IPV6_ADD_MEMBERSHIP, Bytes.getNetLong(b, 0), Bytes.getNetLong(b, 8), Bytes.getInt(b, 16));
                return;
            }
            case Inet.MCAST_JOIN_GROUP, Inet.MCAST_LEAVE_GROUP -> {
                groupRequest(task, option == Inet.MCAST_JOIN_GROUP, address, length, true);
                return;
            }
            default -> {}
        }
        int value = length >= 4 ? task.memory().getInt(address) : 0;
        boolean whole = length >= 4;
        switch (option) {
            case Inet.IPV6_V6ONLY -> {
                if (!whole) {
                    throw Errno.EINVAL.error();
                }
                socket.setV6Only(value != 0);
            }
            case Inet.IPV6_RECVPKTINFO, Inet.IPV6_RECVHOPLIMIT, Inet.IPV6_RECVTCLASS, Inet.IPV6_RECVERR,
                    Inet.IPV6_RECVORIGDSTADDR, Inet.IPV6_RECVPATHMTU, Inet.IPV6_DONTFRAG, Inet.IPV6_AUTOFLOWLABEL,
                    Inet.IPV6_FREEBIND, Inet.IPV6_RECVRTHDR, Inet.IPV6_RECVHOPOPTS, Inet.IPV6_RECVDSTOPTS,
                    Inet.IPV6_2292PKTINFO, Inet.IPV6_2292HOPLIMIT, Inet.IPV6_RECVERR_RFC4884 -> {
                if (!whole) {
                    throw Errno.EINVAL.error();
                }
                put6(option, value != 0);
            }
            case Inet.IPV6_TRANSPARENT -> {
                if (value != 0
                        && !task.credentials().capableIn(socket.net().owner(), Capability.NET_RAW)
                        && !task.credentials().capableIn(socket.net().owner(), Capability.NET_ADMIN)) {
                    throw Errno.EPERM.error();
                }
                put6(option, value != 0);
            }
            case Inet.IPV6_TCLASS -> {
                if (!whole) {
                    throw Errno.EINVAL.error();
                }
                requireRange(value, -1, 255);
                int c = value == -1 ? 0 : value;
                trafficClass = socket.streams() ? c & 0xfc : c;
            }
            case Inet.IPV6_UNICAST_HOPS -> {
                if (!whole) {
                    throw Errno.EINVAL.error();
                }
                requireRange(value, -1, 255);
                hops = value;
            }
            case Inet.IPV6_MULTICAST_HOPS -> {
                requireStreamless();
                if (!whole) {
                    throw Errno.EINVAL.error();
                }
                requireRange(value, -1, 255);
                multicastHops = value == -1 ? 1 : value;
            }
            case Inet.IPV6_MULTICAST_LOOP -> {
                if (!whole) {
                    throw Errno.EINVAL.error();
                }
                requireRange(value, 0, 1);
                put6(option, value != 0);
            }
            case Inet.IPV6_MULTICAST_ALL -> put6(option, value != 0);
            case Inet.IPV6_MULTICAST_IF -> {
                requireStreamless();
                if (!whole) {
                    throw Errno.EINVAL.error();
                }
                if (value < 0 || value != 0 && socket.stack().device(value) == null) {
                    throw Errno.ENODEV.error();
                }
                multicastDevice6 = value;
            }
            case Inet.IPV6_UNICAST_IF -> {
                if (length != 4) {
                    throw Errno.EINVAL.error();
                }
                int index = Integer.reverseBytes(value);
                requireDevice(index);
                unicastDevice6 = index;
            }
            case Inet.IPV6_MTU_DISCOVER -> {
                if (!whole) {
                    throw Errno.EINVAL.error();
                }
                requireRange(value, 0, 5);
                mtuDiscover6 = value;
            }
            case Inet.IPV6_MTU -> {
                if (!whole || value != 0 && value < 1280) {
                    throw Errno.EINVAL.error();
                }
            }
            case Inet.IPV6_MINHOPCOUNT -> {
                if (!whole) {
                    throw Errno.EINVAL.error();
                }
                requireRange(value, 0, 255);
                minHops = value;
            }
            case Inet.IPV6_CHECKSUM -> {
                if (socket.type() != Sockets.SOCK_RAW) {
                    throw Errno.ENOPROTOOPT.error();
                }
                checksum = value;
            }
            case Inet.IPV6_ADDRFORM -> throw (socket.peer() == null ? Errno.ENOTCONN : Errno.EADDRNOTAVAIL).error();
            default -> throw Errno.ENOPROTOOPT.error();
        }
    }

    // getsockopt(2).

    int get(Task task, int level, int option, byte[] out, int room) throws ErrnoException {
        if (level == Inet.IPPROTO_IP) {
            return get4(option, out, room);
        }
        if (level == Inet.IPPROTO_IPV6 && socket.v6()) {
            return get6(option, out, room);
        }
        throw (socket.v6() ? Errno.ENOPROTOOPT : Errno.EOPNOTSUPP).error();
    }

    private int get4(int option, byte[] out, int room) throws ErrnoException {
        int value;
        switch (option) {
            case Inet.IP_OPTIONS -> {
                return 0;
            }
            case Inet.IP_PKTINFO, Inet.IP_RECVTTL, Inet.IP_RECVOPTS, Inet.IP_RECVTOS, Inet.IP_RETOPTS,
                    Inet.IP_RECVORIGDSTADDR, Inet.IP_RECVFRAGSIZE, Inet.IP_FREEBIND, Inet.IP_BIND_ADDRESS_NO_PORT,
                    Inet.IP_RECVERR_RFC4884, Inet.IP_CHECKSUM, Inet.IP_RECVERR, Inet.IP_TRANSPARENT,
                    Inet.IP_NODEFRAG, Inet.IP_MULTICAST_LOOP, Inet.IP_MULTICAST_ALL -> value = has4(option) ? 1 : 0;
            case Inet.IP_HDRINCL -> {
                if (socket.type() != Sockets.SOCK_RAW) {
                    throw Errno.ENOPROTOOPT.error();
                }
                value = has4(option) ? 1 : 0;
            }
            case Inet.IP_TOS -> value = tos;
            case Inet.IP_TTL -> value = ttl < 0 ? socket.stack().settings().defaultTtl : ttl;
            case Inet.IP_MINTTL -> value = minTtl;
            case Inet.IP_MTU_DISCOVER -> value = mtuDiscover;
            case Inet.IP_MTU -> {
                if (socket.peer() == null) {
                    throw Errno.ENOTCONN.error();
                }
                value = socket.stack().loopback().mtu();
            }
            case Inet.IP_MULTICAST_TTL -> value = multicastTtl;
            case Inet.IP_MULTICAST_IF -> {
                Bytes.putNetInt(out, 0, multicastFrom);
                return Math.min(4, room);
            }
            case Inet.IP_UNICAST_IF -> value = Integer.reverseBytes(unicastDevice);
            case Inet.IP_LOCAL_PORT_RANGE -> value = portRange;
            case Inet.IP_PROTOCOL -> value = socket.protocol();
            default -> throw Errno.ENOPROTOOPT.error();
        }
        Bytes.putInt(out, 0, value);
        // A small value fits into a byte for programs that give no more (Linux: do_ip_getsockopt).
        return room < 4 && room > 0 && value >= 0 && value <= 255 ? 1 : Math.min(4, room);
    }

    private int get6(int option, byte[] out, int room) throws ErrnoException {
        int value;
        switch (option) {
            case Inet.IPV6_V6ONLY -> value = socket.v6Only() ? 1 : 0;
            case Inet.IPV6_RECVPKTINFO, Inet.IPV6_RECVHOPLIMIT, Inet.IPV6_RECVTCLASS, Inet.IPV6_RECVERR,
                    Inet.IPV6_RECVORIGDSTADDR, Inet.IPV6_RECVPATHMTU, Inet.IPV6_DONTFRAG, Inet.IPV6_AUTOFLOWLABEL,
                    Inet.IPV6_FREEBIND, Inet.IPV6_RECVRTHDR, Inet.IPV6_RECVHOPOPTS, Inet.IPV6_RECVDSTOPTS,
                    Inet.IPV6_TRANSPARENT, Inet.IPV6_MULTICAST_LOOP, Inet.IPV6_MULTICAST_ALL,
                    Inet.IPV6_2292PKTINFO, Inet.IPV6_2292HOPLIMIT, Inet.IPV6_RECVERR_RFC4884 -> value = has6(option) ? 1 : 0;
            case Inet.IPV6_TCLASS -> value = trafficClass;
            case Inet.IPV6_UNICAST_HOPS -> value = hops < 0 ? socket.stack().settings().defaultTtl : hops;
            case Inet.IPV6_MULTICAST_HOPS -> value = multicastHops;
            case Inet.IPV6_MULTICAST_IF -> value = multicastDevice6;
            case Inet.IPV6_UNICAST_IF -> value = Integer.reverseBytes(unicastDevice6);
            case Inet.IPV6_MTU_DISCOVER -> value = mtuDiscover6;
            case Inet.IPV6_MTU -> {
                if (socket.peer() == null) {
                    throw Errno.ENOTCONN.error();
                }
                value = socket.stack().loopback().mtu();
            }
            case Inet.IPV6_MINHOPCOUNT -> value = minHops;
            case Inet.IPV6_ADDR_PREFERENCES -> value = 2;
            case Inet.IPV6_CHECKSUM -> {
                if (socket.type() != Sockets.SOCK_RAW) {
                    throw Errno.ENOPROTOOPT.error();
                }
                value = checksum;
            }
            default -> throw Errno.ENOPROTOOPT.error();
        }
        Bytes.putInt(out, 0, value);
        return Math.min(4, room);
    }
}
