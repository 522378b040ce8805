package sentry.core.conformance;

import host.linux.HostException;
import host.linux.Memory;
import host.linux.Syscall;
import java.lang.foreign.Arena;
import sentry.core.platform.AddressSpace;
import sentry.core.platform.PlatformConfig;

/** The memory file for the programs under test, and where they have their parts. */
public final class TestProgram implements AutoCloseable {
    public static final long PAGE = 4096;
    public static final long CODE = 0x400000;
    public static final long DATA = 0x600000;
    static final int READ = AddressSpace.READ;
    static final int WRITE = AddressSpace.WRITE;
    static final int EXECUTE = AddressSpace.EXECUTE;

    private static final int NR_CLOSE = 3;
    private static final int NR_MMAP = 9;
    private static final int NR_MUNMAP = 11;
    private static final int NR_FTRUNCATE = 77;
    private static final int NR_MEMFD_CREATE = 319;

    private final long size;
    final int fd;
    final long base;
    private long used;

    public TestProgram(long size) throws HostException {
        this.size = size;
        try (Arena arena = Arena.ofConfined()) {
            fd = (int) HostException.check(
                    "memfd_create", Syscall.call(NR_MEMFD_CREATE, arena.allocateFrom("test-memory").address(), 1));
        }
        HostException.check("ftruncate", Syscall.call(NR_FTRUNCATE, fd, size));
        base = HostException.check("mmap", Syscall.call(NR_MMAP, 0, size, 3, 1, fd, 0));
    }

    public PlatformConfig config() {
        return new PlatformConfig(fd, base, size);
    }

    /** Offset of {@code length} bytes of the memory file that nobody has used. */
    public synchronized long allocate(long length) {
        long at = used;
        used += length + PAGE - 1 & -PAGE;
        if (used > size) {
            throw new IllegalStateException("the test's memory file is full");
        }
        return at;
    }

    /** Maps {@code code} at {@link #CODE}. */
    public void code(AddressSpace space, MachineCode code) {
        byte[] bytes = code.bytes();
        long at = allocate(bytes.length);
        Memory.copy(bytes, 0, base + at, bytes.length);
        space.map(CODE, bytes.length + PAGE - 1 & -PAGE, fd, at, READ | EXECUTE, false);
    }

    /** Maps fresh pages, readable and writable, at {@code address}; returns where the test sees them. */
    public long data(AddressSpace space, long address, long length) {
        long at = allocate(length);
        space.map(address, length, fd, at, READ | WRITE, false);
        return base + at;
    }

    @Override
    public void close() {
        Syscall.call(NR_MUNMAP, base, size);
        Syscall.call(NR_CLOSE, fd);
    }
}
