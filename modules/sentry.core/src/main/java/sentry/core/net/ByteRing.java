package sentry.core.net;

import java.util.concurrent.atomic.AtomicLong;
import sentry.core.abi.ErrnoException;
import sentry.core.vfs.IoBuffer;

/**
 * Bytes of a stream between the two ends, with their positions in the stream. Its length is a power of two and grows with
 * use. Guarded by its owner.
 */
final class ByteRing {
    private static final int SMALLEST = 4096;
    /** A ring above this size is given back when it is empty. */
    private static final int KEPT = 256 << 10;
    /** What all rings together may have beyond their smallest size: programs must not use up the Sentry's heap. */
    private static final long BUDGET = Math.max(16L << 20, Runtime.getRuntime().maxMemory() / 4);
    private static final byte[] NONE = {};
    private static final AtomicLong USED = new AtomicLong();

    private byte[] ring = NONE;
    private int head;
    private int size;
    /** Position in the stream of the byte at {@link #head}. */
    private long start;

    int size() {
        return size;
    }

    /** Position of the next byte to be read. */
    long start() {
        return start;
    }

    /** Position behind the last byte. */
    long end() {
        return start + size;
    }

    /** How much more the ring takes when at most {@code limit} bytes may be in it; it may turn out to be less. */
    int room(int limit) {
        return limit - size;
    }

    /** Takes up to {@code most} bytes from {@code source}; 0 when memory is short. */
    int add(IoBuffer source, int most) throws ErrnoException {
        int take = (int) Math.min(source.remaining(), most);
        if (size + take > ring.length) {
            grow(size + take);
            take = Math.min(take, ring.length - size);
        }
        if (take <= 0) {
            return 0;
        }
        int tail = head + size & ring.length - 1;
        int first = Math.min(take, ring.length - tail);
        int n = source.get(ring, tail, first);
        size += n;
        if (n == first && take > first) {
            try {
                int more = source.get(ring, 0, take - first);
                size += more;
                n += more;
            } catch (ErrnoException e) {
                return n; // what was taken counts
            }
        }
        return n;
    }

    /** Copies {@code length} bytes from {@code offset} on to {@code target}; returns how many fitted. */
    int copy(IoBuffer target, int offset, int length) throws ErrnoException {
        int want = (int) Math.min(target.remaining(), Math.min(length, size - offset));
        if (want <= 0) {
            return 0;
        }
        int from = head + offset & ring.length - 1;
        int first = Math.min(want, ring.length - from);
        int n = target.put(ring, from, first);
        if (n == first && want > first) {
            try {
                n += target.put(ring, 0, want - first);
            } catch (ErrnoException e) {
                return n;
            }
        }
        return n;
    }

    byte at(int offset) {
        return ring[head + offset & ring.length - 1];
    }

    void skip(int length) {
        size -= length;
        start += length;
        if (size == 0) {
            head = 0;
            if (ring.length > KEPT) {
                free();
            }
        } else {
            head = head + length & ring.length - 1;
        }
    }

    void clear() {
        start += size;
        size = 0;
        head = 0;
        free();
    }

    private void free() {
        if (ring.length > SMALLEST) {
            USED.addAndGet(-ring.length);
        }
        ring = NONE;
    }

    private void grow(int needed) {
        int length = Math.max(SMALLEST, Integer.highestOneBit(needed - 1) << 1);
        if (length > SMALLEST && USED.addAndGet(length) > BUDGET) {
            USED.addAndGet(-length);
            if (ring.length >= SMALLEST) {
                return;
            }
            length = SMALLEST;
        }
        byte[] bigger = new byte[length];
        int first = Math.min(size, ring.length - head);
        System.arraycopy(ring, head, bigger, 0, first);
        System.arraycopy(ring, 0, bigger, first, size - first);
        if (ring.length > SMALLEST) {
            USED.addAndGet(-ring.length);
        }
        ring = bigger;
        head = 0;
    }
}
