package host.linux;

/**
 * The stack of one thread, to give back what it does not use. Java touches twenty pages below what a thread needs, once
 * its code is interpreted, and never gives them back: for threads that sleep this is most of what they take.
 */
public final class ThreadStack {
    /** Kept below the stack pointer: the red zone, and what the next calls need. */
    private static final long KEPT = 4096;
    /** As far as java touches ahead, and a little more. */
    private static final long TOUCHED = 24 * 4096;
    /** Never touched by us at the low end: java's guard pages. */
    private static final long GUARD = 16 * 4096;

    private final long lowest;

    private ThreadStack(long lowest) {
        this.lowest = lowest;
    }

    /** That of the calling thread, which has just begun. {@code size} is the size of its stack, in bytes. */
    public static ThreadStack current(long size) {
        return new ThreadStack(Syscall.stackPointer() - size + 2 * GUARD);
    }

    /** Gives back what lies below the calling thread's frames; it must be the thread of {@link #current}. */
    public void trim() {
        long end = Syscall.stackPointer() - KEPT & -4096;
        long start = Math.max(lowest, end - TOUCHED) & -4096;
        if (start < end) {
            Mman.madvise(start, end - start, Mman.MADV_DONTNEED);
        }
    }
}
