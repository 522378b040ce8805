package platform.kvm.memory;

import host.linux.Files;
import host.linux.HostException;
import host.linux.Memory;
import host.linux.Mman;
import java.util.ArrayList;
import java.util.List;
import sentry.core.platform.AddressSpace;
import sentry.core.platform.Context;
import sentry.core.platform.PlatformConfig;
import sentry.core.platform.PlatformException;

/**
 * A machine without a processor: slots are only remembered, and a few lines walk the page tables as a processor would.
 * As a shoot-down it counts.
 */
final class Guest implements AutoCloseable, Shootdown {
    static final int READ = AddressSpace.READ;
    static final int WRITE = AddressSpace.WRITE;
    static final int EXECUTE = AddressSpace.EXECUTE;
    static final long PAGE = 4096;
    static final long PRIVATE_PDPT = 0x5000;

    record Slot(int number, long gpa, long size, long host) {}

    final int fd;
    final long size;
    final long base;
    final List<Slot> slots = new ArrayList<>();
    final GuestPhysical physical;
    boolean shadowed = true;
    int flushes;
    int flushedTables;
    long lastTouched;

    Guest(long size) throws HostException, PlatformException {
        this.size = size;
        fd = (int) HostException.check("memfd_create", Mman.memfdCreate("test", 0));
        HostException.check("ftruncate", Files.ftruncate(fd, size));
        base = HostException.check(
                "mmap", Mman.mmap(0, size, 3, Mman.MAP_SHARED | Mman.MAP_NORESERVE, fd, 0));
        physical = new GuestPhysical(
                (slot, flags, gpa, length, host) -> slots.add(new Slot(slot, gpa, length, host)),
                1000,
                new PlatformConfig(fd, base, size));
    }

    KvmAddressSpace space() {
        return new KvmAddressSpace(physical, this);
    }

    @Override
    public void flush(Context by, KvmAddressSpace space, long[] tables, int count) {
        flushes++;
        flushedTables += count;
        for (int i = 0; i < count; i++) {
            lastTouched = tables[i];
            if (tables[i] < TableArena.WINDOW) {
                throw new AssertionError("not a window address: " + Long.toHexString(tables[i]));
            }
        }
    }

    @Override
    public boolean shadowed() {
        return shadowed;
    }

    /** The host address behind {@code gpa}, from the slots alone. */
    long host(long gpa) {
        long found = 0;
        for (Slot s : slots) {
            if (gpa >= s.gpa && gpa < s.gpa + s.size) {
                if (found != 0) {
                    throw new AssertionError("two slots at " + Long.toHexString(gpa));
                }
                found = s.host + (gpa - s.gpa);
            }
        }
        if (found == 0) {
            throw new AssertionError("no slot at " + Long.toHexString(gpa));
        }
        return found;
    }

    /** The leaf entry for {@code address}, with the physical address of the 4 KiB page and all levels' rights; or 0. */
    long walk(long root, long address) {
        long table = root;
        long rights = TableEntry.USER | TableEntry.WRITE;
        for (int shift = 39; ; shift -= 9) {
            long entry = Memory.getLong(host(table) + (address >>> shift & 511) * 8);
            if ((entry & 1) == 0) {
                return 0;
            }
            rights &= entry;
            boolean large = shift == 21 && (entry & TableEntry.LARGE) != 0;
            if (shift == 12 || large) {
                long page = entry & TableEntry.ADDRESS;
                if (large) {
                    if ((page & PageTables.REGION - 1) != 0) {
                        throw new AssertionError("large page not aligned");
                    }
                    page += address & PageTables.REGION - 1 & -PAGE;
                }
                return page | rights | 1 | entry & TableEntry.NO_EXECUTE;
            }
            table = entry & TableEntry.ADDRESS;
        }
    }

    @Override
    public void close() {
        physical.close();
        Mman.munmap(base, size);
        Files.close(fd);
    }
}
