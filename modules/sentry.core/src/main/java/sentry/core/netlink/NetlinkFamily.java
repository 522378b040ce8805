package sentry.core.netlink;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.socket.Socket;
import sentry.core.socket.SocketFamily;
import sentry.core.task.Task;

/** AF_NETLINK (netlink(7)). */
public final class NetlinkFamily implements SocketFamily {
    public NetlinkFamily() {}

    @Override
    public Socket create(Task task, int type, int protocol, int flags) throws ErrnoException {
        throw Errno.EAFNOSUPPORT.error();
    }
}
