package platform.kvm.memory;

import host.linux.HostException;
import host.linux.Mman;
import host.linux.Syscall;
import java.util.Arrays;
import sentry.core.platform.PlatformConfig;
import sentry.core.platform.PlatformException;

/**
 * Guest-physical space and the host memory behind it.
 *
 * <p>From 0 on lies the system area, which belongs to the vCPU side. {@link #MMIO} never has memory. From
 * {@link #DENSE} on space is handed out in units of 16 MiB in the order of first use, since processors may have as few
 * as 40 bits of physical address: chunks of the memory file, page tables, windows for files of the host.
 *
 * <p>Thread-safe.
 */
public final class GuestPhysical implements AutoCloseable {
    /** Bytes of the system area at guest-physical 0. */
    public static final long SYSTEM_SIZE = 32L << 20;
    /** A page without memory: a store to it comes back to the Sentry. */
    public static final long MMIO = 0xc0000000L;
    /** Start of what is handed out. */
    static final long DENSE = 1L << 32;

    static final int UNIT_SHIFT = 24;
    static final long UNIT = 1L << UNIT_SHIFT;
    /** What every processor with long mode can address in practice. */
    private static final long END = 1L << 40;

    private static final int CHUNK_SHIFT = 26;
    /** The memory file appears in pieces of this size. */
    static final long CHUNK = 1L << CHUNK_SHIFT;

    static final long HUGE = 1L << 21;
    private static final int SYSTEM_SLOT = 0;

    private final MemorySlots slots;
    private final int maxSlots;
    private final int memoryFd;
    private final long memoryBase;
    private final long memorySize;
    private final long systemHost;
    private final TableArena tables;
    private final HostFiles files;

    /** Host address behind each unit, by {@code (gpa - DENSE) >> UNIT_SHIFT}. Written under the monitor. */
    private volatile long[] unitHost = new long[64];

    private int units;
    private int slotCount = SYSTEM_SLOT + 1;
    /** Guest-physical address of each chunk of the memory file, 0 while it has none. Written under the monitor. */
    private volatile long[] chunkGpa = new long[64];
    /** Host memory that is ours: addresses and lengths. */
    private long[] owned = new long[16];

    private int ownedCount;
    private boolean closed;

    public GuestPhysical(MemorySlots slots, int maxSlots, PlatformConfig config) throws PlatformException {
        this.slots = slots;
        this.maxSlots = maxSlots;
        memoryFd = config.memoryFd();
        memoryBase = config.memoryBase();
        memorySize = config.memorySize();
        systemHost = anonymous(SYSTEM_SIZE, Mman.PROT_READ | Mman.PROT_WRITE);
        slots.set(SYSTEM_SLOT, 0, 0, SYSTEM_SIZE, systemHost);
        tables = new TableArena(this);
        files = new HostFiles(this);
    }

    /** Host address of the system area, zeroed. */
    public long systemHost() {
        return systemHost;
    }

    public TableArena tables() {
        return tables;
    }

    HostFiles files() {
        return files;
    }

    int memoryFd() {
        return memoryFd;
    }

    long memorySize() {
        return memorySize;
    }

    /**
     * Where the memory file's byte {@code offset} is, which lies within {@link #memorySize}; its chunk gets a slot if it
     * has none yet.
     */
    long memory(long offset) throws PlatformException {
        int chunk = (int) (offset >>> CHUNK_SHIFT);
        long[] known = chunkGpa;
        long gpa = chunk < known.length ? known[chunk] : 0;
        return (gpa != 0 ? gpa : addChunk(chunk)) + (offset & CHUNK - 1);
    }

    private synchronized long addChunk(int chunk) throws PlatformException {
        if (chunk >= chunkGpa.length) {
            chunkGpa = Arrays.copyOf(chunkGpa, Math.max(chunk + 1, chunkGpa.length * 2));
        }
        if (chunkGpa[chunk] == 0) {
            long start = (long) chunk << CHUNK_SHIFT;
            chunkGpa[chunk] = add(Math.min(CHUNK, memorySize - start), memoryBase + start);
        }
        return chunkGpa[chunk];
    }

    /** The offset in the memory file that appears at {@code gpa}, or -1. */
    long memoryOffset(long gpa) {
        long[] known = chunkGpa;
        for (int i = 0; i < known.length; i++) {
            if (known[i] != 0 && gpa >= known[i] && gpa < known[i] + CHUNK) {
                return ((long) i << CHUNK_SHIFT) + (gpa - known[i]);
            }
        }
        return -1;
    }

    /** Bytes from the memory file's {@code offset} on that lie together in guest-physical space. */
    static long together(long offset) {
        return CHUNK - (offset & CHUNK - 1);
    }

    /** Gives {@code size} bytes of host memory at {@code host} a place in guest-physical space; returns where. */
    synchronized long add(long size, long host) throws PlatformException {
        int n = (int) (size + UNIT - 1 >>> UNIT_SHIFT);
        long gpa = DENSE + ((long) units << UNIT_SHIFT);
        if (gpa + size > END || slotCount >= maxSlots) {
            throw new PlatformException("no more guest-physical space");
        }
        slots.set(slotCount, 0, gpa, size, host);
        slotCount++;
        long[] hosts = unitHost;
        if (units + n > hosts.length) {
            hosts = Arrays.copyOf(hosts, Math.max(units + n, hosts.length * 2));
        }
        for (int i = 0; i < n; i++) {
            hosts[units + i] = host + ((long) i << UNIT_SHIFT);
        }
        units += n;
        unitHost = hosts;
        return gpa;
    }

    /** The host address behind {@code gpa}, which {@link #add} has given out. */
    long host(long gpa) {
        return unitHost[(int) (gpa - DENSE >>> UNIT_SHIFT)] + (gpa & UNIT - 1);
    }

    /** Host memory of our own, aligned for large pages, that costs nothing until it is touched. */
    synchronized long anonymous(long size, int protection) throws PlatformException {
        long r = Mman.mmap(
                0,
                size + HUGE,
                protection,
                Mman.MAP_PRIVATE | Mman.MAP_ANONYMOUS | Mman.MAP_NORESERVE,
                -1,
                0);
        if (Syscall.failed(r)) {
            throw new PlatformException(new HostException("memory for the guest", (int) -r).getMessage());
        }
        if (ownedCount == owned.length) {
            owned = Arrays.copyOf(owned, ownedCount * 2);
        }
        owned[ownedCount++] = r;
        owned[ownedCount++] = size + HUGE;
        return r + HUGE - 1 & -HUGE;
    }

    /** Gives the host memory back. The virtual machine is gone by then. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        for (int i = 0; i < ownedCount; i += 2) {
            Mman.munmap(owned[i], owned[i + 1]);
        }
        ownedCount = 0;
        files.close();
    }
}
