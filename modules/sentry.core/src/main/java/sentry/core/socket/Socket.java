package sentry.core.socket;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.abi.PollEvents;
import sentry.core.abi.Sockets;
import sentry.core.signal.SignalInfo;
import sentry.core.task.NetNamespace;
import sentry.core.task.Task;
import sentry.core.vfs.FileDescription;
import sentry.core.vfs.IoBuffer;
import sentry.core.wait.Sleeper;
import sentry.core.wait.WaitEntry;
import sentry.core.wait.WaitQueue;

/**
 * A socket of any family (socket(7)): what the system calls speak to. Families and their transports are below it.
 *
 * <p>Addresses are struct sockaddr as the program has them: bytes and a length of at most {@link Sockets#ADDRESS}.
 */
public abstract class Socket extends FileDescription {
    private static final int SIGPIPE = 13;

    private final NetNamespace net;
    private final int domain;
    private final int type;
    private final int protocol;
    private final SocketOptions options = new SocketOptions(this);
    /** Who waits for events of this socket. */
    protected final WaitQueue queue = new WaitQueue();
    /** SO_ERROR: an error to be told once (Linux: sk_err). */
    private volatile Errno error;

    /** @param flags O_NONBLOCK or 0 */
    protected Socket(NetNamespace net, int domain, int type, int protocol, int flags, int uid, int gid) {
        super(SocketFiles.INSTANCE.newPath(uid, gid), Fcntl.O_RDWR | flags);
        this.net = net;
        this.domain = domain;
        this.type = type;
        this.protocol = protocol;
    }

    /** The network that it belongs to. */
    public final NetNamespace net() {
        return net;
    }

    /** AF_. */
    public final int domain() {
        return domain;
    }

    /** SOCK_. */
    public final int type() {
        return type;
    }

    public final int protocol() {
        return protocol;
    }

    /** What SOL_SOCKET knows of it. */
    public final SocketOptions options() {
        return options;
    }

    /** The number that /proc/net and fstat(2) show. */
    public final long ino() {
        return inode().ino();
    }

    /** The uid that /proc/net shows and SO_REUSEPORT compares. */
    public final int owningUid() {
        try {
            return inode().uid();
        } catch (ErrnoException e) {
            return -1;
        }
    }

    /** Bytes as one stream, without bounds between messages. */
    public boolean streams() {
        return type == Sockets.SOCK_STREAM;
    }

    // Names and connections.

    /** bind(2). */
    public abstract void bind(Task task, byte[] address, int length) throws ErrnoException;

    /** connect(2); waits unless {@code noWait}. */
    public abstract void connect(Task task, byte[] address, int length, boolean noWait) throws ErrnoException;

    /** listen(2). */
    public void listen(Task task, int backlog) throws ErrnoException {
        throw Errno.EOPNOTSUPP.error();
    }

    /** The next connection, or null when there is none now: accept(2). */
    public Socket accept() throws ErrnoException {
        throw Errno.EOPNOTSUPP.error();
    }

    /** shutdown(2). */
    public abstract void shutdown(boolean read, boolean write) throws ErrnoException;

    /**
     * getsockname(2), getpeername(2).
     *
     * @param out room for {@link Sockets#ADDRESS} bytes
     * @return length of the address
     */
    public abstract int name(byte[] out, boolean ofPeer) throws ErrnoException;

    /** Joins this new socket with another of its kind: socketpair(2). */
    public void pairWith(Task task, Socket other) throws ErrnoException {
        throw Errno.EOPNOTSUPP.error();
    }

    // Messages.

    /** Looks at where a message is to go and what it is to carry, once, before {@link #send}. */
    public void prepare(Task task, Outgoing message, int flags) throws ErrnoException {}

    /** Bytes sent, or {@link #WOULD_BLOCK}: wait on {@link #roomQueue}. */
    public abstract long send(Task task, IoBuffer source, Outgoing message, int flags) throws ErrnoException;

    /** Where somebody who found no room waits. */
    public WaitQueue roomQueue(Outgoing message) {
        return queue;
    }

    /**
     * Receives.
     *
     * @param with learns what came along
     * @return bytes, 0 at the end, or {@link #WOULD_BLOCK}
     */
    public abstract long receive(Task task, IoBuffer target, int flags, Received with) throws ErrnoException;

    /** Writes the sender's address, as recvfrom(2) gives it; 0 when there is none. */
    public int senderName(Received with, byte[] out) {
        return 0;
    }

    /** Writes the ancillary data of the family's own levels. */
    public void ancillary(Task task, Received with, Ancillary out) throws ErrnoException {}

    /** One control message of the family's own level in a message to be sent. */
    public void control(Task task, Outgoing message, int level, int kind, byte[] data, int at, int length)
            throws ErrnoException {
        // Others' levels are not looked at.
    }

    // Options.

    /** setsockopt(2) of a level other than SOL_SOCKET. */
    public void setOption(Task task, int level, int option, long address, int length) throws ErrnoException {
        throw Errno.EOPNOTSUPP.error();
    }

    /**
     * getsockopt(2) of a level other than SOL_SOCKET.
     *
     * @param room the program's
     * @return bytes put into {@code out}, at most {@code room}
     */
    public int getOption(Task task, int level, int option, byte[] out, int room) throws ErrnoException {
        throw Errno.EOPNOTSUPP.error();
    }

    /** SO_PEERCRED, as far as there is somebody. */
    public Peer peerIs() {
        return Peer.NONE;
    }

    public boolean listening() {
        return false;
    }

    /** SO_PEEK_OFF, SO_REUSEPORT and the like: whether the option means something here. */
    protected boolean supports(int option) {
        return true;
    }

    /** SO_SNDBUF or SO_RCVBUF changed. */
    protected void buffersChanged() {
        queue.notify(PollEvents.POLLOUT | PollEvents.POLLWRNORM);
    }

    // Errors.

    protected final Errno error() {
        return error;
    }

    /** Leaves an error for the next call. */
    protected final void setError(Errno value) {
        error = value;
    }

    protected final void reportError() throws ErrnoException {
        if (error != null) {
            Errno e = takeErrno();
            if (e != null) {
                throw e.error();
            }
        }
    }

    /** Throws an error that is waiting to be told: recvmmsg(2) begins so. */
    public final void reportLate() throws ErrnoException {
        reportError();
    }

    /** Keeps an error that came after some messages for the next call: recvmmsg(2). */
    public final void keepError(Errno e) {
        if (e != Errno.EAGAIN && e != Errno.EINTR && e != Errno.ERESTARTSYS && e != Errno.EFAULT) {
            error = e;
        }
    }

    private synchronized Errno takeErrno() {
        Errno e = error;
        error = null;
        return e;
    }

    /** SO_ERROR: the error, once; 0 for none. */
    public final int takeError() {
        Errno e = takeErrno();
        return e == null ? 0 : e.number();
    }

    /** EPIPE, with the signal unless {@code flags} say otherwise. */
    protected static ErrnoException brokenPipe(Task task, int flags) {
        if ((flags & Sockets.MSG_NOSIGNAL) == 0 && task != null) {
            task.signals().send(SignalInfo.user(SIGPIPE, task.ownPid(), task.ownUid()));
        }
        return Errno.EPIPE.error();
    }

    // The file.

    @Override
    public long read(Task task, IoBuffer target) throws ErrnoException {
        if (target.remaining() == 0) {
            return 0; // unlike recv(2)
        }
        Received with = new Received();
        long n = receive(task, target, 0, with);
        with.dropFiles(); // read(2) has no place for them
        return n;
    }

    @Override
    public long write(Task task, IoBuffer source) throws ErrnoException {
        return send(task, source, Outgoing.PLAIN, 0);
    }

    @Override
    public final long readTimeout() {
        return options.receiveTimeout();
    }

    @Override
    public final long writeTimeout() {
        return options.sendTimeout();
    }

    @Override
    public final boolean pollable() {
        return true;
    }

    @Override
    public void addWaiter(WaitEntry entry, int mask) {
        queue.add(entry, mask);
    }

    @Override
    public void removeWaiter(WaitEntry entry) {
        queue.remove(entry);
    }

    /** Something that connect(2) waits for. */
    @FunctionalInterface
    protected interface Condition {
        boolean holds() throws ErrnoException;
    }

    /**
     * Sleeps until {@code condition} holds.
     *
     * @param timeout nanoseconds, 0 for ever
     * @param late what to throw when the time is over
     */
    protected static void await(Task task, WaitQueue where, int mask, long timeout, Errno late, Condition condition)
            throws ErrnoException {
        long now = System.nanoTime();
        long deadline = timeout == 0 || timeout >= Sleeper.FOREVER - now ? Sleeper.FOREVER : now + timeout;
        where.add(task.waitEntry(), mask);
        try {
            for (;;) {
                task.sleeper().prepare();
                if (condition.holds()) {
                    return;
                }
                switch (task.sleep(deadline)) {
                    case READY -> {}
                    case TIMED_OUT -> throw late.error();
                    case INTERRUPTED -> throw (timeout == 0 ? Errno.ERESTARTSYS : Errno.EINTR).error();
                }
            }
        } finally {
            where.remove(task.waitEntry());
        }
    }
}
