package sentry.core.memory;

import java.util.Arrays;

/**
 * Which pages of the memory file stand behind which program addresses, as runs that are contiguous in both (gVisor's
 * pmas; the page table of this kernel). Each run owns a reference to its pages.
 *
 * <p>A run is a start, an end and a word: the offset in the memory file, with flags in its lowest bits. The flags hold
 * what the kernel needs to know for an access, so that one look-up is enough. Runs are counted in address order;
 * neighbours that continue each other are joined. A program may have tens of thousands. Guarded by the memory manager's
 * lock.
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
    /**
     * MADV_GUARD_INSTALL: whoever touches it gets a signal. The pages are never touched, and stand for nothing but the
     * range: so a guard is cut, moved, inherited and dropped as other runs are.
     */
    static final int GUARD = 16;
    /** UFFDIO_WRITEPROTECT: a write is reported. */
    static final int PROTECTED = 32;

    static final int FLAGS = 0xfff;

    /** Places of the runs in the arrays, in address order. */
    private final IntSequence order = new IntSequence();

    private long[] starts = new long[16];
    private long[] ends = new long[16];
    private long[] words = new long[16];
    /** Places from here on were never used. */
    private int top;
    /** Places that are free again; the next one is kept in {@link #starts}. -1: none. */
    private int free = -1;
    /** Where the last look-up ended. Racy among readers, and only a guess. */
    private int hint;

    int size() {
        return order.size();
    }

    long start(int i) {
        return starts[order.get(i)];
    }

    long end(int i) {
        return ends[order.get(i)];
    }

    long word(int i) {
        return words[order.get(i)];
    }

    /** Offset in the memory file of {@code address}, which is in run {@code i}. */
    long offset(int i, long address) {
        int at = order.get(i);
        return (words[at] & ~FLAGS) + (address - starts[at]);
    }

    /** The word of run {@code i} without its flags: the offset of its start. */
    long base(int i) {
        return word(i) & ~FLAGS;
    }

    int flags(int i) {
        return (int) word(i) & FLAGS;
    }

    /** The run that contains {@code address}, or -1. */
    int at(long address) {
        int h = hint;
        if (h < order.size()) {
            int at = order.get(h);
            if (address >= starts[at] && address < ends[at]) {
                return h;
            }
        }
        int i = find(address);
        if (i < order.size() && start(i) <= address) {
            hint = i;
            return i;
        }
        return -1;
    }

    /** The first run that ends above {@code address}; {@link #size} when there is none. */
    int find(long address) {
        return order.above(ends, address);
    }

    /** Adds a run where there is none, joining it to its neighbours. */
    void put(long start, long end, long word) {
        int i = find(start);
        insert(i, start, end, word);
        join(i, i + 1);
    }

    /** Adds a run behind all others. */
    void append(long start, long end, long word) {
        insert(order.size(), start, end, word);
    }

    /** Cuts the run that contains {@code address} in two there; returns the index of the run that starts there or later. */
    int split(long address) {
        int i = find(address);
        if (i < order.size()) {
            int at = order.get(i);
            if (starts[at] < address) {
                long end = ends[at];
                ends[at] = address;
                insert(i + 1, address, end, words[at] + (address - starts[at]));
                return i + 1;
            }
        }
        return i;
    }

    /** Gives run {@code i} another word; the caller joins afterwards. */
    void set(int i, long word) {
        words[order.get(i)] = word;
    }

    /** Removes runs {@code [from, to)}. */
    void remove(int from, int to) {
        for (int i = from; i < to; i++) {
            release(order.get(i));
        }
        order.remove(from, to);
    }

    /** Joins what continues each other among runs {@code [from - 1, to]}; returns the index after the last looked at. */
    int join(int from, int to) {
        int out = Math.max(0, from - 1);
        int last = Math.min(order.size() - 1, to);
        if (out >= last) {
            return last + 1;
        }
        int before = order.get(out);
        for (int i = out + 1; i <= last; i++) {
            int at = order.get(i);
            if (ends[before] == starts[at] && words[before] + (ends[before] - starts[before]) == words[at]) {
                ends[before] = ends[at];
                release(at);
            } else {
                out++;
                if (out != i) {
                    order.set(out, at);
                }
                before = at;
            }
        }
        order.remove(out + 1, last + 1);
        return out + 1;
    }

    private void insert(int i, long start, long end, long word) {
        int at = free;
        if (at >= 0) {
            free = (int) starts[at];
        } else {
            at = top++;
            if (at == starts.length) {
                int n = at * 2;
                starts = Arrays.copyOf(starts, n);
                ends = Arrays.copyOf(ends, n);
                words = Arrays.copyOf(words, n);
            }
        }
        starts[at] = start;
        ends[at] = end;
        words[at] = word;
        order.insert(i, at);
    }

    private void release(int at) {
        starts[at] = free;
        free = at;
    }
}
