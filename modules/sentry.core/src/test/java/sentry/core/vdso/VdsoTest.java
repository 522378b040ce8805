package sentry.core.vdso;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import host.linux.CodePage;
import host.linux.Memory;
import host.linux.NativeArea;
import host.linux.Tsc;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

class VdsoTest {
    private static final int PAGE = 4096;

    private final ByteBuffer image = ByteBuffer.wrap(VdsoImage.build()).order(ByteOrder.LITTLE_ENDIAN);

    @Test
    void aDynamicLinkerFindsTheFunctions() {
        assertEquals(0x464c457f, image.getInt(0));
        assertTrue(symbol("__vdso_clock_gettime") >= VdsoImage.TEXT);
        assertTrue(symbol("__vdso_gettimeofday") > symbol("__vdso_clock_gettime"));
        assertTrue(symbol("__vdso_time") > 0);
        assertTrue(symbol("__vdso_getcpu") > 0);
        assertTrue(symbol("__vdso_clock_getres") > 0);
        assertEquals(symbol("__vdso_time"), symbol("time"));
        assertEquals(0, symbol("__vdso_nothing"));
        int verdef = dynamic(0x6ffffffc);
        assertEquals("linux-vdso.so.1", text(image.getInt(verdef + 20)));
        int second = verdef + image.getInt(verdef + 16);
        assertEquals(2, image.getShort(second + 4));
        assertEquals(0x3ae75f6, image.getInt(second + 8)); // the ABI's hash of LINUX_2.6
        assertEquals("LINUX_2.6", text(image.getInt(second + 20)));
    }

    @Test
    void clocksAgreeWithTheHost() throws Exception {
        NativeArea parameters = NativeArea.allocate(PAGE);
        Tsc tsc = new Tsc();
        Assumptions.assumeTrue(tsc.invariant());
        VdsoClock clock = new VdsoClock(parameters.address(), tsc);
        Thread.sleep(50);
        assertTrue(clock.update());
        for (int i = 0; i < 3; i++) {
            CodePage page = page(parameters);
            for (int id : new int[] {0, 1, 4, 5, 6, 7, 11}) {
                int exact = id == 5 ? 0 : id == 6 ? 1 : id; // ours of the coarse clocks have no tick
                tsc.read(exact);
                long before = tsc.nanos();
                long ours = time(page, id);
                tsc.read(exact);
                long after = tsc.nanos();
                assertTrue(ours > before - 20_000 && ours < after + 20_000, "clock " + id + ": " + (ours - before));
            }
            long last = time(page, 1);
            Thread.sleep(20);
            assertTrue(clock.update());
            long next = time(page(parameters), 1);
            assertTrue(next > last);
        }
    }

    @Test
    void anUpdateNeverTakesTimeBack() throws Exception {
        NativeArea parameters = NativeArea.allocate(PAGE);
        Tsc tsc = new Tsc();
        Assumptions.assumeTrue(tsc.invariant());
        VdsoClock clock = new VdsoClock(parameters.address(), tsc);
        Thread.sleep(15);
        assertTrue(clock.update());
        for (int i = 0; i < 20; i++) {
            // The same count on the old and on the new line, at the moment of the update.
            long base = Memory.getLong(parameters.address() + 16);
            long value = Memory.getLong(parameters.address() + 64 + 16);
            long rate = Memory.getLong(parameters.address() + 64 + 24);
            Thread.sleep(11);
            assertTrue(clock.update());
            long count = Memory.getLong(parameters.address() + 16);
            long old = value + Math.unsignedMultiplyHigh(count - base, rate);
            assertTrue(Memory.getLong(parameters.address() + 64 + 16) >= old);
        }
    }

    @Test
    void otherClocksAndOffClocksAreSystemCalls() throws Exception {
        NativeArea off = NativeArea.allocate(PAGE);
        CodePage page = page(off);
        assertTrue(Math.abs(time(page, 1) - System.nanoTime()) < 1_000_000_000L);
        assertTrue(time(page, 2) > 0);
        NativeArea ts = NativeArea.allocate(16);
        assertEquals(-22, page.call(PAGE + symbol("__vdso_clock_gettime"), 99, ts.address(), 0, 0, 0, 0, 0));
        assertEquals(0, page.call(PAGE + symbol("__vdso_clock_getres"), 6, ts.address(), 0, 0, 0, 0, 0));
        assertEquals(4_000_000, Memory.getLong(ts.address() + 8));
        assertEquals(0, page.call(PAGE + symbol("__vdso_getcpu"), ts.address(), 0, 0, 0, 0, 0, 0));
    }

    private CodePage page(NativeArea parameters) throws Exception {
        byte[] both = new byte[2 * PAGE];
        Memory.copy(parameters.address(), both, 0, PAGE);
        System.arraycopy(image.array(), 0, both, PAGE, PAGE);
        return CodePage.of(both);
    }

    private long time(CodePage page, int clock) {
        try (NativeArea ts = NativeArea.allocate(16)) {
            assertEquals(0, page.call(PAGE + symbol("__vdso_clock_gettime"), clock, ts.address(), 0, 0, 0, 0, 0));
            return Memory.getLong(ts.address()) * 1_000_000_000L + Memory.getLong(ts.address() + 8);
        }
    }

    /** What a dynamic linker does: through the hash table; the value of the symbol, or 0. */
    private int symbol(String name) {
        int h = 0;
        for (int i = 0; i < name.length(); i++) {
            h = (h << 4) + name.charAt(i);
            h = (h ^ (h & 0xf0000000) >>> 24) & 0x0fffffff;
        }
        int table = dynamic(4);
        int buckets = image.getInt(table);
        int i = image.getInt(table + 8 + 4 * Integer.remainderUnsigned(h, buckets));
        while (i != 0) {
            int s = dynamic(6) + 24 * i;
            if (text(image.getInt(s)).equals(name)) {
                assertEquals(2, image.getShort(dynamic(0x6ffffff0) + 2 * i), "version of " + name);
                assertTrue(image.getShort(s + 6) != 0);
                return (int) image.getLong(s + 8);
            }
            i = image.getInt(table + 8 + 4 * buckets + 4 * i);
        }
        return 0;
    }

    private int dynamic(int tag) {
        int at = (int) image.getLong(64 + 56 + 8);
        while (image.getLong(at) != tag) {
            assertTrue(image.getLong(at) != 0, "no dynamic entry " + tag);
            at += 16;
        }
        return (int) image.getLong(at + 8);
    }

    private String text(int offset) {
        int from = dynamic(5) + offset;
        int to = from;
        while (image.get(to) != 0) {
            to++;
        }
        return new String(image.array(), from, to - from);
    }
}
