package sentry.core.fs.pipe;

import java.util.ArrayDeque;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.PollEvents;
import sentry.core.vfs.FileDescription;
import sentry.core.vfs.IoBuffer;
import sentry.core.wait.WaitQueue;

/** A ring of bytes between readers and writers. Guarded by its monitor. */
public final class Pipe {
    /** Writes up to this size are not mixed with others (PIPE_BUF). */
    public static final int ATOMIC = 4096;

    public static final int DEFAULT_CAPACITY = 65536;
    /** What a program without CAP_SYS_RESOURCE may ask for (sysctl fs.pipe-max-size). */
    public static final int MAX_CAPACITY = 1 << 20;

    private static volatile int mostCapacity = MAX_CAPACITY;

    /** What a program without privilege may ask for (/proc/sys/fs/pipe-max-size). */
    public static int mostCapacity() {
        return mostCapacity;
    }

    /** Rounds up to a power of two of at least a page. */
    public static void setMostCapacity(int value) {
        mostCapacity = value <= 4096 ? 4096 : Integer.highestOneBit(value - 1) << 1;
    }


    private static final int SMALLEST_RING = 4096;

    private byte[] ring = {};
    private int capacity = DEFAULT_CAPACITY;
    private int head;
    private int size;
    private int readers;
    private int writers;
    /** How many readers and writers there ever were: a FIFO's openers wait for a change. */
    private int readersEver;

    private int writersEver;
    private final WaitQueue queue = new WaitQueue();

    /** Bytes that left the pipe since it was empty of packets: what {@link #packets} counts from. */
    private long passed;

    /** Where each packet (O_DIRECT, pipe(2)) begins and ends, in bytes since {@link #passed} was 0; null for most pipes. */
    private ArrayDeque<long[]> packets;

    public Pipe() {}

    WaitQueue queue() {
        return queue;
    }

    // Ends.

    void open(boolean read, boolean write) {
        synchronized (this) {
            if (read) {
                readers++;
                readersEver++;
            }
            if (write) {
                writers++;
                writersEver++;
            }
        }
        queue.notify(OPENED);
    }

    void close(boolean read, boolean write) {
        synchronized (this) {
            if (read) {
                readers--;
            }
            if (write) {
                writers--;
            }
            if (readers == 0 && writers == 0) {
                ring = new byte[0];
                packets = null;
                size = 0;
                head = 0;
            }
        }
        queue.notify(PollEvents.READABLE | PollEvents.WRITABLE);
    }

    /** An event of our own, beyond poll(2)'s: somebody opened an end. */
    static final int OPENED = 1 << 30;

    synchronized int readers() {
        return readers;
    }

    synchronized int writers() {
        return writers;
    }

    synchronized int readersEver() {
        return readersEver;
    }

    synchronized int writersEver() {
        return writersEver;
    }

    // Data.

    long read(IoBuffer target) throws ErrnoException {
        long n;
        boolean room;
        synchronized (this) {
            if (target.remaining() == 0) {
                return 0;
            }
            if (size == 0) {
                return writers == 0 ? 0 : FileDescription.WOULD_BLOCK;
            }
            int want = (int) Math.min(size, target.remaining());
            long[] packet = packets == null ? null : packets.peek();
            if (packet != null) { // a read ends where the first packet does
                want = (int) Math.min(want, packet[1] - passed);
            }
            int first = Math.min(want, ring.length - head);
            n = target.put(ring, head, first);
            if (n == first && want > first) {
                n += putMore(target, want - first);
            }
            // What does not fit of a packet is lost.
            consume(packet != null && passed + n > packet[0] ? (int) (packet[1] - passed) : (int) n);
            room = writable();
        }
        if (room) {
            queue.notify(PollEvents.POLLOUT | PollEvents.POLLWRNORM);
        }
        return n;
    }

    private void consume(int n) {
        head = head + n & ring.length - 1;
        size -= n;
        if (size == 0) {
            head = 0;
        }
        if (packets != null) {
            passed += n;
            while (!packets.isEmpty() && packets.peek()[1] <= passed) {
                packets.remove();
            }
            if (packets.isEmpty()) {
                packets = null;
            }
        }
    }

    /** Whether there is room for PIPE_BUF bytes. */
    private boolean writable() {
        return capacity - size >= ATOMIC && (packets == null || slots() < capacity / ATOMIC);
    }

    /** Linux keeps a packet in a page of its own. */
    private int slots() {
        long bytes = 0;
        for (long[] p : packets) {
            bytes += p[1] - Math.max(p[0], passed);
        }
        return packets.size() + (int) ((size - bytes + ATOMIC - 1) / ATOMIC);
    }

    /** The part of the data that lies at the ring's start; a fault there leaves what was read before. */
    private int putMore(IoBuffer target, int length) {
        try {
            return target.put(ring, 0, length);
        } catch (ErrnoException e) {
            return 0;
        }
    }

    /** The same as {@link #write}, in packets of up to {@link #ATOMIC} bytes, each of which a read gets alone. */
    long writePackets(IoBuffer source) throws ErrnoException {
        long done = 0;
        synchronized (this) {
            if (source.remaining() == 0) {
                return 0;
            }
            if (readers == 0) {
                throw Errno.EPIPE.error();
            }
            while (source.remaining() > 0) {
                int take = (int) Math.min(source.remaining(), ATOMIC);
                if (capacity - size < take || !writable()) {
                    break;
                }
                if (packets == null) {
                    packets = new ArrayDeque<>();
                    passed = 0;
                }
                long start = passed + size;
                int n = put(source, take);
                packets.add(new long[] {start, start + n});
                done += n;
                if (n < take) {
                    break;
                }
            }
        }
        if (done == 0) {
            return FileDescription.WOULD_BLOCK;
        }
        queue.notify(PollEvents.POLLIN | PollEvents.POLLRDNORM);
        return done;
    }

    /** Puts what there is room for into the ring. */
    private int put(IoBuffer source, int take) throws ErrnoException {
        grow(size + take);
        int tail = head + size & ring.length - 1;
        int first = Math.min(take, ring.length - tail);
        int n = source.get(ring, tail, first);
        if (n == first && take > first) {
            n += getMore(source, take - first);
        }
        size += n;
        return n;
    }

    /** Returns bytes written, {@link FileDescription#WOULD_BLOCK}, or EPIPE when nobody can read. */
    long write(IoBuffer source) throws ErrnoException {
        long n;
        synchronized (this) {
            long want = source.remaining();
            int room = capacity - size;
            if (want == 0) {
                return 0;
            }
            if (readers == 0) {
                throw Errno.EPIPE.error();
            }
            if (room == 0 || want <= ATOMIC && want > room) {
                return FileDescription.WOULD_BLOCK;
            }
            n = put(source, (int) Math.min(want, room));
        }
        queue.notify(PollEvents.POLLIN | PollEvents.POLLRDNORM);
        return n;
    }

    private int getMore(IoBuffer source, int length) {
        try {
            return source.get(ring, 0, length);
        } catch (ErrnoException e) {
            return 0;
        }
    }

    /** Copies up to {@code length} bytes out and leaves them there; returns how many (tee(2), splice(2)). */
    public synchronized int peek(byte[] target, int length) {
        int n = Math.min(size, length);
        int first = Math.min(n, ring.length - head);
        System.arraycopy(ring, head, target, 0, first);
        System.arraycopy(ring, 0, target, first, n - first);
        return n;
    }

    /** Throws away what was peeked at and passed on. */
    public void skip(int length) {
        synchronized (this) {
            int n = Math.min(size, length);
            if (n > 0) {
                consume(n);
            }
        }
        queue.notify(PollEvents.POLLOUT | PollEvents.POLLWRNORM);
    }

    /** The ring's length is a power of two and grows with use: most pipes carry little. */
    private void grow(int needed) {
        if (needed <= ring.length) {
            return;
        }
        int length = Math.max(SMALLEST_RING, Integer.highestOneBit(needed - 1) << 1);
        byte[] bigger = new byte[length];
        peek(bigger, size);
        ring = bigger;
        head = 0;
    }

    public synchronized int size() {
        return size;
    }

    public synchronized int room() {
        return capacity - size;
    }

    public synchronized int capacity() {
        return capacity;
    }

    /** F_SETPIPE_SZ; EBUSY when there is more in the pipe. Returns the new capacity. */
    public int resize(int wanted) throws ErrnoException {
        int pages = Math.max(1, (wanted + 4095) / 4096);
        int rounded = pages == 1 ? 4096 : Integer.highestOneBit(pages * 4096 - 1) << 1;
        synchronized (this) {
            if (rounded < size) {
                throw Errno.EBUSY.error();
            }
            capacity = rounded;
        }
        queue.notify(PollEvents.POLLOUT | PollEvents.POLLWRNORM);
        return rounded;
    }

    /** @param writersSeen how many writers there had been when the reader opened a FIFO; -1 for a pipe */
    int poll(boolean reader, boolean writer, int writersSeen) {
        int ready = 0;
        synchronized (this) {
            if (reader) {
                if (size > 0) {
                    ready |= PollEvents.POLLIN | PollEvents.POLLRDNORM;
                }
                if (writers == 0 && writersSeen != writersEver) {
                    ready |= PollEvents.POLLHUP;
                }
            }
            if (writer) {
                if (writable()) {
                    ready |= PollEvents.POLLOUT | PollEvents.POLLWRNORM;
                }
                if (readers == 0) {
                    ready |= PollEvents.POLLERR;
                }
            }
        }
        return ready;
    }
}
