package sentry.core.memory;

/**
 * How much of fresh private memory to show at once. A first touch costs a twentieth where the host may fill in a large
 * page, but a program that touches one page in each would get five hundred times as much as it uses. So large memory is
 * shown piece by piece: first a little, then, as long as what was shown was filled, in large pages; and as a whole, in
 * small pages, once that was not so. A program whose large memory was all filled has the next one begin with large pages.
 *
 * <p>Only for memory files that have large pages. Guarded by the memory manager's write lock.
 */
final class TouchAhead {
    private static final long PAGE = MemoryFile.PAGE;
    /** Bytes in a large page. */
    static final long BLOCK = 1L << 21;
    /** Memory from this size on is shown piece by piece. */
    private static final long LEAST = BLOCK;

    private static final long FIRST = 32 * PAGE;
    private static final long MOST = 2 * BLOCK;
    /** Filled memory of this size says something about the next. */
    private static final long ENOUGH = BLOCK / 2;
    /** Pieces that may turn out not to have been filled. */
    private static final int MISSES = 4;
    /** Most that is shown as a whole then: whoever comes here often should not have it shown anew each time. */
    private static final long WHOLE = 1L << 28;
    /** Memories, one after another, that may begin with a large page, although nobody knows yet what becomes of it. */
    private static final int MOST_TRUST = 8;
    /** Pages looked at in a large page. */
    private static final int SAMPLES = 16;

    private final MemoryManager mm;
    private final byte[] present = new byte[(int) (MOST / PAGE)];
    private int trust;

    TouchAhead(MemoryManager mm) {
        this.mm = mm;
    }

    /** Whether nothing of this memory, which the program has not seen yet, is to be shown before it asks. */
    boolean waits(Vma v, long length) {
        return length >= LEAST && v.mappable == null && mm.file.largePages() && !v.is(Vma.STACK | Vma.GROWS_DOWN);
    }

    /**
     * Shows some of run {@code i} of private anonymous memory from {@code page} on, which the program has just touched.
     *
     * @return the end of what is shown
     */
    long show(Vma v, int i, long page) {
        PageRuns runs = mm.runs;
        long start = Math.max(v.start, runs.start(i));
        long end = Math.min(v.end, runs.end(i));
        if (!waits(v, end - start) || (runs.offset(i, page) - page & BLOCK - 1) != 0) {
            mm.host.show(page, end, false);
            return end;
        }
        boolean filled;
        if (v.misses > MISSES) {
            filled = false;
        } else if (v.shownEnd > 0) {
            filled = filled(v);
            judge(v, filled);
        } else {
            filled = trust > 0;
            trust -= filled ? 1 : 0;
            if (!filled) {
                return shown(v, Math.max(start, page & -FIRST), Math.min(end, (page & -FIRST) + FIRST), false);
            }
        }
        long block = page & -BLOCK;
        if (!filled || mm.file.scarce()) {
            if (v.misses > MISSES || ++v.misses > MISSES) {
                start = Math.max(start, page & -WHOLE);
                end = Math.min(end, (page & -WHOLE) + WHOLE);
                mm.host.show(start, end, false);
                v.shownEnd = v.shownStart = 0;
                return end;
            }
            return shown(v, Math.max(start, block), Math.min(end, block + BLOCK), false);
        }
        long before = v.shownLarge && page == v.shownEnd ? v.shownEnd - v.shownStart : 0;
        if (block < start || block + BLOCK > end || v.shownEnd > block && v.shownStart < block + BLOCK) {
            return shown(v, page, Math.min(end, block + BLOCK), false);
        }
        long length = Math.clamp(2 * before, BLOCK, MOST);
        return shown(v, block, Math.min(block + length, end & -BLOCK), true);
    }

    /** Learns from memory that the program gives back. */
    void gone(Vma v) {
        if (v.shownEnd - v.shownStart >= ENOUGH && v.misses <= MISSES) {
            judge(v, filled(v));
        }
    }

    private void judge(Vma v, boolean filled) {
        if (!filled) {
            trust = 0;
        } else if (v.shownEnd - v.shownStart >= ENOUGH) {
            trust = Math.min(MOST_TRUST, trust + 2);
        }
    }

    private long shown(Vma v, long start, long end, boolean large) {
        if (large) {
            mm.file.fillLarge(mm.runs.offset(mm.runs.at(start), start), end - start);
        }
        mm.host.show(start, end, false);
        v.shownStart = start;
        v.shownEnd = end;
        v.shownLarge = large;
        return end;
    }

    /** Whether the program has written most of the pages that it was shown last. */
    private boolean filled(Vma v) {
        int i = mm.runs.at(v.shownStart);
        if (i < 0 || mm.runs.end(i) < v.shownEnd) {
            return false;
        }
        long length = v.shownEnd - v.shownStart;
        int pages = (int) (length / PAGE);
        long at = mm.file.address(mm.runs.offset(i, v.shownStart));
        if (pages > present.length || !Residency.mostly(at, pages, present)) {
            return false;
        }
        if (!v.shownLarge) {
            return true;
        }
        int empty = 0;
        int samples = 0;
        for (int p = pages / SAMPLES / 2; p < pages; p += (int) (BLOCK / PAGE) / SAMPLES) {
            samples++;
            if (present[p] == 0 || Residency.zero(at + p * PAGE)) {
                empty++;
            }
        }
        return empty * 4 <= samples;
    }
}
