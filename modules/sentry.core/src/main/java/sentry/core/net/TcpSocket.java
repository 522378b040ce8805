package sentry.core.net;

import java.util.ArrayDeque;
import sentry.core.abi.Bytes;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Inet;
import sentry.core.abi.PollEvents;
import sentry.core.abi.Sockets;
import sentry.core.socket.Outgoing;
import sentry.core.socket.Received;
import sentry.core.task.NetNamespace;
import sentry.core.task.Task;
import sentry.core.vfs.IoBuffer;

/**
 * A TCP socket (tcp(7)): states, the backlog of a listener, the receive buffer, urgent data. How bytes get to the other end
 * is its {@link StreamLink}'s affair.
 *
 * <p>Locks: the monitor guards all fields; a listener's monitor may be held while that of a connection is taken, never the
 * other way round. Links are called without it.
 */
final class TcpSocket extends InetSocket {
    /** Where connect(2) is (Linux: socket_state). */
    private enum Phase {
        UNCONNECTED,
        CONNECTING,
        CONNECTED
    }

    private enum Urgent {
        NONE,
        WAITING,
        READ
    }

    /** What a listener makes of one who wants to connect. */
    enum Offer {
        TAKEN,
        /** The backlog is full: the client waits. */
        LATER,
        /** It listens no more. */
        REFUSED
    }

    /** SO_SNDBUF and SO_RCVBUF of a new socket (the middle of net.ipv4.tcp_wmem and tcp_rmem). */
    private static final int SEND_BUFFER = 16384;

    private static final int RECEIVE_BUFFER = 131072;
    /** What Linux lets the send buffer grow to when it is connected over the loopback. */
    private static final int GROWN_SEND_BUFFER = 3939840;

    private static final int ROOM = PollEvents.POLLOUT | PollEvents.POLLWRNORM;
    private static final int DATA = PollEvents.POLLIN | PollEvents.POLLRDNORM;
    private static final int ALL =
            PollEvents.READABLE | PollEvents.WRITABLE | PollEvents.POLLPRI;
    /** How long the port of a closed connection stays taken (TCP_TIMEWAIT_LEN, tcp_fin_timeout). */
    private static final long TIME_WAIT_NANOS = 60_000_000_000L;

    private static final int FIONREAD = 0x541b;
    private static final int SIOCOUTQ = 0x5411;
    private static final int SIOCATMARK = 0x8905;
    private static final int SIOCOUTQNSD = 0x894b;

    private volatile TcpState state = TcpState.CLOSE;
    private Phase phase = Phase.UNCONNECTED;
    private volatile StreamLink link;
    private final ByteRing in = new ByteRing();
    /** Nothing more comes: the other end's FIN was here (SOCK_DONE). */
    private boolean ended;

    private volatile boolean readShut;
    private volatile boolean writeShut;
    /** The last descriptor is gone. */
    private boolean closed;
    /** A sender found no room and is to be told (SOCK_NOSPACE). */
    private volatile boolean wantsRoom;

    // Urgent data: one byte at a position of the stream.
    private Urgent urgent = Urgent.NONE;
    private long urgentAt;
    private byte urgentByte;

    // A listener's: accepted connections, and clients that found the backlog full.
    private ArrayDeque<TcpSocket> ready;
    private ArrayDeque<TcpSocket> late;
    private int backlog;

    /** While the client waits in a listener's backlog. */
    private volatile TcpSocket waitsAt;

    final TcpOptions tcp = new TcpOptions(this);

    TcpSocket(Task task, boolean v6, int flags) {
        super(task, v6, Sockets.SOCK_STREAM, Inet.IPPROTO_TCP, flags);
        options().buffers(SEND_BUFFER, RECEIVE_BUFFER);
    }

    private TcpSocket(NetNamespace net, boolean v6, int uid, int gid) {
        super(net, v6, Sockets.SOCK_STREAM, Inet.IPPROTO_TCP, 0, uid, gid);
    }

    TcpState state() {
        return state;
    }

    @Override
    PortTable ports() {
        return stack().tcp();
    }

    @Override
    boolean bindsNoMore() {
        return state != TcpState.CLOSE;
    }

    @Override
    Endpoint peer() {
        return state == TcpState.CLOSE || state == TcpState.SYN_SENT || state == TcpState.TIME_WAIT ? null : remote();
    }

    @Override
    public boolean listening() {
        return state == TcpState.LISTEN;
    }

    // Listening.

    @Override
    public void listen(Task task, int wanted) throws ErrnoException {
        int most = Math.min(Sockets.SOMAXCONN, stack().settings().somaxconn);
        int length = wanted < 0 || wanted > most ? most : wanted;
        synchronized (this) {
            if (phase != Phase.UNCONNECTED || state != TcpState.CLOSE && state != TcpState.LISTEN) {
                throw Errno.EINVAL.error();
            }
            backlog = length;
            if (state == TcpState.LISTEN) {
                return;
            }
            autobind();
            ports().listen(binding);
            ready = new ArrayDeque<>();
            late = new ArrayDeque<>();
            state = TcpState.LISTEN;
        }
    }

    /** A client wants to connect: makes its other end. */
    Offer offer(TcpSocket client) {
        synchronized (this) {
            if (state != TcpState.LISTEN || readShut) {
                return Offer.REFUSED;
            }
            if (ready.size() > backlog) {
                client.waitsAt = this;
                late.add(client);
                return Offer.LATER;
            }
            admit(client);
        }
        queue.notify(DATA);
        return Offer.TAKEN;
    }

    /** With the monitor held. */
    private void admit(TcpSocket client) {
        TcpSocket server = new TcpSocket(net(), v6(), owningUid(), 0);
        server.options().inherit(options());
        server.ip.inherit(ip);
        server.tcp.inherit(tcp);
        server.phase = Phase.CONNECTED;
        server.state = TcpState.ESTABLISHED;
        server.setLocal(client.remote());
        server.setRemote(client.local());
        server.binding = ports().accepted(server, client.remote(), client.local());
        server.connectedBuffers();
        server.link = new LoopbackLink(client, stack().loopback());
        if (client.established(new LoopbackLink(server, stack().loopback()))) {
            ready.add(server);
        } else {
            ports().remove(server.binding);
            server.state = TcpState.CLOSE;
            server.release();
        }
    }

    @Override
    public TcpSocket accept() throws ErrnoException {
        TcpSocket next;
        synchronized (this) {
            if (state != TcpState.LISTEN) {
                throw Errno.EINVAL.error();
            }
            next = ready.poll();
            if (next != null) {
                while (ready.size() <= backlog && !late.isEmpty()) {
                    TcpSocket client = late.poll();
                    client.waitsAt = null;
                    admit(client);
                }
            }
        }
        return next;
    }

    /** A client gave up. */
    void forget(TcpSocket client) {
        synchronized (this) {
            if (late != null) {
                late.remove(client);
            }
        }
    }

    /** Ends listening: those who wait are turned away. */
    private void stopListening() {
        ArrayDeque<TcpSocket> unaccepted;
        ArrayDeque<TcpSocket> turned;
        synchronized (this) {
            unaccepted = ready;
            turned = late;
            ready = null;
            late = null;
            state = TcpState.CLOSE;
            if (binding != null) {
                binding.listening = false;
            }
        }
        for (TcpSocket s : turned) {
            s.waitsAt = null;
            s.refused(Errno.ECONNREFUSED);
        }
        for (TcpSocket s : unaccepted) {
            s.abort();
            s.release();
        }
    }

    // Connecting.

    @Override
    public void connect(Task task, byte[] b, int length, boolean noWait) throws ErrnoException {
        if (length < 2) {
            throw Errno.EINVAL.error();
        }
        if (Bytes.getShort(b, 0) == Sockets.AF_UNSPEC) {
            disconnect();
            return;
        }
        boolean begins = false;
        synchronized (this) {
            if (phase == Phase.CONNECTED) {
                throw Errno.EISCONN.error();
            }
            if (phase == Phase.UNCONNECTED) {
                if (state != TcpState.CLOSE) {
                    throw Errno.EISCONN.error();
                }
                begin(Endpoint.read(b, length, v6()));
                begins = true;
            }
        }
        if (begins) {
            stack().transport().connect(this);
        }
        if (noWait && (begins || state == TcpState.SYN_SENT)) {
            throw (begins ? Errno.EINPROGRESS : Errno.EALREADY).error();
        }
        if (state == TcpState.SYN_SENT) {
            await(task, queue, ALL, writeTimeout(), begins ? Errno.EINPROGRESS : Errno.EALREADY,
                    () -> state != TcpState.SYN_SENT);
        }
        synchronized (this) {
            if (state == TcpState.CLOSE) {
                phase = Phase.UNCONNECTED;
                readShut = false;
                writeShut = false;
                reportError();
                throw Errno.ECONNABORTED.error();
            }
            phase = Phase.CONNECTED;
        }
    }

    /** Chooses both ends and goes to SYN_SENT. With the monitor held. */
    private void begin(Endpoint wanted) throws ErrnoException {
        if (wanted.isV4() && v6Only()) {
            throw Errno.ENETUNREACH.error();
        }
        if (v6() && !wanted.isV4() && wanted.isMulticast()) {
            throw Errno.ENETUNREACH.error();
        }
        if (!wanted.isV4() && Ip.isLinkLocal6(wanted.high()) && wanted.scope() == 0 && options().device() == 0) {
            throw Errno.EINVAL.error();
        }
        Endpoint to = destination(wanted);
        if (stack().reach(to.high(), to.low(), options().device()) != NetStack.Reach.LOCAL) {
            throw Errno.ENETUNREACH.error();
        }
        Endpoint from = local().isAny() ? stack().source(to) : local();
        if (binding == null) {
            binding = ports().bindFor(this, from.withPort(0), to);
        } else {
            ports().connect(binding, from, to);
        }
        setLocal(from.withPort(binding.local.port()));
        setRemote(to);
        readShut = false;
        writeShut = false;
        ended = false;
        setError(null);
        state = TcpState.SYN_SENT;
        phase = Phase.CONNECTING;
    }

    /** The buffers grow when a connection is there, unless the program chose their size. */
    private void connectedBuffers() {
        if (!options().sendChosen()) {
            options().buffers(GROWN_SEND_BUFFER, options().receiveBuffer());
        }
    }

    /** The connection is there. False when it is not wanted any more. */
    boolean established(StreamLink made) {
        synchronized (this) {
            if (state != TcpState.SYN_SENT) {
                return false;
            }
            link = made;
            state = TcpState.ESTABLISHED;
            connectedBuffers();
        }
        tcp.connected();
        queue.notify(ROOM);
        return true;
    }

    /** There will be no connection. */
    void refused(Errno why) {
        synchronized (this) {
            if (state != TcpState.SYN_SENT) {
                return;
            }
            setError(why);
            over();
        }
        queue.notify(ALL);
    }

    /** Nobody answered. */
    void timedOut() {
        refused(Errno.ETIMEDOUT);
    }

    /** The end of the connection on this side. With the monitor held. */
    private void over() {
        state = TcpState.CLOSE;
        readShut = true;
        writeShut = true;
        freePort();
    }

    /** Gives back a port that was not chosen by bind(2). With the monitor held. */
    private void freePort() {
        if (binding != null) {
            binding.remote = null;
            if (closed || !boundByHand() || binding.accepted) {
                ports().remove(binding);
                binding = null;
            }
        }
    }

    /** connect(2) with AF_UNSPEC, and shutdown(2) of a listener. */
    private void disconnect() {
        if (state == TcpState.LISTEN) {
            stopListening();
            synchronized (this) {
                freePort();
                queue.notify(ALL);
            }
            return;
        }
        StreamLink old;
        synchronized (this) {
            old = state == TcpState.SYN_SENT || state == TcpState.CLOSE ? null : link;
            if (state != TcpState.CLOSE) {
                setError(Errno.ECONNRESET);
            }
            TcpSocket at = waitsAt;
            if (at != null) {
                waitsAt = null;
            }
            over();
            readShut = false;
            writeShut = false;
            ended = false;
            phase = Phase.UNCONNECTED;
            link = null;
            in.clear();
            urgent = Urgent.NONE;
            if (!addressByHand()) {
                setLocal(binding == null ? unnamed() : binding.local);
            }
            setRemote(null);
        }
        stack().transport().abandon(this);
        if (old != null) {
            old.reset();
        }
        queue.notify(ALL);
    }

    TcpSocket waitsAt() {
        return waitsAt;
    }

    // Ending.

    @Override
    public void shutdown(boolean read, boolean write) throws ErrnoException {
        StreamLink told = null;
        boolean unconnected;
        synchronized (this) {
            if (state == TcpState.LISTEN || state == TcpState.SYN_SENT) {
                if (state == TcpState.LISTEN && !read) {
                    return;
                }
            } else {
                readShut |= read;
                if (write && !writeShut) {
                    writeShut = true;
                    told = finish();
                }
            }
            unconnected = state == TcpState.CLOSE && link == null;
        }
        if (state == TcpState.LISTEN || state == TcpState.SYN_SENT) {
            disconnect();
            return;
        }
        if (told != null) {
            told.finish();
        }
        queue.notify(ALL);
        if (unconnected || told == null && state == TcpState.CLOSE) {
            throw Errno.ENOTCONN.error();
        }
    }

    /** Our FIN goes out. Returns whom to tell. With the monitor held. */
    private StreamLink finish() {
        switch (state) {
            case ESTABLISHED -> state = TcpState.FIN_WAIT2;
            case CLOSE_WAIT -> {
                state = TcpState.CLOSE; // LAST_ACK is over at once
                readShut = true;
                if (!closed) {
                    freePort();
                }
            }
            default -> {
                return null;
            }
        }
        return link;
    }

    /** The other end has sent its FIN. */
    void finished() {
        synchronized (this) {
            ended = true;
            readShut = true;
            switch (state) {
                case ESTABLISHED -> state = TcpState.CLOSE_WAIT;
                case FIN_WAIT2 -> {
                    state = TcpState.CLOSE;
                    linger(true);
                }
                default -> {}
            }
        }
        queue.notify(DATA | PollEvents.POLLRDHUP | (writeShut ? PollEvents.POLLHUP : 0));
    }

    /** The side that ended the connection first keeps its port for a while. With the monitor held. */
    private void linger(boolean timeWait) {
        if (binding != null) {
            binding.timeWait = timeWait;
            if (timeWait || closed) {
                binding.expires = System.nanoTime() + TIME_WAIT_NANOS;
            }
            if (timeWait && !closed) {
                binding = null;
            }
        }
    }

    /** The other end has broken the connection off. */
    void reset() {
        synchronized (this) {
            if (state == TcpState.CLOSE || state == TcpState.LISTEN) {
                return;
            }
            setError(state == TcpState.CLOSE_WAIT ? Errno.EPIPE : Errno.ECONNRESET);
            over();
        }
        queue.notify(ALL);
    }

    /** Breaks the connection off. */
    private void abort() {
        StreamLink old;
        synchronized (this) {
            if (state == TcpState.CLOSE) {
                return;
            }
            old = link;
            over();
            in.clear();
        }
        if (old != null) {
            old.reset();
        }
    }

    @Override
    protected void closed() {
        if (state == TcpState.LISTEN) {
            stopListening();
        }
        StreamLink told = null;
        boolean breaks;
        synchronized (this) {
            closed = true;
            breaks = in.size() > 0 || options().linger() == 0;
            in.clear();
            switch (state) {
                case CLOSE -> {
                    if (binding != null && binding.expires == 0) {
                        ports().remove(binding);
                    }
                }
                case SYN_SENT -> over();
                default -> {
                    if (!breaks) {
                        boolean last = state == TcpState.CLOSE_WAIT;
                        told = finish();
                        writeShut = true;
                        readShut = true;
                        if (last) {
                            freePort();
                        } else {
                            linger(false);
                        }
                    }
                }
            }
        }
        stack().transport().abandon(this);
        if (breaks) {
            abort();
        }
        if (told != null) {
            told.finish();
        }
        queue.notify(ALL);
    }

    // Sending.

    @Override
    public long send(Task task, IoBuffer source, Outgoing message, int flags) throws ErrnoException {
        if (error() != null || writeShut) {
            Errno e = Errno.of(takeError());
            throw e == Errno.EPIPE || e == Errno.EIO ? brokenPipe(task, flags) : e.error();
        }
        TcpState now = state;
        if (!now.sends()) {
            if (now == TcpState.SYN_SENT) {
                return WOULD_BLOCK;
            }
            throw brokenPipe(task, flags);
        }
        if (source.remaining() == 0) {
            return 0;
        }
        int capacity = options().sendBuffer();
        boolean urgentLast = (flags & Sockets.MSG_OOB) != 0;
        long n = link.send(source, capacity, urgentLast);
        if (n == WOULD_BLOCK) {
            wantsRoom = true;
            n = link.send(source, capacity, urgentLast); // room that came before we asked to be told
        }
        return n;
    }

    /** Takes bytes from the other end; what nobody will read breaks the connection. */
    long deliver(IoBuffer source, int capacity, boolean urgentLast) throws ErrnoException {
        int n;
        boolean signal = false;
        synchronized (this) {
            if (closed || state == TcpState.CLOSE) {
                n = -1;
            } else {
                int room = in.room(capacity + options().receiveBuffer());
                if (room <= 0) {
                    return WOULD_BLOCK;
                }
                n = in.add(source, room);
                if (n == 0) {
                    return WOULD_BLOCK;
                }
                if (urgentLast && source.remaining() == 0) {
                    mark();
                    signal = true;
                }
            }
        }
        if (n < 0) {
            return swallow(source);
        }
        queue.notify(signal ? DATA | PollEvents.POLLPRI : DATA);
        if (signal) {
            urgentSignal();
        }
        return n;
    }

    /** Nobody reads here: the sender's bytes are lost, and it hears of it by a reset. */
    private long swallow(IoBuffer source) throws ErrnoException {
        long n = Math.min(source.remaining(), 65536);
        byte[] lost = new byte[(int) n];
        n = source.get(lost, 0, lost.length);
        StreamLink back;
        synchronized (this) {
            back = link;
            if (binding != null) {
                ports().remove(binding);
                binding = null;
            }
        }
        if (back != null) {
            back.reset();
        }
        return n;
    }

    /** The last byte in the buffer is urgent. With the monitor held. */
    private void mark() {
        long at = in.end() - 1;
        if (urgent != Urgent.NONE && urgentAt == in.start() && in.size() > 1 && !options().has(Sockets.SO_OOBINLINE)) {
            in.skip(1); // the old one, never to be read now
        }
        urgent = Urgent.WAITING;
        urgentAt = at;
        urgentByte = in.at(in.size() - 1);
    }

    private void urgentSignal() {
        owner().urgent();
    }

    /** Room for bytes of a sender with {@code capacity} of its own. */
    synchronized int roomFor(int capacity) {
        return closed || state == TcpState.CLOSE ? Integer.MAX_VALUE : in.room(capacity + options().receiveBuffer());
    }

    synchronized int unread() {
        return in.size();
    }

    /** The other end has read: whoever waits for room is told when there is enough (a third). */
    void roomMade() {
        if (!wantsRoom) {
            return;
        }
        StreamLink to = link;
        int capacity = options().sendBuffer();
        if (to == null || to.room(capacity) * 3L >= capacity) {
            wantsRoom = false;
            queue.notify(ROOM);
        }
    }

    // Receiving.

    @Override
    public long read(Task task, IoBuffer target) throws ErrnoException {
        return target.remaining() == 0 ? 0 : receive(task, target, 0, null);
    }

    @Override
    public long receive(Task task, IoBuffer target, int flags, Received with) throws ErrnoException {
        if ((flags & Sockets.MSG_ERRQUEUE) != 0) {
            throw Errno.EAGAIN.error(); // there is never anything in it
        }
        long n;
        synchronized (this) {
            if (state == TcpState.LISTEN) {
                throw Errno.ENOTCONN.error();
            }
            if ((flags & Sockets.MSG_OOB) != 0) {
                return receiveUrgent(target, flags, with);
            }
            if (with != null && tcp.tellsLeft()) {
                with.packet = this;
            }
            n = take(target, flags);
            if (n < 0) {
                return whenEmpty();
            }
        }
        if ((flags & Sockets.MSG_PEEK) == 0) {
            StreamLink from = link;
            if (from != null) {
                from.consumed();
            }
        }
        return n;
    }

    /** Copies what is there; -1 when there is nothing. With the monitor held. */
    private long take(IoBuffer target, int flags) throws ErrnoException {
        boolean peek = (flags & Sockets.MSG_PEEK) != 0;
        boolean inline = options().has(Sockets.SO_OOBINLINE);
        int offset = peek ? Math.max(0, options().peekOffset()) : 0;
        if (urgent != Urgent.NONE && urgentAt == in.start() + offset && !inline && in.size() > offset) {
            if (!peek) {
                in.skip(1);
                urgent = Urgent.NONE;
            } else {
                offset++;
            }
        }
        int most = in.size() - offset;
        if (most <= 0) {
            return -1;
        }
        if (urgent != Urgent.NONE && urgentAt > in.start() + offset && urgentAt < in.end()) {
            most = (int) Math.min(most, urgentAt - in.start() - offset); // a read ends at the mark
        }
        int n;
        if ((flags & Sockets.MSG_TRUNC) != 0) {
            n = (int) Math.min(most, target.remaining());
        } else {
            n = in.copy(target, offset, most);
        }
        if (peek) {
            options().movePeekOffset(n);
        } else {
            in.skip(n);
            options().movePeekOffset(-n);
            if (urgent != Urgent.NONE && in.start() > urgentAt) {
                urgent = Urgent.NONE;
            }
        }
        return n;
    }

    private long whenEmpty() throws ErrnoException {
        if (ended) {
            return 0;
        }
        reportError();
        if (readShut) {
            return 0;
        }
        if (state == TcpState.CLOSE) {
            throw Errno.ENOTCONN.error();
        }
        return WOULD_BLOCK;
    }

    private long receiveUrgent(IoBuffer target, int flags, Received with) throws ErrnoException {
        if (options().has(Sockets.SO_OOBINLINE) || urgent != Urgent.WAITING) {
            throw Errno.EINVAL.error();
        }
        if (state == TcpState.CLOSE && !ended) {
            throw Errno.ENOTCONN.error();
        }
        if (with != null) {
            with.flags |= Sockets.MSG_OOB;
        }
        boolean room = target.remaining() > 0;
        if (room && (flags & Sockets.MSG_TRUNC) == 0) {
            target.put(urgentByte);
        }
        if ((flags & Sockets.MSG_PEEK) == 0) {
            urgent = Urgent.READ;
        }
        if (!room && with != null) {
            with.truncated = true;
        }
        return room ? 1 : 0;
    }

    // Readiness.

    @Override
    public int poll(int mask) {
        int ready = 0;
        synchronized (this) {
            if (state == TcpState.LISTEN) {
                return this.ready.isEmpty() ? 0 : DATA & mask;
            }
            if (readShut && writeShut || state == TcpState.CLOSE) {
                ready |= PollEvents.POLLHUP;
            }
            if (readShut) {
                ready |= DATA | PollEvents.POLLRDHUP;
            }
            if (state != TcpState.SYN_SENT) {
                int least = options().receiveLow();
                if (urgent != Urgent.NONE && urgentAt == in.start() && !options().has(Sockets.SO_OOBINLINE)) {
                    least++;
                }
                if (in.size() >= least) {
                    ready |= DATA;
                }
                if (urgent == Urgent.WAITING) {
                    ready |= PollEvents.POLLPRI;
                }
            }
            if (error() != null) {
                ready |= PollEvents.POLLERR;
            }
        }
        if (state != TcpState.SYN_SENT && (mask & ROOM) != 0 && (writeShut || hasRoom())) {
            ready |= ROOM;
        }
        return ready & (mask | PollEvents.POLLERR | PollEvents.POLLHUP);
    }

    /** Whether a third of the buffer is free (Linux: sk_stream_is_writeable). */
    private boolean hasRoom() {
        StreamLink to = link;
        if (to == null) {
            return true;
        }
        int capacity = options().sendBuffer();
        if (to.room(capacity) * 3L >= capacity) {
            return true;
        }
        wantsRoom = true;
        return to.room(capacity) * 3L >= capacity;
    }

    @Override
    public long ioctl(Task task, int command, long argument) throws ErrnoException {
        switch (command) {
            case FIONREAD -> {
                int n;
                synchronized (this) {
                    if (state == TcpState.LISTEN) {
                        throw Errno.EINVAL.error();
                    }
                    n = in.size();
                    if (urgent != Urgent.NONE && !options().has(Sockets.SO_OOBINLINE) && urgentAt < in.end()) {
                        n = (int) (urgentAt - in.start());
                    }
                }
                task.memory().putInt(argument, n);
                return 0;
            }
            case SIOCATMARK -> {
                boolean at;
                synchronized (this) {
                    at = urgent != Urgent.NONE && urgentAt == in.start();
                }
                task.memory().putInt(argument, at ? 1 : 0);
                return 0;
            }
            case SIOCOUTQ, SIOCOUTQNSD -> {
                if (state == TcpState.LISTEN) {
                    throw Errno.EINVAL.error();
                }
                // What the other end's buffer holds counts as acknowledged.
                StreamLink to = link;
                int n = to == null || state == TcpState.CLOSE ? 0 : Math.max(0, to.pending() - (1 << 20));
                task.memory().putInt(argument, n);
                return 0;
            }
            default -> {
                return super.ioctl(task, command, argument);
            }
        }
    }

    // Options.

    @Override
    public void setOption(Task task, int level, int option, long address, int length) throws ErrnoException {
        if (level == Inet.IPPROTO_TCP) {
            tcp.set(task, option, address, length);
        } else {
            super.setOption(task, level, option, address, length);
        }
    }

    @Override
    public int getOption(Task task, int level, int option, byte[] out, int room) throws ErrnoException {
        return level == Inet.IPPROTO_TCP ? tcp.get(option, out, room) : super.getOption(task, level, option, out, room);
    }

    @Override
    public void ancillary(Task task, Received with, sentry.core.socket.Ancillary out) {
        if (with.packet == this) {
            out.addInt(Inet.IPPROTO_TCP, sentry.core.abi.Tcp.TCP_INQ, unread());
        }
    }

    // For /proc/net and struct tcp_info.

    /** Bytes to be read, or connections to be accepted. */
    synchronized int receiveQueue() {
        return state == TcpState.LISTEN ? ready.size() : in.size();
    }

    int backlog() {
        return backlog;
    }
}
