package sentry.core.socket;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import sentry.core.abi.Bytes;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.abi.PollEvents;
import sentry.core.abi.Sockets;
import sentry.core.net.DeviceControl;
import sentry.core.task.Credentials;
import sentry.core.task.NetNamespace;
import sentry.core.task.Task;
import sentry.core.vfs.FileDescription;
import sentry.core.vfs.IoBuffer;
import sentry.core.wait.WaitQueue;

/** A socket of the Unix domain: stream, sequenced packets or datagrams. */
public final class UnixSocket extends Socket {
    public static final int STREAM = 1;
    public static final int DGRAM = 2;
    public static final int SEQPACKET = 5;

    private static final int MSG_DONTWAIT = Sockets.MSG_DONTWAIT;
    private static final int MSG_PEEK = Sockets.MSG_PEEK;
    private static final int MSG_TRUNC = Sockets.MSG_TRUNC;

    /** Bytes that may wait for a receiver (Linux: net.core.wmem_default). */
    public static final int BUFFER = 212992;
    /** Datagrams that may wait for a receiver (net.unix.max_dgram_qlen). */
    private static final int DATAGRAMS = 10;
    /** Bytes moved by one call at most; the caller goes on. */
    private static final int PIECE = 65536;

    private static final int FIONREAD = 0x541b;
    private static final int TIOCOUTQ = 0x5411;
    private static final byte[] UNNAMED = {};

    /** Guards connections: who is whose peer, listens, is closed. */
    private static final ReentrantLock LINKS = new ReentrantLock();
    /** Names of the abstract namespace, raw bytes: those of the network that the socket belongs to. */
    private final Map<String, UnixSocket> names;

    private final int type;

    // Guarded by LINKS for writing.
    private volatile UnixSocket peer;
    private volatile boolean connected;
    private volatile boolean readShut;
    private volatile boolean writeShut;
    private volatile boolean closed;
    private volatile boolean listening;
    private volatile byte[] address = UNNAMED;
    private volatile Peer peerIs = Peer.NONE;
    private Peer self = Peer.NONE;
    private String abstractName;
    private int backlog;
    private final ArrayDeque<UnixSocket> pending = new ArrayDeque<>();
    /** Datagram sockets that are connected to this one: told when there is room. */
    private final ArrayList<UnixSocket> clients = new ArrayList<>(0);

    // Guarded by the monitor.
    private final ArrayDeque<Message> messages = new ArrayDeque<>(0);
    private int queued;

    /** @param flags O_NONBLOCK or 0 */
    public UnixSocket(NetNamespace net, int type, int flags, int uid, int gid) {
        super(net, Sockets.AF_UNIX, type, 0, flags, uid, gid);
        this.type = type;
        this.names = net.stack().unixNames();
        net.stack().unixSockets().add(this);
    }

    /** A socket for socket(2). */
    static Socket create(Task task, int type, int protocol, int flags) throws ErrnoException {
        if (protocol != 0 && protocol != Sockets.AF_UNIX) {
            throw Errno.EPROTONOSUPPORT.error();
        }
        int kind = switch (type) {
            case STREAM, DGRAM, SEQPACKET -> type;
            case Sockets.SOCK_RAW -> DGRAM;
            default -> throw Errno.ESOCKTNOSUPPORT.error();
        };
        Credentials who = task.credentials();
        return new UnixSocket(task.namespaces().net(), kind, flags, who.fsuid(), who.fsgid());
    }

    @Override
    public void pairWith(Task task, Socket other) {
        pair(this, (UnixSocket) other, Peer.of(task));
    }

    /** Whether it has a peer. */
    public boolean isConnected() {
        return connected;
    }

    private int sendBuffer() {
        return options().sendBuffer();
    }

    /** SO_PASSCRED: whether received messages carry their sender's credentials. */
    private boolean passCredentials() {
        return options().has(Sockets.SO_PASSCRED);
    }

    private boolean datagram() {
        return type == DGRAM;
    }

    /** Joins two new sockets: socketpair(2). */
    public static void pair(UnixSocket a, UnixSocket b, Peer who) {
        LINKS.lock();
        try {
            a.link(b, who);
            b.link(a, who);
        } finally {
            LINKS.unlock();
        }
    }

    private void link(UnixSocket other, Peer who) {
        peer = other;
        connected = true;
        peerIs = who;
        if (datagram()) {
            other.clients.add(this);
        }
    }

    @Override
    public Peer peerIs() {
        return peerIs;
    }

    @Override
    public boolean listening() {
        return listening;
    }

    /** The address as bytes of sun_path; empty when the socket has none. */
    public byte[] address() {
        return address;
    }

    public byte[] peerAddress() throws ErrnoException {
        UnixSocket p = peer;
        if (!connected || p == null) {
            throw Errno.ENOTCONN.error();
        }
        return p.address;
    }

    // Names.

    private static String text(byte[] bytes) {
        return new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1);
    }

    /** Takes a name of the abstract namespace; {@code bytes} begin with a NUL. */
    public void bindAbstract(byte[] bytes) throws ErrnoException {
        LINKS.lock();
        try {
            requireUnbound();
            String name = text(bytes);
            if (names.putIfAbsent(name, this) != null) {
                throw Errno.EADDRINUSE.error();
            }
            abstractName = name;
            address = bytes;
        } finally {
            LINKS.unlock();
        }
    }

    /** Takes a free name of five hexadecimal digits: bind(2) without a name. */
    public void bindAny() throws ErrnoException {
        for (int i = 0; i <= 0xfffff; i++) {
            byte[] name = new byte[6];
            for (int d = 0; d < 5; d++) {
                name[5 - d] = (byte) Character.forDigit(i >> 4 * d & 15, 16);
            }
            if (!names.containsKey(text(name))) {
                bindAbstract(name);
                return;
            }
        }
        throw Errno.ENOSPC.error();
    }

    public void requireUnbound() throws ErrnoException {
        if (address.length != 0) {
            throw Errno.EINVAL.error();
        }
    }

    /** The socket has become the file called {@code path}. */
    public void boundTo(byte[] path) {
        address = path;
    }

    /** The socket with a name of the abstract namespace that this socket sees; ECONNREFUSED. */
    public UnixSocket findAbstract(byte[] bytes) throws ErrnoException {
        UnixSocket found = names.get(text(bytes));
        if (found == null) {
            throw Errno.ECONNREFUSED.error();
        }
        return found;
    }

    // What the system calls ask for.

    @Override
    public void bind(Task task, byte[] address, int length) throws ErrnoException {
        UnixNames.bind(task, this, UnixNames.of(address, length));
    }

    @Override
    public void listen(Task task, int backlog) throws ErrnoException {
        listen(backlog, Peer.of(task));
    }

    @Override
    public void connect(Task task, byte[] address, int length, boolean noWait) throws ErrnoException {
        if (length < 2) {
            throw Errno.EINVAL.error();
        }
        if (Bytes.getShort(address, 0) == Sockets.AF_UNSPEC) {
            disconnect();
            return;
        }
        byte[] name = UnixNames.of(address, length);
        UnixSocket to = UnixNames.find(task, this, name);
        Peer who = Peer.of(task);
        if (connect(to, who)) {
            return;
        }
        if (noWait) {
            throw Errno.EAGAIN.error();
        }
        await(task, to.queue, PollEvents.POLLOUT | PollEvents.POLLHUP, writeTimeout(), Errno.EAGAIN, () -> connect(to, who));
    }

    @Override
    public int name(byte[] out, boolean ofPeer) throws ErrnoException {
        return UnixNames.put(out, ofPeer ? peerAddress() : address);
    }

    @Override
    public int senderName(Received with, byte[] out) {
        return with.address == null ? 0 : UnixNames.put(out, with.address);
    }

    @Override
    public void prepare(Task task, Outgoing message, int flags) throws ErrnoException {
        message.target = null;
        if ((flags & Sockets.MSG_OOB) != 0) {
            throw Errno.EOPNOTSUPP.error();
        }
        if (message.nameLength == 0 || type == SEQPACKET) {
            return; // Linux does not look at a name for sequenced packets
        }
        if (type == STREAM) {
            throw (connected ? Errno.EISCONN : Errno.EOPNOTSUPP).error();
        }
        UnixSocket to = UnixNames.find(task, this, UnixNames.of(message.name, message.nameLength));
        if (to.type != type) {
            throw Errno.EPROTOTYPE.error();
        }
        message.target = to;
    }

    @Override
    public long send(Task task, IoBuffer source, Outgoing message, int flags) throws ErrnoException {
        long n = send(task, source, (UnixSocket) message.target, message.files, flags, message.says);
        if (message.files.length > 0 && (n > 0 || n == 0 && type != STREAM)) {
            message.files = Message.NO_FILES; // else nothing was queued that could carry them
        }
        return n;
    }

    @Override
    public WaitQueue roomQueue(Outgoing message) {
        return roomQueue((UnixSocket) message.target);
    }

    @Override
    public long receive(Task task, IoBuffer target, int flags, Received with) throws ErrnoException {
        if ((flags & Sockets.MSG_OOB) != 0) {
            // A stream could have such a byte, but never has one here.
            throw (type == STREAM ? Errno.EINVAL : Errno.EOPNOTSUPP).error();
        }
        return receive(target, flags, with);
    }

    @Override
    public void ancillary(Task task, Received with, Ancillary out) {
        if (passCredentials() && with.any) {
            byte[] b = new byte[12];
            var users = task.credentials().userNamespace();
            Bytes.putInt(b, 0, task.namespaces().pid().translate(with.from.pid()));
            Bytes.putInt(b, 4, users.uid(with.from.uid()));
            Bytes.putInt(b, 8, users.gid(with.from.gid()));
            out.add(Sockets.SOL_SOCKET, Sockets.SCM_CREDENTIALS, b, b.length);
        }
    }

    @Override
    protected boolean supports(int option) {
        return option != Sockets.SO_REUSEPORT && option != Sockets.SO_ZEROCOPY;
    }

    // Connecting.

    public void listen(int wanted, Peer who) throws ErrnoException {
        LINKS.lock();
        try {
            if (datagram()) {
                throw Errno.EOPNOTSUPP.error();
            }
            if (address.length == 0 || connected) {
                throw Errno.EINVAL.error();
            }
            listening = true;
            self = who;
            backlog = wanted < 0 || wanted > Sockets.SOMAXCONN ? Sockets.SOMAXCONN : wanted;
        } finally {
            LINKS.unlock();
        }
        queue.notify(PollEvents.POLLOUT);
    }

    /**
     * Connects to {@code to}.
     *
     * @return false when the listener's backlog is full: wait for {@link #backlogQueue} of it
     */
    public boolean connect(UnixSocket to, Peer who) throws ErrnoException {
        if (to.type != type) {
            throw Errno.EPROTOTYPE.error();
        }
        LINKS.lock();
        try {
            if (datagram()) {
                if (to.closed) {
                    throw Errno.ECONNREFUSED.error();
                }
                to.requireFriend(this);
                UnixSocket old = peer;
                if (old != null) {
                    old.clients.remove(this);
                }
                link(to, Peer.NONE);
                return true;
            }
            if (connected) {
                throw Errno.EISCONN.error();
            }
            if (listening) {
                throw Errno.EINVAL.error();
            }
            if (!to.listening || to.closed || to.readShut) {
                throw Errno.ECONNREFUSED.error();
            }
            if (to.pending.size() > to.backlog) {
                return false;
            }
            UnixSocket server = new UnixSocket(net(), type, 0, who.uid(), who.gid());
            server.address = to.address;
            server.options().inherit(to.options());
            server.link(this, who);
            link(server, to.self);
            to.pending.add(server);
        } finally {
            LINKS.unlock();
        }
        to.queue.notify(PollEvents.POLLIN | PollEvents.POLLRDNORM);
        return true;
    }

    /** Forgets the peer: connect(2) with AF_UNSPEC on a datagram socket. */
    public void disconnect() throws ErrnoException {
        if (!datagram()) {
            throw Errno.EINVAL.error();
        }
        LINKS.lock();
        try {
            if (peer != null) {
                peer.clients.remove(this);
            }
            peer = null;
            connected = false;
        } finally {
            LINKS.unlock();
        }
    }

    /** The next connection, or null when there is none now. */
    @Override
    public UnixSocket accept() throws ErrnoException {
        UnixSocket next;
        LINKS.lock();
        try {
            if (datagram()) {
                throw Errno.EOPNOTSUPP.error();
            }
            if (!listening) {
                throw Errno.EINVAL.error();
            }
            next = pending.poll();
            if (next == null && readShut) {
                throw Errno.EINVAL.error();
            }
        } finally {
            LINKS.unlock();
        }
        if (next != null) {
            queue.notify(PollEvents.POLLOUT); // room for who waits in connect(2)
        }
        return next;
    }

    /** shutdown(2). */
    @Override
    public void shutdown(boolean read, boolean write) {
        UnixSocket p;
        LINKS.lock();
        try {
            p = peer;
            readShut |= read;
            writeShut |= write;
            if (p != null && !datagram()) {
                p.readShut |= write;
                p.writeShut |= read;
            }
        } finally {
            LINKS.unlock();
        }
        int all = PollEvents.READABLE | PollEvents.WRITABLE;
        queue.notify(all);
        if (p != null) {
            p.queue.notify(all);
        }
    }

    @Override
    protected void closed() {
        net().stack().unixSockets().remove(this);
        UnixSocket p;
        ArrayList<UnixSocket> refused;
        ArrayList<UnixSocket> widows;
        LINKS.lock();
        try {
            closed = true;
            if (abstractName != null) {
                names.remove(abstractName, this);
            }
            p = peer;
            refused = new ArrayList<>(pending);
            pending.clear();
            widows = new ArrayList<>(clients);
            clients.clear();
            if (p != null) {
                p.clients.remove(this);
                if (!datagram()) {
                    p.readShut = true;
                    p.writeShut = true;
                }
            }
        } finally {
            LINKS.unlock();
        }
        boolean unread;
        synchronized (this) {
            unread = !messages.isEmpty();
            for (Message m : messages) {
                m.dropFiles();
            }
            messages.clear();
            queued = 0;
        }
        int all = PollEvents.READABLE | PollEvents.WRITABLE;
        if (p != null) {
            if (unread && !datagram()) {
                p.setError(Errno.ECONNRESET);
            }
            p.queue.notify(all);
        }
        for (UnixSocket s : refused) {
            s.peer.setError(Errno.ECONNRESET);
            s.release();
        }
        for (UnixSocket s : widows) {
            s.queue.notify(all);
        }
        queue.notify(all);
    }

    // Sending.

    /**
     * Sends.
     *
     * @param to where to, for a datagram; null for the peer
     * @param files travel along; their references pass to the receiver when anything was sent
     * @return bytes, or {@link #WOULD_BLOCK}
     */
    public long send(Task task, IoBuffer source, UnixSocket to, FileDescription[] files, int flags)
            throws ErrnoException {
        return send(task, source, to, files, flags, null);
    }

    /** @param says what the sender wants to be known as; null: as who he is */
    public long send(Task task, IoBuffer source, UnixSocket to, FileDescription[] files, int flags, Peer says)
            throws ErrnoException {
        reportError();
        UnixSocket p = to != null ? to : peer;
        if (p == null) {
            throw Errno.ENOTCONN.error();
        }
        if (writeShut || p.closed || p.readShut && p != this) {
            if (datagram() && !writeShut && p.closed) {
                if (to == null && p.closed) {
                    disconnect();
                }
                throw Errno.ECONNREFUSED.error();
            }
            throw datagram() ? Errno.EPIPE.error() : brokenPipe(task, flags);
        }
        if (datagram()) {
            p.requireFriend(this);
        }
        long want = source.remaining();
        boolean stream = type == STREAM;
        int length;
        if (stream) {
            if (want == 0) {
                return 0;
            }
            int room = p.room(sendBuffer());
            if (room <= 0) {
                return WOULD_BLOCK;
            }
            length = (int) Math.min(want, Math.min(room, PIECE));
        } else {
            if (want > sendBuffer() - 32) {
                throw Errno.EMSGSIZE.error();
            }
            length = (int) want;
            if (!p.takes(length, sendBuffer())) {
                return WOULD_BLOCK;
            }
        }
        byte[] data = new byte[length];
        int got = length == 0 ? 0 : source.get(data, 0, length);
        if (!stream && got < length) {
            throw Errno.EFAULT.error();
        }
        Message m = new Message(data, got, files, says == null ? Peer.sender(task) : says, address);
        synchronized (p) {
            if (p.closed) {
                throw (datagram() ? Errno.ECONNREFUSED : Errno.EPIPE).error();
            }
            p.messages.add(m);
            p.queued += got;
        }
        p.queue.notify(PollEvents.POLLIN | PollEvents.POLLRDNORM);
        return got;
    }

    /** Room for somebody who may have {@code limit} bytes waiting here. */
    private synchronized int room(int limit) {
        return limit - queued;
    }

    private synchronized int queuedBytes() {
        return queued;
    }

    /** EPERM when this datagram socket is connected, and to another one than {@code sender}. */
    private void requireFriend(UnixSocket sender) throws ErrnoException {
        UnixSocket mine = peer;
        if (mine != null && mine != sender && !mine.closed) {
            throw Errno.EPERM.error();
        }
    }

    /** Whether a message of {@code length} bytes may be queued now. */
    private synchronized boolean takes(int length, int limit) {
        if (datagram() && messages.size() > DATAGRAMS) {
            return false;
        }
        return queued == 0 || queued + length <= limit;
    }

    /** Where somebody who found no room at {@code to} (null: the peer) waits. */
    public WaitQueue roomQueue(UnixSocket to) {
        return to != null && to != peer ? to.queue : queue;
    }

    /** Where connect(2) waits for room in this listener's backlog. */
    public WaitQueue backlogQueue() {
        return queue;
    }

    // Receiving.

    /**
     * Receives.
     *
     * @param with learns what came along
     * @return bytes, 0 at the end, or {@link #WOULD_BLOCK}
     */
    public long receive(IoBuffer target, int flags, Received with) throws ErrnoException {
        long n;
        boolean room;
        synchronized (this) {
            if (messages.isEmpty()) {
                reportError();
                if (type != DGRAM && !connected) {
                    throw (type == STREAM ? Errno.EINVAL : Errno.ENOTCONN).error();
                }
                UnixSocket p = peer;
                if (datagram() && readShut && ((flags & MSG_DONTWAIT) != 0 || (flags() & Fcntl.O_NONBLOCK) != 0)) {
                    return WOULD_BLOCK; // only who waits hears of the end
                }
                if (readShut || type != DGRAM && p != null && p.closed) {
                    return 0;
                }
                return WOULD_BLOCK;
            }
            boolean full = queued > BUFFER / 4;
            n = type == STREAM ? receiveStream(target, flags, with) : receiveMessage(target, flags, with);
            room = type != STREAM || full || queued == 0;
        }
        if (room && (flags & MSG_PEEK) == 0) {
            told();
        }
        return n;
    }

    /** There is room again: tells who may be waiting to send here. */
    private void told() {
        int out = PollEvents.POLLOUT | PollEvents.POLLWRNORM;
        UnixSocket p = peer;
        if (!datagram()) {
            if (p != null) {
                p.queue.notify(out);
            }
            return;
        }
        queue.notify(out); // unconnected senders wait here
        UnixSocket[] all;
        LINKS.lock();
        try {
            all = clients.toArray(new UnixSocket[0]);
        } finally {
            LINKS.unlock();
        }
        for (UnixSocket s : all) {
            s.queue.notify(out);
        }
    }

    private long receiveStream(IoBuffer target, int flags, Received with) throws ErrnoException {
        boolean peek = (flags & MSG_PEEK) != 0;
        long done = 0;
        with.any = true;
        int index = 0;
        for (Message m : peek ? new ArrayList<>(messages) : messages) {
            if (done > 0 && passCredentials() && !m.from.same(with.from)) {
                break; // what travels along must not mix
            }
            if (target.remaining() == 0) {
                break;
            }
            int want = (int) Math.min(m.left(), target.remaining());
            int n;
            try {
                n = target.put(m.data, m.taken, want);
            } catch (ErrnoException e) {
                if (done > 0) {
                    break;
                }
                throw e;
            }
            boolean carries = m.files.length > 0;
            if (done == 0) {
                with.from = m.from;
            }
            if (carries) {
                with.files = take(m, peek);
            }
            done += n;
            if (!peek) {
                m.taken += n;
                queued -= n;
            }
            if (m.left() == 0) {
                index++;
            }
            if (n < want || carries) {
                break; // descriptors end a read, as in Linux
            }
        }
        if (!peek) {
            while (index-- > 0) {
                messages.poll();
            }
        }
        return done;
    }

    private long receiveMessage(IoBuffer target, int flags, Received with) throws ErrnoException {
        boolean peek = (flags & MSG_PEEK) != 0;
        Message m = messages.peek();
        int want = (int) Math.min(m.length, target.remaining());
        int n;
        try {
            n = want == 0 ? 0 : target.put(m.data, 0, want);
            if (n < want) {
                throw Errno.EFAULT.error();
            }
        } catch (ErrnoException e) {
            if (!peek) {
                messages.poll(); // a message that cannot be delivered is lost
                queued -= m.length;
                m.dropFiles();
            }
            throw e;
        }
        with.any = true;
        with.from = m.from;
        with.address = m.address.length == 0 ? null : m.address;
        with.truncated = want < m.length;
        with.fullLength = m.length;
        with.files = take(m, peek);
        if (!peek) {
            messages.poll();
            queued -= m.length;
        }
        return (flags & MSG_TRUNC) != 0 ? m.length : n;
    }

    private static FileDescription[] take(Message m, boolean peek) {
        FileDescription[] files = m.files;
        if (peek) {
            for (FileDescription f : files) {
                f.retain();
            }
        } else {
            m.files = Message.NO_FILES;
        }
        return files;
    }

    // The file.

    @Override
    public long ioctl(Task task, int command, long argument) throws ErrnoException {
        switch (command) {
            case FIONREAD -> {
                int n;
                synchronized (this) {
                    Message first = messages.peek();
                    n = type != DGRAM ? queued : first == null ? 0 : first.length;
                }
                if (listening) {
                    throw Errno.EINVAL.error();
                }
                task.memory().putInt(argument, n);
                return 0;
            }
            case TIOCOUTQ -> {
                UnixSocket p = peer;
                task.memory().putInt(argument, p == null ? 0 : p.queuedBytes());
                return 0;
            }
            default -> {
                return DeviceControl.ioctl(task, this, command, argument);
            }
        }
    }

    @Override
    public int poll(int mask) {
        int ready = 0;
        UnixSocket p = peer;
        boolean gone = !datagram() && p != null && p.closed;
        boolean any;
        synchronized (this) {
            any = !messages.isEmpty();
        }
        if (listening) {
            LINKS.lock();
            try {
                any |= !pending.isEmpty();
            } finally {
                LINKS.unlock();
            }
        }
        if (any || readShut || gone) {
            ready |= PollEvents.POLLIN | PollEvents.POLLRDNORM;
        }
        if (readShut || gone) {
            ready |= PollEvents.POLLRDHUP;
        }
        if (gone || readShut && writeShut || type != DGRAM && !connected && !listening) {
            ready |= PollEvents.POLLHUP;
        }
        if (error() != null) {
            ready |= PollEvents.POLLERR;
        }
        if (!listening && (p == null || p.closed || p.takes(1, sendBuffer()) && p.room(sendBuffer()) > 0)) {
            ready |= PollEvents.POLLOUT | PollEvents.POLLWRNORM;
        }
        return ready & (mask | PollEvents.POLLERR | PollEvents.POLLHUP);
    }
}
