package sentry.core.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PageCountsTest {
    private static final int LIMIT = 64 * PageCounts.BLOCK;

    private record Run(int page, int n) {}

    @Test
    void countsAsAnArrayWould() {
        Random random = new Random(7);
        int[] naive = new int[LIMIT];
        PageCounts counts = new PageCounts(LIMIT);
        List<Run> held = new ArrayList<>();
        for (int step = 0; step < 40_000; step++) {
            if (held.isEmpty() || random.nextInt(5) < 2) {
                int n = random.nextInt(8) == 0 ? 1 + random.nextInt(3 * PageCounts.BLOCK) : 1 + random.nextInt(40);
                int page = random.nextBoolean() ? counts.allocate(n) : counts.allocateGrowing(n, random.nextInt(PageCounts.BLOCK));
                if (page >= 0) {
                    for (int i = page; i < page + n; i++) {
                        assertEquals(0, naive[i], "page taken twice");
                        naive[i] = 1;
                    }
                    held.add(new Run(page, n));
                }
                continue;
            }
            int which = random.nextInt(held.size());
            Run r = held.get(which);
            int from = random.nextInt(r.n);
            int n = 1 + random.nextInt(r.n - from);
            int page = r.page + from;
            if (random.nextInt(3) == 0) {
                counts.retain(page, n);
                for (int i = page; i < page + n; i++) {
                    naive[i]++;
                }
                held.add(new Run(page, n));
            } else {
                held.remove(which);
                release(counts, naive, r.page, r.n);
            }
            assertEquals(used(naive), counts.used());
        }
        for (Run r : held) {
            release(counts, naive, r.page, r.n);
        }
        assertEquals(0, counts.used());
        assertEquals(0, counts.allocate(LIMIT), "all is one free run again");
    }

    private static void release(PageCounts counts, int[] naive, int page, int n) {
        for (int p = page; p < page + n; ) {
            int sole = counts.sole(p, page + n);
            int expected = 0;
            while (p + expected < page + n && naive[p + expected] == 1) {
                expected++;
            }
            assertEquals(expected, sole);
            int done = sole;
            if (sole > 0) {
                counts.release(p, sole);
            } else {
                done = counts.releaseShared(p, page + n);
            }
            for (int i = p; i < p + done; i++) {
                naive[i]--;
            }
            p += done;
        }
    }

    private static int used(int[] naive) {
        int n = 0;
        for (int c : naive) {
            n += c > 0 ? 1 : 0;
        }
        return n;
    }

    @Test
    void growsInPlaceWhereRoomIsKept() {
        PageCounts counts = new PageCounts(LIMIT);
        int page = counts.allocateGrowing(10, 100);
        int other = counts.allocate(10);
        assertTrue(counts.allocateAt(page + 10, 30));
        assertFalse(counts.allocateAt(other, 1));
        assertFalse(counts.allocateAt(LIMIT - 1, 2));
    }

    @Test
    void fullIsNoError() {
        PageCounts counts = new PageCounts(LIMIT);
        assertEquals(0, counts.allocate(LIMIT));
        assertEquals(-1, counts.allocate(1));
        assertEquals(-1, counts.allocate(PageCounts.BLOCK));
    }

    @Test
    void noticesAReleaseTooMany() {
        PageCounts counts = new PageCounts(LIMIT);
        int page = counts.allocate(3);
        counts.release(page, 3);
        assertThrows(IllegalStateException.class, () -> counts.release(page, 1));
    }
}
