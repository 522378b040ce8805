package platform.kvm;

import host.linux.Memory;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import platform.kvm.memory.KvmAddressSpace;
import sentry.core.arch.FpState;
import sentry.core.arch.Registers;
import sentry.core.log.Log;
import sentry.core.platform.AddressSpace;
import sentry.core.platform.Context;
import sentry.core.platform.ContextState;
import sentry.core.platform.Fault;
import sentry.core.platform.PlatformException;

/**
 * One task's flow of control: its registers, and the virtual processor that it had last.
 *
 * <p>A processor is taken for each switch and given back after it. {@link #registers} is the truth between switches; the
 * floating-point state stays on the processor until somebody wants it, or the processor. All fields but {@link #state}
 * and {@link #running} belong to the task's thread.
 */
final class KvmContext implements Context {
    // States of the hand-shake between switchTo and interrupt.
    private static final int IDLE = 0;
    private static final int RUNNING = 1;
    /** Idle, and the next switch returns at once. */
    private static final int PENDING = 2;
    /** Running, and a kick is under way. */
    private static final int KICKED = 3;

    private static final VarHandle STATE;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(KvmContext.class, "state", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private static final int EINTR = 4;

    private final KvmPlatform platform;
    private final VcpuPool pool;
    private final ContextState memory;
    private final Registers registers;
    private final GuestFp fp;
    private final Fault fault = new Fault();

    /** Whose thread uses the context; 0 before the first switch. */
    private int tid;
    /** Where it ran last; it may have gone to another since. */
    private Vcpu vcpu;
    private final Pace pace;
    private final Exits exits;
    private final Answers answers = new Answers();
    /** The processor that is kept, because its program waits in the guest for an answer; else null. */
    private Vcpu held;
    /** A call was taken from the mailbox and not answered. */
    private boolean awaited;

    private long knownFs;
    private long knownGs;

    private boolean released;

    private volatile int state;
    /** Where it runs now, or ran last. */
    private volatile Vcpu running;

    KvmContext(KvmPlatform platform) {
        this.platform = platform;
        this.pool = platform.pool();
        this.memory = platform.states().take();
        this.registers = memory.registers();
        this.fp = new GuestFp(memory.fp(), memory.scratch().address());
        this.pace = new Pace(platform.handsOver());
        this.exits = new Exits(this, platform, registers, fault, pace);
    }

    @Override
    public Registers registers() {
        return registers;
    }

    @Override
    public Fault fault() {
        return fault;
    }

    // Floating point

    @Override
    public FpState fpState() {
        if (held != null) {
            recall(held);
        }
        return fp.get(vcpu);
    }

    /** The state that {@code v} has, which this context has taken. */
    FpState fpOf(Vcpu v) {
        return fp.get(v);
    }

    // Answers

    @Override
    public boolean answersCalls() {
        return true;
    }

    @Override
    public void answers(int[] numbers, long[] values, int count) {
        answers.set(numbers, values, count);
        if (held != null) {
            recall(held);
        }
    }

    // Running

    @Override
    public Exit switchTo(AddressSpace space, boolean singleStep) {
        if (tid == 0) {
            tid = ThreadSignals.prepareThread();
        }
        KvmAddressSpace where = (KvmAddressSpace) space;
        if (where.pending()) {
            where.settle(this);
        }
        Vcpu h = held;
        if (h != null) {
            if (awaited && registers.changed() != Registers.ALL && h.space == where && !singleStep) {
                return reply(h, where);
            }
            recall(h);
        }
        if (registers.changed() == Registers.ALL && !GuestRegisters.sanitize(registers)) {
            FaultDecoder.protection(fault, 0);
            return Exit.FAULT;
        }
        while (true) {
            Vcpu v;
            try {
                v = take();
            } catch (PlatformException e) {
                Log.warn("kvm: " + e.getMessage());
                return lost();
            }
            if (v == null) {
                return lost();
            }
            running = v;
            if (!STATE.compareAndSet(this, IDLE, RUNNING)) {
                state = IDLE;
                pool.give(v);
                return Exit.INTERRUPTED;
            }
            Exit exit;
            try {
                exit = run(v, where, singleStep);
            } catch (PlatformException e) {
                Log.warn("kvm: " + e.getMessage());
                v.regsOwner = null;
                v.space = null;
                exit = Exit.LOST;
            }
            exit = left(exit);
            if (held == null) {
                pool.give(v);
            }
            if (exit != null && !(exits.shrunk() && where.recheck(this))) {
                return exit;
            }
        }
    }

    /** The guest was left because of {@code exit}, null to end a turn. */
    private Exit left(Exit exit) {
        if (STATE.compareAndSet(this, RUNNING, IDLE)) {
            return exit;
        }
        state = exit == Exit.INTERRUPTED || exit == null ? IDLE : PENDING;
        return exit == null ? Exit.INTERRUPTED : exit;
    }

    private Exit lost() {
        state = IDLE;
        return Exit.LOST;
    }

    private Vcpu take() throws PlatformException {
        Vcpu v = held;
        if (v != null) {
            held = null;
            return v;
        }
        v = vcpu;
        if (v != null && !pool.isStopped() && !pool.contended() && v.tryTake()) {
            return v;
        }
        if (v != null) {
            fp.leave(v);
        }
        Vcpu taken = pool.take();
        if (taken != null) {
            vcpu = taken;
            if (taken.regsOwner == this) { // from a time long past
                taken.regsOwner = null;
            }
        }
        return taken;
    }

    /** Runs the program on {@code v}, which is taken, until it has something to tell; null to end a turn. */
    private Exit run(Vcpu v, KvmAddressSpace space, boolean singleStep) throws PlatformException {
        if (!fp.load(v)) {
            FaultDecoder.protection(fault, 0);
            return Exit.FAULT;
        }
        while (true) {
            long ip = registers.ip();
            if (ip >>> 47 != 0) {
                return exits.wildJump(ip);
            }
            long dirty = load(v, space, singleStep);
            Exit exit = pace.wantsHandover(pool) && !singleStep
                    ? handOver(v, space, dirty)
                    : enter(v, space, dirty);
            if (exit != null) {
                return exit;
            }
            if (state == KICKED) {
                return Exit.INTERRUPTED;
            }
            if (pool.contended()) {
                return null;
            }
        }
    }

    // Handing over

    boolean isKicked() {
        return state == KICKED;
    }

    /** Has another thread run the processor, and waits for the program's first call. */
    private Exit handOver(Vcpu v, KvmAddressSpace space, long dirty) {
        if (v.handover == null) {
            v.handover = new Handover(v, platform.pid(), platform.flushes(), platform.cpus());
        }
        fp.entered();
        v.handover.start(space, dirty);
        return await(v, space);
    }

    /** Answers the call that waits in the guest, and waits for the next. */
    private Exit reply(Vcpu v, KvmAddressSpace space) {
        if (!STATE.compareAndSet(this, IDLE, RUNNING)) {
            state = IDLE;
            return Exit.INTERRUPTED;
        }
        awaited = false;
        fp.entered();
        registers.clean();
        v.handover.reply(registers.result());
        Exit exit = await(v, space);
        while (exit == null && state != KICKED) {
            // The processor is out, and there is more to do in the guest; the short way is over.
            held = null;
            try {
                exit = run(v, space, false);
            } catch (PlatformException e) {
                Log.warn("kvm: " + e.getMessage());
                exit = Exit.LOST;
            }
            if (exit == null) {
                break;
            }
        }
        exit = left(exit);
        if (held == null) {
            pool.give(v);
        }
        if (exit == null || exits.shrunk() && space.recheck(this)) {
            return Exit.INTERRUPTED;
        }
        return exit;
    }

    /** Waits for what the program does next; {@link #held} is set while it waits for an answer. */
    private Exit await(Vcpu v, KvmAddressSpace space) {
        Handover h = v.handover;
        Handover.Event event = h.await(this);
        if (event == Handover.Event.CALL) {
            GuestRegisters.getSyscall(v, h.registers(), registers, false);
            registers.clean();
            knownFs = registers.get(Registers.FS_BASE);
            knownGs = registers.get(Registers.GS_BASE);
            held = v;
            awaited = true;
            pace.handedOver();
            if (Pace.needsAll(registers.syscallNumber()) || !pace.goesOn(pool)) {
                recall(v);
            }
            return Exit.SYSCALL;
        }
        if (event == Handover.Event.NOTHING) {
            h.recall();
        }
        h.end();
        pace.ended();
        held = null;
        long r = h.result();
        if (r == -EINTR && v.regsOwner == this) {
            v.tid = tid;
            r = Exits.finish(v);
        }
        return exits.came(v, space, r);
    }

    /** Takes the processor back from the guest, where a call may wait whose answer comes another way. */
    private void recall(Vcpu v) {
        if (!awaited) {
            return; // it is out already
        }
        v.handover.recall();
        v.handover.end();
        pace.ended();
        awaited = false;
        GuestRegisters.freshBases(v, registers, knownFs, knownGs);
        if (v.exceptionPending()) { // a program that only plays the entry code
            v.dropEvents();
        }
        v.settle();
    }

    /** Gives the processor back that waits for us. */
    private void letGo() {
        Vcpu v = held;
        if (v != null) {
            recall(v);
            held = null;
            pool.give(v);
        }
    }

    @Override
    public void sleeping() {
        letGo();
    }

    /** Puts the registers into the processor, as far as they are not there; returns what KVM has to look at. */
    private long load(Vcpu v, KvmAddressSpace space, boolean singleStep) throws PlatformException {
        if (v.answers != answers || answers.changed()) {
            answers.show(v);
        }
        int changed = registers.changed();
        long flags = registers.get(Registers.EFLAGS);
        boolean stepping = singleStep && (flags & GuestRegisters.TRAP_FLAG) == 0;
        exits.stepping = stepping;
        boolean here = v.regsOwner == this && v.space == space;
        boolean quick = here && changed != Registers.ALL;
        if (!quick) {
            GuestRegisters.putGeneral(registers, v.regs);
        } else if (changed == Registers.RESULT) {
            Memory.putLong(v.regs + Kvm.RAX, registers.result());
        }
        registers.clean();
        if (quick && v.atEntry && v.ring0 && !stepping && (flags & GuestRegisters.TRAP_FLAG) == 0) {
            // As the processor left rcx and r11, so it takes them back.
            v.atEntry = false;
            Memory.putLong(v.regs + Kvm.RIP, GuestCode.SYSRET);
            return Kvm.SYNC_REGS;
        }
        v.atEntry = false;
        Memory.putLong(v.regs + Kvm.RIP, registers.ip());
        Memory.putLong(v.regs + Kvm.RSP, registers.sp());
        Memory.putLong(
                v.regs + Kvm.RFLAGS, GuestRegisters.flags(stepping ? flags | GuestRegisters.TRAP_FLAG : flags));
        if (here && !v.ring0 && (quick || GuestRegisters.sameSegments(v, registers))) {
            return Kvm.SYNC_REGS;
        }
        v.loadUser();
        GuestRegisters.putSegments(v, registers);
        if (v.space != space) {
            v.flushesSeen = space.flushes();
            long root = space.root(v.index, SystemArea.vcpu(v.index) + GuestLayout.PDPT);
            if (root == v.root) {
                // It was the root of one that is gone, and KVM sees no change: have what is known of that one forgotten.
                v.flushesSeen--;
            }
            v.root = root;
            v.space = space;
        }
        Memory.putLong(v.sregs + Kvm.CR3, v.root);
        v.regsOwner = this;
        return Kvm.SYNC_REGS | Kvm.SYNC_SREGS;
    }

    /** Enters the guest and finds out why it came back; null to go on. */
    private Exit enter(Vcpu v, KvmAddressSpace space, long dirty) {
        v.tid = tid;
        v.clearKick();
        v.since = System.nanoTime();
        v.inside = space;
        VarHandle.fullFence();
        if (state == KICKED || pool.isStopped()) {
            return leave(v, dirty);
        }
        if (platform.flushes() && v.flushesSeen != space.flushes()) {
            v.inside = null;
            return forget(v, space);
        }
        fp.entered();
        long r = v.enter(dirty);
        if (r == -EINTR) {
            v.interrupted();
            r = Exits.finish(v);
        }
        v.inside = null;
        return exits.came(v, space, r);
    }

    /** Has the processor drop what it knows of page tables; null when it could. */
    private Exit forget(Vcpu v, KvmAddressSpace space) {
        v.flushesSeen = space.flushes();
        return v.runRoutineHere(GuestCode.FLUSH, 0, 0) ? null : exits.broken(v, "flush", true);
    }

    /** Before the guest was entered: {@link #registers} is what it was, but the processor's are half set. */
    private Exit leave(Vcpu v, long dirty) {
        v.inside = null;
        if (dirty != 0) {
            v.regsOwner = null;
        }
        return pool.isStopped() ? Exit.LOST : Exit.INTERRUPTED;
    }

    // Interrupting

    @Override
    public void interrupt() {
        while (true) {
            int s = state;
            if (s == IDLE) {
                if (STATE.compareAndSet(this, IDLE, PENDING)) {
                    return;
                }
            } else if (s == RUNNING) {
                if (STATE.compareAndSet(this, RUNNING, KICKED)) {
                    running.kick(platform.pid());
                    return;
                }
            } else {
                return; // one is under way already
            }
        }
    }

    @Override
    public void release() {
        letGo();
        Vcpu v = vcpu;
        vcpu = null;
        if (v != null) {
            fp.drop(v);
        }
        if (!released) {
            released = true;
            platform.states().give(memory);
        }
    }
}
