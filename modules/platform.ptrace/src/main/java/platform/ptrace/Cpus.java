package platform.ptrace;

import host.linux.CString;
import host.linux.Memory;
import host.linux.Sched;
import host.linux.Syscall;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** The CPUs that the Sentry was started with, and how busy the whole machine keeps each of them. */
final class Cpus {
    private static final int NR_OPEN = 2;
    private static final int NR_CLOSE = 3;
    static final int NR_PREAD64 = 17;
    private static final int O_CLOEXEC = 0x80000;

    private static final int MASK_BYTES = 128;
    private static final int STAT_BYTES = 64 * 1024;
    /** /proc/stat counts in hundredths of a second. */
    private static final long NANOS_PER_TICK = 10_000_000;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment all = arena.allocate(MASK_BYTES, 8);
    private final long[] masks; // host address of a mask with one CPU; 0 for a CPU that is not ours
    private final int count;
    private final int statFd;
    private long statBuffer;
    private final long[] idleTicks;
    private final long[] lastIdleTicks;
    private long lastRead;
    private double elapsedTicks;

    Cpus() {
        long bytes = Sched.getAffinity(0, MASK_BYTES, all.address());
        int last = -1;
        int n = 0;
        for (int cpu = 0; cpu < 8 * bytes; cpu++) {
            if (allowed(cpu)) {
                last = cpu;
                n++;
            }
        }
        count = n;
        masks = new long[last + 1];
        idleTicks = new long[last + 1];
        lastIdleTicks = new long[last + 1];
        if (n < 2) {
            statFd = -1;
            return;
        }
        for (int cpu = 0; cpu <= last; cpu++) {
            if (allowed(cpu)) {
                long mask = arena.allocate(MASK_BYTES, 8).address();
                Memory.putByte(mask + cpu / 8, (byte) (1 << cpu % 8));
                masks[cpu] = mask;
            }
        }
        // Opened now, since later no path can be opened. Without it there is less to decide by, nothing worse.
        statFd = (int) Syscall.call(NR_OPEN, CString.of(arena, "/proc/stat").address(), O_CLOEXEC);
    }

    private boolean allowed(int cpu) {
        return (Memory.getByte(all.address() + cpu / 8) >> cpu % 8 & 1) != 0;
    }

    /** How many CPUs there are to choose from. */
    int count() {
        return count;
    }

    /** One more than the highest CPU number. */
    int limit() {
        return masks.length;
    }

    boolean has(int cpu) {
        return cpu >= 0 && cpu < masks.length && masks[cpu] != 0;
    }

    /** Lets {@code tid} run on {@code cpu} only. A thread that is gone is no error. */
    void pin(int tid, int cpu) {
        Sched.setAffinity(tid, MASK_BYTES, masks[cpu]);
    }

    /** Lets {@code tid} run wherever the Sentry may. */
    void unpin(int tid) {
        Sched.setAffinity(tid, MASK_BYTES, all.address());
    }

    /** Where the calling thread is. {@code scratch} is the host address of an int. */
    int current(long scratch) {
        return Sched.getCpu(scratch) < 0 ? -1 : Memory.getInt(scratch);
    }

    /** Looks at the machine; {@link #idle} then tells about the time since the last look. For one thread only. */
    boolean look(long now) {
        if (statFd < 0) {
            return false;
        }
        if (statBuffer == 0) {
            statBuffer = arena.allocate(STAT_BYTES).address();
        }
        long n = Syscall.call(NR_PREAD64, statFd, statBuffer, STAT_BYTES, 0);
        if (n <= 0) {
            return false;
        }
        System.arraycopy(idleTicks, 0, lastIdleTicks, 0, idleTicks.length);
        parse(statBuffer, statBuffer + n);
        boolean first = lastRead == 0;
        elapsedTicks = (double) (now - lastRead) / NANOS_PER_TICK;
        lastRead = now;
        return !first;
    }

    /** The part of the time between the last two looks that {@code cpu} had nothing to do, 0 to 1. */
    double idle(int cpu) {
        double idle = (idleTicks[cpu] - lastIdleTicks[cpu]) / elapsedTicks;
        return Math.max(0, Math.min(1, idle));
    }

    /** Lines of {@code cpuN user nice system idle iowait ...}, proc_stat(5), after a first line for all CPUs. */
    private void parse(long at, long end) {
        while (at < end) {
            if (at + 4 < end
                    && Memory.getByte(at) == 'c'
                    && Memory.getByte(at + 1) == 'p'
                    && Memory.getByte(at + 2) == 'u') {
                at += 3;
                if (Memory.getByte(at) != ' ') {
                    int cpu = 0;
                    while (at < end && Memory.getByte(at) != ' ') {
                        cpu = 10 * cpu + Memory.getByte(at++) - '0';
                    }
                    long idle = 0;
                    for (int field = 0; field < 5; field++) {
                        long value = 0;
                        at++;
                        while (at < end && Memory.getByte(at) >= '0') {
                            value = 10 * value + Memory.getByte(at++) - '0';
                        }
                        if (field >= 3) {
                            idle += value;
                        }
                    }
                    if (has(cpu)) {
                        idleTicks[cpu] = idle;
                    }
                }
            }
            while (at < end && Memory.getByte(at) != '\n') {
                at++;
            }
            at++;
        }
    }

    void close() {
        if (statFd >= 0) {
            Syscall.call(NR_CLOSE, statFd);
        }
        arena.close();
    }
}
