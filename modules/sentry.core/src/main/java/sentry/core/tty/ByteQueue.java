package sentry.core.tty;

/** A bounded queue of bytes. Not thread-safe. */
final class ByteQueue {
    private final byte[] bytes;
    private int first;
    private int count;

    ByteQueue(int capacity) {
        bytes = new byte[capacity];
    }

    int size() {
        return count;
    }

    int room() {
        return bytes.length - count;
    }

    boolean isEmpty() {
        return count == 0;
    }

    /** Appends; false, and nothing done, when it is full. */
    boolean add(byte b) {
        if (count == bytes.length) {
            return false;
        }
        bytes[(first + count) % bytes.length] = b;
        count++;
        return true;
    }

    byte remove() {
        byte b = bytes[first];
        first = (first + 1) % bytes.length;
        count--;
        return b;
    }

    /** Moves up to {@code length} bytes out; returns how many. */
    int remove(byte[] target, int offset, int length) {
        int n = Math.min(length, count);
        for (int i = 0; i < n; i++) {
            target[offset + i] = remove();
        }
        return n;
    }

    void clear() {
        first = 0;
        count = 0;
    }
}
