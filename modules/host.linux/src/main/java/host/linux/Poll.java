package host.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** A set of descriptors to wait for, as poll(2) has it. For one thread; lives until {@link #close}. */
public final class Poll implements AutoCloseable {
    public static final int IN = 1;
    public static final int OUT = 4;
    public static final int ERR = 8;
    public static final int HUP = 0x10;
    private static final int ENTRY = 8;

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment entries;
    private int count;

    public Poll(int capacity) {
        entries = arena.allocate((long) ENTRY * capacity, 8);
    }

    /** Empties the set. */
    public void clear() {
        count = 0;
    }

    /** Adds a descriptor and returns its index. HUP and ERR are always waited for. */
    public int add(int fd, int events) {
        long at = (long) ENTRY * count;
        entries.set(ValueLayout.JAVA_INT, at, fd);
        entries.set(ValueLayout.JAVA_INT, at + 4, events & 0xffff);
        return count++;
    }

    public int count() {
        return count;
    }

    /**
     * Waits until one of them is ready.
     *
     * @param milliseconds at most so long, -1 for ever
     * @return how many are ready, 0 when the time is over, or a negated errno (EINTR included)
     */
    public int await(int milliseconds) {
        return (int) Syscall.call(7, entries.address(), count, milliseconds);
    }

    /** What came of the descriptor at {@code index} in the last wait. */
    public int ready(int index) {
        return entries.get(ValueLayout.JAVA_SHORT, (long) ENTRY * index + 6) & 0xffff;
    }

    @Override
    public void close() {
        arena.close();
    }
}
