package sentry.core.memory;

import host.linux.Files;
import host.linux.HostException;
import host.linux.Memory;
import host.linux.Mman;
import host.linux.NativeArea;
import host.linux.Syscall;
import java.util.BitSet;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;

/**
 * The one file behind all program memory: a sparse memfd, or {@linkplain #makeAnonymous memory that stands for one},
 * mapped once as a whole in the Sentry, so that offset and host address differ by a constant. Mapping reserves nothing: a page costs memory from its first touch until its last
 * reference is dropped.
 *
 * <p>Thread-safe; its monitor is the innermost lock of this package.
 */
public final class MemoryFile {
    /** Bytes in a page. */
    public static final int PAGE = 4096;
    /** What we would like to have; less where the host does not let us. */
    private static final long WANTED = 4L << 40;

    private static final long LEAST = 1L << 33;
    /** Runs up to this many pages may wait, unpunched, for a user who overwrites them anyway. */
    private static final int SPARE_RUN = 64;
    /** Pages that may wait so in all. */
    private static final int SPARE_PAGES = 1024;
    /** Bytes in a large page of the host. */
    private static final long BLOCK = 1L << 21;
    /** Bytes filled at once. */
    private static final long WINDOW = 2 * BLOCK;

    private static final int NOTHING = Mman.MAP_PRIVATE | Mman.MAP_ANONYMOUS | Mman.MAP_NORESERVE;
    /** Each change between large and small pages may be one more mapping of the host, which has 65,530. */
    private static final int MOST_ORDINARY = 8192;

    private final int fd;
    private final boolean largePages;
    private final long base;
    private final long size;
    private final PageCounts pages;
    /** Whether the host has to find room for a run before it is handed out. */
    private final boolean reserves;
    /** Freed runs with old content, by length in pages; each entry is a page number. */
    private final int[][] spare = new int[SPARE_RUN + 1][];

    private final int[] spareCount = new int[SPARE_RUN + 1];
    private int sparePages;
    /** Host address where blocks are mapped to be filled with large pages; 0 before the first. */
    private long window;

    private volatile boolean scarce;
    /** With anonymous memory: blocks that have no large pages. Null when the memory is the file's. */
    private BitSet ordinary;

    public MemoryFile() throws HostException {
        this(
                (int) HostException.check("memfd_create", Mman.memfdCreate("sentry-memory", Mman.MFD_CLOEXEC)),
                Kind.MEMORY);
    }

    /**
     * In an empty file of which mappings may ask for large pages; it is closed with this.
     *
     * @see host.linux.Tmpfs#largePageFile
     */
    public static MemoryFile withLargePages(int fd) throws HostException {
        return new MemoryFile(fd, Kind.LARGE_PAGES);
    }

    /**
     * In an empty file on a disk, which is closed with this: its pages go there when memory is short. Room on the disk is taken
     * with each allocation, so that a full one is an error then and not a fault later.
     */
    public static MemoryFile onDisk(int fd) throws HostException {
        return new MemoryFile(fd, Kind.DISK);
    }

    private enum Kind {
        MEMORY,
        LARGE_PAGES,
        DISK
    }

    private MemoryFile(int fd, Kind kind) throws HostException {
        this.fd = fd;
        this.largePages = kind == Kind.LARGE_PAGES;
        this.reserves = kind == Kind.DISK;
        long length = WANTED;
        long address;
        for (; ; length >>= 1) {
            long r = Files.ftruncate(fd, length);
            address = Syscall.failed(r) ? r : map(length);
            if (!Syscall.failed(address)) {
                break;
            }
            if (length <= LEAST) {
                Files.close(fd);
                HostException.check("mapping the memory file", address);
            }
        }
        Mman.madvise(address, length, Mman.MADV_DONTDUMP); // or a crash would dump all programs
        base = address;
        size = length;
        pages = new PageCounts((int) (length / PAGE));
    }

    /** Maps the file where large pages of it are large pages of the host. */
    private long map(long length) {
        long room = Mman.mmap(
                0,
                length + BLOCK,
                Mman.PROT_NONE,
                Mman.MAP_PRIVATE | Mman.MAP_ANONYMOUS | Mman.MAP_NORESERVE,
                -1,
                0);
        if (Syscall.failed(room)) {
            return room;
        }
        long at = room + BLOCK - 1 & -BLOCK;
        if (at > room) {
            Mman.munmap(room, at - room);
        }
        Mman.munmap(at + length, room + BLOCK - at);
        long r = Mman.mmap(
                at,
                length,
                Mman.PROT_READ | Mman.PROT_WRITE,
                Mman.MAP_SHARED | Mman.MAP_FIXED | Mman.MAP_NORESERVE,
                fd,
                0);
        if (Syscall.failed(r)) {
            Mman.munmap(at, length);
        }
        return r;
    }

    /**
     * Puts anonymous memory of this process in place of the file, which is then only a name: {@link #fd} still stands for
     * it, but maps nothing. Hosts have large pages for anonymous memory where they have none for files, and a first touch
     * costs a tenth with them. For platforms that need no other process to map the memory; before the first allocation.
     */
    public synchronized void makeAnonymous() throws HostException {
        if (pages.used() != 0) {
            throw new IllegalStateException("the memory file is in use");
        }
        HostException.check(
                "anonymous memory",
                Mman.mmap(
                        base,
                        size,
                        Mman.PROT_READ | Mman.PROT_WRITE,
                        Mman.MAP_PRIVATE | Mman.MAP_ANONYMOUS | Mman.MAP_FIXED | Mman.MAP_NORESERVE,
                        -1,
                        0));
        Mman.madvise(base, size, Mman.MADV_DONTDUMP);
        Mman.madvise(base, size, Mman.MADV_DONTFORK); // or pages would be copied on write, away from the platform
        Mman.madvise(base, size, Mman.MADV_HUGEPAGE); // a host without large pages refuses, and does without
        ordinary = new BitSet();
    }

    /** Gives the file and its mapping back; nothing may use it any more. For tests: a Sentry keeps it till its end. */
    void close() {
        Mman.munmap(base, size);
        Files.close(fd);
    }

    /** The file's descriptor, which also names it towards the platform. */
    public int fd() {
        return fd;
    }

    /** Whether it is anonymous memory, and no file. */
    boolean anonymous() {
        return ordinary != null;
    }

    /** Whether a mapping may ask for large pages, and pays for a first touch otherwise. */
    boolean largePages() {
        return largePages && ordinary == null;
    }

    /** Host address of the file's byte {@code offset}. */
    public long address(long offset) {
        return base + offset;
    }

    /** Bytes mapped in the Sentry. */
    public long size() {
        return size;
    }

    /** A run of {@code length} zeroed bytes (a multiple of the page size) with one reference; ENOMEM when full. */
    public long allocate(long length) throws ErrnoException {
        if (length / PAGE > Integer.MAX_VALUE) {
            throw Errno.ENOMEM.error();
        }
        long used = spareRun(length);
        if (used >= 0) {
            // Clearing costs a twentieth of what first touches of new pages do.
            Memory.fill(base + used, length, (byte) 0);
            return used;
        }
        return allocateNew(length);
    }

    private synchronized long allocateNew(long length) throws ErrnoException {
        long offset = found(pages.allocate(count(length)));
        if (reserves) {
            long r = Files.fallocate(fd, 0, offset, length);
            if (Syscall.failed(r) && r != -Errno.EOPNOTSUPP.number()) {
                pages.release((int) (offset / PAGE), count(length));
                throw Errno.ENOMEM.error();
            }
        }
        return offset;
    }

    /**
     * Like {@link #allocate}, but what follows the run is kept free for {@link #extend} as far as it goes.
     *
     * @param address where programs will see it: large pages there shall be large pages here
     */
    public synchronized long allocateGrowing(long length, long address) throws ErrnoException {
        return ordinary(found(pages.allocateGrowing(count(length), (int) ((address & BLOCK - 1) / PAGE))), length);
    }

    /** Like {@link #allocate}, for memory of which most may never be touched, such as stacks: without large pages. */
    public synchronized long allocateSparse(long length) throws ErrnoException {
        return ordinary(allocateNew(length), length);
    }

    /** Has the host use small pages for the blocks that the run starts. */
    private long ordinary(long offset, long length) {
        if (ordinary != null) {
            int block = (int) ((offset + BLOCK - 1) / BLOCK);
            int blocks = (int) ((offset + length + BLOCK - 1) / BLOCK) - block;
            if (ordinary.cardinality() + blocks <= MOST_ORDINARY && ordinary.nextClearBit(block) < block + blocks) {
                Mman.madvise(base + block * BLOCK, blocks * BLOCK, Mman.MADV_NOHUGEPAGE);
                ordinary.set(block, block + blocks);
            }
        }
        return offset;
    }

    /** Blocks that have become free may have large pages again. */
    private void extraordinary(long offset, long length) {
        int end = (int) ((offset + length - 1) / BLOCK) + 1;
        for (int b = ordinary.nextSetBit((int) (offset / BLOCK)); b >= 0 && b < end; b = ordinary.nextSetBit(b + 1)) {
            if (pages.free(b)) {
                Mman.madvise(base + b * BLOCK, BLOCK, Mman.MADV_HUGEPAGE);
                ordinary.clear(b);
            }
        }
    }

    /** Takes {@code length} zeroed bytes at {@code offset}, if they are free. */
    public synchronized boolean extend(long offset, long length) {
        return offset >= 0 && offset <= size - length && pages.allocateAt((int) (offset / PAGE), count(length));
    }

    /** A new run with the content of the {@code length} bytes at {@code source}, which may be another's. */
    public long copyOf(long source, long length) throws ErrnoException {
        long copy = spareRun(length);
        if (copy >= 0) {
            Memory.copy(base + source, base + copy, length);
            return copy;
        }
        copy = allocateNew(length);
        if (ordinary != null || largePages && length >= BLOCK) {
            fillLarge(copy, length);
            Memory.copy(base + source, base + copy, length);
            return copy;
        }
        // Written by the host, new pages need neither be cleared first nor mapped here.
        for (long done = 0; done < length; ) {
            long n = Files.pwrite(fd, base + source + done, length - done, copy + done);
            if (n <= 0) {
                Memory.copy(base + source + done, base + copy + done, length - done);
                break;
            }
            done += n;
        }
        return copy;
    }

    /** A run of pages that had another use and still have its content, and are mapped here; or -1. */
    private synchronized long spareRun(long length) {
        int n = count(length);
        if (n > SPARE_RUN || spareCount[n] == 0) {
            return -1;
        }
        int page = spare[n][--spareCount[n]];
        sparePages -= n;
        return (long) page * PAGE;
    }

    /** Adds a reference to each page of the range. */
    public synchronized void retain(long offset, long length) {
        pages.retain((int) (offset / PAGE), count(length));
    }

    /** Drops a reference of each page; pages without one go back to the host. */
    public synchronized void release(long offset, long length) {
        int page = (int) (offset / PAGE);
        int end = page + count(length);
        while (page < end) {
            int n = pages.sole(page, end);
            if (n == 0) {
                page += pages.releaseShared(page, end);
            } else {
                free(page, n);
                page += n;
            }
        }
    }

    /** How many bytes from {@code offset}, at most {@code length}, have exactly one reference. */
    public synchronized long sole(long offset, long length) {
        int page = (int) (offset / PAGE);
        return (long) pages.sole(page, page + count(length)) * PAGE;
    }

    /**
     * Makes the range present, where no mapping of the platform's can be asked to do so. A host that does not know how
     * leaves it to the first touch.
     */
    public void populate(long offset, long length) {
        if (ordinary != null) {
            Mman.madvise(base + offset, length, Mman.MADV_POPULATE_WRITE);
        }
    }

    /**
     * Fills blocks of the range that are empty with large pages, if the file can have them. The mapping that asks for them
     * lasts no longer than it takes: the host goes through such mappings to enlarge more than anyone asked for.
     */
    void fillLarge(long offset, long length) {
        long end = offset + length & -BLOCK;
        if (!largePages()) {
            return;
        }
        synchronized (spare) {
            if (window == 0) {
                long room = Mman.mmap(0, WINDOW + BLOCK, Mman.PROT_NONE, NOTHING, -1, 0);
                if (Syscall.failed(room)) {
                    return;
                }
                window = room + BLOCK - 1 & -BLOCK;
            }
            for (long at = offset + BLOCK - 1 & -BLOCK; at < end; at += WINDOW) {
                long n = Math.min(WINDOW, end - at);
                int flags = Mman.MAP_SHARED | Mman.MAP_FIXED;
                long r = Mman.mmap(window, n, Mman.PROT_READ | Mman.PROT_WRITE, flags, fd, at);
                if (!Syscall.failed(r)) {
                    r = Mman.madvise(window, n, Mman.MADV_HUGEPAGE);
                }
                if (!Syscall.failed(r)) {
                    r = Mman.madvise(window, n, Mman.MADV_POPULATE_WRITE);
                }
                if (Syscall.failed(r)) {
                    break; // first touches fill it, with small pages
                }
            }
            Mman.mmap(window, WINDOW, Mman.PROT_NONE, NOTHING | Mman.MAP_FIXED, -1, 0);
        }
    }

    /** Tells whether there is so little memory left that nothing should be filled ahead. */
    public void scarce(boolean now) {
        scarce = now;
    }

    boolean scarce() {
        return scarce;
    }

    /**
     * MADV_FREE: the host may take the pages when it needs memory, unless they are written before. False where the host
     * cannot be told so: memory of a file.
     */
    public boolean offer(long offset, long length) {
        return ordinary != null && !Syscall.failed(Mman.madvise(base + offset, length, Mman.MADV_FREE));
    }

    /** References of the page at {@code offset}. */
    public synchronized int references(long offset) {
        return pages.count((int) (offset / PAGE));
    }

    /** How many bytes from {@code offset}, at most {@code length}, are known to have as many references. */
    public synchronized long alike(long offset, long length) {
        int page = (int) (offset / PAGE);
        return (long) pages.alike(page, page + count(length)) * PAGE;
    }

    /** Makes the range read as zeros and gives its memory back; references stay. Mappings of it see it at once. */
    public void clear(long offset, long length) {
        long r = ordinary != null
                ? Mman.madvise(base + offset, length, Mman.MADV_DONTNEED)
                : Mman.punchHole(fd, offset, length);
        if (Syscall.failed(r)) {
            Memory.fill(base + offset, length, (byte) 0);
        }
    }

    /**
     * Bytes of the range that are in memory.
     *
     * @param vector gets a byte for each page, if not null. Then a page of zeros does not count: pages come in larger
     *     pieces than programs touch them, or had another use before, and nobody can tell it from one that is not there
     */
    public long resident(long offset, long length, byte[] vector) {
        return Residency.count(base + offset, length, vector);
    }

    /** Pages that have a reference. */
    public synchronized long used() {
        return (long) pages.used() - sparePages;
    }

    /** Bytes in the host's memory. */
    public long residentBytes() {
        long spare;
        synchronized (this) {
            spare = (long) sparePages * PAGE;
        }
        if (ordinary != null) {
            return Math.max(0, residentBlocks() - spare);
        }
        try (NativeArea stat = NativeArea.allocate(Files.STAT_SIZE)) {
            long r = Files.fstat(fd, stat.address());
            if (Syscall.failed(r)) {
                throw new IllegalStateException("fstat of the memory file: errno " + -r);
            }
            return Math.max(0, Memory.getLong(stat.address() + Files.STAT_OFF_BLOCKS) * 512 - spare);
        }
    }

    /** The same of memory without a file: the host is asked page by page, but only about blocks in use. */
    private long residentBlocks() {
        long sum = 0;
        int page = 0;
        for (; ; ) {
            int end;
            synchronized (this) {
                page = pages.nextBlock(page, true);
                if (page < 0) {
                    return sum;
                }
                end = pages.nextBlock(page, false);
            }
            sum += resident((long) page * PAGE, (long) (end - page) * PAGE, null);
            page = end;
        }
    }

    private void free(int page, int n) {
        if (n <= SPARE_RUN && sparePages + n <= SPARE_PAGES) {
            int[] stack = spare[n];
            int at = spareCount[n];
            if (stack == null) {
                stack = new int[64];
            } else if (at == stack.length) {
                stack = java.util.Arrays.copyOf(stack, at * 2);
            }
            stack[at] = page;
            spare[n] = stack;
            spareCount[n] = at + 1;
            sparePages += n;
            return; // keeps its one reference meanwhile
        }
        clear((long) page * PAGE, (long) n * PAGE);
        pages.release(page, n);
        if (ordinary != null && !ordinary.isEmpty()) {
            extraordinary((long) page * PAGE, (long) n * PAGE);
        }
    }

    private static int count(long length) {
        if (length <= 0 || (length & PAGE - 1) != 0 || length / PAGE > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("length " + length);
        }
        return (int) (length / PAGE);
    }

    private static long found(int page) throws ErrnoException {
        if (page < 0) {
            throw Errno.ENOMEM.error();
        }
        return (long) page * PAGE;
    }
}
