package sentry.core.memory;

import java.util.Arrays;

/**
 * Which pages of the memory file stand behind which program addresses, as runs that are contiguous in both (gVisor's
 * pmas; the page table of this kernel). Each run owns a reference to its pages.
 *
 * <p>A run is a start, an end and a word: the offset in the memory file, with flags in its lowest bits. The flags hold
 * what the kernel needs to know for an access, so that one look-up is enough. Runs are kept in address order in arrays;
 * neighbours that continue each other are joined. Guarded by the memory manager's lock.
 */
final class PageRuns {
    /** The program may read. */
    static final int READ = 1;
    /** The program may write, here and now. */
    static final int WRITE = 2;
    /** Others may share the pages: they are to be copied before a write. */
    static final int COW = 4;
    /** The pages are the mapped file's own. */
    static final int FILE = 8;

    static final int FLAGS = 0xfff;

    private long[] starts = new long[16];
    private long[] ends = new long[16];
    private long[] words = new long[16];
    private int size;
    /** Where the last look-up ended. Racy among readers, and only a guess. */
    private int hint;

    int size() {
        return size;
    }

    long start(int i) {
        return starts[i];
    }

    long end(int i) {
        return ends[i];
    }

    long word(int i) {
        return words[i];
    }

    /** Offset in the memory file of {@code address}, which is in run {@code i}. */
    long offset(int i, long address) {
        return (words[i] & ~FLAGS) + (address - starts[i]);
    }

    /** The word of run {@code i} without its flags: the offset of its start. */
    long base(int i) {
        return words[i] & ~FLAGS;
    }

    int flags(int i) {
        return (int) words[i] & FLAGS;
    }

    /** The run that contains {@code address}, or -1. */
    int at(long address) {
        int h = hint;
        if (h < size && address >= starts[h] && address < ends[h]) {
            return h;
        }
        int i = find(address);
        if (i < size && starts[i] <= address) {
            hint = i;
            return i;
        }
        return -1;
    }

    /** The first run that ends above {@code address}; {@link #size} when there is none. */
    int find(long address) {
        int low = 0;
        int high = size;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (ends[middle] <= address) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** Adds a run where there is none, joining it to its neighbours. */
    void put(long start, long end, long word) {
        int i = find(start);
        insert(i, start, end, word);
        join(i, i + 1);
    }

    /** Adds a run behind all others. */
    void append(long start, long end, long word) {
        insert(size, start, end, word);
    }

    /** Cuts the run that contains {@code address} in two there; returns the index of the run that starts there or later. */
    int split(long address) {
        int i = find(address);
        if (i < size && starts[i] < address) {
            insert(i + 1, address, ends[i], words[i] + (address - starts[i]));
            ends[i] = address;
            return i + 1;
        }
        return i;
    }

    /** Gives run {@code i} another word; the caller joins afterwards. */
    void set(int i, long word) {
        words[i] = word;
    }

    /** Removes runs {@code [from, to)}. */
    void remove(int from, int to) {
        int n = size - to;
        System.arraycopy(starts, to, starts, from, n);
        System.arraycopy(ends, to, ends, from, n);
        System.arraycopy(words, to, words, from, n);
        size -= to - from;
    }

    /** Joins what continues each other among runs {@code [from - 1, to]}; returns the index after the last looked at. */
    int join(int from, int to) {
        int out = Math.max(0, from - 1);
        int last = Math.min(size - 1, to);
        if (out >= last) {
            return last + 1;
        }
        for (int i = out + 1; i <= last; i++) {
            if (ends[out] == starts[i] && words[out] + (ends[out] - starts[out]) == words[i]) {
                ends[out] = ends[i];
            } else {
                out++;
                starts[out] = starts[i];
                ends[out] = ends[i];
                words[out] = words[i];
            }
        }
        if (out < last) {
            remove(out + 1, last + 1);
        }
        return out + 1;
    }

    void copyFrom(PageRuns other) {
        size = other.size;
        starts = Arrays.copyOf(other.starts, Math.max(16, size + 8));
        ends = Arrays.copyOf(other.ends, starts.length);
        words = Arrays.copyOf(other.words, starts.length);
    }

    private void insert(int i, long start, long end, long word) {
        if (size == starts.length) {
            int n = size * 2;
            starts = Arrays.copyOf(starts, n);
            ends = Arrays.copyOf(ends, n);
            words = Arrays.copyOf(words, n);
        }
        System.arraycopy(starts, i, starts, i + 1, size - i);
        System.arraycopy(ends, i, ends, i + 1, size - i);
        System.arraycopy(words, i, words, i + 1, size - i);
        starts[i] = start;
        ends[i] = end;
        words[i] = word;
        size++;
    }
}
