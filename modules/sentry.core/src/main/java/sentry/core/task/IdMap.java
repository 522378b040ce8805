package sentry.core.task;

/**
 * Translates user or group ids of one user namespace to those of the kernel and back (user_namespaces(7)). Immutable. Ids
 * are unsigned 32-bit numbers in longs here.
 */
public final class IdMap {
    /** Every id is itself. */
    public static final IdMap IDENTITY = new IdMap(new long[] {0}, new long[] {0}, new long[] {0xffffffffL});

    /** No id is mapped: before anybody has written the map. */
    public static final IdMap EMPTY = new IdMap(new long[0], new long[0], new long[0]);

    private static final long NONE = 0xffffffffL;

    private final long[] first;
    private final long[] kernel;
    private final long[] count;

    /**
     * @param first where each range begins in the namespace
     * @param kernel where it begins in the kernel
     * @param count how long it is
     */
    public IdMap(long[] first, long[] kernel, long[] count) {
        this.first = first;
        this.kernel = kernel;
        this.count = count;
    }

    public int size() {
        return first.length;
    }

    public long first(int i) {
        return first[i];
    }

    public int kernelFirst(int i) {
        return (int) kernel[i];
    }

    public long count(int i) {
        return count[i];
    }

    /** The kernel's id for the namespace's {@code id}; -1 when there is none. */
    public int toKernel(int id) {
        return translate(first, kernel, id & NONE, 1);
    }

    /** Where {@code length} ids from {@code id} on lie in the kernel as one run; -1 when they do not. */
    public int toKernel(long id, long length) {
        return translate(first, kernel, id, length);
    }

    /** The namespace's id for the kernel's {@code id}; -1 when there is none. */
    public int fromKernel(int id) {
        return translate(kernel, first, id & NONE, 1);
    }

    private int translate(long[] from, long[] to, long id, long length) {
        for (int i = 0; i < from.length; i++) {
            if (id >= from[i] && id + length <= from[i] + count[i]) {
                return (int) (to[i] + (id - from[i]));
            }
        }
        return -1;
    }
}
