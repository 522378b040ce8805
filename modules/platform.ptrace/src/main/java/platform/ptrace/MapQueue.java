package platform.ptrace;

import host.linux.Memory;
import java.util.Arrays;

/**
 * Changes of an address space that wait for their turn, as the system calls that a stub makes for them. Guarded by its
 * address space.
 */
final class MapQueue {
    static final int NR_MMAP = 9;
    static final int NR_MPROTECT = 10;
    static final int NR_MUNMAP = 11;

    private static final int LONGS = StubCode.ENTRY_SIZE / 8;
    private static final int NR = 0;
    private static final int ADDRESS = 1;
    private static final int LENGTH = 2;
    private static final int PROTECTION = 3;
    private static final int FLAGS = 4;
    private static final int FD = 5;
    private static final int OFFSET = 6;

    private long[] calls = new long[16 * LONGS];
    private int count;

    boolean isEmpty() {
        return count == 0;
    }

    int size() {
        return count;
    }

    void clear() {
        count = 0;
    }

    void map(long address, long length, int fd, long offset, int protection, long flags) {
        if (count > 0) {
            int last = (count - 1) * LONGS;
            if (calls[last + NR] == NR_MMAP
                    && calls[last + ADDRESS] + calls[last + LENGTH] == address
                    && calls[last + FD] == fd
                    && calls[last + OFFSET] + calls[last + LENGTH] == offset
                    && calls[last + PROTECTION] == protection
                    && calls[last + FLAGS] == flags) {
                calls[last + LENGTH] += length;
                return;
            }
        }
        int at = add(NR_MMAP, address, length);
        calls[at + PROTECTION] = protection;
        calls[at + FLAGS] = flags;
        calls[at + FD] = fd;
        calls[at + OFFSET] = offset;
    }

    void unmap(long address, long length) {
        add(NR_MUNMAP, address, length);
    }

    void protect(long address, long length, int protection) {
        int at = add(NR_MPROTECT, address, length);
        calls[at + PROTECTION] = protection;
    }

    /** Puts the removal of all mappings before everything else. */
    void unmapAllFirst() {
        add(NR_MUNMAP, 0, 0);
        System.arraycopy(calls, 0, calls, LONGS, (count - 1) * LONGS);
        Arrays.fill(calls, 0, LONGS, 0);
        calls[NR] = NR_MUNMAP;
        calls[LENGTH] = StubCode.BASE;
    }

    private int add(int nr, long address, long length) {
        int at = count * LONGS;
        if (at == calls.length) {
            calls = Arrays.copyOf(calls, 2 * at);
        }
        count++;
        Arrays.fill(calls, at, at + LONGS, 0);
        calls[at + NR] = nr;
        calls[at + ADDRESS] = address;
        calls[at + LENGTH] = length;
        return at;
    }

    long number(int index) {
        return calls[index * LONGS + NR];
    }

    long address(int index) {
        return calls[index * LONGS + ADDRESS];
    }

    /** Turns an entry into an unmap of the same range. */
    void degrade(int index) {
        calls[index * LONGS + NR] = NR_MUNMAP;
    }

    /** Writes entries {@code from..from + n} to a table at host address {@code to}. */
    void write(int from, int n, long to) {
        for (int i = 0; i < n * LONGS; i++) {
            Memory.putLong(to + 8L * i, calls[from * LONGS + i]);
        }
    }

    void copyFrom(MapQueue other) {
        calls = Arrays.copyOf(other.calls, other.calls.length);
        count = other.count;
    }
}
