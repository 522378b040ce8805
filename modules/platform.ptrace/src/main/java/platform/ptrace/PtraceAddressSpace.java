package platform.ptrace;

import host.linux.Errnos;
import sentry.core.platform.AddressSpace;
import sentry.core.platform.Context;
import sentry.core.platform.PlatformException;

/**
 * One program address space and the stub process that carries it, if any does at the moment.
 *
 * <p>Changes are queued and made in one go, by the next thread that has a stub of the process at hand: in
 * {@link #commit} or before its next switch. An address space without a stub process shows nothing but its queue.
 *
 * <p>Fields are guarded by the monitor, which is held while calls are made in the stub, and is taken before that of
 * {@link StubProcess} and {@link PtracePlatform}.
 */
final class PtraceAddressSpace implements AddressSpace {
    private static final int ENOMEM = 12;

    private final PtracePlatform platform;
    private final MapQueue queue = new MapQueue();
    /** The queue is not empty. Read without the monitor before each switch. */
    private volatile boolean pending;

    private volatile StubProcess process;
    /** Contexts that were announced and have not taken their stub thread yet. */
    private int expected;
    /** Where a queued change failed, -1 when none did since the last look. */
    private long failedAt = -1;

    private int failedErrno;

    /** CPU time of processes that carried it before. */
    private volatile long cpuBefore;

    /** The CPU of the task that made this address space, or last made a context in it; -1 for none. */
    private volatile int near = -1;

    PtraceAddressSpace(PtracePlatform platform) {
        this.platform = platform;
    }

    int near() {
        return near;
    }

    /** Whether {@code tracee} can run here at once. */
    boolean ready(Tracee tracee) {
        return tracee != null && tracee.process == process && !pending;
    }

    StubProcess process() {
        return process;
    }

    @Override
    public synchronized void map(long address, long length, int fd, long offset, int protection, boolean populate) {
        check(address, length);
        if (fd < 0 || offset < 0 || (offset & StubCode.PAGE - 1) != 0) {
            throw new IllegalArgumentException("offset");
        }
        long flags = StubFilter.MAP_SHARED_FIXED | (populate ? StubFilter.MAP_POPULATE : 0);
        queue.map(address, length, fd, offset, protection & 7, flags);
        pending = true;
    }

    @Override
    public synchronized void unmap(long address, long length) {
        check(address, length);
        if (process == null && queue.isEmpty()) {
            return;
        }
        queue.unmap(address, length);
        pending = true;
    }

    @Override
    public synchronized void protect(long address, long length, int protection) {
        check(address, length);
        if (process == null && queue.isEmpty()) {
            return;
        }
        queue.protect(address, length, protection & 7);
        pending = true;
    }

    private void check(long address, long length) {
        if (((address | length) & StubCode.PAGE - 1) != 0
                || length <= 0
                || address < PtracePlatform.MIN_ADDRESS
                || address > StubCode.BASE - length) {
            throw new IllegalArgumentException(Long.toHexString(address) + "+" + Long.toHexString(length));
        }
    }

    @Override
    public void commit(Context by) throws PlatformException {
        try {
            enter((PtraceContext) by);
        } catch (StubLostException e) {
            return; // nothing shows anything any more, and the next switch says so
        }
        takeFailure();
    }

    private synchronized void takeFailure() throws PlatformException {
        if (failedAt != -1) {
            String what = "cannot map at " + Long.toHexString(failedAt) + ": " + Errnos.name(failedErrno);
            failedAt = -1;
            throw new PlatformException(what);
        }
    }

    /** As {@link #takeFailure}, for a thread that is about to switch: the address, or -1. */
    synchronized long failedAddress() {
        long at = failedAt;
        failedAt = -1;
        return at;
    }

    /** Gives {@code context} a stub thread of this address space and brings the queue into force. */
    void enter(PtraceContext context) throws StubLostException, PlatformException {
        Tracee t = context.tracee();
        if (t == null || t.process != process) {
            context.leave();
            t = bind(context);
        }
        if (pending) {
            flush(context, t);
        }
    }

    private synchronized Tracee bind(PtraceContext context) throws StubLostException, PlatformException {
        Tracee t = context.tracee();
        if (process == null) {
            if (t != null) { // a process that the context kept: what it showed goes first
                process = t.process;
                process.begin();
                queue.unmapAllFirst();
                pending = true;
                context.adopted(this);
                return t;
            }
            process = platform.takeProcess();
            process.begin();
        }
        if (t != null) {
            context.fpState();
            context.releaseStub(); // the kept one is not needed
        }
        int tid = process.takeParked();
        if (tid == 0) {
            throw new PlatformException("no stub thread was prepared");
        }
        expected = Math.max(0, expected - 1);
        t = Tracee.attach(process, tid, context.scratch());
        context.bound(this, t);
        return t;
    }

    private synchronized void flush(PtraceContext context, Tracee t) throws StubLostException {
        int total = queue.size();
        int done = 0;
        boolean emptied = false;
        context.registersLost();
        while (done < total) {
            int n = Math.min(total - done, StubCode.ENTRIES);
            queue.write(done, n, process.table);
            int made = t.batch(n);
            done += made;
            if (made == n) {
                continue;
            }
            int errno = (int) -t.batchResult();
            if (errno == ENOMEM && queue.number(done) == MapQueue.NR_MPROTECT) {
                // Something in the range is not mapped. Then nothing of it need be: it is a cache.
                queue.degrade(done);
            } else if (errno == ENOMEM && !emptied) {
                // Too many host mappings. Start again from none; the program's faults bring back what it uses.
                emptied = true;
                empty(t);
            } else {
                failedAt = queue.address(done);
                failedErrno = errno;
                done++;
            }
        }
        queue.clear();
        pending = false;
    }

    static void empty(Tracee t) throws StubLostException {
        long r = t.call(MapQueue.NR_MUNMAP, 0, StubCode.BASE, 0, 0, 0, 0);
        if (r != 0) {
            throw StubLostException.LOST;
        }
    }

    @Override
    public AddressSpace fork(Context by) throws PlatformException {
        PtraceContext context = (PtraceContext) by;
        PtraceAddressSpace child = new PtraceAddressSpace(platform);
        child.near = context.cpu();
        synchronized (this) {
            if (process == null) {
                child.queue.copyFrom(queue);
                child.pending = pending;
                return child;
            }
            try {
                enter(context);
                context.registersLost();
                child.process = platform.cloneProcess(context.tracee());
            } catch (StubLostException e) {
                throw new PlatformException(e.getMessage(), e);
            }
        }
        return child;
    }

    @Override
    public void prepareContext(Context by) throws PlatformException {
        PtraceContext context = (PtraceContext) by;
        synchronized (this) {
            try {
                enter(context);
                near = context.cpu();
                if (process.parkedCount() > expected) { // left by a thread that ended, or by vfork(2)
                    expected++;
                    return;
                }
                context.registersLost();
                long tid = context.tracee().cloneThread();
                if (tid < 0) {
                    throw new PlatformException("cannot make a stub thread: " + Errnos.name((int) -tid));
                }
                process.addParked((int) tid);
                expected++;
            } catch (StubLostException e) {
                throw new PlatformException(e.getMessage(), e);
            }
        }
    }

    @Override
    public long cpuNanos() {
        StubProcess p = process;
        return p == null ? cpuBefore : cpuBefore + p.cpuNanos();
    }

    @Override
    public void release(Context by) {
        StubProcess old;
        synchronized (this) {
            queue.clear();
            pending = false;
            old = process;
            process = null;
        }
        if (old == null) {
            return;
        }
        PtraceContext context = (PtraceContext) by;
        Tracee t = context == null ? null : context.tracee();
        if (t != null && t.process == old && old.attachedCount() == 1) {
            context.keep(); // for the address space that it runs in next: execve(2)
            return;
        }
        platform.kill(old);
    }

    /**
     * The last context here is about to end and its process can serve another address space. Nothing is lost: what the
     * host shows is a cache.
     */
    synchronized boolean vacate(Tracee t) {
        if (process != t.process || expected > 0 || t.process.attachedCount() != 1) {
            return false;
        }
        cpuBefore += process.cpuNanos();
        process = null;
        queue.clear();
        pending = false;
        return true;
    }
}
