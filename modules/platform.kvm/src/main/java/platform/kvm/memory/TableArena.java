package platform.kvm.memory;

import host.linux.Memory;
import host.linux.Mman;
import java.util.Arrays;
import sentry.core.platform.PlatformException;

/**
 * The pages that page tables are made of. A table is named by its guest-physical address; {@link #host} is where the
 * Sentry writes it, {@link #window} where ring 0 of the guest does.
 *
 * <p>With each table goes a number that its user keeps there ({@link #note}), guarded by the user's lock. Otherwise
 * thread-safe: the monitor is the innermost lock of the platform's memory.
 */
public final class TableArena {
    /** Guest-virtual address of the window, which shows all tables in the order of their indexes; PML4[510]. */
    public static final long WINDOW = 0xffffff00_00000000L;

    static final int TABLE = 4096;
    private static final int CHUNK_TABLES = (int) (GuestPhysical.UNIT / TABLE);
    private static final int UNIT_SHIFT = GuestPhysical.UNIT_SHIFT;
    private static final long HUGE = GuestPhysical.HUGE;
    /** One page directory of the window covers this many chunks. */
    private static final int CHUNKS_A_DIRECTORY = 64;
    /** Present, writable, accessed, dirty, and not for ring 3 nor for execution. */
    private static final long WINDOW_ENTRY = TableEntry.PRESENT | TableEntry.WRITE | TableEntry.ACCESSED;

    private final GuestPhysical physical;
    /** Guest-physical address of each chunk. */
    private volatile long[] chunkGpa = new long[4];
    /** Chunk number of each unit of guest-physical space, for units that are ours. */
    private volatile short[] chunkOf = new short[64];
    /** The users' numbers, by chunk. */
    private volatile int[][] notes = new int[4][];

    private int chunks;
    /** Tables never used: from here to the end of the last chunk. */
    private int fresh;
    /** Indexes of free tables. Long enough for all. */
    private int[] free = new int[0];

    private int freeCount;
    /** Tables that nobody uses, but shadows may know. */
    private long[] stale = new long[64];

    private int staleCount;
    private final long windowPdpt;

    TableArena(GuestPhysical physical) throws PlatformException {
        this.physical = physical;
        addChunk();
        // The window's own tables are in the window, too: the first table of all is its PDPT, the second a directory.
        windowPdpt = allocate();
        showChunk(0);
    }

    /** Guest-physical address of the window's page-directory-pointer table, for PML4[510] of each root. */
    public long windowPdpt() {
        return windowPdpt;
    }

    /** A zeroed table. */
    public synchronized long allocate() throws PlatformException {
        int index;
        if (freeCount > 0) {
            index = free[--freeCount];
            Memory.fill(host(gpa(index)), TABLE, (byte) 0);
        } else {
            if (fresh == chunks * CHUNK_TABLES) {
                addChunk();
                showChunk(chunks - 1);
            }
            index = fresh++;
        }
        notes[index / CHUNK_TABLES][index % CHUNK_TABLES] = 0;
        return gpa(index);
    }

    /** Takes a table back that no processor and no shadow knows any more. */
    public synchronized void free(long table) {
        free[freeCount++] = index(table);
    }

    /** The same for several. */
    synchronized void free(long[] tables) {
        for (long table : tables) {
            free(table);
        }
    }

    /** Takes tables back that shadows still know: see {@link #takeStale}. */
    synchronized void freeStale(long[] tables) {
        if (staleCount + tables.length > stale.length) {
            stale = Arrays.copyOf(stale, Math.max(staleCount + tables.length, stale.length * 2));
        }
        System.arraycopy(tables, 0, stale, staleCount, tables.length);
        staleCount += tables.length;
    }

    /**
     * The tables that came back while shadows still know them, once there are {@code least} of them; null otherwise. The
     * caller makes the shadows forget them and frees them.
     */
    synchronized long[] takeStale(int least) {
        if (staleCount < least || staleCount == 0) {
            return null;
        }
        long[] all = Arrays.copyOf(stale, staleCount);
        staleCount = 0;
        return all;
    }

    /** Tables in use. */
    public synchronized int used() {
        return fresh - freeCount - staleCount;
    }

    /** Where the Sentry has the table. */
    public long host(long table) {
        return physical.host(table);
    }

    /** Where ring 0 has the table. */
    public long window(long table) {
        return WINDOW + (long) index(table) * TABLE;
    }

    /** The number kept with a table. */
    int note(long table) {
        int index = index(table);
        return notes[index / CHUNK_TABLES][index % CHUNK_TABLES];
    }

    void note(long table, int value) {
        int index = index(table);
        notes[index / CHUNK_TABLES][index % CHUNK_TABLES] = value;
    }

    private int index(long table) {
        long at = table - GuestPhysical.DENSE;
        return chunkOf[(int) (at >>> UNIT_SHIFT)] * CHUNK_TABLES
                + (int) ((at & GuestPhysical.UNIT - 1) / TABLE);
    }

    private long gpa(int index) {
        return chunkGpa[index / CHUNK_TABLES] + (long) (index % CHUNK_TABLES) * TABLE;
    }

    private void addChunk() throws PlatformException {
        long size = GuestPhysical.UNIT;
        long gpa = physical.add(size, physical.anonymous(size, Mman.PROT_READ | Mman.PROT_WRITE));
        int unit = (int) (gpa - GuestPhysical.DENSE >>> UNIT_SHIFT);
        if (unit >= chunkOf.length) {
            chunkOf = Arrays.copyOf(chunkOf, Math.max(unit + 1, chunkOf.length * 2));
        }
        if (chunks == chunkGpa.length) {
            chunkGpa = Arrays.copyOf(chunkGpa, chunks * 2);
            notes = Arrays.copyOf(notes, chunks * 2);
        }
        chunkOf[unit] = (short) chunks;
        chunkGpa[chunks] = gpa;
        notes[chunks] = new int[CHUNK_TABLES];
        free = Arrays.copyOf(free, (chunks + 1) * CHUNK_TABLES);
        chunks++;
    }

    /** Maps a chunk in the window. The entries were not present before, so no processor has to be told. */
    private void showChunk(int chunk) {
        long slot = host(windowPdpt) + chunk / CHUNKS_A_DIRECTORY * 8L;
        long directory = Memory.getLong(slot) & TableEntry.ADDRESS;
        if (directory == 0) {
            directory = gpa(fresh++); // a chunk that is new has a table to spare
            Memory.putLong(slot, directory | WINDOW_ENTRY);
        }
        int first = (int) (chunk % CHUNKS_A_DIRECTORY * (GuestPhysical.UNIT / HUGE));
        for (int i = 0; i < GuestPhysical.UNIT / HUGE; i++) {
            Memory.putLong(
                    host(directory) + (first + i) * 8L,
                    chunkGpa[chunk] + i * HUGE
                            | WINDOW_ENTRY
                            | TableEntry.DIRTY
                            | TableEntry.LARGE
                            | TableEntry.NO_EXECUTE);
        }
    }
}
