package host.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The processors as the host sees them: getcpu(2), membarrier(2). */
public final class Cpu {
    private Cpu() {}

    /** The CPU that the calling thread runs on in the low half, its NUMA node in the high half; or a negated errno. */
    public static long current() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(8, 4);
            long r = Syscall.call(309, out.address(), out.address() + 4, 0);
            if (r < 0) {
                return r;
            }
            return out.get(ValueLayout.JAVA_INT, 0) & 0xffffffffL | (long) out.get(ValueLayout.JAVA_INT, 4) << 32;
        }
    }

    /** A memory barrier on all threads of the host (MEMBARRIER_CMD_GLOBAL); 0 or a negated errno. */
    public static long barrier() {
        return Syscall.call(324, 1, 0, 0);
    }
}
