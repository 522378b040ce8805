package sentry.core.memory;

import java.util.Arrays;

/**
 * The vmas of an address space by address; they do not overlap. There may be tens of thousands. Guarded by the memory
 * manager's lock.
 */
final class VmaList {
    /** Places of the vmas in the array, by address. The note of a piece is its {@linkplain #largestGap largest gap}. */
    private final IntSequence order = new IntSequence();

    private Vma[] list = new Vma[32];
    /** Places from here on were never used. */
    private int top;
    /** Places that are free again. */
    private int[] free = new int[0];

    private int freeCount;

    int size() {
        return order.size();
    }

    Vma get(int index) {
        return list[order.get(index)];
    }

    /** Index of the first vma that ends above {@code address}; {@link #size} when there is none. */
    int find(long address) {
        int low = 0;
        int high = order.pieces() - 1;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (get(order.first(middle + 1) - 1).end <= address) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        high = order.first(low + 1);
        low = order.first(low);
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (get(middle).end <= address) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** The vma that contains {@code address}, or null. */
    Vma at(long address) {
        int i = find(address);
        if (i < order.size()) {
            Vma v = get(i);
            return v.start <= address ? v : null;
        }
        return null;
    }

    boolean isFree(long start, long end) {
        int i = find(start);
        return i == order.size() || get(i).start >= end;
    }

    void insert(Vma v) {
        insert(find(v.start), v);
    }

    void insert(int index, Vma v) {
        int at;
        if (freeCount > 0) {
            at = free[--freeCount];
        } else {
            at = top++;
            if (at == list.length) {
                list = Arrays.copyOf(list, at * 2);
            }
        }
        list[at] = v;
        order.insert(index, at);
        if (index > 0) {
            order.touch(index - 1); // its end may have been moved for this one
        }
    }

    void remove(int from, int to) {
        int n = to - from;
        if (freeCount + n > free.length) {
            free = Arrays.copyOf(free, Math.max(32, Math.max(2 * free.length, freeCount + n)));
        }
        for (int i = from; i < to; i++) {
            int at = order.get(i);
            list[at] = null;
            free[freeCount++] = at;
        }
        order.remove(from, to);
    }

    /**
     * Going down from vma {@code index} in search of {@code size} free bytes: the lowest vma such that no gap between it
     * and this one is as large.
     */
    int lowestWithout(long size, int index) {
        int piece = order.pieceOf(index);
        return largestGap(piece) < size ? order.first(piece) : index;
    }

    /** The same going up: the highest such vma. */
    int highestWithout(long size, int index) {
        int piece = order.pieceOf(index);
        return largestGap(piece) < size ? order.first(piece + 1) - 1 : index;
    }

    /** No gap between vmas of the piece is larger; those that it has to other pieces do not count. */
    private long largestGap(int piece) {
        long largest = order.note(piece);
        if (largest == IntSequence.NO_NOTE) {
            largest = 0;
            int end = order.first(piece + 1);
            for (int i = order.first(piece) + 1; i < end; i++) {
                largest = Math.max(largest, get(i).start - get(i - 1).end);
            }
            order.note(piece, largest);
        }
        return largest;
    }
}
