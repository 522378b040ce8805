package sentry.core.net;

import sentry.core.abi.Capability;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Inet;
import sentry.core.abi.Sockets;
import sentry.core.socket.Socket;
import sentry.core.socket.SocketFamily;
import sentry.core.task.Task;

/** AF_INET and AF_INET6 (ip(7), ipv6(7)): TCP, UDP, raw sockets, ping sockets. */
public final class InetFamily implements SocketFamily {
    public static final InetFamily V4 = new InetFamily(false);
    public static final InetFamily V6 = new InetFamily(true);

    private final boolean v6;

    private InetFamily(boolean v6) {
        this.v6 = v6;
    }

    @Override
    public Socket create(Task task, int type, int protocol, int flags) throws ErrnoException {
        if (protocol < 0 || protocol >= Inet.IPPROTO_MAX) {
            throw Errno.EINVAL.error();
        }
        int icmp = v6 ? Inet.IPPROTO_ICMPV6 : Inet.IPPROTO_ICMP;
        switch (type) {
            case Sockets.SOCK_STREAM -> {
                if (protocol == 0 || protocol == Inet.IPPROTO_TCP) {
                    return new TcpSocket(task, v6, flags);
                }
                throw Errno.EPROTONOSUPPORT.error();
            }
            case Sockets.SOCK_DGRAM -> {
                if (protocol == 0 || protocol == Inet.IPPROTO_UDP) {
                    return new UdpSocket(task, v6, flags);
                }
                if (protocol == icmp) {
                    NetSettings s = task.namespaces().net().stack().settings();
                    if (!pingAllowed(task, s.pingGroupLow, s.pingGroupHigh)) {
                        throw Errno.EACCES.error();
                    }
                    return new RawSocket(task, v6, type, protocol, flags);
                }
                throw Errno.EPROTONOSUPPORT.error();
            }
            case Sockets.SOCK_RAW -> {
                if (protocol == 0) {
                    throw Errno.EPROTONOSUPPORT.error();
                }
                if (!task.credentials().capableIn(task.namespaces().net().owner(), Capability.NET_RAW)) {
                    throw Errno.EPERM.error();
                }
                return new RawSocket(task, v6, type, protocol, flags);
            }
            default -> throw Errno.ESOCKTNOSUPPORT.error();
        }
    }

    /** net.ipv4.ping_group_range. */
    private static boolean pingAllowed(Task task, int low, int high) {
        if (within(task.credentials().egid(), low, high)) {
            return true;
        }
        for (int g : task.credentials().groups()) {
            if (within(g, low, high)) {
                return true;
            }
        }
        return false;
    }

    private static boolean within(int group, int low, int high) {
        return Integer.compareUnsigned(group, low) >= 0 && Integer.compareUnsigned(group, high) <= 0;
    }
}
