package platform.ptrace;

import host.linux.HostClock;
import host.linux.Memory;
import host.linux.Signals;
import host.linux.Wait;
import java.lang.foreign.Arena;
import java.util.Arrays;

/**
 * A stub process on the host: carries one program address space at a time. Guarded by its own monitor, except where
 * said.
 */
final class StubProcess {
    final int pid;
    /** Index of its page in the table file. */
    final int slot;
    /** Where the Sentry sees that page. */
    final long table;

    /** Threads that wait in the parking loop, without a tracer. */
    private int[] parked = new int[4];

    private int parkedCount;
    /** Threads with a tracer. */
    private int[] attached = new int[4];

    private int attachedCount;
    /** It was killed, or found dead. */
    private volatile boolean dead;
    /** It has been waited for, so its pid may be another process's by now. */
    private boolean reaped;

    StubProcess(int pid, int slot, long table) {
        this.pid = pid;
        this.slot = slot;
        this.table = table;
        addParked(pid);
    }

    /** CPU time that it had used when it came to the address space that it carries now. */
    private volatile long usedBefore;

    /** CPU time since {@link #begin}; 0 when it is gone. */
    long cpuNanos() {
        return Math.max(0, HostClock.ofProcess(pid) - usedBefore);
    }

    /** It will carry another address space, and has worked before. */
    void begin() {
        usedBefore = Math.max(0, HostClock.ofProcess(pid));
    }

    boolean dead() {
        return dead;
    }

    /** The tracer of {@code tid} was told its end, and by that the host forgot it. */
    synchronized void ended(int tid) {
        detached(tid);
        if (tid == pid) {
            dead = true;
            reaped = true;
        }
    }

    synchronized void addParked(int tid) {
        if (parkedCount == parked.length) {
            parked = Arrays.copyOf(parked, 2 * parkedCount);
        }
        parked[parkedCount++] = tid;
    }

    /** Takes a parked thread out for the caller to attach to; 0 when there is none. */
    synchronized int takeParked() {
        if (parkedCount == 0) {
            return 0;
        }
        int tid = parked[--parkedCount];
        if (attachedCount == attached.length) {
            attached = Arrays.copyOf(attached, 2 * attachedCount);
        }
        attached[attachedCount++] = tid;
        return tid;
    }

    /** The caller has detached from {@code tid}, or is about to. */
    synchronized void returnParked(int tid) {
        detached(tid);
        addParked(tid);
    }

    private void detached(int tid) {
        for (int i = 0; i < attachedCount; i++) {
            if (attached[i] == tid) {
                attached[i] = attached[--attachedCount];
                break;
            }
        }
    }

    synchronized int attachedCount() {
        return attachedCount;
    }

    synchronized int parkedCount() {
        return parkedCount;
    }

    /**
     * Kills the process and reaps it. Tracees of other threads are reaped by whoever comes first, they or we; those
     * threads see their tracee gone.
     */
    void kill() {
        int[] tids;
        synchronized (this) {
            if (reaped) {
                return;
            }
            dead = true;
            reaped = true;
            tids = Arrays.copyOf(attached, attachedCount);
            Signals.tgkill(pid, pid, Signals.SIGKILL);
        }
        try (Arena arena = Arena.ofConfined()) {
            long status = arena.allocate(8).address();
            // A thread with a tracer stays a zombie until it is waited for, and the process with it.
            for (int tid : tids) {
                if (tid != pid) {
                    reap(tid, status);
                }
            }
            reap(pid, status);
        }
    }

    private static void reap(int tid, long status) {
        while (Wait.wait4(tid, status, Wait.WALL) == tid
                && Wait.stopped(Memory.getInt(status))) {
            // A stop from before the kill; the end comes next.
        }
    }
}
