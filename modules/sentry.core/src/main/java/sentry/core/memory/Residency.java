package sentry.core.memory;

import host.linux.Memory;
import host.linux.Mman;
import host.linux.NativeArea;
import host.linux.Syscall;
import java.util.concurrent.atomic.AtomicReference;

/** Asks the host which pages are in memory (mincore(2)). Loaded when first asked. */
final class Residency implements AutoCloseable {
    /** Pages asked for at once. */
    private static final int STEP = 65536;

    /** An area that nobody uses at present, or null: a process that ends is counted, and should not wait for mmap(2). */
    private static final AtomicReference<NativeArea> SPARE = new AtomicReference<>();

    private final NativeArea area;

    /** Counts resident bytes of a mapped host range; with {@code vector} not null sets one byte a page, too. */
    static long count(long address, long length, byte[] vector) {
        try (Residency r = new Residency()) {
            return r.bytes(address, length, vector);
        }
    }

    /** For several ranges. */
    Residency() {
        NativeArea kept = SPARE.getAndSet(null);
        area = kept != null ? kept : NativeArea.allocate(STEP);
    }

    /** See {@link #count}. */
    long bytes(long address, long length, byte[] vector) {
        long resident = 0;
        long step = area.size();
        for (long done = 0; done < length; ) {
            int n = (int) Math.min(step, (length - done) / MemoryFile.PAGE);
            long r = Mman.mincore(address + done, (long) n * MemoryFile.PAGE, area.address());
            if (Syscall.failed(r)) {
                break;
            }
            int i = 0;
            for (; i + 8 <= n; i += 8) {
                resident += Long.bitCount(Memory.getLong(area.address() + i) & 0x0101010101010101L);
            }
            for (; i < n; i++) {
                resident += Memory.getByte(area.address() + i) & 1;
            }
            if (vector != null) {
                int first = (int) (done / MemoryFile.PAGE);
                Memory.copy(area.address(), vector, first, n);
                for (i = 0; i < n; i++) {
                    if ((vector[first + i] & 1) != 0 && zero(address + done + (long) i * MemoryFile.PAGE)) {
                        vector[first + i] = 0;
                        resident--;
                    }
                }
            }
            done += (long) n * MemoryFile.PAGE;
        }
        return resident * MemoryFile.PAGE;
    }

    /** Whether three quarters of {@code n} pages are in memory; tells in {@code vector} which. */
    static boolean mostly(long address, int n, byte[] vector) {
        try (Residency r = new Residency()) {
            if (n > r.area.size() || Syscall.failed(Mman.mincore(address, (long) n * MemoryFile.PAGE, r.area.address()))) {
                return false;
            }
            Memory.copy(r.area.address(), vector, 0, n);
            int present = 0;
            for (int i = 0; i < n; i++) {
                present += vector[i] & 1;
            }
            return present * 4L >= n * 3L;
        }
    }

    /** Whether the page at a host address, which is in memory, has nothing but zeros. */
    static boolean zero(long page) {
        for (long at = page; at < page + MemoryFile.PAGE; at += Long.BYTES) {
            if (Memory.getLong(at) != 0) {
                return false;
            }
        }
        return true;
    }

    @Override
    public void close() {
        NativeArea other = SPARE.getAndSet(area);
        if (other != null) {
            other.close();
        }
    }
}
