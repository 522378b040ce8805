package sentry.core.memory;

import java.util.Arrays;

/**
 * Reference counts of the memory file's pages, and which pages are free. Pages are grouped into blocks of 512 (2 MiB).
 * A block whose pages all have the same count is one number; only others have an array. So a large run costs a step per
 * block, whatever is done to it.
 *
 * <p>Runs of a block or more start at a block's start, which lets the host use large pages. Smaller ones share blocks,
 * taken in order. Not thread-safe.
 */
final class PageCounts {
    static final int BLOCK = 512;

    /** The block's pages differ; {@link #counts} has them. */
    private static final int MIXED = -1;

    private final int blockLimit;
    /** Count of all pages of a block, or MIXED. Grown as blocks are first used. */
    private int[] uniform = new int[256];

    private int[][] counts = new int[256][];
    /** Free pages of a block; BLOCK for a free one. */
    private short[] free = new short[256];
    /** Blocks ever used; those from here on are free. */
    private int top;
    /** No block below this is free. */
    private int lowestFree;
    /** Where small runs come from, and the page in it to look at next. */
    private int current = -1;

    private int cursor;
    /** Blocks with pages to spare that were seen since; looked at when the current one is used up. */
    private final int[] candidates = new int[64];

    private int candidateCount;
    private int used;

    PageCounts(int pageLimit) {
        blockLimit = pageLimit / BLOCK;
        Arrays.fill(free, (short) BLOCK);
    }

    /** Pages with a reference. */
    int used() {
        return used;
    }

    /** Whether nothing of the block is in use. */
    boolean free(int block) {
        return free[block] == BLOCK;
    }

    /** A run of {@code n} pages with one reference each, or -1. */
    int allocate(int n) {
        if (n >= BLOCK) {
            return allocateBlocks(n);
        }
        int page = fromBlock(current, cursor, n);
        if (page < 0) {
            page = fromCandidates(n);
        }
        if (page < 0) {
            int block = takeBlocks(1);
            if (block < 0) {
                return -1;
            }
            if (current >= 0) {
                candidate(current);
            }
            current = block;
            page = fromBlock(block, 0, n);
        }
        cursor = page % BLOCK + n;
        return page;
    }

    /** A run that starts {@code at} pages behind the start of a block, which no other small run will be put into. */
    int allocateGrowing(int n, int at) {
        int block = takeBlocks((int) (((long) at + n + BLOCK - 1) / BLOCK));
        if (block < 0) {
            return -1;
        }
        int page = block * BLOCK + at;
        add(page, n, 1);
        return page;
    }

    /** Takes exactly these pages if all are free. */
    boolean allocateAt(int page, int n) {
        long last = ((long) page + n - 1) / BLOCK;
        if (last >= blockLimit) {
            return false;
        }
        grow((int) last + 1);
        for (int p = page; p < page + n; ) {
            int block = p / BLOCK;
            int end = Math.min(page + n, (block + 1) * BLOCK);
            if (uniform[block] > 0) {
                return false;
            }
            if (uniform[block] == MIXED) {
                int[] c = counts[block];
                for (int i = p % BLOCK; i <= (end - 1) % BLOCK; i++) {
                    if (c[i] != 0) {
                        return false;
                    }
                }
            }
            p = end;
        }
        top = Math.max(top, (int) last + 1);
        add(page, n, 1);
        return true;
    }

    void retain(int page, int n) {
        add(page, n, 1);
    }

    /** Drops the last reference of pages that have just one. */
    void release(int page, int n) {
        add(page, n, -1);
    }

    /** How many pages from {@code page}, below {@code end}, have exactly one reference. */
    int sole(int page, int end) {
        int p = page;
        while (p < end) {
            int block = p / BLOCK;
            int stop = Math.min(end, (block + 1) * BLOCK);
            if (uniform[block] == 1) {
                p = stop;
                continue;
            }
            if (uniform[block] != MIXED) {
                break;
            }
            int[] c = counts[block];
            int from = p;
            while (p < stop && c[p % BLOCK] == 1) {
                p++;
            }
            if (p < stop || p == from) {
                break;
            }
        }
        return p - page;
    }

    /** Drops a reference of the pages from {@code page}, below {@code end}, that have more than one; returns how many. */
    int releaseShared(int page, int end) {
        int p = page;
        while (p < end) {
            int block = p / BLOCK;
            int stop = Math.min(end, (block + 1) * BLOCK);
            int from = p;
            if (uniform[block] == MIXED) {
                int[] c = counts[block];
                while (p < stop && c[p % BLOCK] > 1) {
                    p++;
                }
            } else if (uniform[block] > 1) {
                p = stop;
            }
            if (p > from) {
                add(from, p - from, -1);
            }
            if (p < stop) {
                break;
            }
        }
        if (p == page) {
            throw new IllegalStateException("page " + page + " released once too often");
        }
        return p - page;
    }

    /** The first page, from {@code page} on, of a block that has one in use, or that has none; -1 behind all blocks. */
    int nextBlock(int page, boolean inUse) {
        for (int b = page / BLOCK; b < top; b++) {
            if (free[b] != BLOCK == inUse) {
                return b * BLOCK;
            }
        }
        return inUse ? -1 : top * BLOCK;
    }

    /** References of a page. */
    int count(int page) {
        int block = page / BLOCK;
        int u = uniform[block];
        return u == MIXED ? counts[block][page % BLOCK] : u;
    }

    /** How many pages from {@code page}, below {@code end}, have as many references as that one; not beyond its block. */
    int alike(int page, int end) {
        int block = page / BLOCK;
        int stop = Math.min(end, (block + 1) * BLOCK);
        if (uniform[block] != MIXED) {
            return stop - page;
        }
        int[] c = counts[block];
        int p = page + 1;
        while (p < stop && c[p % BLOCK] == c[page % BLOCK]) {
            p++;
        }
        return p - page;
    }

    private void add(int page, int n, int delta) {
        for (int p = page; p < page + n; ) {
            int block = p / BLOCK;
            int end = Math.min(page + n, (block + 1) * BLOCK);
            addInBlock(block, p % BLOCK, end - p, delta);
            p = end;
        }
    }

    private void addInBlock(int block, int from, int n, int delta) {
        int u = uniform[block];
        if (u != MIXED && n == BLOCK) {
            check(u + delta);
            uniform[block] = u + delta;
            account(block, u, u + delta, BLOCK);
        } else {
            int[] c = counts[block];
            if (c == null) {
                c = new int[BLOCK];
                Arrays.fill(c, u);
                counts[block] = c;
                uniform[block] = MIXED;
            }
            // Runs of equal counts are the rule: account for them together.
            for (int i = from; i < from + n; ) {
                int old = c[i];
                int j = i;
                check(old + delta);
                while (j < from + n && c[j] == old) {
                    c[j++] = old + delta;
                }
                account(block, old, old + delta, j - i);
                i = j;
            }
            if (free[block] == BLOCK || n == BLOCK && same(c)) {
                uniform[block] = c[0];
                counts[block] = null;
            }
        }
        if (free[block] == BLOCK) {
            lowestFree = Math.min(lowestFree, block);
            if (block == current) {
                current = -1;
            }
        } else if (delta < 0 && block != current && free[block] >= BLOCK / 8) {
            candidate(block);
        }
    }

    private void account(int block, int before, int after, int n) {
        if (before == 0 && after > 0) {
            free[block] -= (short) n;
            used += n;
        } else if (before > 0 && after == 0) {
            free[block] += (short) n;
            used -= n;
        }
    }

    private static void check(int count) {
        if (count < 0) {
            throw new IllegalStateException("page released once too often");
        }
    }

    private static boolean same(int[] c) {
        for (int i = 1; i < BLOCK; i++) {
            if (c[i] != c[0]) {
                return false;
            }
        }
        return true;
    }

    private int allocateBlocks(int n) {
        int blocks = (int) (((long) n + BLOCK - 1) / BLOCK);
        int block = takeBlocks(blocks);
        if (block < 0) {
            return -1;
        }
        add(block * BLOCK, n, 1);
        if (n % BLOCK != 0) {
            candidate(block + blocks - 1);
        }
        return block * BLOCK;
    }

    private int fromBlock(int block, int from, int n) {
        if (block < 0 || free[block] < n) {
            return -1;
        }
        int at = from;
        if (uniform[block] == MIXED) {
            int[] c = counts[block];
            int length = 0;
            int i = from;
            while (i < BLOCK && length < n) {
                length = c[i] == 0 ? length + 1 : 0;
                i++;
            }
            if (length < n) {
                return -1;
            }
            at = i - n;
        } else if (from + n > BLOCK) {
            return -1;
        }
        int page = block * BLOCK + at;
        add(page, n, 1);
        return page;
    }

    private int fromCandidates(int n) {
        while (candidateCount > 0) {
            int block = candidates[--candidateCount];
            if (block == current || free[block] < Math.max(n, BLOCK / 16) || free[block] == BLOCK) {
                continue;
            }
            int page = fromBlock(block, 0, n);
            if (page >= 0) {
                if (current >= 0 && free[current] >= BLOCK / 8) {
                    candidates[candidateCount++] = current;
                }
                current = block;
                return page;
            }
        }
        return -1;
    }

    private void candidate(int block) {
        if (candidateCount == candidates.length) {
            return;
        }
        for (int i = 0; i < candidateCount; i++) {
            if (candidates[i] == block) {
                return;
            }
        }
        candidates[candidateCount++] = block;
    }

    /** The first of {@code n} free blocks in a row, or -1. */
    private int takeBlocks(int n) {
        int run = 0;
        int first = -1;
        for (int b = lowestFree; b < top; b++) {
            if (free[b] == BLOCK) {
                if (run == 0 && first < 0) {
                    first = b;
                }
                if (++run == n) {
                    int start = b - n + 1;
                    if (start == first) {
                        lowestFree = b + 1;
                    } else if (first >= 0) {
                        lowestFree = first;
                    }
                    return start;
                }
            } else {
                run = 0;
            }
        }
        int start = top - run; // free blocks at the end count, too
        if ((long) start + n > blockLimit) {
            return -1;
        }
        grow(start + n);
        lowestFree = first < 0 || first == start ? start + n : first;
        top = start + n;
        return start;
    }

    private void grow(int blocks) {
        int have = uniform.length;
        if (blocks > have) {
            int length = Math.max(blocks, Math.min(blockLimit, have * 2));
            uniform = Arrays.copyOf(uniform, length);
            counts = Arrays.copyOf(counts, length);
            free = Arrays.copyOf(free, length);
            Arrays.fill(free, have, length, (short) BLOCK);
        }
    }
}
