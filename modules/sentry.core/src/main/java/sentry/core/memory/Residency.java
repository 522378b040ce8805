package sentry.core.memory;

import host.linux.Memory;
import host.linux.Mman;
import host.linux.NativeArea;
import host.linux.Syscall;

/** Asks the host which pages are in memory (mincore(2)). Loaded when first asked. */
final class Residency {
    /** Pages asked for at once. */
    private static final int STEP = 65536;

    private Residency() {}

    /** Counts resident bytes of a mapped host range; with {@code vector} not null sets one byte a page, too. */
    static long count(long address, long length, byte[] vector) {
        long resident = 0;
        byte[] part = new byte[(int) Math.min(STEP, length / MemoryFile.PAGE)];
        try (NativeArea area = NativeArea.allocate(part.length)) {
            for (long done = 0; done < length; ) {
                int n = (int) Math.min(part.length, (length - done) / MemoryFile.PAGE);
                long r = Mman.mincore(address + done, (long) n * MemoryFile.PAGE, area.address());
                if (Syscall.failed(r)) {
                    return resident;
                }
                Memory.copy(area.address(), part, 0, n);
                for (int i = 0; i < n; i++) {
                    resident += part[i] & 1;
                }
                if (vector != null) {
                    System.arraycopy(part, 0, vector, (int) (done / MemoryFile.PAGE), n);
                }
                done += (long) n * MemoryFile.PAGE;
            }
        }
        return resident * MemoryFile.PAGE;
    }
}
