package sentry.core.time;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class KernelTimersTest {
    private final KernelTimers timers = new KernelTimers();

    private static final class Noting extends KernelTimer {
        private final List<Integer> fired;
        private final int id;
        private final CountDownLatch latch;

        Noting(List<Integer> fired, int id, CountDownLatch latch) {
            this.fired = fired;
            this.id = id;
            this.latch = latch;
        }

        @Override
        protected void expired() {
            fired.add(id);
            latch.countDown();
        }
    }

    @Test
    void firesInTheOrderOfDeadlines() throws InterruptedException {
        List<Integer> fired = Collections.synchronizedList(new ArrayList<>());
        List<Integer> wanted = new ArrayList<>();
        CountDownLatch latch = new CountDownLatch(200);
        long start = System.nanoTime() + 20_000_000;
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            order.add(i);
            wanted.add(i);
        }
        Collections.shuffle(order, new Random(1));
        for (int i : order) {
            timers.arm(new Noting(fired, i, latch), start + i * 10_000L);
        }
        assertTrue(latch.await(10, TimeUnit.SECONDS));
        assertEquals(wanted, fired);
    }

    @Test
    void cancelledAndRearmedTimersKeepTheirWord() throws InterruptedException {
        List<Integer> fired = Collections.synchronizedList(new ArrayList<>());
        CountDownLatch latch = new CountDownLatch(2);
        Noting early = new Noting(fired, 1, latch);
        Noting never = new Noting(fired, 2, latch);
        Noting late = new Noting(fired, 3, latch);
        long now = System.nanoTime();
        timers.arm(never, now + 30_000_000);
        timers.arm(late, now + 10_000_000);
        timers.arm(early, now + 20_000_000);
        timers.arm(late, now + 60_000_000);
        assertTrue(timers.cancel(never));
        assertFalse(timers.cancel(never));
        assertTrue(latch.await(10, TimeUnit.SECONDS));
        assertEquals(List.of(1, 3), fired);
    }
}
