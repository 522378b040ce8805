package sentry.core.socket;

import sentry.core.abi.ErrnoException;
import sentry.core.task.Task;

/** Makes the sockets of one address family. */
@FunctionalInterface
public interface SocketFamily {
    /**
     * A new socket in the task's network.
     *
     * @param type SOCK_ without flags, below SOCK_MAX
     * @param flags O_NONBLOCK or 0
     */
    Socket create(Task task, int type, int protocol, int flags) throws ErrnoException;
}
