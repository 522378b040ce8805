package sentry.core.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Mman;

/** As many mappings as Linux allows, no two of which can be one, must cost hardly more each than a thousand do. */
class ManyMappingsTest {
    private static final int FEW = 1_000;
    private static final int MANY = 60_000;
    /** What costs in proportion to the number of mappings costs sixty times as much. */
    private static final int MOST = 15;

    private final MemoryFile file = file();

    private static MemoryFile file() {
        try {
            return new MemoryFile();
        } catch (host.linux.HostException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void costIsFlat() throws Exception {
        nanosEach(FEW);
        nanosEach(MANY);
        double few = Double.MAX_VALUE;
        double many = Double.MAX_VALUE;
        for (int round = 0; round < 5; round++) {
            few = Math.min(few, nanosEach(FEW));
            many = Math.min(many, nanosEach(MANY));
        }
        assertTrue(many < MOST * few, few + " ns each with a thousand mappings, " + many + " with sixty thousand");
        assertEquals(0, file.used());
        file.close();
    }

    /** Maps pages of alternating protection, changes half of them and unmaps all, both in random order. */
    private double nanosEach(int n) throws ErrnoException {
        ProgramLayout layout = new ProgramLayout();
        layout.mmapBase = 0x7000_0000_0000L;
        MemoryManager mm = new MemoryManager(file, new FakePlatform(true), layout);
        long[] pages = new long[n];
        long start = System.nanoTime();
        for (int i = 0; i < n; i++) {
            int prot = i % 2 == 0 ? Mman.PROT_READ | Mman.PROT_WRITE : Mman.PROT_READ;
            pages[i] = mm.mmap(null, 0, 4096, prot, Mman.MAP_PRIVATE | Mman.MAP_ANONYMOUS, null, 0);
        }
        Random random = new Random(n);
        for (int i = n - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            long page = pages[i];
            pages[i] = pages[j];
            pages[j] = page;
        }
        for (int i = 0; i < n; i += 2) {
            mm.mprotect(null, pages[i], 4096, Mman.PROT_NONE);
        }
        for (long page : pages) {
            mm.munmap(null, page, 4096);
        }
        long took = System.nanoTime() - start;
        assertEquals(0, mm.vmas.size());
        mm.release(null);
        return (double) took / n;
    }
}
