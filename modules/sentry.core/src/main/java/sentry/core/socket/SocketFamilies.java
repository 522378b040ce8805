package sentry.core.socket;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Sockets;
import sentry.core.net.InetFamily;
import sentry.core.netlink.NetlinkFamily;
import sentry.core.task.Task;

/** Which families there are. */
public final class SocketFamilies {
    private static final SocketFamily[] FAMILIES = new SocketFamily[Sockets.AF_MAX];

    static {
        FAMILIES[Sockets.AF_UNIX] = UnixSocket::create;
        FAMILIES[Sockets.AF_INET] = InetFamily.V4;
        FAMILIES[Sockets.AF_INET6] = InetFamily.V6;
        FAMILIES[Sockets.AF_NETLINK] = new NetlinkFamily();
    }

    private SocketFamilies() {}

    /** socket(2), the flags of whose type are taken off and checked already. */
    public static Socket create(Task task, int domain, int type, int protocol, int flags) throws ErrnoException {
        if (domain < 0 || domain >= Sockets.AF_MAX) {
            throw Errno.EAFNOSUPPORT.error();
        }
        if (type < 0 || type >= Sockets.SOCK_MAX) {
            throw Errno.EINVAL.error();
        }
        SocketFamily family = FAMILIES[domain];
        if (family == null) {
            throw Errno.EAFNOSUPPORT.error();
        }
        return family.create(task, type, protocol, flags);
    }
}
