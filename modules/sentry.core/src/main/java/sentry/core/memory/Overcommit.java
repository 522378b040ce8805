package sentry.core.memory;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.kernel.Kernel;
import sentry.core.task.Task;
import sentry.core.task.ThreadGroup;

/**
 * How much memory programs may ask for beyond what there is (/proc/sys/vm/overcommit_memory and its relatives). What counts
 * is private memory that may be written, and anonymous shared memory. Thread-safe.
 */
public final class Overcommit {
    /** What is obviously too much is refused. */
    public static final int HEURISTIC = 0;
    /** Nothing is refused. */
    public static final int ALWAYS = 1;
    /** Never more than {@link #limit}. */
    public static final int NEVER = 2;

    private final Kernel kernel;
    private volatile int mode = HEURISTIC;
    private volatile int ratio = 50;
    private volatile long kilobytes;
    /** Linux's default of vm.max_map_count. */
    static final int MOST_VMAS = 65530;

    private volatile int mostVmas = MOST_VMAS;
    private volatile boolean userfaultsForAll;

    public Overcommit(Kernel kernel) {
        this.kernel = kernel;
    }

    public int mode() {
        return mode;
    }

    public void setMode(int value) {
        mode = value;
    }

    /** Percent of memory; 0 while {@link #kilobytes} is set. */
    public int ratio() {
        return ratio;
    }

    public void setRatio(int value) {
        ratio = value;
        kilobytes = 0;
    }

    /** Whether userfaultfd(2) needs no privilege (vm.unprivileged_userfaultfd). */
    public boolean userfaultsForAll() {
        return userfaultsForAll;
    }

    public void setUserfaultsForAll(boolean value) {
        userfaultsForAll = value;
    }

    /** Mappings that an address space may have (vm.max_map_count). */
    public int mostVmas() {
        return mostVmas;
    }

    public void setMostVmas(int value) {
        mostVmas = value;
    }

    /** In place of the ratio, unless 0. */
    public long kilobytes() {
        return kilobytes;
    }

    public void setKilobytes(long value) {
        kilobytes = value;
        if (value != 0) {
            ratio = 0;
        }
    }

    /** Bytes that may be asked for in all with {@link #NEVER} (CommitLimit). */
    public long limit() {
        long k = kilobytes;
        return k != 0 ? k << 10 : kernel.host().memoryBytes() / 100 * ratio;
    }

    /** Bytes that are asked for (Committed_AS). With no memory manager's lock held. */
    public long committed() {
        long sum = 0;
        for (ThreadGroup g : kernel.tasks().rootPids().processes()) {
            Task leader = g.leader();
            MemoryManager mm = leader == null ? null : leader.mm();
            if (mm != null) {
                sum += mm.committedBytes();
            }
        }
        return sum;
    }

    /**
     * ENOMEM if {@code more} bytes are too much. With no memory manager's lock held.
     *
     * @param noReserve MAP_NORESERVE
     */
    static void check(Task task, long more, boolean noReserve) throws ErrnoException {
        if (task == null || task.kernel().host() == null) {
            return;
        }
        Overcommit o = task.kernel().overcommit();
        int mode = o.mode;
        if (mode == ALWAYS || mode == HEURISTIC && (noReserve || more <= o.kernel.host().memoryBytes())) {
            return;
        }
        if (mode == HEURISTIC || more > o.limit() - o.committed()) {
            throw Errno.ENOMEM.error();
        }
    }
}
