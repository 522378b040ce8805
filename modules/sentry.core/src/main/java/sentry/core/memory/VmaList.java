package sentry.core.memory;

import java.util.Arrays;

/** The vmas of an address space by address; they do not overlap. Guarded by the memory manager's lock. */
final class VmaList {
    private Vma[] list = new Vma[32];
    private int size;

    int size() {
        return size;
    }

    Vma get(int index) {
        return list[index];
    }

    /** Index of the first vma that ends above {@code address}; {@link #size} when there is none. */
    int find(long address) {
        int low = 0;
        int high = size;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (list[middle].end <= address) {
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
        return i < size && list[i].start <= address ? list[i] : null;
    }

    boolean isFree(long start, long end) {
        int i = find(start);
        return i == size || list[i].start >= end;
    }

    void insert(Vma v) {
        insert(find(v.start), v);
    }

    void insert(int index, Vma v) {
        if (size == list.length) {
            list = Arrays.copyOf(list, size * 2);
        }
        System.arraycopy(list, index, list, index + 1, size - index);
        list[index] = v;
        size++;
    }

    void remove(int from, int to) {
        System.arraycopy(list, to, list, from, size - to);
        Arrays.fill(list, size - (to - from), size, null);
        size -= to - from;
    }
}
