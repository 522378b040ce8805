package host.linux;

import java.lang.foreign.Arena;

/**
 * The host's memory calls (sys/mman.h; numbers of amd64). Each method returns the kernel's result: a value in
 * [-4095, -1] is a negated errno.
 */
public final class Mman {
    public static final int PROT_NONE = 0;
    public static final int PROT_READ = 1;
    public static final int PROT_WRITE = 2;
    public static final int PROT_EXEC = 4;
    public static final int MAP_SHARED = 1;
    public static final int MAP_PRIVATE = 2;
    public static final int MAP_FIXED = 0x10;
    public static final int MAP_ANONYMOUS = 0x20;
    public static final int MAP_NORESERVE = 0x4000;
    public static final int MADV_DONTNEED = 4;
    public static final int MADV_FREE = 8;
    public static final int MADV_DONTFORK = 10;
    public static final int MADV_HUGEPAGE = 14;
    public static final int MADV_NOHUGEPAGE = 15;
    public static final int MADV_DONTDUMP = 16;
    public static final int MADV_POPULATE_WRITE = 23;
    public static final int MFD_CLOEXEC = 1;
    public static final int FALLOC_FL_KEEP_SIZE = 1;
    public static final int FALLOC_FL_PUNCH_HOLE = 2;

    private Mman() {}

    public static long mmap(long address, long length, int protection, int flags, int fd, long offset) {
        return Syscall.call(9, address, length, protection, flags, fd, offset);
    }

    public static long munmap(long address, long length) {
        return Syscall.call(11, address, length);
    }

    public static long mprotect(long address, long length, int protection) {
        return Syscall.call(10, address, length, protection);
    }

    public static long madvise(long address, long length, int advice) {
        return Syscall.call(28, address, length, advice);
    }

    /** {@code vector} is the address of one byte a page; bit 0 says whether the page is in memory. */
    public static long mincore(long address, long length, long vector) {
        return Syscall.call(27, address, length, vector);
    }

    public static long memfdCreate(String name, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            return Syscall.call(319, CString.of(arena, name).address(), flags);
        }
    }

    /** Gives the pages of the range back; they read as zeros from then on. */
    public static long punchHole(int fd, long offset, long length) {
        return Files.fallocate(fd, FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE, offset, length);
    }
}
