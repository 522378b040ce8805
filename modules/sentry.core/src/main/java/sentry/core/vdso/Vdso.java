package sentry.core.vdso;

import host.linux.HostException;
import host.linux.Memory;
import host.linux.Tsc;
import sentry.core.abi.ErrnoException;
import sentry.core.memory.MemoryFile;
import sentry.core.task.TimeNamespace;
import sentry.core.time.KernelTimer;
import sentry.core.time.KernelTimers;

/**
 * The one vDSO of a kernel: two pages of the memory file, parameters and image, that all programs share.
 *
 * <p>Until a program asks for the time by a system call its clocks are off, and programs make that call; from then on
 * they are kept in step by a timer. So a program that never asks costs nothing.
 */
public final class Vdso {
    /** Bytes of the parameters, below the image. */
    public static final long PARAMETERS = VdsoImage.PAGE;
    /** Bytes of both. */
    public static final long SIZE = 2 * VdsoImage.PAGE;

    private final long offset;
    private final MemoryFile memory;
    private final int cpus;
    /** Parameters without clocks, for those whose clocks are not the kernel's; 0 while nobody needed them. */
    private long silent;
    private final VdsoClock clock;
    private final KernelTimers timers;
    private volatile boolean running;

    private Vdso(long offset, MemoryFile memory, int cpus, VdsoClock clock, KernelTimers timers) {
        this.offset = offset;
        this.memory = memory;
        this.cpus = cpus;
        this.clock = clock;
        this.timers = timers;
    }

    /**
     * Puts it into the memory file. Before the Sentry gives up its rights: it makes executable memory for itself.
     *
     * @param cpus how many processors programs may be told of
     */
    public static Vdso create(MemoryFile memory, KernelTimers timers, int cpus) throws HostException, ErrnoException {
        long offset = memory.allocate(SIZE);
        byte[] image = VdsoImage.build();
        Memory.copy(image, 0, memory.address(offset + PARAMETERS), image.length);
        Tsc tsc = new Tsc();
        VdsoClock clock = tsc.invariant() ? new VdsoClock(memory.address(offset), tsc) : null;
        if (clock != null) {
            clock.setCpus(cpus);
        }
        return new Vdso(offset, memory, cpus, clock, timers);
    }

    /** Where it is in the memory file: the parameters, and behind them the image. */
    public long offset() {
        return offset;
    }

    /**
     * Where the parameters are in the memory file for a process in {@code time}. If its clocks are not the kernel's, they
     * are such that it asks the kernel.
     */
    public synchronized long parameters(TimeNamespace time) throws ErrnoException {
        if (time.plain()) {
            return offset;
        }
        if (silent == 0) {
            silent = memory.allocate(PARAMETERS);
            VdsoClock.silence(memory.address(silent), cpus);
        }
        return silent;
    }

    /** A program asked for the time the slow way. Cheap once the clocks run. */
    public void wanted() {
        if (!running && clock != null) {
            start();
        }
    }

    private synchronized void start() {
        if (!running && clock.update()) {
            running = true;
            timers.arm(new Update(), System.nanoTime() + VdsoClock.INTERVAL / 10);
        }
    }

    private final class Update extends KernelTimer {
        @Override
        protected void expired() {
            clock.update();
            timers.arm(this, System.nanoTime() + VdsoClock.INTERVAL);
        }
    }
}
