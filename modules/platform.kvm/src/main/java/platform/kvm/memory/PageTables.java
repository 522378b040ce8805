package platform.kvm.memory;

import static platform.kvm.memory.TableEntry.ACCESSED;
import static platform.kvm.memory.TableEntry.ADDRESS;
import static platform.kvm.memory.TableEntry.DIRTY;
import static platform.kvm.memory.TableEntry.LARGE;
import static platform.kvm.memory.TableEntry.NO_EXECUTE;
import static platform.kvm.memory.TableEntry.PRESENT;
import static platform.kvm.memory.TableEntry.USER;
import static platform.kvm.memory.TableEntry.WRITE;

import host.linux.Memory;
import java.util.Arrays;
import sentry.core.platform.PlatformException;

/**
 * The page tables of one address space, lower half: a root for each virtual processor, which share everything below.
 * Entries are made by faults and are only a cache. Tables that became empty stay for a while, since they are likely to
 * be needed again; {@link #prune} takes them away.
 *
 * <p>Remembers in which tables entries changed that a processor may have seen ({@link #changes}).
 *
 * <p>Guarded by the address space's monitor.
 */
final class PageTables {
    static final int PAGE_SHIFT = 12;
    static final int REGION_SHIFT = 21;
    /** Bytes that one leaf table maps. */
    static final long REGION = 1L << REGION_SHIFT;

    private static final int ENTRIES = 512;
    private static final int LOWER_HALF = 256;
    private static final int WINDOW_ENTRY = 510;
    private static final int PRIVATE_ENTRY = 511;
    private static final long TABLE_ENTRY = PRESENT | WRITE | USER | ACCESSED;
    private static final long KERNEL_ENTRY = PRESENT | WRITE | ACCESSED;

    /**
     * A table's note: in the low bits the number of entries that are present, above them where in the list of changes it
     * is, plus one.
     */
    private static final int COUNT = 0x3ff;

    private static final int LISTED_SHIFT = 10;

    /**
     * Up to so many changed entries of a table are made forgotten one by one; beyond that the table as a whole, which
     * costs as much as three entries and then a fault for every page that is in use.
     */
    private static final int SINGLE = 8;

    /** Added to a table's address: eight bytes there belong to two entries. */
    private static final int AMID = 4;

    private final TableArena arena;
    /** Roots by virtual processor, 0 where there is none. */
    private volatile long[] roots = new long[2];
    /** The lower half of all roots: page-directory-pointer tables. */
    private final long[] top = new long[LOWER_HALF];

    /** Tables with entries that were present and changed. */
    private long[] changed = new long[4];
    /** How many entries of each; more than SINGLE stands for all. */
    private int[] changes = new int[4];
    /** Numbers of the entries of each, SINGLE a table. */
    private short[] slots = new short[4 * SINGLE];

    private int changedCount;
    /** Tables taken out of the tree since the last shoot-down. */
    private long[] removed = new long[16];

    private int removedCount;
    /** How many times a table became empty since the last pruning. */
    private int emptied;

    PageTables(TableArena arena) {
        this.arena = arena;
    }

    /** The root for a virtual processor, or 0. Without a lock. */
    long root(int vcpu) {
        long[] r = roots;
        return vcpu < r.length ? r[vcpu] : 0;
    }

    /** Whether a processor may have seen any of this. */
    boolean hasRoot() {
        for (long root : roots) {
            if (root != 0) {
                return true;
            }
        }
        return false;
    }

    long makeRoot(int vcpu, long privatePdpt) throws PlatformException {
        long[] all = roots;
        if (vcpu < all.length && all[vcpu] != 0) {
            return all[vcpu];
        }
        long root = arena.allocate();
        long host = arena.host(root);
        for (int i = 0; i < LOWER_HALF; i++) {
            if (top[i] != 0) {
                Memory.putLong(host + i * 8L, top[i] | TABLE_ENTRY);
            }
        }
        Memory.putLong(host + WINDOW_ENTRY * 8L, arena.windowPdpt() | KERNEL_ENTRY);
        Memory.putLong(host + PRIVATE_ENTRY * 8L, privatePdpt | TABLE_ENTRY);
        all = Arrays.copyOf(all, Math.max(all.length, vcpu + 1));
        all[vcpu] = root;
        roots = all;
        return root;
    }

    /** Bits of an entry that permits {@code protection}, which is not 0. */
    static long bits(int protection) {
        return PRESENT
                | USER
                | ACCESSED
                | DIRTY
                | ((protection & KvmAddressSpace.WRITE) != 0 ? WRITE : 0)
                | ((protection & KvmAddressSpace.EXECUTE) != 0 ? 0 : NO_EXECUTE);
    }

    /** The first region with a leaf table or a large page that reaches behind {@code address}; {@code end} if none. */
    long nextRegion(long address, long end) {
        long at = address & -REGION;
        while (at < end) {
            long pdpt = top[(int) (at >>> 39)];
            if (pdpt == 0) {
                at = (at >>> 39) + 1 << 39;
                continue;
            }
            long directory = entry(pdpt, index(at, 30));
            if (directory == 0) {
                at = (at >>> 30) + 1 << 30;
                continue;
            }
            long host = arena.host(directory & ADDRESS);
            int i = index(at, REGION_SHIFT);
            while (i < ENTRIES && Memory.getLong(host + i * 8L) == 0) {
                i++;
            }
            at = (at >>> 30 << 30) + ((long) i << REGION_SHIFT);
            if (i < ENTRIES) {
                return at < end ? at : end;
            }
        }
        return end;
    }

    /** Whether {@code address} has a leaf table or a large page. */
    boolean hasRegion(long address) {
        return directoryEntry(address) != 0;
    }

    /**
     * Maps {@code [address, end)}, within one region, to {@code gpa}; makes the tables that are missing.
     *
     * @param bits of {@link #bits}
     */
    void set(long address, long end, long gpa, long bits) throws PlatformException {
        long directory = directory(address);
        int slot = index(address, REGION_SHIFT);
        long e = entry(directory, slot);
        if ((e & LARGE) != 0) {
            store(directory, slot, 0);
            e = 0;
        }
        if (e == 0) {
            long table = arena.allocate();
            e = table | TABLE_ENTRY;
            store(directory, slot, e);
        }
        long table = e & ADDRESS;
        long entry = gpa | bits;
        int last = index(end - 1, PAGE_SHIFT);
        for (int i = index(address, PAGE_SHIFT); i <= last; i++) {
            store(table, i, entry);
            entry += 1 << PAGE_SHIFT;
        }
    }

    /** Maps the whole region at {@code address} to {@code gpa}, both aligned. */
    void setLarge(long address, long gpa, long bits) throws PlatformException {
        long directory = directory(address);
        int slot = index(address, REGION_SHIFT);
        long e = entry(directory, slot);
        if (e != 0 && (e & LARGE) == 0) {
            remove(e & ADDRESS);
        }
        store(directory, slot, gpa | bits | LARGE);
    }

    /** Takes the entries for {@code [start, end)} away; returns whether there were any. */
    boolean clear(long start, long end) {
        return change(start, end, 0);
    }

    /** Gives the entries for {@code [start, end)} other bits; those of a large page that is only partly meant go. */
    void protect(long start, long end, long bits) {
        change(start, end, bits);
    }

    private boolean change(long start, long end, long bits) {
        boolean any = false;
        for (long region = nextRegion(start, end); region < end; region = nextRegion(region + REGION, end)) {
            long directory = entry(top[(int) (region >>> 39)], index(region, 30)) & ADDRESS;
            int slot = index(region, REGION_SHIFT);
            long e = entry(directory, slot);
            long from = Math.max(start, region);
            long to = Math.min(end, region + REGION);
            if ((e & LARGE) != 0) {
                boolean whole = to - from == REGION && bits != 0;
                store(directory, slot, whole ? e & ADDRESS | LARGE | bits : 0);
                any = true;
                continue;
            }
            long table = e & ADDRESS;
            long host = arena.host(table);
            int last = index(to - 1, PAGE_SHIFT);
            for (int i = index(from, PAGE_SHIFT); i <= last; i++) {
                long old = Memory.getLong(host + i * 8L);
                if (old != 0) {
                    any = true;
                    store(table, i, bits == 0 ? 0 : old & ADDRESS | bits);
                }
            }
        }
        return any;
    }

    /** Writes an entry, counts, and remembers a change that a processor has to be told of. */
    private void store(long table, int slot, long value) {
        long at = arena.host(table) + slot * 8L;
        long old = Memory.getLong(at);
        if (old == value) {
            return;
        }
        Memory.putLong(at, value);
        if (old == 0) {
            arena.note(table, arena.note(table) + 1);
            return;
        }
        if (value == 0) {
            int note = arena.note(table) - 1;
            arena.note(table, note);
            if ((note & COUNT) == 0) {
                emptied++;
            }
        }
        // More permission for the same page: who lacks it faults, and the entry is read again.
        if (((old ^ value) & ~(WRITE | NO_EXECUTE)) != 0
                || (old & ~value & WRITE) != 0
                || (value & ~old & NO_EXECUTE) != 0) {
            int i = listed(table);
            if (changes[i] < SINGLE) {
                slots[i * SINGLE + changes[i]] = (short) slot;
            }
            changes[i]++;
        }
    }

    /** The table as a whole changed. */
    private void changed(long table) {
        int i = listed(table); // may exchange the array
        changes[i] = SINGLE + 1;
    }

    /** Where in the list of changes {@code table} is; it is added if need be. */
    private int listed(long table) {
        int note = arena.note(table);
        if (note >>> LISTED_SHIFT != 0) {
            return (note >>> LISTED_SHIFT) - 1;
        }
        if (changedCount == changed.length) {
            changed = Arrays.copyOf(changed, changedCount * 2);
            changes = Arrays.copyOf(changes, changedCount * 2);
            slots = Arrays.copyOf(slots, changedCount * 2 * SINGLE);
        }
        int i = changedCount++;
        changed[i] = table;
        changes[i] = 0;
        arena.note(table, note | i + 1 << LISTED_SHIFT);
        return i;
    }

    /** The entry of the page directory for {@code address}, 0 if there is none. */
    private long directoryEntry(long address) {
        long pdpt = top[(int) (address >>> 39)];
        if (pdpt == 0) {
            return 0;
        }
        long directory = entry(pdpt, index(address, 30));
        return directory == 0 ? 0 : entry(directory & ADDRESS, index(address, REGION_SHIFT));
    }

    /** The page directory for {@code address}, made if need be. */
    private long directory(long address) throws PlatformException {
        int slot = (int) (address >>> 39);
        long pdpt = top[slot];
        if (pdpt == 0) {
            pdpt = arena.allocate();
            top[slot] = pdpt;
            for (long root : roots) {
                if (root != 0) {
                    Memory.putLong(arena.host(root) + slot * 8L, pdpt | TABLE_ENTRY);
                }
            }
        }
        long e = entry(pdpt, index(address, 30));
        if (e == 0) {
            e = arena.allocate() | TABLE_ENTRY;
            store(pdpt, index(address, 30), e);
        }
        return e & ADDRESS;
    }

    private long entry(long table, int slot) {
        return Memory.getLong(arena.host(table) + slot * 8L);
    }

    private static int index(long address, int shift) {
        return (int) (address >>> shift) & ENTRIES - 1;
    }

    // Giving tables back.

    /** A table that is out of the tree: to be forgotten by the processors, then free. */
    private void remove(long table) {
        changed(table);
        if (removedCount == removed.length) {
            removed = Arrays.copyOf(removed, removedCount * 2);
        }
        removed[removedCount++] = table;
    }

    /** How many times a table became empty since the last pruning. */
    int emptied() {
        return emptied;
    }

    /** Takes empty tables out of the tree. */
    void prune() {
        emptied = 0;
        for (int i = 0; i < LOWER_HALF; i++) {
            if (top[i] != 0 && pruned(top[i], 3)) {
                for (long root : roots) {
                    if (root != 0) {
                        Memory.putLong(arena.host(root) + i * 8L, 0);
                        changed(root);
                    }
                }
                remove(top[i]);
                top[i] = 0;
            }
        }
        emptied = 0;
    }

    /** Prunes below {@code table}; returns whether it is empty itself. */
    private boolean pruned(long table, int level) {
        if (level > 1) {
            for (int i = 0; i < ENTRIES; i++) {
                long e = entry(table, i);
                if (e != 0 && (e & LARGE) == 0 && pruned(e & ADDRESS, level - 1)) {
                    store(table, i, 0);
                    remove(e & ADDRESS);
                }
            }
        }
        return (arena.note(table) & COUNT) == 0;
    }

    /** Whether a processor may still see something that is not so any more. */
    boolean changes() {
        return changedCount > 0;
    }

    /** The addresses for {@link Shootdown#flush}. Starts a new list. */
    long[] takeChanges() {
        int n = 0;
        for (int i = 0; i < changedCount; i++) {
            n += changes[i] <= SINGLE ? changes[i] : 1;
        }
        long[] touched = new long[n];
        n = 0;
        for (int i = 0; i < changedCount; i++) {
            long table = changed[i];
            arena.note(table, arena.note(table) & COUNT);
            long at = arena.window(table);
            if (changes[i] > SINGLE) {
                touched[n++] = at + AMID;
                continue;
            }
            for (int k = 0; k < changes[i]; k++) {
                touched[n++] = at + slots[i * SINGLE + k] * 8L;
            }
        }
        changedCount = 0;
        if (changed.length > 256) {
            changed = new long[4];
            changes = new int[4];
            slots = new short[4 * SINGLE];
        }
        return touched;
    }

    /** The address for {@link Shootdown#flush} that stands for a whole table. */
    static long whole(long window) {
        return window + AMID;
    }

    /** The tables that were taken out of the tree, for {@link TableArena#free} after the shoot-down; null for none. */
    long[] takeRemoved() {
        if (removedCount == 0) {
            return null;
        }
        long[] r = Arrays.copyOf(removed, removedCount);
        removedCount = 0;
        return r;
    }

    /** Gives up the tree: all its tables, also those that wait for a shoot-down. Nothing may be mapped afterwards. */
    long[] dissolve() {
        for (int i = 0; i < LOWER_HALF; i++) {
            if (top[i] != 0) {
                dissolve(top[i], 3);
                top[i] = 0;
            }
        }
        for (long root : roots) {
            if (root != 0) {
                remove(root);
            }
        }
        roots = new long[2];
        for (int i = 0; i < changedCount; i++) {
            arena.note(changed[i], 0);
        }
        changedCount = 0;
        long[] all = takeRemoved();
        return all == null ? new long[0] : all;
    }

    private void dissolve(long table, int level) {
        if (level > 1) {
            long host = arena.host(table);
            for (int i = 0; i < ENTRIES; i++) {
                long e = Memory.getLong(host + i * 8L);
                if (e != 0 && (e & LARGE) == 0) {
                    dissolve(e & ADDRESS, level - 1);
                }
            }
        }
        arena.note(table, 0);
        remove(table);
    }
}
