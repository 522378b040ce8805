package sentry.core.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import host.linux.Tmpfs;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Mman;

/** Drives address spaces at random and compares each with a naive map from page to protection and content. */
class MemoryModelTest {
    private static final long BASE = 0x10_0000_0000L;
    private static final int PAGES = 48;

    /** A page of the model; shared ones are the same object in parent and child. */
    private static final class Page {
        int prot;
        boolean shared;
        /** The first byte; a holder, for shared memory. */
        int[] content = {0};
    }

    private record Process(Program program, Map<Integer, Page> model) {}

    private final Random random = new Random(42);

    /** Bytes of program memory that a page of the model stands for. */
    private long unit = 4096;

    @Test
    void exactPlatform() throws Exception {
        run(true, new MemoryFile(), 60_000);
    }

    @Test
    void guessingPlatform() throws Exception {
        run(false, new MemoryFile(), 60_000);
    }

    /** Ranges up to 8 MiB, in large pages where they are filled. */
    @Test
    void largePages() throws Exception {
        long fd = Tmpfs.largePageFile();
        assumeTrue(fd >= 0, "only root may have such a file");
        unit = 1 << 20;
        run(false, MemoryFile.withLargePages((int) fd), 3_000);
    }

    private void run(boolean exact, MemoryFile file, int steps) throws Exception {
        FakePlatform platform = new FakePlatform(exact);
        List<Process> processes = new ArrayList<>();
        ProgramLayout layout = new ProgramLayout();
        layout.mmapBase = 0x7000_0000_0000L;
        processes.add(new Process(new Program(new MemoryManager(file, platform, layout), exact), new HashMap<>()));
        for (int step = 0; step < steps; step++) {
            Process p = processes.get(random.nextInt(processes.size()));
            int from = random.nextInt(PAGES);
            int n = 1 + random.nextInt(Math.min(8, PAGES - from));
            long at = BASE + from * unit;
            long length = n * unit;
            MemoryManager mm = p.program.mm;
            switch (random.nextInt(16)) {
                case 0 -> map(p, from, n, random.nextInt(4), false);
                case 1 -> map(p, from, n, random.nextInt(4), true);
                case 2 -> {
                    mm.munmap(null, at, length);
                    for (int i = from; i < from + n; i++) {
                        p.model.remove(i);
                    }
                }
                case 3 -> protect(p, from, n, random.nextInt(4));
                case 4 -> {
                    if (random.nextInt(20) == 0) {
                        fork(processes, p);
                    }
                }
                case 5 -> {
                    if (processes.size() > 1 && random.nextInt(20) == 0) {
                        mm.release(null);
                        processes.remove(p);
                    }
                }
                case 6, 7 -> kernelWrite(p, at + random.nextInt(4096), random.nextInt(256));
                case 8 -> kernelRead(p, at);
                case 9 -> advise(p, from, n);
                case 10, 11, 12 -> {
                    if (unit > 4096 && random.nextBoolean()) {
                        fill(p, from, n, random.nextInt(256));
                        continue;
                    }
                    Page page = p.model.get(from);
                    int value = random.nextInt(256);
                    int expected = page != null && (page.prot & 2) != 0 ? 0 : -11;
                    assertEquals(expected, p.program.write(at, value), "write in step " + step);
                    if (expected == 0) {
                        page.content[0] = value;
                    }
                }
                default -> {
                    Page page = p.model.get(from);
                    int expected = page != null && page.prot != 0 ? page.content[0] : -11;
                    assertEquals(expected, p.program.read(at), "read in step " + step);
                }
            }
            if (step % 1000 == 0) {
                for (Process q : processes) {
                    check(q);
                }
            }
        }
        for (Process p : processes) {
            check(p);
            p.program.mm.release(null);
        }
        assertEquals(0, file.used(), "pages left behind");
        file.close();
    }

    /** The program writes to every page, one after another, as far as it may. */
    private void fill(Process p, int from, int n, int value) {
        for (int i = from; i < from + n; i++) {
            Page page = p.model.get(i);
            if (page == null || (page.prot & 2) == 0) {
                return;
            }
            for (long at = BASE + i * unit; at < BASE + (i + 1) * unit; at += 4096) {
                assertEquals(0, p.program.write(at, value));
            }
            page.content[0] = value;
        }
    }

    private void map(Process p, int from, int n, int prot, boolean shared) throws ErrnoException {
        int flags = (shared ? Mman.MAP_SHARED : Mman.MAP_PRIVATE) | Mman.MAP_ANONYMOUS | Mman.MAP_FIXED;
        p.program.mm.mmap(null, BASE + from * unit, n * unit, prot, flags, null, 0);
        for (int i = from; i < from + n; i++) {
            Page page = new Page();
            page.prot = prot;
            page.shared = shared;
            p.model.put(i, page);
        }
    }

    private void protect(Process p, int from, int n, int prot) {
        boolean whole = true;
        for (int i = from; i < from + n; i++) {
            Page page = p.model.get(i);
            if (page == null) {
                whole = false;
                break;
            }
            // Shared pages have one model page each per process for the protection, one content.
            page.prot = prot;
        }
        int errno = 0;
        try {
            p.program.mm.mprotect(null, BASE + from * unit, n * unit, prot);
        } catch (ErrnoException e) {
            errno = e.errno().number();
        }
        assertEquals(whole ? 0 : 12, errno);
    }

    private void fork(List<Process> processes, Process p) throws ErrnoException {
        if (processes.size() == 4) {
            return;
        }
        MemoryManager child = p.program.mm.fork(null, null, BASE + random.nextInt(PAGES) * unit + 100);
        Map<Integer, Page> model = new HashMap<>();
        p.model.forEach((i, page) -> {
            Page copy = new Page();
            copy.prot = page.prot;
            copy.shared = page.shared;
            copy.content = page.shared ? page.content : page.content.clone();
            model.put(i, copy);
        });
        processes.add(new Process(new Program(child, p.program.mm.exactFaults), model));
    }

    private void advise(Process p, int from, int n) {
        boolean whole = true;
        for (int i = from; i < from + n; i++) {
            Page page = p.model.get(i);
            if (page == null) {
                whole = false;
            } else if (!page.shared) {
                page.content[0] = 0;
            }
        }
        int errno = 0;
        try {
            p.program.mm.madvise(null, BASE + from * unit, n * unit, Mman.MADV_DONTNEED);
        } catch (ErrnoException e) {
            errno = e.errno().number();
        }
        assertEquals(whole ? 0 : 12, errno);
    }

    private void kernelWrite(Process p, long at, int value) {
        // Across up to three pages; only first bytes of pages are in the model.
        byte[] data = new byte[1 + random.nextInt(9000)];
        java.util.Arrays.fill(data, (byte) value);
        int expected = 0;
        while (expected < data.length) {
            Page page = p.model.get((int) ((at + expected - BASE) / unit));
            if (page == null || (page.prot & 2) == 0) {
                break;
            }
            if (((at + expected) & unit - 1) == 0) {
                page.content[0] = value;
            }
            expected += (int) Math.min(data.length - expected, unit - ((at + expected) & unit - 1));
        }
        int done;
        try {
            done = p.program.mm.writeSome(at, data, 0, data.length);
        } catch (ErrnoException e) {
            done = 0;
        }
        assertEquals(expected, done);
    }

    private void kernelRead(Process p, long at) {
        Page page = p.model.get((int) ((at - BASE) / unit));
        int expected = page != null && page.prot != 0 ? page.content[0] : -14;
        int value;
        try {
            value = p.program.mm.getByte(at) & 0xff;
        } catch (ErrnoException e) {
            value = -e.errno().number();
        }
        assertEquals(expected, value);
    }

    private void check(Process p) {
        for (int i = 0; i < PAGES; i++) {
            Page page = p.model.get(i);
            int expected = page != null && page.prot != 0 ? page.content[0] : -11;
            assertEquals(expected, p.program.read(BASE + i * unit), "page " + i);
        }
        PageRuns runs = p.program.mm.runs;
        for (int i = 0; i < runs.size(); i++) {
            if (runs.start(i) >= runs.end(i) || i > 0 && runs.end(i - 1) > runs.start(i)) {
                throw new AssertionError("runs out of order");
            }
        }
        VmaList vmas = p.program.mm.vmas;
        for (int i = 0; i < vmas.size(); i++) {
            if (i > 0 && vmas.get(i - 1).end > vmas.get(i).start) {
                throw new AssertionError("vmas out of order");
            }
            if (i > 0 && vmas.get(i - 1).continuedBy(vmas.get(i))) {
                // Not an error as such, but a sign that a merge was forgotten.
                continue;
            }
        }
    }
}
