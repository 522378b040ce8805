package platform.kvm.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static platform.kvm.memory.Guest.EXECUTE;
import static platform.kvm.memory.Guest.PAGE;
import static platform.kvm.memory.Guest.READ;
import static platform.kvm.memory.Guest.WRITE;

import host.linux.CString;
import host.linux.Files;
import host.linux.Memory;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sentry.core.platform.PlatformException;

/** Address spaces as a walker of their page tables sees them; no /dev/kvm is needed. */
final class KvmAddressSpaceTest {
    private static final long AT = 0x40000000L;
    private static final long REGION = PageTables.REGION;

    private Guest guest;
    private KvmAddressSpace space;
    private long root;
    private int tablesAtFirst;

    @TempDir
    private Path directory;

    @BeforeEach
    void open() throws Exception {
        guest = new Guest(1L << 30);
        tablesAtFirst = guest.physical.tables().used();
        space = guest.space();
        root = space.root(0, Guest.PRIVATE_PDPT);
    }

    @AfterEach
    void close() {
        guest.close();
    }

    private long walk(long address) {
        return guest.walk(root, address);
    }

    /** Checks that {@code address} shows the memory file's {@code offset} with exactly these rights. */
    private void shows(long address, long offset, int protection) {
        long e = walk(address);
        assertNotEquals(0, e, () -> Long.toHexString(address) + " is not present");
        assertEquals(guest.base + offset, guest.host(e & TableEntry.ADDRESS));
        rights(e, protection);
    }

    private static void rights(long e, int protection) {
        assertEquals((protection & WRITE) != 0, (e & TableEntry.WRITE) != 0);
        assertEquals((protection & EXECUTE) == 0, (e & TableEntry.NO_EXECUTE) != 0);
        assertTrue((e & TableEntry.USER) != 0);
    }

    @Test
    void whatIsMappedAppearsWithTheFirstFault() throws Exception {
        space.map(AT, 3 * PAGE, guest.fd, 7 * PAGE, READ | EXECUTE, false);
        assertEquals(0, walk(AT));
        assertEquals(KvmAddressSpace.FILLED, space.fill(AT + PAGE + 5, READ));
        for (int i = 0; i < 3; i++) {
            shows(AT + i * PAGE, (7 + i) * PAGE, READ | EXECUTE);
        }
        assertEquals(0, walk(AT - PAGE));
        assertEquals(0, walk(AT + 3 * PAGE));
        assertFalse(space.pending());
        space.commit(null);
        assertEquals(0, guest.flushes);
    }

    @Test
    void faultsAreToldApart() {
        assertEquals(KvmAddressSpace.MISSING, space.fill(AT, READ));
        assertEquals(KvmAddressSpace.MISSING, space.fill(-1, READ));
        assertEquals(KvmAddressSpace.MISSING, space.fill(0, READ));
        assertEquals(KvmAddressSpace.MISSING, space.fill(Long.MIN_VALUE, READ));
        assertEquals(KvmAddressSpace.MISSING, space.fill(KvmAddressSpace.MAX_ADDRESS, READ));
        space.map(AT, PAGE, guest.fd, 0, 0, false);
        space.map(AT + PAGE, PAGE, guest.fd, 0, READ, false);
        assertEquals(KvmAddressSpace.DENIED, space.fill(AT, READ));
        assertEquals(KvmAddressSpace.DENIED, space.fill(AT + PAGE, WRITE));
        assertEquals(KvmAddressSpace.DENIED, space.fill(AT + PAGE, EXECUTE));
        assertEquals(KvmAddressSpace.FILLED, space.fill(AT + PAGE, READ));
        assertEquals(0, walk(AT));
        space.map(AT, 2 * PAGE, guest.fd, guest.size - PAGE, READ, false);
        assertEquals(KvmAddressSpace.FILLED, space.fill(AT, READ));
        assertEquals(KvmAddressSpace.BUS_ERROR, space.fill(AT + PAGE, READ));
        space.map(AT, PAGE, guest.fd, 1L << 40, READ, false);
        assertEquals(KvmAddressSpace.BUS_ERROR, space.fill(AT, READ));
    }

    @Test
    void whatIsMappedAtAFaultIsThereAtOnce() {
        assertEquals(KvmAddressSpace.MISSING, space.fill(AT + PAGE, WRITE));
        space.map(AT, 2 * PAGE, guest.fd, 0, READ | WRITE, false);
        shows(AT + PAGE, PAGE, READ | WRITE);
        space.map(AT + REGION, PAGE, guest.fd, 0, READ, true);
        shows(AT + REGION, 0, READ);
    }

    @Test
    void onlyLossesNeedAShootdown() throws Exception {
        space.map(AT, 4 * PAGE, guest.fd, 0, READ, true);
        space.protect(AT, PAGE, READ | WRITE);
        space.protect(AT + PAGE, PAGE, READ | EXECUTE);
        assertFalse(space.pending());
        shows(AT, 0, READ | WRITE);
        shows(AT + PAGE, PAGE, READ | EXECUTE);
        space.protect(AT, PAGE, READ);
        assertTrue(space.pending());
        space.commit(null);
        assertFalse(space.pending());
        assertEquals(1, guest.flushedTables);
        long leaf = guest.lastTouched;
        assertEquals(0, leaf & 7, "one entry");
        space.map(AT, PAGE, guest.fd, 8 * PAGE, READ, false);
        space.unmap(AT + PAGE, PAGE);
        space.commit(null);
        assertEquals(3, guest.flushedTables);
        assertEquals(leaf + 8, guest.lastTouched);
        shows(AT, 8 * PAGE, READ);
        assertEquals(0, walk(AT + PAGE));
        space.protect(AT + 2 * PAGE, PAGE, 0);
        space.commit(null);
        assertEquals(4, guest.flushedTables);
        assertEquals(0, walk(AT + 2 * PAGE));
        assertEquals(KvmAddressSpace.DENIED, space.fill(AT + 2 * PAGE, READ));
        shows(AT + 3 * PAGE, 3 * PAGE, READ);
    }

    @Test
    void manyChangesOfATableAreOne() throws Exception {
        space.map(AT, 300 * PAGE, guest.fd, PAGE, READ, true);
        space.unmap(AT, 200 * PAGE);
        space.commit(null);
        assertEquals(1, guest.flushedTables);
        assertEquals(4, guest.lastTouched & 0xfff, "amid two entries");
        space.unmap(AT + 200 * PAGE, PAGE);
        space.commit(null);
        assertEquals(2, guest.flushedTables);
        assertEquals(200 * 8, guest.lastTouched & 0xfff);
    }

    @Test
    void largePagesAreUsedAndSplit() throws Exception {
        space.map(AT, 4 * REGION, guest.fd, 2 * REGION, READ | WRITE, false);
        int before = guest.physical.tables().used();
        space.fill(AT + REGION, WRITE);
        space.fill(AT, WRITE);
        assertEquals(before + 2, guest.physical.tables().used(), "no leaf tables");
        shows(AT + 5 * PAGE, 2 * REGION + 5 * PAGE, READ | WRITE);
        space.protect(AT, REGION, READ);
        shows(AT, 2 * REGION, READ);
        assertEquals(before + 2, guest.physical.tables().used());
        space.unmap(AT + 3 * PAGE, PAGE);
        space.commit(null);
        space.fill(AT, READ);
        assertEquals(before + 3, guest.physical.tables().used());
        shows(AT + 2 * PAGE, 2 * REGION + 2 * PAGE, READ);
        assertEquals(0, walk(AT + 3 * PAGE));
        shows(AT + 4 * PAGE, 2 * REGION + 4 * PAGE, READ);
        // And back to a large one: the leaf table goes.
        space.map(AT, REGION, guest.fd, 0, READ, false);
        assertEquals(before + 3, guest.physical.tables().used());
        space.commit(null);
        assertEquals(before + 2, guest.physical.tables().used());
        shows(AT + 3 * PAGE, 3 * PAGE, READ);
        space.map(AT + PAGE, PAGE, guest.fd, 0, READ, false);
        space.fill(AT, READ);
        shows(AT, 0, READ);
        shows(AT + PAGE, 0, READ);
    }

    @Test
    void largePagesAreFilledAhead() throws Exception {
        space.map(AT, 5 * REGION + PAGE, guest.fd, 0, READ | WRITE, false);
        space.fill(AT + REGION, WRITE);
        assertEquals(0, walk(AT));
        for (int i = 1; i < 5; i++) {
            shows(AT + i * REGION + PAGE, i * REGION + PAGE, READ | WRITE);
        }
        assertEquals(0, walk(AT + 5 * REGION));
    }

    @Test
    void aSparseSpaceCostsWhatItTouches() throws Exception {
        space.map(KvmAddressSpace.MIN_ADDRESS, KvmAddressSpace.MAX_ADDRESS - KvmAddressSpace.MIN_ADDRESS, guest.fd, 0,
                READ, false);
        int before = guest.physical.tables().used();
        for (int i = 0; i < 100; i++) {
            space.fill(KvmAddressSpace.MIN_ADDRESS + i * PAGE, READ);
        }
        assertEquals(before + 3, guest.physical.tables().used());
        for (int i = 0; i < 10; i++) {
            long far = (long) (i + 1) << 39;
            space.map(far, PAGE, guest.fd, 0, READ, false);
            assertEquals(KvmAddressSpace.FILLED, space.fill(far, READ));
        }
        assertEquals(before + 33, guest.physical.tables().used());
        assertEquals(KvmAddressSpace.FILLED, space.fill(KvmAddressSpace.MIN_ADDRESS, READ));
        long start = System.nanoTime();
        space.unmap(KvmAddressSpace.MIN_ADDRESS, KvmAddressSpace.MAX_ADDRESS - KvmAddressSpace.MIN_ADDRESS);
        space.commit(null);
        assertTrue(System.nanoTime() - start < 100_000_000);
        assertEquals(0, walk(1L << 39));
    }

    @Test
    void emptyTablesAreGivenBack() throws Exception {
        int before = guest.physical.tables().used();
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < 200; i++) {
                space.map(AT + i * REGION, PAGE, guest.fd, 0, READ, true);
            }
            assertTrue(guest.physical.tables().used() >= before + 200);
            space.unmap(AT, 200 * REGION);
            space.commit(null);
            assertEquals(before, guest.physical.tables().used());
            assertEquals(0, walk(AT));
        }
    }

    @Test
    void releaseGivesEverythingBack() throws Exception {
        for (int i = 0; i < 100; i++) {
            KvmAddressSpace s = guest.space();
            s.root(0, Guest.PRIVATE_PDPT);
            s.root(3, Guest.PRIVATE_PDPT);
            for (int k = 0; k < 20; k++) {
                s.map(AT + k * REGION * 700, PAGE, guest.fd, 0, READ, true);
            }
            s.unmap(AT, PAGE);
            s.release(null);
        }
        space.release(null);
        assertEquals(tablesAtFirst, guest.physical.tables().used());
    }

    @Test
    void rootsShareWhatIsBelow() throws Exception {
        space.map(AT, PAGE, guest.fd, 0, READ, true);
        long other = space.root(5, 0x7000);
        assertNotEquals(root, other);
        assertEquals(other, space.root(5, 0x7000));
        space.map(5L << 39, PAGE, guest.fd, PAGE, READ, true);
        for (long r : new long[] {root, other}) {
            assertEquals(guest.base, guest.host(guest.walk(r, AT) & TableEntry.ADDRESS));
            assertEquals(guest.base + PAGE, guest.host(guest.walk(r, 5L << 39) & TableEntry.ADDRESS));
        }
        assertEquals(0x7000, Memory.getLong(guest.host(other) + 511 * 8) & TableEntry.ADDRESS);
        assertEquals(Guest.PRIVATE_PDPT, Memory.getLong(guest.host(root) + 511 * 8) & TableEntry.ADDRESS);
    }

    @Test
    void theWindowShowsAllTablesButNotToTheProgram() throws Exception {
        TableArena arena = guest.physical.tables();
        long[] all = new long[10000];
        for (int i = 0; i < all.length; i++) {
            all[i] = arena.allocate();
        }
        for (long table : all) {
            long e = walk(arena.window(table));
            assertEquals(table, e & TableEntry.ADDRESS);
            assertEquals(0, e & TableEntry.USER);
            assertTrue((e & TableEntry.WRITE) != 0);
            assertTrue((e & TableEntry.NO_EXECUTE) != 0);
        }
    }

    @Test
    void forkCopiesWithoutTables() throws Exception {
        space.map(AT, 2 * PAGE, guest.fd, 0, READ | WRITE, true);
        int before = guest.physical.tables().used();
        KvmAddressSpace child = (KvmAddressSpace) space.fork(null);
        assertEquals(before, guest.physical.tables().used());
        space.map(AT, PAGE, guest.fd, 9 * PAGE, READ, false);
        child.fill(AT, WRITE);
        long e = guest.walk(child.root(0, 0), AT);
        assertEquals(guest.base, guest.host(e & TableEntry.ADDRESS));
        shows(AT, 9 * PAGE, READ);
    }

    // Files of the host.

    private int file(String name, int length, int flags) throws Exception {
        Path p = directory.resolve(name);
        byte[] content = new byte[length];
        for (int i = 0; i < length; i += 4096) {
            content[i] = (byte) (i / 4096 + 1);
        }
        if (!java.nio.file.Files.exists(p)) {
            java.nio.file.Files.write(p, content);
        }
        try (Arena arena = Arena.ofConfined()) {
            return (int) Files.openat(Files.AT_FDCWD, CString.of(arena, p.toString()).address(), flags, 0);
        }
    }

    private byte content(long address) {
        return Memory.getByte(guest.host(walk(address) & TableEntry.ADDRESS));
    }

    @Test
    void filesAppearAsFarAsTheyGo() throws Exception {
        int fd = file("f", 3 * 4096 + 10, Files.O_RDONLY);
        space.map(AT, 8 * PAGE, fd, PAGE, READ | EXECUTE, false);
        Files.close(fd);
        assertEquals(KvmAddressSpace.FILLED, space.fill(AT + 2 * PAGE, EXECUTE));
        rights(walk(AT), READ | EXECUTE);
        for (int i = 0; i < 3; i++) {
            assertEquals(i + 2, content(AT + i * PAGE));
        }
        assertEquals(0, walk(AT + 3 * PAGE));
        assertEquals(KvmAddressSpace.BUS_ERROR, space.fill(AT + 3 * PAGE, READ));
        int again = file("f", 0, Files.O_RDWR);
        Files.ftruncate(again, 5 * PAGE);
        assertEquals(KvmAddressSpace.FILLED, space.fill(AT + 3 * PAGE, READ));
        assertEquals(0, content(AT + 3 * PAGE));
        Files.close(again);
        long gpa = walk(AT + 2 * PAGE) & TableEntry.ADDRESS;
        assertEquals(AT + 2 * PAGE + 7, space.addressOf(gpa + 7));
    }

    @Test
    void whatATruncatedFileNoLongerHasIsTakenBack() throws Exception {
        int fd = file("t", 5 * 4096, Files.O_RDWR);
        space.map(AT, 5 * PAGE, fd, 0, READ, true);
        assertFalse(space.recheck(null));
        Files.ftruncate(fd, 2 * PAGE + 1);
        assertTrue(space.recheck(null));
        assertEquals(1, guest.flushes);
        assertNotEquals(0, walk(AT + 2 * PAGE));
        assertEquals(0, walk(AT + 3 * PAGE));
        assertEquals(KvmAddressSpace.BUS_ERROR, space.fill(AT + 3 * PAGE, READ));
        assertFalse(space.recheck(null));
        Files.close(fd);
    }

    @Test
    void aFileIsOpenWhileSomebodyMapsIt() throws Exception {
        HostFiles files = guest.physical.files();
        int a = file("a", 5000, Files.O_RDONLY);
        int b = file("b", 5000, Files.O_RDWR);
        space.map(AT, PAGE, a, 0, READ, true);
        space.map(AT + PAGE, PAGE, a, 0, READ, true);
        space.map(AT + 2 * PAGE, 2 * PAGE, b, 0, READ | WRITE, true);
        Files.close(a);
        Files.close(b);
        assertEquals(2, files.count());
        assertEquals(2, files.shown());
        assertEquals(1, content(AT + PAGE));
        KvmAddressSpace child = (KvmAddressSpace) space.fork(null);
        space.unmap(AT + PAGE, 2 * PAGE);
        space.commit(null);
        assertEquals(2, content(AT + 3 * PAGE));
        space.unmap(AT, PAGE * 10);
        space.commit(null);
        assertEquals(2, files.count());
        child.release(null);
        assertEquals(0, files.count());
        assertEquals(1, files.shown(), "wait for the next program");
        files.trim();
        assertEquals(0, files.shown());
    }

    @Test
    void filesThatNobodyMapsAreFewAndHaveNames() throws Exception {
        HostFiles files = guest.physical.files();
        for (int i = 0; i < 100; i++) {
            int fd = file("n" + i, 100, Files.O_RDONLY);
            space.map(AT, PAGE, fd, 0, READ, true);
            Files.close(fd);
            assertEquals(1, content(AT));
            space.unmap(AT, PAGE);
            space.commit(null);
        }
        int kept = files.shown();
        assertTrue(kept > 0 && kept < 60);
        int fd = file("gone", 100, Files.O_RDONLY);
        java.nio.file.Files.delete(directory.resolve("gone"));
        space.map(AT, PAGE, fd, 0, READ, true);
        assertEquals(kept + 1, files.shown());
        space.unmap(AT, PAGE);
        space.commit(null);
        assertEquals(kept, files.shown());
        Files.close(fd);
    }

    @Test
    void largeFilesTakeManyPieces() throws Exception {
        int fd = file("l", 1, Files.O_RDWR);
        Files.ftruncate(fd, 1L << 40);
        space.map(AT, 1L << 40, fd, 0, READ | WRITE, false);
        Files.close(fd);
        for (int i = 0; i < 100; i++) {
            long at = AT + i * (REGION * 3 + PAGE);
            assertEquals(KvmAddressSpace.FILLED, space.fill(at, WRITE));
            assertEquals(i == 0 ? 1 : 0, content(at));
        }
        assertEquals(100, guest.physical.files().shown());
        space.release(null);
        assertEquals(0, guest.physical.files().shown());
    }

    @Test
    void readOnlyFilesDoNotBecomeWritable() throws Exception {
        int fd = file("r", 5000, Files.O_RDONLY);
        space.map(AT, PAGE, fd, 0, READ, true);
        space.protect(AT, PAGE, READ | WRITE);
        assertEquals(KvmAddressSpace.MISSING, space.fill(AT, WRITE));
        assertEquals(0, walk(AT));
        space.commit(null);
        space.map(AT, PAGE, fd, 0, READ | WRITE, false);
        assertThrows(PlatformException.class, () -> space.commit(null));
        space.map(AT, PAGE, 999_999, 0, READ, false);
        assertThrows(PlatformException.class, () -> space.commit(null));
        space.commit(null);
        Files.close(fd);
        assertEquals(0, guest.physical.files().count());
    }

    // Anything.

    private record Page(long offset, int protection) {}

    @Test
    void randomChangesLeaveWhatASimpleModelSays() throws Exception {
        for (int seed = 0; seed < 20; seed++) {
            random(new Random(seed));
        }
    }

    private void random(Random r) throws Exception {
        KvmAddressSpace s = guest.space();
        long top = s.root(0, Guest.PRIVATE_PDPT);
        TreeMap<Long, Page> model = new TreeMap<>();
        int pages = 4 * 512;
        long base = AT - 2 * REGION + ((long) r.nextInt(3) << 30);
        int[] protections = {0, READ, READ | WRITE, READ | EXECUTE, READ | WRITE | EXECUTE};
        for (int step = 0; step < 400; step++) {
            int first = r.nextInt(pages);
            int n = 1 + (r.nextInt(4) == 0 ? r.nextInt(pages - first) : r.nextInt(Math.min(20, pages - first)));
            if (r.nextInt(10) == 0) { // a region as a whole
                first = first & -512;
                n = 512;
            }
            long at = base + first * PAGE;
            int protection = protections[r.nextInt(protections.length)];
            switch (r.nextInt(5)) {
                case 0, 1 -> {
                    long offset = r.nextInt(200_000) * PAGE;
                    if (r.nextBoolean()) {
                        offset = (offset & -REGION) + (at & REGION - 1);
                    }
                    s.map(at, n * PAGE, guest.fd, offset, protection, r.nextInt(4) == 0);
                    for (int i = 0; i < n; i++) {
                        model.put(at + i * PAGE, new Page(offset + i * PAGE, protection));
                    }
                }
                case 2 -> {
                    s.unmap(at, n * PAGE);
                    model.subMap(at, at + n * PAGE).clear();
                }
                case 3 -> {
                    s.protect(at, n * PAGE, protection);
                    model.subMap(at, at + n * PAGE).replaceAll((a, p) -> new Page(p.offset, protection));
                }
                default -> {
                    if (r.nextBoolean()) {
                        s.commit(null);
                    }
                    for (int k = 0; k < 5; k++) {
                        long fault = base + r.nextInt(pages) * PAGE;
                        int access = new int[] {READ, WRITE, EXECUTE}[r.nextInt(3)];
                        Page p = model.get(fault);
                        int expected = p == null
                                ? KvmAddressSpace.MISSING
                                : p.protection == 0 || (access & ~p.protection) != 0
                                        ? KvmAddressSpace.DENIED
                                        : KvmAddressSpace.FILLED;
                        assertEquals(expected, s.fill(fault, access));
                        if (expected == KvmAddressSpace.FILLED) {
                            assertNotEquals(0, guest.walk(top, fault));
                        }
                    }
                }
            }
            // What is present is right, everywhere.
            if (step % 5 == 0) {
                for (long a = base; a < base + pages * PAGE; a += PAGE) {
                    long e = guest.walk(top, a);
                    if (e != 0) {
                        Page p = model.get(a);
                        if (p == null || p.protection == 0) {
                            throw new AssertionError("present: " + Long.toHexString(a));
                        }
                        assertEquals(guest.base + p.offset, guest.host(e & TableEntry.ADDRESS));
                        rights(e, p.protection);
                    }
                }
            }
        }
        s.release(null);
        assertEquals(tablesAtFirst + 1, guest.physical.tables().used());
    }
}
