package platform.kvm;

import host.linux.Memory;
import host.linux.NativeArea;
import host.linux.Sched;

/**
 * Keeps two threads that spin for one another on different CPUs: the host's scheduler wakes a thread beside its waker,
 * where each would keep the other from running for milliseconds.
 */
final class CpuPair {
    private static final int MASK_SIZE = 128;
    private static final int CPUS = MASK_SIZE * 8;

    private final NativeArea area = NativeArea.allocate(4096);
    /** The CPUs that we may use. */
    private final long all = area.address();

    private final long one = all + MASK_SIZE;
    private final long others = all + 2 * MASK_SIZE;
    private final long number = all + 3 * MASK_SIZE;
    private final boolean usable;

    /** Before the Sentry is locked down. */
    CpuPair() {
        int n = 0;
        if (Sched.getAffinity(0, MASK_SIZE, all) > 0) {
            for (int i = 0; i < MASK_SIZE; i += 8) {
                n += Long.bitCount(Memory.getLong(all + i));
            }
        }
        usable = n > 1;
    }

    /** Whether there are two CPUs. */
    boolean isUsable() {
        return usable;
    }

    /** Keeps the calling thread on its CPU, and {@code other} off it. Returns false when the host will not have it. */
    synchronized boolean part(int other) {
        if (Sched.getCpu(number) < 0) {
            return false;
        }
        int cpu = Memory.getInt(number);
        if (cpu < 0 || cpu >= CPUS) {
            return false;
        }
        Memory.fill(one, MASK_SIZE, (byte) 0);
        Memory.copy(all, others, MASK_SIZE);
        long word = (cpu >> 6) * 8L;
        long bit = 1L << (cpu & 63);
        Memory.putLong(one + word, bit);
        Memory.putLong(others + word, Memory.getLong(others + word) & ~bit);
        return Sched.setAffinity(other, MASK_SIZE, others) >= 0 && Sched.setAffinity(0, MASK_SIZE, one) >= 0;
    }

    /** Lets the calling thread run anywhere again. */
    void release() {
        Sched.setAffinity(0, MASK_SIZE, all);
    }
}
