package platform.ptrace;

import host.linux.CString;
import host.linux.HostException;
import host.linux.Memory;
import host.linux.Syscall;
import java.lang.foreign.Arena;

/**
 * The two memory files behind the stub's pages: the text, sealed, and the tables, one page for each stub process. Stubs
 * map them by number, since they share our descriptors.
 */
final class StubFiles {
    private static final int NR_WRITE = 1;
    private static final int NR_CLOSE = 3;
    private static final int NR_MMAP = 9;
    private static final int NR_MUNMAP = 11;
    private static final int NR_FCNTL = 72;
    private static final int NR_FTRUNCATE = 77;
    private static final int NR_MEMFD_CREATE = 319;
    private static final int MFD_CLOEXEC = 1;
    private static final int MFD_ALLOW_SEALING = 2;
    private static final int F_ADD_SEALS = 1033;
    private static final int F_SEAL_ALL = 1 | 2 | 4 | 8; // seal, shrink, grow, write
    private static final int SHARED_NORESERVE = 1 | 0x4000;

    /** More stub processes than the host has pids by default. */
    static final int SLOTS = 32768;

    /** Offsets in the text page of what the master needs once. */
    static final int FILTER = 0x400;

    static final int FILTER_HEADER = 0x3e0; // struct sock_fprog
    static final int EMPTY_MASK = 0x3d0; // sigset_t
    static final int NAME = 0x3c0;

    final int textFd;
    final int tableFd;
    private final long tables;
    private final long[] used = new long[SLOTS / 64];
    private int firstFree;

    StubFiles() throws HostException {
        byte[] page = new byte[StubCode.PAGE];
        byte[] text = StubCode.text();
        byte[] filter = StubFilter.program();
        System.arraycopy(text, 0, page, 0, text.length);
        System.arraycopy(filter, 0, page, FILTER, filter.length);
        byte[] name = {'s', 't', 'u', 'b'};
        System.arraycopy(name, 0, page, NAME, name.length);
        page[FILTER_HEADER] = (byte) (filter.length / 8);
        long filterAddress = StubCode.BASE + FILTER;
        for (int i = 0; i < 8; i++) {
            page[FILTER_HEADER + 8 + i] = (byte) (filterAddress >>> 8 * i);
        }
        try (Arena arena = Arena.ofConfined()) {
            long buffer = arena.allocate(StubCode.PAGE).address();
            Memory.copy(page, 0, buffer, page.length);
            textFd = memfd(CString.of(arena, "stub-text").address());
            HostException.check("write", Syscall.call(NR_WRITE, textFd, buffer, page.length));
            HostException.check("seal", Syscall.call(NR_FCNTL, textFd, F_ADD_SEALS, F_SEAL_ALL));
            tableFd = memfd(CString.of(arena, "stub-tables").address());
        }
        long size = (long) SLOTS * StubCode.PAGE;
        HostException.check("ftruncate", Syscall.call(NR_FTRUNCATE, tableFd, size));
        tables = HostException.check("mmap", Syscall.call(NR_MMAP, 0, size, 3, SHARED_NORESERVE, tableFd, 0));
    }

    private static int memfd(long name) throws HostException {
        return (int) HostException.check(
                "memfd_create", Syscall.call(NR_MEMFD_CREATE, name, MFD_CLOEXEC | MFD_ALLOW_SEALING));
    }

    /** Takes a table page; -1 when all are in use. */
    synchronized int takeSlot() {
        for (int i = firstFree; i < used.length; i++) {
            if (used[i] != -1L) {
                firstFree = i;
                int bit = Long.numberOfTrailingZeros(~used[i]);
                used[i] |= 1L << bit;
                return 64 * i + bit;
            }
        }
        return -1;
    }

    synchronized void freeSlot(int slot) {
        used[slot / 64] &= ~(1L << slot % 64);
        firstFree = Math.min(firstFree, slot / 64);
    }

    static long offset(int slot) {
        return (long) slot * StubCode.PAGE;
    }

    /** Host address of a table page. */
    long table(int slot) {
        return tables + offset(slot);
    }

    void close() {
        Syscall.call(NR_MUNMAP, tables, (long) SLOTS * StubCode.PAGE);
        Syscall.call(NR_CLOSE, tableFd);
        Syscall.call(NR_CLOSE, textFd);
    }
}
