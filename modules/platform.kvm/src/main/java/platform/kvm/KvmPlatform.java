package platform.kvm;

import host.linux.Memory;
import host.linux.Processes;
import host.linux.Sched;
import host.linux.Signals;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import platform.kvm.memory.GuestPhysical;
import platform.kvm.memory.KvmAddressSpace;
import platform.kvm.memory.Shootdown;
import sentry.core.log.Log;
import sentry.core.platform.AddressSpace;
import sentry.core.platform.Context;
import sentry.core.platform.ContextStates;
import sentry.core.platform.HostCall;
import sentry.core.platform.Platform;
import sentry.core.platform.PlatformConfig;
import sentry.core.platform.PlatformException;
import sentry.core.platform.PlatformTraits;

/** One virtual machine that runs all programs of a sandbox. */
final class KvmPlatform implements Platform {
    private static final int NR_MMAP = 9;
    private static final int NR_MPROTECT = 10;
    private static final int NR_MUNMAP = 11;
    private static final int NR_MADVISE = 28;
    private static final int NR_FSTAT = 5;
    private static final int NR_DUP = 32;

    private final Vm vm;
    private final GuestPhysical physical;
    private final VcpuPool pool;
    private final int pid = Processes.pid();
    private final PlatformTraits traits;
    private final boolean ring3Entry;
    private final boolean shadowed;
    private final long exitNanos;
    private final CpuPair cpus = new CpuPair();
    private final boolean handsOver =
            cpus.isUsable() && Boolean.parseBoolean(System.getProperty("platform.kvm.handover", "true"));
    private final ContextStates states;
    private final Shootdown shootdown = new Flusher();
    private boolean closed;

    /** @param measure whether the self-test also takes times, for {@link #description} */
    KvmPlatform(PlatformConfig config, boolean measure) throws PlatformException {
        vm = new Vm();
        GuestPhysical p = null;
        Vcpu first = null;
        try {
            p = new GuestPhysical(vm::setMemoryRegion, vm.maxSlots(), config);
            physical = p;
            SystemArea system = new SystemArea(p.systemHost(), p.tables().windowPdpt());
            ThreadSignals.prepareThread();
            first = new Vcpu(vm, system, 0, true);
            SelfTest test = new SelfTest(first, system);
            test.run();
            exitNanos = measure ? test.measure() : 0;
            ring3Entry = test.ring3Entry();
            shadowed = test.shadowed();
            if (!test.sameCounter()) {
                throw new PlatformException("the guest's time stamp counter is not the host's");
            }
            if (!ring3Entry) {
                system.enterAtRing0();
                system.prepare(0, false);
                Memory.putLong(first.pages + GuestLayout.LIST, GuestLayout.SYSTEM_BASE + SystemArea.vcpu(0)
                        + GuestLayout.TABLE_PT);
                first.runRoutine(
                        GuestCode.TOUCH, GuestLayout.SYSTEM_BASE + SystemArea.vcpu(0) + GuestLayout.LIST, 1);
                first.runRoutine(GuestCode.FLUSH, 0, 0);
                first.protectRing0(vm);
            }
            int size = Math.min(
                    Integer.getInteger("platform.kvm.vcpus", Math.max(16, 4 * Runtime.getRuntime().availableProcessors())),
                    Math.min(vm.maxVcpus(), GuestLayout.MAX_VCPUS));
            pool = new VcpuPool(vm, system, ring3Entry, pid, size, first);
            traits = new PlatformTraits(
                    KvmAddressSpace.MIN_ADDRESS, KvmAddressSpace.MAX_ADDRESS, true, vm.fpStateSize(), true);
        } catch (PlatformException e) {
            if (first != null) {
                first.close();
            }
            vm.close();
            if (p != null) {
                p.close();
            }
            throw e;
        }
        states = new ContextStates(traits.fpStateSize(), Kvm.XSAVE_SIZE);
        if (Log.enabled()) {
            Log.debug("kvm: system calls enter at ring " + (ring3Entry ? 3 : 0)
                    + (shadowed ? ", page tables are shadowed" : ""));
        }
    }

    VcpuPool pool() {
        return pool;
    }

    int pid() {
        return pid;
    }

    /** Whether processors cache our page tables: not where the host shadows them, for it tells all of them. */
    boolean flushes() {
        return !ring3Entry;
    }

    CpuPair cpus() {
        return cpus;
    }

    /** Whether contexts may have another thread run their processor while they answer calls. */
    boolean handsOver() {
        return handsOver;
    }

    /** What the self-test found, for people. */
    String description() {
        return "system calls enter the guest at ring " + (ring3Entry ? 3 : 0) + " and leave it in "
                + (exitNanos + 50) / 100 / 10.0 + " us" + (shadowed ? ", page tables are shadowed" : "");
    }

    @Override
    public String name() {
        return "kvm";
    }

    @Override
    public boolean sharesMemoryFile() {
        return false;
    }

    @Override
    public PlatformTraits traits() {
        return traits;
    }

    @Override
    public AddressSpace newAddressSpace() throws PlatformException {
        return new KvmAddressSpace(physical, shootdown);
    }

    @Override
    public Context newContext() {
        return new KvmContext(this);
    }

    ContextStates states() {
        return states;
    }

    /** Has processors forget entries of page tables that changed. */
    private final class Flusher implements Shootdown {
        @Override
        public boolean shadowed() {
            return shadowed;
        }

        @Override
        public void flush(Context by, KvmAddressSpace space, long[] tables, int count) {
            if (shadowed) {
                touch(tables, count);
            }
            if (space != null && !ring3Entry) {
                shootDown(space);
            }
        }
    }

    /**
     * Has ring 0 write to the tables, on any processor that is free: the host, which shadows them, then forgets them for
     * all processors.
     */
    private void touch(long[] tables, int count) {
        if (count == 0) {
            return;
        }
        ThreadSignals.prepareThread();
        Vcpu v;
        try {
            v = pool.take();
        } catch (PlatformException e) {
            throw new IllegalStateException(e);
        }
        if (v == null) {
            return; // closed, and nothing runs any more
        }
        try {
            int room = GuestLayout.PAGE / Long.BYTES;
            for (int at = 0; at < count; at += room) {
                int n = Math.min(room, count - at);
                for (int i = 0; i < n; i++) {
                    Memory.putLong(v.pages + GuestLayout.LIST + 8L * i, tables[at + i]);
                }
                long list = v.stackTop - GuestLayout.STACK_TOP + GuestLayout.LIST;
                if (!v.runRoutine(GuestCode.TOUCH, list, n)) {
                    throw new IllegalStateException("page tables cannot be forgotten: exit " + v.exitReason()
                            + " suberror " + Memory.getInt(v.run + Kvm.RUN_INTERNAL_SUBERROR));
                }
            }
        } finally {
            pool.give(v);
        }
    }

    /** Has every processor that runs {@code space} come out; each flushes before it enters again. */
    private void shootDown(KvmAddressSpace space) {
        VarHandle.fullFence();
        for (int i = 0; i < pool.count(); i++) {
            Vcpu v = pool.get(i);
            long since = v.since;
            for (int spins = 0; v.inside == space && v.since == since; spins++) {
                if ((spins & 0xfff) == 0) {
                    v.kick(pid);
                }
                if (spins > 1000) {
                    LockSupport.parkNanos(20_000);
                } else {
                    Thread.onSpinWait();
                }
            }
        }
    }

    @Override
    public HostCall[] hostCalls() {
        return new HostCall[] {
            HostCall.only(
                    Kvm.NR_IOCTL,
                    1,
                    Kvm.RUN,
                    Kvm.GET_XSAVE,
                    Kvm.SET_XSAVE,
                    Kvm.GET_VCPU_EVENTS,
                    Kvm.SET_VCPU_EVENTS,
                    Kvm.SET_USER_MEMORY_REGION,
                    // More processors, as more tasks run at once.
                    Kvm.CREATE_VCPU,
                    Kvm.GET_SREGS,
                    Kvm.SET_CPUID2,
                    Kvm.SET_XCRS,
                    Kvm.SET_MSRS,
                    Kvm.SET_DEVICE_ATTR,
                    Kvm.SET_SIGNAL_MASK),
            HostCall.only(Signals.NR_TGKILL, 2, Vcpu.KICK),
            HostCall.any(Sched.NR_SETAFFINITY),
            HostCall.any(Sched.NR_GETCPU),
            HostCall.any(ThreadSignals.NR_RT_SIGTIMEDWAIT),
            HostCall.any(Signals.NR_RT_SIGPROCMASK),
            HostCall.any(ThreadSignals.NR_GETTID),
            HostCall.any(NR_MMAP),
            HostCall.any(NR_MUNMAP),
            HostCall.any(NR_MPROTECT),
            HostCall.any(NR_MADVISE),
            HostCall.any(NR_FSTAT),
            HostCall.any(NR_DUP),
        };
    }

    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        pool.stop();
        pool.close();
        vm.close();
        physical.close();
    }
}
