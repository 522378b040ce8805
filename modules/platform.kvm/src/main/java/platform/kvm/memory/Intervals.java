package platform.kvm.memory;

import java.util.ArrayList;
import java.util.Arrays;

/**
 * What an address space shows: a sorted table of ranges, each with the host file behind it and a protection. Neighbours
 * that continue each other are one. A range of a host file holds a reference of it; references that are no longer
 * needed are put into {@code leaving}, since the program may see the file until the change is in force.
 *
 * <p>Guarded by the address space's monitor.
 */
final class Intervals {
    private int size;
    private long[] start = new long[16];
    private long[] end = new long[16];
    /** Offset in the file at the range's start. */
    private long[] offset = new long[16];
    /** Null: the memory file. */
    private HostFile[] file = new HostFile[16];

    private byte[] protection = new byte[16];

    int size() {
        return size;
    }

    long start(int i) {
        return start[i];
    }

    long end(int i) {
        return end[i];
    }

    HostFile file(int i) {
        return file[i];
    }

    int protection(int i) {
        return protection[i];
    }

    /** Offset in the file of what is at {@code address} in range {@code i}. */
    long offset(int i, long address) {
        return offset[i] + (address - start[i]);
    }

    /** The first range that ends behind {@code address}; {@link #size} if none does. */
    int find(long address) {
        int low = 0;
        int high = size;
        while (low < high) {
            int middle = low + high >>> 1;
            if (end[middle] > address) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    /** The range around {@code address}, or -1. */
    int at(long address) {
        int i = find(address);
        return i < size && start[i] <= address ? i : -1;
    }

    /** Puts a range where nothing is; takes over the caller's reference of {@code f}. */
    void put(long from, long to, HostFile f, long at, int prot, ArrayList<HostFile> leaving) {
        int i = find(from);
        insert(i);
        start[i] = from;
        end[i] = to;
        offset[i] = at;
        file[i] = f;
        protection[i] = (byte) prot;
        join(i, i + 1, leaving);
    }

    /** Takes away what is in {@code [from, to)}. */
    void remove(long from, long to, ArrayList<HostFile> leaving) {
        int i = split(from);
        int j = split(to);
        for (int k = i; k < j; k++) {
            if (file[k] != null) {
                leaving.add(file[k]);
            }
        }
        delete(i, j);
    }

    /** Gives what is in {@code [from, to)} another protection. */
    void protect(long from, long to, int prot, ArrayList<HostFile> leaving) {
        int i = split(from);
        int j = split(to);
        for (int k = i; k < j; k++) {
            protection[k] = (byte) prot;
        }
        join(i, j, leaving);
    }

    /** A copy with references of its own. */
    Intervals copy() {
        Intervals c = new Intervals();
        int n = Math.max(16, size + (size >> 2));
        c.size = size;
        c.start = Arrays.copyOf(start, n);
        c.end = Arrays.copyOf(end, n);
        c.offset = Arrays.copyOf(offset, n);
        c.file = Arrays.copyOf(file, n);
        c.protection = Arrays.copyOf(protection, n);
        for (int i = 0; i < size; i++) {
            if (file[i] != null) {
                file[i].retain();
            }
        }
        return c;
    }

    /** Makes {@code address} a boundary; returns the first range at or behind it. */
    private int split(long address) {
        int i = find(address);
        if (i == size || start[i] >= address) {
            return i;
        }
        insert(i);
        start[i] = start[i + 1];
        end[i] = address;
        offset[i] = offset[i + 1];
        file[i] = file[i + 1];
        protection[i] = protection[i + 1];
        offset[i + 1] += address - start[i];
        start[i + 1] = address;
        if (file[i] != null) {
            file[i].retain();
        }
        return i + 1;
    }

    /** Joins ranges from the one before {@code i} to the one at {@code j} where they continue each other. */
    private void join(int i, int j, ArrayList<HostFile> leaving) {
        int last = Math.max(i - 1, 0);
        int stop = Math.min(j, size - 1);
        int from = last + 1;
        int k = from;
        for (; k <= stop; k++) {
            if (end[last] == start[k]
                    && protection[last] == protection[k]
                    && file[last] == file[k]
                    && offset[k] == offset[last] + (start[k] - start[last])) {
                end[last] = end[k];
                if (file[k] != null) {
                    leaving.add(file[k]);
                }
            } else if (++last != k) {
                move(k, last);
            }
        }
        if (last + 1 < k) {
            delete(last + 1, k);
        }
    }

    private void move(int from, int to) {
        start[to] = start[from];
        end[to] = end[from];
        offset[to] = offset[from];
        file[to] = file[from];
        protection[to] = protection[from];
    }

    private void insert(int i) {
        if (size == start.length) {
            int n = size * 2;
            start = Arrays.copyOf(start, n);
            end = Arrays.copyOf(end, n);
            offset = Arrays.copyOf(offset, n);
            file = Arrays.copyOf(file, n);
            protection = Arrays.copyOf(protection, n);
        }
        shift(i, i + 1);
        size++;
    }

    private void delete(int i, int j) {
        if (i == j) {
            return;
        }
        shift(j, i);
        int left = size - (j - i);
        Arrays.fill(file, left, size, null);
        size = left;
    }

    private void shift(int from, int to) {
        int n = size - from;
        System.arraycopy(start, from, start, to, n);
        System.arraycopy(end, from, end, to, n);
        System.arraycopy(offset, from, offset, to, n);
        System.arraycopy(file, from, file, to, n);
        System.arraycopy(protection, from, protection, to, n);
    }
}
