package sentry.core.memory;

/**
 * Which pages a family of forked address spaces wrote soon after forks: most likely they will do so again, and the child
 * gets copies ahead. Parent and children share one. Thread-safe; only hints.
 */
final class ForkHints {
    /** How many are remembered. A copy costs a tenth of a fault. */
    static final int SIZE = 12;

    private final long[] pages = new long[SIZE];
    private int next;

    /** Remembers a page that was copied on write. */
    synchronized void add(long page) {
        for (long p : pages) {
            if (p == page) {
                return;
            }
        }
        pages[next] = page;
        next = (next + 1) % SIZE;
    }

    synchronized void copyTo(long[] target) {
        System.arraycopy(pages, 0, target, 0, SIZE);
    }
}
