package sentry.core.memory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Mman;

class MemoryManagerTest {
    private static final long AT = 0x10_0000_0000L;
    private static final int PRIVATE = Mman.MAP_PRIVATE | Mman.MAP_ANONYMOUS;
    private static final int RW = Mman.PROT_READ | Mman.PROT_WRITE;

    private MemoryFile file;
    private MemoryManager mm;
    private Program program;

    @BeforeEach
    void open() throws Exception {
        file = new MemoryFile();
        ProgramLayout layout = new ProgramLayout();
        layout.brkStart = layout.brk = 0x5000_0000L;
        mm = new MemoryManager(file, new FakePlatform(false), layout);
        program = new Program(mm, false);
    }

    @AfterEach
    void close() {
        mm.release(null);
        assertEquals(0, file.used(), "pages left behind");
        file.close();
    }

    private long map(long address, long length, int prot, int flags) throws ErrnoException {
        return mm.mmap(null, address, length, prot, flags, null, 0);
    }

    private static Errno errno(org.junit.jupiter.api.function.Executable e) {
        return assertThrows(ErrnoException.class, e).errno();
    }

    @Test
    void oneHostMappingServesAWholeMapping() throws Exception {
        FakeAddressSpace space = program.space();
        long at = map(0, 64 << 20, RW, PRIVATE);
        assertEquals(0, program.write(at, 1));
        assertEquals(0, program.write(at + (64 << 20) - 1, 1));
        assertEquals(1, space.maps);
        assertEquals(0, program.faults);
        assertEquals(0, at & (1 << 21) - 1, "large memory is aligned for the host's large pages");
    }

    @Test
    void nothingIsTakenForAReservation() throws Exception {
        program.space();
        long at = map(0, 1L << 40, Mman.PROT_NONE, PRIVATE | Mman.MAP_NORESERVE);
        assertEquals(0, file.used());
        mm.mprotect(null, at, 1L << 40, RW);
        assertEquals(0, file.used());
        assertEquals(0, program.write(at + (1L << 39), 7));
        assertTrue(file.used() <= (64 << 20) / 4096);
        assertEquals(7, mm.getByte(at + (1L << 39)));
    }

    @Test
    void theHeapGrowsInPlace() throws Exception {
        FakeAddressSpace space = program.space();
        long start = mm.brk(null, 0);
        for (int i = 1; i <= 8; i++) {
            assertEquals(start + i * 0x21000L, mm.brk(null, start + i * 0x21000L));
        }
        assertEquals(1, mm.vmas.size());
        assertEquals(1, mm.runs.size(), "one run of the memory file");
        assertEquals(start + 100, mm.brk(null, start + 100));
        assertEquals(-11, program.read(start + 0x1000));
        assertEquals(start + 100, mm.brk(null, start - 1), "below the start nothing moves");
        assertEquals(8, space.maps);
    }

    @Test
    void childAndParentEachKeepTheirOwn() throws Exception {
        long at = map(0, 16 * 4096, RW, PRIVATE);
        for (int i = 0; i < 16; i++) {
            program.write(at + i * 4096L, i);
        }
        MemoryManager forked = mm.fork(null, null, at + 5 * 4096 + 8);
        Program child = new Program(forked, false);
        child.write(at, 100);
        program.write(at + 4096, 101);
        forked.putByte(at + 2 * 4096, (byte) 102);
        assertEquals(0, program.read(at));
        assertEquals(1, child.read(at + 4096));
        assertEquals(2, program.read(at + 2 * 4096));
        assertEquals(102, child.read(at + 2 * 4096));
        int faults = child.faults + program.faults;
        child.write(at + 5 * 4096, 1);
        program.write(at + 5 * 4096, 1);
        assertEquals(faults, child.faults + program.faults, "the stack's page is copied ahead");
        forked.release(null);
        long used = file.used();
        program.write(at + 9 * 4096, 9);
        assertEquals(used, file.used(), "what nobody else has is not copied");
        int before = program.faults;
        program.write(at + 12 * 4096, 9);
        assertEquals(before, program.faults, "and is all taken back at once");
    }

    @Test
    void sharedMemoryStaysShared() throws Exception {
        long at = map(0, 8192, RW, Mman.MAP_SHARED | Mman.MAP_ANONYMOUS);
        MemoryManager forked = mm.fork(null, null, 0);
        Program child = new Program(forked, false);
        child.write(at, 5);
        assertEquals(5, program.read(at));
        FutexKey a = new FutexKey();
        FutexKey b = new FutexKey();
        mm.futexKey(at + 4, false, a);
        forked.futexKey(at + 4, false, b);
        assertEquals(a, b);
        mm.futexKey(at + 4, true, a);
        assertTrue(!a.equals(b));
        mm.release(null);
        assertEquals(5, child.read(at));
        mm = forked;
    }

    @Test
    void stacksGrowButNotForEver() throws Exception {
        map(AT, 4096, RW, PRIVATE | Mman.MAP_FIXED | Mman.MAP_GROWSDOWN);
        assertEquals(0, program.write(AT - 4096 * 20, 1));
        long below = AT - (32L << 20);
        map(below, 4096, RW, PRIVATE | Mman.MAP_FIXED);
        assertEquals(-11, program.write(below + 4096 * 10, 1), "a guard gap stays");
        mm.putInt(AT - (16L << 20), 3);
        assertEquals(3, mm.getInt(AT - (16L << 20)));
    }

    @Test
    void accessesByTheKernelStopWhereTheProgramsWould() throws Exception {
        long at = map(AT, 2 * 4096, RW, PRIVATE | Mman.MAP_FIXED);
        byte[] data = new byte[8192];
        assertEquals(4096, mm.writeSome(at + 4096, data, 0, 8192));
        assertEquals(Errno.EFAULT, errno(() -> mm.write(at + 4096, data, 0, 4097)));
        assertEquals(Errno.EFAULT, errno(() -> mm.getInt(at + 8190)));
        assertEquals(Errno.EFAULT, errno(() -> mm.getLong(-8)));
        assertEquals(Errno.EFAULT, errno(() -> mm.getLong(Long.MIN_VALUE)));
        assertEquals(Errno.EFAULT, errno(() -> mm.read(Long.MAX_VALUE - 3, data, 0, 8)));
        mm.mprotect(null, at, 4096, Mman.PROT_READ);
        assertEquals(Errno.EFAULT, errno(() -> mm.putByte(at, (byte) 1)));
        assertEquals(0, mm.getByte(at));
        mm.mprotect(null, at, 4096, Mman.PROT_NONE);
        assertEquals(Errno.EFAULT, errno(() -> mm.getByte(at)));
    }

    @Test
    void stringsEndAtANul() throws Exception {
        long at = map(AT, 2 * 4096, RW, PRIVATE | Mman.MAP_FIXED);
        mm.write(at + 4090, "hello world\0".getBytes(), 0, 12);
        assertEquals("hello world", mm.readString(at + 4090, 100));
        assertEquals("hello world", mm.readString(at + 4090, 12));
        assertNull(mm.readString(at + 4090, 11));
        mm.fill(at + 8000, 192, (byte) 'x');
        assertEquals(Errno.EFAULT, errno(() -> mm.readString(at + 8000, 4096)));
    }

    @Test
    void buffersGatherAndScatter() throws Exception {
        long at = map(AT, 3 * 4096, RW, PRIVATE | Mman.MAP_FIXED);
        long vectors = at + 2 * 4096;
        mm.putLong(vectors, at + 10);
        mm.putLong(vectors + 8, 5);
        mm.putLong(vectors + 16, at + 4094);
        mm.putLong(vectors + 24, 4);
        ProgramBuffer b = new ProgramBuffer().ofIovecs(mm, mm, vectors, 2);
        assertEquals(9, b.remaining());
        assertEquals(9, b.put("123456789abc".getBytes(), 0, 12));
        byte[] back = new byte[9];
        assertEquals(9, new ProgramBuffer().ofIovecs(mm, mm, vectors, 2).get(back, 0, 9));
        assertArrayEquals("123456789".getBytes(), back);
        mm.putLong(vectors + 24, -1);
        assertEquals(Errno.EINVAL, errno(() -> new ProgramBuffer().ofIovecs(mm, mm, vectors, 2)));
        assertEquals(Errno.EINVAL, errno(() -> new ProgramBuffer().ofIovecs(mm, mm, vectors, 1025)));
        mm.putLong(vectors + 8, Long.MAX_VALUE);
        assertEquals(ProgramBuffer.MAX, new ProgramBuffer().ofIovecs(mm, mm, vectors, 1).remaining());
        ProgramBuffer wild = new ProgramBuffer().of(mm, at + 8192, 100_000);
        assertEquals(4096, wild.putZeros(100_000));
        assertEquals(Errno.EFAULT, errno(() -> wild.putZeros(1)));
    }
}
