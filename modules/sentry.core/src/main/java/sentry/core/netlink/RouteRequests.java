package sentry.core.netlink;

import sentry.core.abi.Bytes;
import sentry.core.abi.Capability;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Netlink;
import sentry.core.abi.Sockets;
import sentry.core.net.NetDevice;
import sentry.core.net.NetStack;
import sentry.core.task.NetNamespace;
import sentry.core.task.Task;

/** What NETLINK_ROUTE answers: links, addresses, routes (rtnetlink(7)). One object per message of a program. */
final class RouteRequests {
    private static final int ARPHRD_LOOPBACK = 772;
    private static final int GET = 2;
    private static final int RT_TABLE_LOCAL = 255;
    private static final int RT_TABLE_MAIN = 254;
    private static final int RTPROT_KERNEL = 2;
    private static final int RT_SCOPE_UNIVERSE = 0;
    private static final int RT_SCOPE_LINK = 253;
    private static final int RT_SCOPE_HOST = 254;
    private static final int RTN_UNICAST = 1;
    private static final int RTN_LOCAL = 2;
    private static final int RTN_BROADCAST = 3;
    private static final int RTM_F_CLONED = 0x200;
    private static final int IFA_F_PERMANENT = 0x80;
    private static final int IFINFO = 16;
    private static final int IFADDR = 8;
    private static final int RTMSG = 12;

    private final Task task;
    private final NetNamespace net;
    private final NetStack stack;
    private final int port;

    private byte[] data;
    private int at;
    private int length;
    private int sequence;

    RouteRequests(Task task, NetNamespace net, int port) {
        this.task = task;
        this.net = net;
        this.stack = net.stack();
        this.port = port;
    }

    /**
     * Answers the request at {@code at}.
     *
     * @return whether it was for a dump, which needs no acknowledgement
     */
    boolean handle(byte[] request, int from, int size, Reply reply) throws ErrnoException {
        data = request;
        at = from;
        length = size;
        int type = Bytes.getShort(request, from + 4);
        sequence = Bytes.getInt(request, from + 8);
        boolean get = (type & 3) == GET;
        boolean dump = get && (Bytes.getShort(request, from + 6) & Netlink.NLM_F_DUMP) == Netlink.NLM_F_DUMP;
        if (type > Netlink.RTM_MAX) {
            throw Errno.EOPNOTSUPP.error();
        }
        if (size <= Netlink.HEADER) {
            return false; // too short to name even a family: ignored
        }
        if (!get && !task.credentials().capableIn(net.owner(), Capability.NET_ADMIN)) {
            throw Errno.EPERM.error();
        }
        int family = request[from + Netlink.HEADER] & 0xff;
        if (dump) {
            switch (type) {
                case Netlink.RTM_GETLINK -> links(reply);
                case Netlink.RTM_GETADDR -> addresses(reply, family);
                case Netlink.RTM_GETROUTE -> routes(reply, family);
                default -> {} // neighbours, rules, queues: there are none
            }
            reply.begin(Netlink.NLMSG_DONE, Netlink.NLM_F_MULTI, sequence, port).put32(0).end();
            return true;
        }
        switch (type) {
            case Netlink.RTM_GETLINK -> link(reply, device(true), 0);
            case Netlink.RTM_GETROUTE -> route(reply, family);
            case Netlink.RTM_NEWLINK, Netlink.RTM_SETLINK -> setLink();
            case Netlink.RTM_DELLINK -> {
                device(true);
                throw Errno.EOPNOTSUPP.error(); // a loopback stays
            }
            case Netlink.RTM_NEWADDR, Netlink.RTM_DELADDR -> setAddress(type == Netlink.RTM_NEWADDR, family);
            default -> throw Errno.EOPNOTSUPP.error();
        }
        return false;
    }

    /** Offset of an attribute's data behind a fixed part of {@code fixed} bytes; -1 when there is none. */
    private int attribute(int fixed, int wanted, int least) {
        int end = at + length;
        for (int i = at + Netlink.HEADER + (fixed + 3 & -4); end - i >= 4; ) {
            int size = Bytes.getShort(data, i);
            if (size < 4 || size > end - i) {
                return -1;
            }
            if ((Bytes.getShort(data, i + 2) & 0x3fff) == wanted && size - 4 >= least) {
                return i + 4;
            }
            i += size + 3 & -4;
        }
        return -1;
    }

    private void requireFixed(int fixed) throws ErrnoException {
        if (length < Netlink.HEADER + fixed) {
            throw Errno.EINVAL.error();
        }
    }

    // Links.

    private NetDevice device(boolean required) throws ErrnoException {
        requireFixed(IFINFO);
        int index = Bytes.getInt(data, at + Netlink.HEADER + 4);
        NetDevice found = null;
        if (index > 0) {
            found = stack.device(index);
        } else {
            int name = attribute(IFINFO, Netlink.IFLA_IFNAME, 1);
            if (name < 0) {
                throw Errno.EINVAL.error();
            }
            int n = name;
            int end = name - 4 + Bytes.getShort(data, name - 4);
            while (n < end && data[n] != 0) {
                n++;
            }
            found = stack.device(new String(data, name, n - name, java.nio.charset.StandardCharsets.ISO_8859_1));
        }
        if (found == null && required) {
            throw Errno.ENODEV.error();
        }
        return found;
    }

    private void links(Reply reply) {
        for (NetDevice d : stack.devices()) {
            link(reply, d, Netlink.NLM_F_MULTI);
        }
    }

    private void link(Reply reply, NetDevice d, int flags) {
        reply.begin(Netlink.RTM_NEWLINK, flags, sequence, port);
        reply.put8(0).put8(0).put16(ARPHRD_LOOPBACK).put32(d.index()).put32(d.flags()).put32(0);
        reply.attribute(Netlink.IFLA_IFNAME, d.name());
        reply.attribute32(Netlink.IFLA_TXQLEN, d.queueLength());
        reply.attribute8(Netlink.IFLA_OPERSTATE, d.up() ? 0 : 2);
        reply.attribute8(Netlink.IFLA_LINKMODE, 0);
        reply.attribute32(Netlink.IFLA_MTU, d.mtu());
        reply.attribute32(Netlink.IFLA_GROUP, 0);
        reply.attribute32(Netlink.IFLA_PROMISCUITY, 0);
        reply.attribute32(Netlink.IFLA_NUM_TX_QUEUES, 1);
        reply.attribute32(Netlink.IFLA_NUM_RX_QUEUES, 1);
        reply.attribute8(Netlink.IFLA_CARRIER, 1);
        reply.attribute(Netlink.IFLA_QDISC, d.up() ? "noqueue" : "noop");
        reply.attribute(Netlink.IFLA_ADDRESS, new byte[6]);
        reply.attribute(Netlink.IFLA_BROADCAST, new byte[6]);
        byte[] stats = new byte[25 * 8]; // struct rtnl_link_stats64: packets and bytes, received and sent
        Bytes.putLong(stats, 0, d.packets());
        Bytes.putLong(stats, 8, d.packets());
        Bytes.putLong(stats, 16, d.bytes());
        Bytes.putLong(stats, 24, d.bytes());
        reply.attribute(Netlink.IFLA_STATS64, stats);
        reply.end();
    }

    private void setLink() throws ErrnoException {
        NetDevice d = device(false);
        if (d == null) {
            throw Errno.EOPNOTSUPP.error(); // no kind of interface can be made
        }
        int flags = Bytes.getInt(data, at + Netlink.HEADER + 8);
        int change = Bytes.getInt(data, at + Netlink.HEADER + 12);
        int mtu = attribute(IFINFO, Netlink.IFLA_MTU, 4);
        if (mtu >= 0) {
            if (Bytes.getInt(data, mtu) < 0) {
                throw Errno.EINVAL.error();
            }
            d.setMtu(Bytes.getInt(data, mtu));
        }
        int queue = attribute(IFINFO, Netlink.IFLA_TXQLEN, 4);
        if (queue >= 0) {
            d.setQueueLength(Bytes.getInt(data, queue));
        }
        if (((change == 0 ? flags : change) & NetDevice.IFF_UP) != 0) {
            d.setUp((flags & NetDevice.IFF_UP) != 0);
        }
    }

    // Addresses.

    private void addresses(Reply reply, int family) {
        for (NetDevice d : stack.devices()) {
            for (NetDevice.Address a : d.addresses()) {
                int mine = a.isV4() ? Sockets.AF_INET : Sockets.AF_INET6;
                if (family != 0 && family != mine) {
                    continue;
                }
                reply.begin(Netlink.RTM_NEWADDR, Netlink.NLM_F_MULTI, sequence, port);
                reply.put8(mine).put8(a.bits()).put8(IFA_F_PERMANENT).put8(RT_SCOPE_HOST).put32(d.index());
                byte[] bytes = a.bytes();
                reply.attribute(Netlink.IFA_ADDRESS, bytes);
                if (a.isV4()) {
                    reply.attribute(Netlink.IFA_LOCAL, bytes);
                    reply.attribute(Netlink.IFA_LABEL, d.name());
                }
                reply.attribute32(Netlink.IFA_FLAGS, IFA_F_PERMANENT);
                byte[] cache = new byte[16]; // lifetimes without end, made and changed at boot
                Bytes.putLong(cache, 0, -1);
                reply.attribute(Netlink.IFA_CACHEINFO, cache);
                reply.end();
            }
        }
    }

    private void setAddress(boolean add, int family) throws ErrnoException {
        requireFixed(IFADDR);
        boolean v4 = family == Sockets.AF_INET;
        if (!v4 && family != Sockets.AF_INET6) {
            throw Errno.EOPNOTSUPP.error();
        }
        int size = v4 ? 4 : 16;
        int found = attribute(IFADDR, Netlink.IFA_LOCAL, size);
        if (found < 0) {
            found = attribute(IFADDR, Netlink.IFA_ADDRESS, size);
        }
        int bits = data[at + Netlink.HEADER + 1] & 0xff;
        if (found < 0 || bits > size * 8) {
            throw Errno.EINVAL.error();
        }
        NetDevice d = stack.device(Bytes.getInt(data, at + Netlink.HEADER + 4));
        if (d == null) {
            throw Errno.ENODEV.error();
        }
        NetDevice.Address a = NetDevice.Address.of(data, found, v4, bits);
        if (add) {
            if (!d.add(a)) {
                throw Errno.EEXIST.error();
            }
        } else if (!d.remove(a.high(), a.low())) {
            throw Errno.EADDRNOTAVAIL.error();
        }
    }

    // Routes.

    private void routes(Reply reply, int family) {
        for (NetDevice d : stack.devices()) {
            if (!d.up()) {
                continue;
            }
            for (NetDevice.Address a : d.addresses()) {
                int mine = a.isV4() ? Sockets.AF_INET : Sockets.AF_INET6;
                if (family != 0 && family != mine) {
                    continue;
                }
                byte[] address = a.bytes();
                if (a.isV4()) {
                    if (a.bits() < 32) {
                        one(reply, mine, a.bits(), RT_TABLE_LOCAL, RT_SCOPE_HOST, RTN_LOCAL, 0, a.network(), address, d);
                    }
                    one(reply, mine, 32, RT_TABLE_LOCAL, RT_SCOPE_HOST, RTN_LOCAL, 0, address, address, d);
                    if (a.bits() < 31) {
                        one(reply, mine, 32, RT_TABLE_LOCAL, RT_SCOPE_LINK, RTN_BROADCAST, 0, a.last(), address, d);
                    }
                } else {
                    one(reply, mine, 128, RT_TABLE_MAIN, RT_SCOPE_UNIVERSE, RTN_UNICAST, 256, address, null, d);
                    one(reply, mine, 128, RT_TABLE_LOCAL, RT_SCOPE_UNIVERSE, RTN_LOCAL, 0, address, null, d);
                }
            }
        }
    }

    private void one(
            Reply reply, int family, int bits, int table, int scope, int type, int metric, byte[] to, byte[] source, NetDevice d) {
        reply.begin(Netlink.RTM_NEWROUTE, Netlink.NLM_F_MULTI, sequence, port);
        reply.put8(family).put8(bits).put8(0).put8(0).put8(table).put8(RTPROT_KERNEL).put8(scope).put8(type).put32(0);
        reply.attribute32(Netlink.RTA_TABLE, table);
        reply.attribute(Netlink.RTA_DST, to);
        if (family == Sockets.AF_INET6) {
            reply.attribute32(Netlink.RTA_PRIORITY, metric);
        }
        if (source != null) {
            reply.attribute(Netlink.RTA_PREFSRC, source);
        }
        reply.attribute32(Netlink.RTA_OIF, d.index());
        reply.end();
    }

    /** The way to one address. */
    private void route(Reply reply, int family) throws ErrnoException {
        requireFixed(RTMSG);
        boolean v4 = family == Sockets.AF_INET;
        if (!v4 && family != Sockets.AF_INET6) {
            throw Errno.EOPNOTSUPP.error();
        }
        int found = attribute(RTMSG, Netlink.RTA_DST, v4 ? 4 : 16);
        NetDevice.Address to = found < 0
                ? NetDevice.Address.of(new byte[16], 0, v4, 0)
                : NetDevice.Address.of(data, found, v4, v4 ? 32 : 128);
        byte[] source = stack.sourceOf(to);
        if (source == null) {
            throw Errno.ENETUNREACH.error();
        }
        reply.begin(Netlink.RTM_NEWROUTE, 0, sequence, port);
        reply.put8(family).put8(v4 ? 32 : 128).put8(0).put8(0).put8(RT_TABLE_LOCAL).put8(v4 ? 0 : RTPROT_KERNEL);
        reply.put8(RT_SCOPE_UNIVERSE).put8(RTN_LOCAL).put32(v4 ? RTM_F_CLONED : 0);
        reply.attribute32(Netlink.RTA_TABLE, RT_TABLE_LOCAL);
        reply.attribute(Netlink.RTA_DST, to.bytes());
        reply.attribute32(Netlink.RTA_OIF, stack.loopback().index());
        reply.attribute(Netlink.RTA_PREFSRC, source);
        reply.end();
    }
}
