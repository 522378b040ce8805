package sentry.core.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Against a plain list. */
class IntSequenceTest {
    private final Random random = new Random(11);

    @Test
    void doesWhatAListDoes() {
        for (int most : new int[] {20, 600, 5_000}) {
            IntSequence sequence = new IntSequence();
            List<Integer> list = new ArrayList<>();
            for (int step = 0; step < 60_000; step++) {
                int n = list.size();
                int kind = random.nextInt(8);
                if (kind < 5 && n < most || n == 0) {
                    int at = kind == 0 ? n : random.nextInt(n + 1);
                    sequence.insert(at, step);
                    list.add(at, step);
                } else if (kind == 5) {
                    int at = random.nextInt(n);
                    sequence.set(at, step);
                    list.set(at, step);
                } else {
                    int from = random.nextInt(n);
                    int to = from + random.nextInt(Math.min(n - from, random.nextInt(50) == 0 ? n : 6) + 1);
                    sequence.remove(from, to);
                    list.subList(from, to).clear();
                }
                assertEquals(list.size(), sequence.size());
                if (!list.isEmpty()) {
                    int at = random.nextInt(list.size());
                    assertEquals(list.get(at), sequence.get(at));
                }
                if (step % 500 == 0) {
                    check(list, sequence);
                }
            }
            check(list, sequence);
        }
    }

    private static void check(List<Integer> list, IntSequence sequence) {
        for (int i = 0; i < list.size(); i++) {
            assertEquals(list.get(i), sequence.get(i));
        }
        assertEquals(0, sequence.first(0));
        assertEquals(list.size(), sequence.first(sequence.pieces()));
        for (int p = 0; p < sequence.pieces() && sequence.pieces() > 1; p++) {
            assertTrue(sequence.first(p) < sequence.first(p + 1), "an empty piece");
        }
    }

    @Test
    void findsByKey() {
        IntSequence sequence = new IntSequence();
        long[] keys = new long[3_000];
        for (int i = 0; i < keys.length; i++) {
            int at = random.nextInt(i + 1);
            sequence.insert(at, i);
        }
        for (int i = 0; i < keys.length; i++) {
            keys[sequence.get(i)] = 10L * i;
        }
        assertEquals(0, sequence.above(keys, -1));
        assertEquals(keys.length, sequence.above(keys, 10L * keys.length));
        for (int i = 0; i < keys.length; i++) {
            assertEquals(i + 1, sequence.above(keys, 10L * i));
            assertEquals(i, sequence.above(keys, 10L * i - 1));
        }
    }
}
