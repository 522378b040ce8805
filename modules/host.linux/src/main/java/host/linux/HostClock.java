package host.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The host's clocks that Java does not read (clock_gettime(2), clock_getres(2)). */
public final class HostClock {
    private HostClock() {}

    /** Nanoseconds on clock {@code id}, or a negated errno. */
    public static long read(int id) {
        return call(228, id);
    }

    /** The CPU time that process {@code pid} has used, or a negated errno. */
    public static long ofProcess(int pid) {
        return read(~pid << 3 | 2); // CPUCLOCK_SCHED
    }

    /** The resolution of clock {@code id} in nanoseconds, or a negated errno. */
    public static long resolution(int id) {
        return call(229, id);
    }

    private static long call(int nr, int id) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment t = arena.allocate(16, 8);
            long r = Syscall.call(nr, id, t.address());
            if (r < 0) {
                return r;
            }
            return t.get(ValueLayout.JAVA_LONG, 0) * 1_000_000_000L + t.get(ValueLayout.JAVA_LONG, 8);
        }
    }
}
