package sentry.core.netlink;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Netlink;
import sentry.core.abi.Sockets;
import sentry.core.socket.Socket;
import sentry.core.socket.SocketFamily;
import sentry.core.task.Task;

/** AF_NETLINK (netlink(7)): routes, and events of devices, of which there are none. */
public final class NetlinkFamily implements SocketFamily {
    public NetlinkFamily() {}

    @Override
    public Socket create(Task task, int type, int protocol, int flags) throws ErrnoException {
        if (type != Sockets.SOCK_RAW && type != Sockets.SOCK_DGRAM) {
            throw Errno.ESOCKTNOSUPPORT.error();
        }
        if (protocol != Netlink.NETLINK_ROUTE && protocol != Netlink.NETLINK_KOBJECT_UEVENT) {
            throw Errno.EPROTONOSUPPORT.error();
        }
        return new NetlinkSocket(task, type, protocol, flags);
    }
}
