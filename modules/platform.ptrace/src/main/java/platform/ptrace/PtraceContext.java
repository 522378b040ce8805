package platform.ptrace;

import host.linux.Ptrace;
import host.linux.Signals;
import host.linux.Wait;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import sentry.core.arch.FpState;
import sentry.core.arch.Registers;
import sentry.core.platform.AddressSpace;
import sentry.core.platform.Context;
import sentry.core.platform.ContextState;
import sentry.core.platform.Fault;
import sentry.core.platform.PlatformException;

/**
 * One task's flow of control: its registers, and the stub thread that it has at the moment.
 *
 * <p>A stub thread is bound at the first switch into an address space, for as long as the context runs there. All
 * fields but {@link #state} and {@link #kickers} belong to the task's thread.
 */
final class PtraceContext implements Context {
    // States of the hand-shake between switchTo and interrupt.
    private static final int IDLE = 0;
    private static final int RUNNING = 1;
    /** Idle, and the next switch returns at once. */
    private static final int PENDING = 2;
    /** Running, and a signal is under way to the stub. */
    private static final int KICKED = 3;
    /** Idle, and a signal is under way that will end the next switch. */
    private static final int OWED = 4;

    private static final VarHandle STATE;
    private static final VarHandle KICKERS;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            STATE = lookup.findVarHandle(PtraceContext.class, "state", int.class);
            KICKERS = lookup.findVarHandle(PtraceContext.class, "kickers", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** Results between -ERESTART_RESTARTBLOCK and -ERESTARTSYS would be acted on by the host. */
    private static final long RESTART_FIRST = -516;

    private static final long RESTART_LAST = -512;

    /** Idle stub threads that a process keeps for the next thread of the program. */
    private static final int SPARE_THREADS = 16;

    private static final int SYSCALL_STOP = Signals.SIGTRAP | 0x80;

    private final PtracePlatform platform;
    private final ContextState memory;
    private final Registers registers;
    private final FpState fp;
    private final Fault fault = new Fault();

    private Tracee tracee;
    /** Where {@link #tracee} belongs; null for one that was kept from an address space that is gone. */
    private PtraceAddressSpace home;
    /** The stub's registers are not the program's. */
    private boolean registersLost = true;
    /** {@link #fp} is what the program has, or will have at its next switch. */
    private boolean fpCurrent = true;

    /** Null until the program has had any. */
    private Breakpoints breakpoints;

    /** Null before the first switch, and when there is no choice of CPU. */
    private Seat seat;

    private boolean released;

    private volatile int state;
    private volatile int kickers;

    PtraceContext(PtracePlatform platform) {
        this.platform = platform;
        this.memory = platform.states().take();
        this.registers = memory.registers();
        this.fp = memory.fp();
    }

    MemorySegment scratch() {
        return memory.scratch();
    }

    Tracee tracee() {
        return tracee;
    }

    /** The stub thread was used for calls of ours. */
    void registersLost() {
        registersLost = true;
    }

    /** {@code t} was attached for this context. */
    void bound(PtraceAddressSpace space, Tracee t) {
        tracee = t;
        home = space;
        Placement placement = platform.placement();
        if (placement != null) {
            if (seat == null) {
                seat = placement.sit(space.near(), t.tid);
            } else {
                placement.restub(seat, t.tid);
            }
        }
        registersLost = true;
        fpCurrent = true;
        fp.changed(true);
        if (breakpoints != null) {
            breakpoints.moved();
        }
    }

    @Override
    public int cpu() {
        return seat == null ? -1 : seat.cpu;
    }

    /** The address space where the context ran is gone; its stub stays with the context, mappings and all. */
    void keep() {
        home = null;
    }

    /** The kept stub now carries {@code space}. */
    void adopted(PtraceAddressSpace space) {
        home = space;
    }

    /** Gives up a stub thread that belongs to an address space that the context leaves. */
    void leave() {
        Tracee t = tracee;
        if (t == null || home == null) {
            return;
        }
        fpState(); // moves on with us
        settle();
        unloadBreakpoints(t);
        tracee = null;
        home = null;
        park(t);
    }

    private void unloadBreakpoints(Tracee t) {
        if (breakpoints != null && breakpoints.loaded()) {
            breakpoints.unload(t);
        }
    }

    private static void park(Tracee t) {
        try {
            if (t.tid != t.process.pid && t.process.parkedCount() >= SPARE_THREADS) {
                t.exit();
                return;
            }
            t.park();
            t.process.returnParked(t.tid);
        } catch (StubLostException e) {
            // It is dead; whoever wants the process next will see.
        }
    }

    @Override
    public Registers registers() {
        return registers;
    }

    @Override
    public FpState fpState() {
        if (!fpCurrent) {
            fpCurrent = true;
            fp.changed(false);
            if (tracee.getFpState(fp.segment().address(), fp.size()) < 0) {
                fp.reset(); // the stub is gone, and the next switch says so
            }
        }
        return fp;
    }

    @Override
    public Fault fault() {
        return fault;
    }

    @Override
    public boolean hasDebugRegisters() {
        return breakpoints != null && breakpoints.loaded() || platform.hasDebugRegisters(tracee);
    }

    @Override
    public void debugRegisters(long[] values) {
        if (breakpoints == null) {
            if (values == null) {
                return;
            }
            breakpoints = new Breakpoints();
        }
        breakpoints.want(values);
        registersLost = true; // so that the next switch looks
    }

    @Override
    public Exit switchTo(AddressSpace space, boolean singleStep) {
        PtraceAddressSpace where = (PtraceAddressSpace) space;
        if (!where.ready(tracee)) {
            try {
                where.enter(this);
            } catch (StubLostException | PlatformException e) {
                return lost();
            }
            long failed = where.failedAddress();
            if (failed != -1) {
                return busError(failed);
            }
        }
        Tracee t = tracee;
        int changed = registers.changed();
        if (registersLost || changed != Registers.CLEAN || fp.changed()) {
            if (fp.changed()) {
                fp.changed(false);
                if (t.setFpState(fp.segment().address(), fp.size()) < 0) {
                    return badState(t);
                }
            }
            if (changed == Registers.RESULT && !registersLost && !restarts(registers.result())) {
                if (t.pokeResult(registers.result()) < 0) {
                    return lost();
                }
            } else if (registersLost || changed != Registers.CLEAN) {
                if (breakpoints != null && breakpoints.due() && !breakpoints.load(t)) {
                    return lost();
                }
                if (!sanitize()) {
                    return protection();
                }
                if (t.setRegisters(registers) < 0) {
                    return badState(t);
                }
                registersLost = false;
            }
            registers.clean();
        }
        Seat at = seat;
        if (at != null) {
            at.switches++;
            if (at.target != at.cpu || at.loose) {
                platform.placement().adjust(at);
            }
        }
        if (t.kickSeen) {
            t.kickSeen = false;
            STATE.compareAndSet(this, OWED, PENDING);
        }
        if (!STATE.compareAndSet(this, IDLE, RUNNING)) {
            if (state == PENDING) {
                state = IDLE;
                return Exit.INTERRUPTED;
            }
            state = KICKED; // from OWED
        }
        fpCurrent = false;
        return run(t, singleStep ? Ptrace.SYSEMU_SINGLESTEP : Ptrace.SYSEMU);
    }

    private Exit run(Tracee t, int request) {
        while (true) {
            if (t.resume(request) < 0) {
                return lost();
            }
            int status = t.waitStop();
            if (status == Tracee.GONE) {
                return lost();
            }
            int signal = Wait.stopSignal(status);
            if (signal == SYSCALL_STOP) {
                if (t.getRegisters(registers) < 0) {
                    return lost();
                }
                registers.clean();
                stopped();
                return legacyCall() ? legacyFault() : Exit.SYSCALL;
            }
            if (Wait.event(status) != 0) {
                continue; // a group stop that somebody outside asked for
            }
            if (signal == Signals.SIGCHLD) {
                if (state != KICKED) {
                    continue; // not ours
                }
                if (t.getRegisters(registers) < 0) {
                    return lost();
                }
                registers.clean();
                state = IDLE;
                return Exit.INTERRUPTED;
            }
            if (t.getSignal() < 0) {
                return lost();
            }
            if (t.signalCode() <= 0) {
                continue; // sent from outside, not by the processor
            }
            if (t.getRegisters(registers) < 0) {
                return lost();
            }
            registers.clean();
            stopped();
            if (signal == Signals.SIGSYS) {
                vsyscall(t.signalAddress());
            } else {
                describe(signal, t.signalCode(), t.signalAddress());
                if (breakpoints != null && fault.trap == FaultDecoder.TRAP_DEBUG) {
                    fault.breakpoints = breakpoints.hit(t);
                }
            }
            return Exit.FAULT;
        }
    }

    /** The program stopped for a reason of its own. */
    private void stopped() {
        if (!STATE.compareAndSet(this, RUNNING, IDLE)) {
            state = OWED;
        }
    }

    private static boolean restarts(long result) {
        return result >= RESTART_FIRST && result <= RESTART_LAST;
    }

    /** Makes the registers such as the host accepts; false when a base address is beyond user space. */
    private boolean sanitize() {
        registers.set(Registers.ORIG_RAX, -1); // no call that the host could restart
        registers.set(Registers.CS, Tracee.CODE_SEGMENT);
        registers.set(Registers.SS, Tracee.STACK_SEGMENT);
        sanitizeSegment(Registers.DS);
        sanitizeSegment(Registers.ES);
        sanitizeSegment(Registers.FS);
        sanitizeSegment(Registers.GS);
        return sanitizeBase(Registers.FS_BASE) & sanitizeBase(Registers.GS_BASE);
    }

    private void sanitizeSegment(int register) {
        long selector = registers.get(register);
        if ((selector & ~0xffffL) != 0 || (selector != 0 && (selector & 3) != 3)) {
            registers.set(register, 0);
        }
    }

    private boolean sanitizeBase(int register) {
        if (Long.compareUnsigned(registers.get(register), StubCode.END) < 0) {
            return true;
        }
        registers.set(register, 0);
        return false;
    }

    /**
     * Whether the call came from {@code int 0x80} or {@code sysenter}, whose numbers are those of the 32-bit table. The
     * syscall instruction leaves rip in rcx; the others do not.
     */
    private boolean legacyCall() {
        return registers.get(Registers.RCX) != registers.get(Registers.RIP)
                || registers.get(Registers.CS) != Tracee.CODE_SEGMENT;
    }

    /** What a processor does whose kernel has no 32-bit gate: a general protection fault at the instruction. */
    private Exit legacyFault() {
        registers.set(Registers.RIP, registers.get(Registers.RIP) - 2);
        registers.set(Registers.RAX, registers.get(Registers.ORIG_RAX));
        protection();
        fault.error = 0x80 << 3 | 2; // the gate's number and the IDT bit
        return Exit.FAULT;
    }

    /**
     * The stub's filter stopped the host from emulating a call at {@code address} in the vsyscall page, after the host had
     * already returned to the caller. Goes back, so that it looks as on a host without the page.
     */
    private void vsyscall(long address) {
        registers.set(Registers.RIP, address);
        registers.set(Registers.RSP, registers.sp() - 8);
        describe(Signals.SIGSEGV, 1 /* SEGV_MAPERR */, address);
    }

    private Exit lost() {
        state = IDLE;
        return Exit.LOST;
    }

    /** The host refused the registers or the floating-point state: a bad frame, or the stub is dead. */
    private Exit badState(Tracee t) {
        if (t.process.dead() || t.getRegistersFails()) {
            return lost();
        }
        registersLost = true;
        fpCurrent = false;
        return protection();
    }

    private Exit protection() {
        fault.signal = Signals.SIGSEGV;
        fault.code = 0x80; // SI_KERNEL
        fault.address = 0;
        fault.access = 0;
        fault.trap = 13;
        fault.error = 0;
        return Exit.FAULT;
    }

    private Exit busError(long address) {
        describe(Signals.SIGBUS, 2 /* BUS_ADRERR */, address);
        return Exit.FAULT;
    }

    private void describe(int signal, int code, long address) {
        FaultDecoder.describe(fault, registers.ip(), signal, code, address);
    }

    @Override
    public void interrupt() {
        KICKERS.getAndAdd(this, 1);
        try {
            while (true) {
                int s = state;
                if (s == IDLE) {
                    if (STATE.compareAndSet(this, IDLE, PENDING)) {
                        return;
                    }
                } else if (s == RUNNING) {
                    if (STATE.compareAndSet(this, RUNNING, KICKED)) {
                        Tracee t = tracee; // stays until kickers is 0
                        Signals.tgkill(t.process.pid, t.tid, Signals.SIGCHLD);
                        return;
                    }
                } else {
                    return; // one is under way already
                }
            }
        } finally {
            KICKERS.getAndAdd(this, -1);
        }
    }

    /** Waits until no other thread can send a signal to {@link #tracee} any more. */
    private void settle() {
        while (kickers != 0) {
            Thread.onSpinWait();
        }
        if (state == OWED) {
            state = PENDING; // the signal is lost with the stub thread, the interrupt is not
        }
    }

    @Override
    public void sleeping() {
        if (seat != null) {
            platform.placement().sleeping(seat);
        }
    }

    @Override
    public void waking() {
        if (seat != null) {
            platform.placement().waking(seat);
        }
    }

    @Override
    public void release() {
        if (seat != null) {
            platform.placement().leave(seat);
            seat = null;
        }
        releaseStub();
        if (!released) {
            released = true;
            platform.states().give(memory);
        }
    }

    /** Parks the stub thread, or puts its process in reserve when that has nothing else to do. */
    void releaseStub() {
        Tracee t = tracee;
        if (t == null) {
            return;
        }
        settle();
        unloadBreakpoints(t);
        tracee = null;
        PtraceAddressSpace space = home;
        home = null;
        boolean vacant = space == null || space.vacate(t);
        if (vacant) {
            dispose(t);
        } else {
            park(t);
        }
    }

    private void dispose(Tracee t) {
        StubProcess p = t.process;
        if (!platform.wantsReserve()) {
            platform.kill(p);
            return;
        }
        try {
            PtraceAddressSpace.empty(t);
            t.park();
            p.returnParked(t.tid);
            platform.giveBack(p);
        } catch (StubLostException e) {
            platform.kill(p);
        }
    }
}
