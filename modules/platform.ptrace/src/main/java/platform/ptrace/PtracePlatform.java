package platform.ptrace;

import host.linux.HostException;
import host.linux.Processes;
import host.linux.Ptrace;
import host.linux.Sched;
import host.linux.Signals;
import host.linux.Wait;
import java.util.ArrayList;
import sentry.core.platform.AddressSpace;
import sentry.core.platform.Context;
import sentry.core.platform.ContextStates;
import sentry.core.platform.HostCall;
import sentry.core.platform.Platform;
import sentry.core.platform.PlatformException;
import sentry.core.platform.PlatformTraits;

/** The platform: its stub processes, those in use and those in reserve. */
final class PtracePlatform implements Platform {
    /** Empty stub processes that are kept for the next address space. */
    private static final int RESERVE = 8;

    /** Hosts let no program map lower without a privilege (vm.mmap_min_addr). */
    static final long MIN_ADDRESS = 0x10000;

    private final StubFiles files;
    private final MasterStub master;
    private final PlatformTraits traits;
    private final ContextStates states;
    private final Placement placement;
    /** The host is known to give stub threads breakpoints. */
    private volatile boolean debugRegisters;

    // Guarded by this.
    private final ArrayList<StubProcess> processes = new ArrayList<>();
    private final ArrayList<StubProcess> reserve = new ArrayList<>();
    private boolean closed;

    PtracePlatform() throws HostException, PlatformException {
        Signals.quietChildren(); // a stop is waited for, and there are many
        files = new StubFiles();
        master = new MasterStub(files);
        master.start();
        Placement p = new Placement();
        placement = p.active() ? p : null;
        try {
            traits = new PlatformTraits(MIN_ADDRESS, StubCode.BASE, false, master.fpStateSize(), true);
        } catch (PlatformException e) {
            files.close();
            throw e;
        }
        states = new ContextStates(traits.fpStateSize(), Tracee.SCRATCH_SIZE);
    }

    @Override
    public String name() {
        return "ptrace";
    }

    @Override
    public PlatformTraits traits() {
        return traits;
    }

    @Override
    public AddressSpace newAddressSpace() {
        return new PtraceAddressSpace(this);
    }

    @Override
    public Context newContext() {
        return new PtraceContext(this);
    }

    ContextStates states() {
        return states;
    }

    /** Null when there is only one CPU. */
    Placement placement() {
        return placement;
    }

    /** An empty process, parked: from the reserve, or a new one. */
    StubProcess takeProcess() throws PlatformException {
        synchronized (this) {
            while (!reserve.isEmpty()) {
                StubProcess p = reserve.remove(reserve.size() - 1);
                if (!p.dead()) {
                    return p;
                }
            }
        }
        return enlist(master.newProcess());
    }

    /**
     * Makes a copy of the process that {@code tracee} belongs to.
     */
    StubProcess cloneProcess(Tracee tracee) throws PlatformException, StubLostException {
        int slot = files.takeSlot();
        if (slot < 0) {
            throw new PlatformException("too many stub processes");
        }
        long pid = -1;
        try {
            pid = tracee.cloneProcess(master.sentryPid(), files.tableFd, StubFiles.offset(slot));
        } finally {
            if (pid < 0) {
                files.freeSlot(slot);
            }
        }
        if (pid < 0) {
            throw new PlatformException("cannot make a stub process: " + host.linux.Errnos.name((int) -pid));
        }
        return enlist(master.process((int) pid, slot));
    }

    private StubProcess enlist(StubProcess p) throws PlatformException {
        synchronized (this) {
            if (!closed) {
                processes.add(p);
                return p;
            }
        }
        p.kill();
        throw new PlatformException("the platform is closed");
    }

    /** Whether an emptied process is worth keeping. */
    synchronized boolean wantsReserve() {
        return !closed && reserve.size() < RESERVE;
    }

    /** Takes back an empty process all of whose threads are parked. */
    void giveBack(StubProcess p) {
        synchronized (this) {
            if (!p.dead() && wantsReserve()) {
                reserve.add(p);
                return;
            }
        }
        kill(p);
    }

    void kill(StubProcess p) {
        synchronized (this) {
            if (!processes.remove(p)) {
                return;
            }
        }
        p.kill();
        files.freeSlot(p.slot);
    }

    /** Whether the host lets stub threads have breakpoints; found out with {@code t}, the caller's, which has none. */
    boolean hasDebugRegisters(Tracee t) {
        if (!debugRegisters && t != null) {
            debugRegisters = Breakpoints.available(t);
        }
        return debugRegisters;
    }

    @Override
    public HostCall[] hostCalls() {
        return new HostCall[] {
            HostCall.only(
                    Ptrace.NR,
                    0,
                    Ptrace.PEEKUSER,
                    Ptrace.POKEUSER,
                    Ptrace.CONT,
                    Ptrace.GETREGS,
                    Ptrace.SETREGS,
                    Ptrace.DETACH,
                    Ptrace.SYSEMU,
                    Ptrace.SYSEMU_SINGLESTEP,
                    Ptrace.GETSIGINFO,
                    Ptrace.GETREGSET,
                    Ptrace.SETREGSET,
                    Ptrace.SEIZE,
                    Ptrace.INTERRUPT,
                    // The master stub may still be starting when the Sentry gives up its rights.
                    Ptrace.GET_RSEQ_CONFIGURATION),
            HostCall.any(Wait.NR_WAIT4),
            HostCall.only(Signals.NR_TGKILL, 2, Signals.SIGCHLD, Signals.SIGKILL),
            HostCall.any(Sched.NR_SETAFFINITY),
            HostCall.any(Sched.NR_GETCPU),
            HostCall.any(Processes.NR_PIDFD_OPEN), // of the master stub
            HostCall.any(Cpus.NR_PREAD64),
        };
    }

    @Override
    public void onLoss(Runnable action) {
        master.onLoss(action);
    }

    @Override
    public void close() {
        StubProcess[] all;
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            all = processes.toArray(new StubProcess[0]);
            processes.clear();
            reserve.clear();
        }
        for (StubProcess p : all) {
            p.kill();
        }
        if (placement != null) {
            placement.close();
        }
        master.close();
        files.close();
    }
}
