package host.linux;

/** Flags of clone(2), and CPU affinity (linux/sched.h). */
public final class Sched {
    public static final int NR_CLONE = 56;
    public static final int NR_CLONE3 = 435;
    public static final int NR_SETAFFINITY = 203;
    public static final int NR_GETAFFINITY = 204;
    public static final int NR_GETCPU = 309;

    public static final int CLONE_VM = 0x100;
    public static final int CLONE_FS = 0x200;
    public static final int CLONE_FILES = 0x400;
    public static final int CLONE_SIGHAND = 0x800;
    public static final int CLONE_PARENT = 0x8000;
    public static final int CLONE_THREAD = 0x10000;
    /** A tracer of the caller does not get the child as well. */
    public static final int CLONE_UNTRACED = 0x800000;

    public static final int CLONE_SYSVSEM = 0x40000;
    /** clone3 only: handled signals get their default disposition in the child. */
    public static final long CLONE_CLEAR_SIGHAND = 0x100000000L;

    private Sched() {}

    /**
     * @param tid a thread of ours or of a child, 0 for the caller
     * @param mask host address of {@code size} bytes, one bit for each CPU
     */
    public static long setAffinity(int tid, long size, long mask) {
        return Syscall.call(NR_SETAFFINITY, tid, size, mask);
    }

    /** Returns the number of bytes that the host wrote. */
    public static long getAffinity(int tid, long size, long mask) {
        return Syscall.call(NR_GETAFFINITY, tid, size, mask);
    }

    /** @param cpu host address of an int that receives the caller's current CPU */
    public static long getCpu(long cpu) {
        return Syscall.call(NR_GETCPU, cpu, 0, 0);
    }
}
