package gofer.p9.client;

import gofer.p9.codec.Protocol;
import host.linux.Files;
import host.linux.Memory;
import host.linux.MessageHeader;
import host.linux.NativeArea;
import host.linux.Sockets;
import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;

/**
 * Requests in flight on one socket. See the package's text for leader and followers.
 *
 * <p>No request can block for good behind a reply that nobody receives: a thread that waits for a reply is not sending, so
 * it leads or somebody else does; replies to detached calls are few and small.
 */
final class Transport {
    private static final int MAX_CALLS = 1024;
    /** Detached calls whose replies may lie in the socket. */
    private static final int MAX_DETACHED = 16;

    private static final int MAX_FD_BACKLOG = 64;
    private static final int EINTR = 4;

    private final int socket;
    private final Object sendLock = new Object();
    private final MessageHeader sendHeader = new MessageHeader();
    private NativeArea send = NativeArea.allocate(16 << 10);

    private final AtomicReference<Thread> leader = new AtomicReference<>();
    // What follows belongs to the leader.
    private final MessageHeader receiveHeader = new MessageHeader();
    private NativeArea receive = NativeArea.allocate(Protocol.DEFAULT_MSIZE);
    private final NativeArea stat = NativeArea.allocate(Files.STAT_SIZE);
    private int begin;
    private int end;
    /** Descriptors received and not yet claimed by a message, in order; -EMFILE stands for a lost one. */
    private final ArrayDeque<Integer> fds = new ArrayDeque<>();

    private final AtomicReferenceArray<Call> inFlight = new AtomicReferenceArray<>(MAX_CALLS);
    private volatile int highestTag;
    private volatile boolean dead;
    private volatile int msize = Protocol.MIN_MSIZE;

    // The pool, guarded by its monitor.
    private final Object pool = new Object();
    private final Call[] free = new Call[MAX_CALLS];
    private int freeCount;
    private int made;
    private int detached;
    private boolean freed;
    private long begun;
    private boolean closed;

    Transport(int socket) {
        this.socket = socket;
    }

    void msize(int value) {
        msize = value;
    }

    int msize() {
        return msize;
    }

    boolean isDead() {
        return dead;
    }

    /** A call to fill in; the message's header is written. */
    Call begin(int type) {
        Call call = acquire();
        call.type = type;
        call.request.begin(type, type == Protocol.TVERSION ? Protocol.NOTAG : call.tag);
        return call;
    }

    /** Requests begun so far. */
    long begun() {
        synchronized (pool) {
            return begun;
        }
    }

    private Call acquire() {
        synchronized (pool) {
            begun++;
            boolean interrupted = false;
            while (freeCount == 0 && made == MAX_CALLS) {
                try {
                    pool.wait();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
            if (freeCount > 0) {
                return free[--freeCount];
            }
            return new Call(this, made++);
        }
    }

    void release(Call call) {
        synchronized (pool) {
            if (call.detached) {
                call.detached = false;
                detached--;
            }
            free[freeCount++] = call;
            pool.notify();
        }
    }

    /** Sends the call's request and waits for its reply. */
    void run(Call call) {
        call.thread = Thread.currentThread();
        if (!start(call)) {
            return;
        }
        boolean interrupted = false;
        while (!call.done) {
            if (leader.get() == null && leader.compareAndSet(null, call.thread)) {
                lead(call);
            } else {
                LockSupport.park(this);
                interrupted |= Thread.interrupted();
            }
        }
        call.thread = null;
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Sends a request whose reply nobody waits for; it is received on the way by whoever receives next. */
    void detach(Call call) {
        boolean wait;
        synchronized (pool) {
            wait = detached >= MAX_DETACHED;
            if (!wait) {
                detached++;
                call.detached = true;
            }
        }
        if (wait) {
            run(call);
            call.end();
        } else {
            call.thread = null;
            start(call);
        }
    }

    /** Registers and sends; false when the call failed at once (it is done then, or gone back to the pool if detached). */
    private boolean start(Call call) {
        call.done = false;
        call.errno = 0;
        call.fd = -1;
        if (call.request.finish() > msize) {
            call.errno = P9Error.ENAMETOOLONG;
            finish(call);
            return false;
        }
        if (call.tag > highestTag) {
            raiseHighestTag(call.tag);
        }
        inFlight.set(call.tag, call);
        if (dead || !send(call)) {
            kill(); // fails this call too, unless somebody else did
            if (inFlight.compareAndSet(call.tag, call, null)) {
                fail(call);
            }
            return false;
        }
        return true;
    }

    private void raiseHighestTag(int tag) {
        synchronized (pool) {
            highestTag = Math.max(highestTag, tag);
        }
    }

    private boolean send(Call call) {
        int length = call.request.position();
        synchronized (sendLock) {
            if (freed) {
                return false;
            }
            if (send.size() < length) {
                send.close();
                send = NativeArea.allocate(Math.max(length, msize));
            }
            Memory.copy(call.request.array(), 0, send.address(), length);
            int done = 0;
            while (done < length) {
                long sent = sendHeader.send(socket, send.address() + done, length - done, Sockets.MSG_NOSIGNAL);
                if (sent == -EINTR) {
                    continue;
                }
                if (sent <= 0) {
                    return false;
                }
                done += (int) sent;
            }
        }
        return true;
    }

    /** Receives until {@code own} is done, then passes the lead on. The caller holds the lead. */
    private void lead(Call own) {
        try {
            while (!own.done) {
                if (dead || !receiveOne()) {
                    kill();
                    if (!own.done && inFlight.compareAndSet(own.tag, own, null)) {
                        fail(own);
                    }
                    break;
                }
            }
        } finally {
            leader.set(null);
            wakeOne();
        }
    }

    private void wakeOne() {
        int highest = highestTag;
        for (int tag = 0; tag <= highest; tag++) {
            Call waiting = inFlight.get(tag);
            if (waiting != null && !waiting.detached) {
                LockSupport.unpark(waiting.thread);
                return;
            }
        }
    }

    /** Receives one message and hands it over; false when the connection is to end. */
    private boolean receiveOne() {
        if (!fill(Protocol.HEADER)) {
            return false;
        }
        int size = Memory.getInt(receive.address() + begin);
        if (size < Protocol.HEADER || size > msize || !fill(size)) {
            return false;
        }
        int type = Memory.getByte(receive.address() + begin + 4) & 0xff;
        int tag = Memory.getShort(receive.address() + begin + 5) & 0xffff;
        if (tag == Protocol.NOTAG && type == Protocol.TVERSION + 1) {
            tag = 0; // the first call of a connection
        }
        Call call = tag < MAX_CALLS ? inFlight.get(tag) : null;
        if (call == null || type != call.replyType() && type != Protocol.RLERROR) {
            return false;
        }
        call.reply.reserve(size);
        Memory.copy(receive.address() + begin, call.reply.array(), 0, size);
        call.reply.window(0, size);
        begin += size;
        if (type == Protocol.RLERROR) {
            if (size != Protocol.HEADER + 4) {
                return false;
            }
            int errno = Memory.getInt(receive.address() + begin - 4);
            call.errno = errno > 0 && errno < 4096 ? errno : P9Error.EIO;
        } else if (call.donates() && !claimFd(call, size)) {
            return false;
        }
        if (!inFlight.compareAndSet(tag, call, null)) {
            call.dropFd();
            return false;
        }
        finish(call);
        // Descriptors come with the first byte of a message that claims them: none can be left over now.
        return begin != end || fds.isEmpty();
    }

    /** The last byte of the reply says whether a descriptor came with it. */
    private boolean claimFd(Call call, int size) {
        int count = call.reply.array()[size - 1];
        if (count == 0) {
            return true;
        }
        if (count != 1 || fds.isEmpty()) {
            return false;
        }
        call.fd = fds.remove();
        return true;
    }

    private boolean fill(int size) {
        while (end - begin < size) {
            if (begin == end) {
                begin = 0;
                end = 0;
            } else if (receive.size() - begin < size) {
                makeRoom(size);
            }
            long got = receiveHeader.receiveWithFds(socket, receive.address() + end, receive.size() - end, 0);
            if (got == -EINTR) {
                continue;
            }
            if (got >= 0 && !takeFds() || got <= 0) {
                return false;
            }
            end += (int) got;
        }
        return true;
    }

    /**
     * Keeps the descriptors that came. Anything but a regular file is refused here: reads of it could block for good, and
     * the peer's own socket would keep the connection alive after its death.
     */
    private boolean takeFds() {
        boolean good = true;
        for (int i = 0; i < receiveHeader.fdCount(); i++) {
            int fd = receiveHeader.fd(i);
            if (Files.fstat(fd, stat.address()) == 0
                    && (Memory.getInt(stat.address() + Files.STAT_OFF_MODE) & Files.S_IFMT) == Files.S_IFREG) {
                fds.add(fd);
            } else {
                Files.close(fd);
                good = false;
            }
        }
        if (receiveHeader.lostFds() && receiveHeader.fdCount() == 0) {
            fds.add(-P9Error.EMFILE);
        }
        return good && fds.size() <= MAX_FD_BACKLOG;
    }

    private void makeRoom(int size) {
        NativeArea to = size > receive.size() ? NativeArea.allocate(size) : receive;
        Memory.copy(receive.address() + begin, to.address(), end - begin);
        if (to != receive) {
            receive.close();
            receive = to;
        }
        end -= begin;
        begin = 0;
    }

    private void fail(Call call) {
        call.errno = P9Error.EIO;
        finish(call);
    }

    /** The call's result is there. */
    private void finish(Call call) {
        if (call.detached) {
            call.end();
            return;
        }
        Thread owner = call.thread;
        call.done = true;
        if (owner != Thread.currentThread()) {
            LockSupport.unpark(owner);
        }
    }

    /** Ends the connection and fails what is in flight. A leader that is receiving returns at once. */
    void kill() {
        boolean first;
        synchronized (pool) {
            first = !dead;
            dead = true;
        }
        if (first) {
            Sockets.shutdown(socket, Sockets.SHUT_RDWR);
        }
        for (int tag = 0; tag < MAX_CALLS; tag++) {
            Call call = inFlight.get(tag);
            if (call != null && inFlight.compareAndSet(tag, call, null)) {
                fail(call);
            }
        }
    }

    /** Ends the connection and gives its memory and socket back; no call may be made or be waiting any more. */
    void close() {
        kill();
        synchronized (pool) {
            if (closed) {
                return;
            }
            closed = true;
        }
        // A leader may be on its way out of recvmsg: take the lead, for good, before the memory goes.
        while (!leader.compareAndSet(null, Thread.currentThread())) {
            Thread.onSpinWait();
        }
        synchronized (sendLock) {
            freed = true;
            send.close();
            sendHeader.close();
        }
        receive.close();
        receiveHeader.close();
        for (int fd : fds) {
            if (fd >= 0) {
                Files.close(fd);
            }
        }
        fds.clear();
        stat.close();
        Files.close(socket);
    }
}
