package platform.kvm.memory;

import java.util.ArrayList;
import sentry.core.platform.AddressSpace;
import sentry.core.platform.Context;
import sentry.core.platform.PlatformException;

/**
 * An address space of a program as a guest sees it: the ranges that the kernel mapped, and page tables that faults fill
 * from them. Mapping costs the same for any size.
 *
 * <p>Guarded by the monitor, but for what says otherwise. No monitor is held during a shoot-down; the
 * kernel's own lock keeps commits apart.
 */
public final class KvmAddressSpace implements AddressSpace {
    /** The page is there now: go on. */
    public static final int FILLED = 0;
    /** Nothing is mapped there. */
    public static final int MISSING = 1;
    /** What is mapped does not permit the access. */
    public static final int DENIED = 2;
    /** The page is past the end of the file. */
    public static final int BUS_ERROR = 3;

    /** Lowest address that a program may map. */
    public static final long MIN_ADDRESS = 0x10000;
    /** End of the addresses that a program may map. */
    public static final long MAX_ADDRESS = 0x7fff_ffff_f000L;

    private static final long PAGE = 4096;
    private static final long REGION = PageTables.REGION;
    private static final int EMPTY_TABLES_KEPT = 64;
    /** So many released tables are made forgotten at once: each costs a fourth of what one alone costs. */
    private static final int STALE_AT_ONCE = 64;
    /** When a region gets its table, so many ranges beside the faulting one are filled too. */
    private static final int NEIGHBOURS = 32;
    /** Where large pages fit, so many are filled with one fault. */
    private static final int REGIONS_AHEAD = 16;

    /** More than this is not filled ahead of time. */
    private static final long MOST_POPULATED = 1L << 30;

    private final GuestPhysical physical;
    private final Shootdown shootdown;
    private final Intervals intervals;
    private final PageTables tables;
    /** Files whose ranges are gone, until the change is in force. */
    private ArrayList<HostFile> leaving = new ArrayList<>();
    /** The last address that was missing or denied, -1 for none: what is mapped there is wanted at once. */
    private long wanted = -1;
    /** Where mapping failed since the last commit, and why; null when nothing did. */
    private String failure;

    /** Counts the shoot-downs of this address space. */
    private volatile int flushes;
    /** Changes wait for {@link #settle}. */
    private volatile boolean pending;

    /** An empty address space. */
    public KvmAddressSpace(GuestPhysical physical, Shootdown shootdown) {
        this(physical, shootdown, new Intervals());
    }

    private KvmAddressSpace(GuestPhysical physical, Shootdown shootdown, Intervals intervals) {
        this.physical = physical;
        this.shootdown = shootdown;
        this.intervals = intervals;
        tables = new PageTables(physical.tables());
    }

    /**
     * Guest-physical address of the root table for a virtual processor; made at first use, and the same from then on
     * until {@link #release}. The table may then become another address space's: who remembers what a processor has
     * loaded must remember the address space, not this.
     *
     * @param privatePdpt what the processor has at PML4[511]
     */
    public long root(int vcpu, long privatePdpt) throws PlatformException {
        long root = tables.root(vcpu);
        if (root != 0) {
            return root;
        }
        synchronized (this) {
            return tables.makeRoot(vcpu, privatePdpt);
        }
    }

    /**
     * Makes the page at {@code address} present after a fault, and what is likely to be touched next. For the task's own
     * thread, without locks of the kernel.
     *
     * @param access READ, WRITE or EXECUTE
     * @return FILLED, MISSING, DENIED or BUS_ERROR
     */
    public synchronized int fill(long address, int access) {
        int i = address < 0 || address >= MAX_ADDRESS ? -1 : intervals.at(address);
        if (i < 0) {
            wanted = address;
            return MISSING;
        }
        int protection = intervals.protection(i);
        if (protection == 0 || (access & ~protection & (WRITE | EXECUTE)) != 0) {
            wanted = address;
            return DENIED;
        }
        try {
            return fillAround(i, address) ? FILLED : BUS_ERROR;
        } catch (PlatformException e) {
            return BUS_ERROR; // no space or no memory left for tables; Linux, too, gives SIGBUS
        }
    }

    /** Fills the region around {@code address}, which lies in range {@code i}; returns whether the page itself is there. */
    private boolean fillAround(int i, long address) throws PlatformException {
        long region = address & -REGION;
        boolean fresh = !tables.hasRegion(address);
        long page = address & -PAGE;
        long from = Math.max(region, intervals.start(i));
        boolean filled = fillRange(i, from, Math.min(region + REGION, intervals.end(i))) > page;
        if (fresh) {
            int n = NEIGHBOURS;
            for (int k = i - 1; k >= 0 && intervals.end(k) > region && n > 0; k--, n--) {
                fillNeighbour(k, region);
            }
            for (int k = i + 1; k < intervals.size() && intervals.start(k) < region + REGION && n > 0; k++, n--) {
                fillNeighbour(k, region);
            }
            fillLarge(i, region);
        }
        return filled;
    }

    /** Regions of range {@code i} behind {@code region} that take a large page get it too: that costs one entry each. */
    private void fillLarge(int i, long region) {
        if (intervals.file(i) != null || (intervals.offset(i, region) & REGION - 1) != 0) {
            return;
        }
        long end = Math.min(intervals.end(i), region + REGIONS_AHEAD * REGION);
        for (long r = region + REGION; r + REGION <= end && !tables.hasRegion(r); r += REGION) {
            fillNeighbour(i, r);
        }
    }

    private void fillNeighbour(int i, long region) {
        try {
            fillRange(i, Math.max(region, intervals.start(i)), Math.min(region + REGION, intervals.end(i)));
        } catch (PlatformException e) {
            // nobody asked for it yet
        }
    }

    /**
     * Fills {@code [from, to)}, part of range {@code i} within one region.
     *
     * @return how far the file goes: the end of what is filled
     */
    private long fillRange(int i, long from, long to) throws PlatformException {
        int protection = intervals.protection(i);
        if (protection == 0) {
            return from;
        }
        long bits = PageTables.bits(protection);
        HostFile file = intervals.file(i);
        long offset = intervals.offset(i, from);
        long end = Math.min(to, from + (file == null ? physical.memorySize() : physical.files().size(file)) - offset);
        for (long at = from; at < end; ) {
            long gpa;
            long together;
            if (file == null) {
                gpa = physical.memory(offset);
                together = GuestPhysical.together(offset);
            } else {
                gpa = physical.files().gpa(file, offset);
                together = HostFiles.PIECE - (offset & HostFiles.PIECE - 1);
            }
            long length = Math.min(end - at, together);
            if (length == REGION && (gpa & REGION - 1) == 0) {
                tables.setLarge(at, gpa, bits);
            } else {
                tables.set(at, at + length, gpa, bits);
            }
            at += length;
            offset += length;
        }
        return end;
    }

    @Override
    public synchronized void map(long address, long length, int fd, long offset, int protection, boolean populate) {
        check(address, length);
        if (fd < 0 || offset < 0 || (offset & PAGE - 1) != 0) {
            throw new IllegalArgumentException("offset");
        }
        long end = address + length;
        HostFile file = null;
        if (fd != physical.memoryFd()) {
            try {
                file = physical.files().open(fd);
                if ((protection & WRITE) != 0 && (file.protection & WRITE) == 0) {
                    leaving.add(file);
                    throw new PlatformException("the file is read-only");
                }
            } catch (PlatformException e) {
                unmap(address, length);
                failure = "cannot map at " + Long.toHexString(address) + ": " + e.getMessage();
                return;
            }
        }
        show(address, end, file, offset, protection & 7, populate);
        pending = tables.changes();
    }

    private void show(long address, long end, HostFile file, long offset, int protection, boolean populate) {
        intervals.remove(address, end, leaving);
        intervals.put(address, end, file, offset, protection, leaving);
        int i = intervals.at(address);
        if (protection == 0) {
            tables.clear(address, end);
            return;
        }
        refill(i, address, end);
        try {
            if (populate) {
                long stop = Math.min(end, address + MOST_POPULATED);
                for (long at = address; at < stop; at = (at & -REGION) + REGION) {
                    fillRange(i, at, Math.min(stop, (at & -REGION) + REGION));
                }
            } else if (wanted >= address && wanted < end && !tables.hasRegion(wanted)) {
                fillAround(i, wanted);
            }
        } catch (PlatformException e) {
            failure = e.getMessage();
        }
        if (wanted >= address && wanted < end) {
            wanted = -1;
        }
    }

    /** Brings regions that have tables already in line with range {@code i}, and fills them. */
    private void refill(int i, long start, long end) {
        for (long r = tables.nextRegion(start, end); r < end; r = tables.nextRegion(r + REGION, end)) {
            long from = Math.max(start, r);
            long to = Math.min(end, r + REGION);
            long filled = from;
            try {
                filled = fillRange(i, from, to);
            } catch (PlatformException e) {
                failure = e.getMessage();
            }
            if (filled < to) {
                tables.clear(Math.max(from, filled), to);
            }
        }
    }

    @Override
    public synchronized void unmap(long address, long length) {
        check(address, length);
        intervals.remove(address, address + length, leaving);
        tables.clear(address, address + length);
        pending = tables.changes();
    }

    @Override
    public synchronized void protect(long address, long length, int protection) {
        check(address, length);
        int p = protection & 7;
        long end = address + length;
        if ((p & WRITE) != 0) {
            denyReadOnlyFiles(address, end);
        }
        intervals.protect(address, end, p, leaving);
        tables.protect(address, end, p == 0 ? 0 : PageTables.bits(p));
        pending = tables.changes();
        if (wanted >= address && wanted < end) {
            wanted = -1;
        }
    }

    /** Files that the Sentry may only read cannot become writable; the kernel maps them anew. */
    private void denyReadOnlyFiles(long address, long end) {
        for (int i = intervals.find(address); i < intervals.size() && intervals.start(i) < end; i++) {
            HostFile f = intervals.file(i);
            if (f != null && (f.protection & WRITE) == 0) {
                long from = Math.max(address, intervals.start(i));
                long to = Math.min(end, intervals.end(i));
                intervals.remove(from, to, leaving);
                tables.clear(from, to);
                i = intervals.find(from) - 1;
            }
        }
    }

    private static void check(long address, long length) {
        if (((address | length) & PAGE - 1) != 0
                || length <= 0
                || address < MIN_ADDRESS
                || address > MAX_ADDRESS - length) {
            throw new IllegalArgumentException(Long.toHexString(address) + "+" + Long.toHexString(length));
        }
    }

    @Override
    public void commit(Context by) throws PlatformException {
        settle(by);
        String failed;
        synchronized (this) {
            failed = failure;
            failure = null;
        }
        if (failed != null) {
            throw new PlatformException(failed);
        }
    }

    /** Counts the shoot-downs of this address space. Takes no lock. */
    public int flushes() {
        return flushes;
    }

    /** Whether changes wait for {@link #settle}: to be asked before each switch. Takes no lock. */
    public boolean pending() {
        return pending;
    }

    /** Brings changes into force, like {@link #commit}, but leaves failures to be told by that. */
    public void settle(Context by) {
        long[] touched = null;
        long[] removed;
        ArrayList<HostFile> gone = null;
        synchronized (this) {
            pending = false;
            if (tables.emptied() > EMPTY_TABLES_KEPT) {
                tables.prune();
            }
            if (tables.changes()) {
                touched = tables.takeChanges();
                flushes++;
            }
            removed = tables.takeRemoved();
            if (!leaving.isEmpty()) {
                gone = leaving;
                leaving = new ArrayList<>();
            }
        }
        if (touched != null) {
            shootdown.flush(by, this, touched, touched.length);
        }
        if (removed != null) {
            physical.tables().free(removed);
        }
        if (gone != null) {
            physical.files().release(gone);
        }
    }

    @Override
    public synchronized AddressSpace fork(Context by) {
        return new KvmAddressSpace(physical, shootdown, intervals.copy());
    }

    /** Nothing to prepare: a virtual processor is found when the context first runs. */
    @Override
    public void prepareContext(Context by) {}

    @Override
    public void release(Context by) {
        boolean ran;
        long[] all;
        ArrayList<HostFile> gone;
        synchronized (this) {
            intervals.remove(0, Long.MAX_VALUE, leaving);
            ran = tables.hasRoot();
            all = tables.dissolve();
            gone = leaving;
            leaving = new ArrayList<>();
        }
        TableArena arena = physical.tables();
        if (!shootdown.shadowed() || !ran) {
            arena.free(all);
        } else {
            arena.freeStale(all);
            if (by != null) {
                forget(by, arena);
            }
        }
        physical.files().release(gone);
    }

    /** Makes the host's shadows forget tables that came back, when there are enough of them. */
    private void forget(Context by, TableArena arena) {
        long[] stale = arena.takeStale(STALE_AT_ONCE);
        if (stale == null) {
            return;
        }
        long[] touched = new long[stale.length];
        for (int i = 0; i < stale.length; i++) {
            touched[i] = PageTables.whole(arena.window(stale[i]));
        }
        shootdown.flush(by, null, touched, touched.length);
        arena.free(stale);
    }

    /**
     * Takes back what files no longer have: the host answers a touch of it not with a page fault in the guest but with
     * EFAULT to the Sentry, and does not say where. For the task's own thread after KVM_RUN failed so.
     *
     * @return whether anything was found: then the guest may go on and will fault by itself
     */
    public boolean recheck(Context by) {
        boolean found = false;
        synchronized (this) {
            for (int i = 0; i < intervals.size(); i++) {
                HostFile file = intervals.file(i);
                if (file == null) {
                    continue;
                }
                long start = intervals.start(i);
                long end = start + Math.max(0, physical.files().size(file) - intervals.offset(i, start));
                if (end < intervals.end(i)) {
                    found |= tables.clear(end, intervals.end(i));
                }
            }
            pending = tables.changes();
        }
        if (found) {
            settle(by);
        }
        return found;
    }

    /**
     * Where the Sentry has the byte that the program sees at {@code address}; 0 when nothing is there. A file behind it
     * may shrink at any time.
     */
    public synchronized long hostAddress(long address) {
        int i = address < 0 || address >= MAX_ADDRESS ? -1 : intervals.at(address);
        if (i < 0 || intervals.protection(i) == 0) {
            return 0;
        }
        HostFile file = intervals.file(i);
        long offset = intervals.offset(i, address);
        if (offset >= (file == null ? physical.memorySize() : physical.files().size(file))) {
            return 0;
        }
        try {
            return physical.host(file == null ? physical.memory(offset) : physical.files().gpa(file, offset));
        } catch (PlatformException e) {
            return 0;
        }
    }

    /** The program address that shows guest-physical {@code gpa}, to the byte; -1 if none does. */
    public synchronized long addressOf(long gpa) {
        HostFile file = physical.files().fileAt(gpa);
        long offset = file != null ? physical.files().offsetAt(gpa) : physical.memoryOffset(gpa);
        if (offset < 0) {
            return -1;
        }
        for (int i = 0; i < intervals.size(); i++) {
            long start = intervals.start(i);
            long within = offset - intervals.offset(i, start);
            if (intervals.file(i) == file && within >= 0 && within < intervals.end(i) - start) {
                return start + within;
            }
        }
        return -1;
    }
}
