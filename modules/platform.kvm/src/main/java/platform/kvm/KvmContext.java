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
    private static final int EFAULT = 14;
    private static final int SYSCALL_LENGTH = 2;

    private final KvmPlatform platform;
    private final VcpuPool pool;
    private final ContextState memory;
    private final Registers registers;
    private final FpState fp;
    private final Fault fault = new Fault();

    /** Whose thread uses the context; 0 before the first switch. */
    private int tid;
    /** Where it ran last; it may have gone to another since. */
    private Vcpu vcpu;
    /** {@link #fp} is what the program has, or will have. Guarded by the monitor of the processor that holds it. */
    private boolean fpCurrent = true;
    /** The trap flag is set for us, not by the program. */
    private boolean stepping;

    private final Pace pace;
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
        this.memory = platform.takeState();
        this.registers = memory.registers;
        this.fp = memory.fp;
        this.pace = new Pace(platform.handsOver());
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
        Vcpu v = vcpu;
        if (v != null && !fpCurrent) {
            synchronized (v) {
                save(v);
            }
        }
        return fp;
    }

    /** Fetches the state from the processor that holds it. Under its monitor. */
    private void save(Vcpu v) {
        if (fpCurrent) {
            return;
        }
        fpCurrent = true;
        if (v.getXsave(memory.xsave) < 0) {
            fp.reset();
        } else {
            Memory.copy(memory.xsave, fp.segment().address(), fp.size());
        }
        fp.changed(false);
    }

    /** Makes sure that {@code v} has our state; false when the processor refuses it. */
    private boolean loadFp(Vcpu v) {
        if (v.fpOwner == this && !fp.changed()) {
            return true;
        }
        synchronized (v) {
            KvmContext owner = v.fpOwner;
            if (owner != null && owner != this) {
                owner.save(v);
            }
            v.fpOwner = this;
            Memory.fill(memory.xsave, Kvm.XSAVE_SIZE, (byte) 0);
            Memory.copy(fp.segment().address(), memory.xsave, fp.size());
            fp.changed(false);
            fpCurrent = true;
            if (v.setXsave(memory.xsave) >= 0) {
                return true;
            }
            v.fpOwner = null;
            fp.reset();
            return false;
        }
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
                give(v);
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
            if (exit != null) {
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
        fpState();
        if (v != null) {
            synchronized (v) {
                if (v.fpOwner == this) {
                    v.fpOwner = null;
                }
            }
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

    private void give(Vcpu v) {
        pool.give(v);
    }

    /** Runs the program on {@code v}, which is taken, until it has something to tell; null to end a turn. */
    private Exit run(Vcpu v, KvmAddressSpace space, boolean singleStep) throws PlatformException {
        if (!loadFp(v)) {
            FaultDecoder.protection(fault, 0);
            return Exit.FAULT;
        }
        while (true) {
            long ip = registers.ip();
            if (ip >>> 47 != 0) {
                return wildJump(ip);
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
            v.handover = new Handover(v, platform.pid(), platform.flushes());
        }
        fpCurrent = false;
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
        fpCurrent = false;
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
        return exit == null ? Exit.INTERRUPTED : exit;
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
            r = finish(v);
        }
        return came(v, space, r);
    }

    /** Takes the processor back from the guest, where a call may wait whose answer comes another way. */
    private void recall(Vcpu v) {
        if (!awaited) {
            return; // it is out already
        }
        v.handover.recall();
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

    /** The kernel has sent the program where none can be. */
    private Exit wildJump(long ip) {
        if (ip >> 47 == -1) {
            FaultDecoder.page(fault, ip, FaultDecoder.ERROR_FETCH, false);
        } else {
            FaultDecoder.protection(fault, 0);
        }
        return Exit.FAULT;
    }

    /** Puts the registers into the processor, as far as they are not there; returns what KVM has to look at. */
    private long load(Vcpu v, KvmAddressSpace space, boolean singleStep) throws PlatformException {
        if (v.answers != answers || answers.changed()) {
            answers.show(v);
        }
        int changed = registers.changed();
        long flags = registers.get(Registers.EFLAGS);
        stepping = singleStep && (flags & GuestRegisters.TRAP_FLAG) == 0;
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
        fpCurrent = false;
        long r = v.enter(dirty);
        if (r == -EINTR) {
            v.interrupted();
            r = finish(v);
        }
        v.inside = null;
        return came(v, space, r);
    }

    /**
     * After {@code -EINTR}: lets the processor go on as long as it is half way into the Sentry. Nothing of the program
     * runs then, and what made it come out has to wait, for the program's registers are in no one place.
     */
    private static long finish(Vcpu v) {
        while (unfinished(v)) {
            long r = v.enter(0);
            if (r != -EINTR) {
                return r;
            }
            v.interrupted();
        }
        return -EINTR;
    }

    /** Has the processor drop what it knows of page tables; null when it could. */
    private Exit forget(Vcpu v, KvmAddressSpace space) {
        v.flushesSeen = space.flushes();
        return v.runRoutineHere(GuestCode.FLUSH, 0, 0) ? null : broken(v, "flush");
    }

    /** Finds out why the guest was left, with KVM_RUN's result; null to go on. */
    private Exit came(Vcpu v, KvmAddressSpace space, long r) {
        if (r == -EINTR) {
            return platform.flushes() && v.regsOwner != this ? null : stopped(v);
        }
        if (r == -EFAULT) {
            return hostFault(v, space);
        }
        if (r != 0) {
            return broken(v, "error " + -r);
        }
        return switch (v.exitReason()) {
            case Kvm.EXIT_MMIO -> store(v);
            case Kvm.EXIT_HLT -> exception(v, space);
            default -> broken(v, "exit " + v.exitReason());
        };
    }

    /** Before the guest was entered: {@link #registers} is what it was, but the processor's are half set. */
    private Exit leave(Vcpu v, long dirty) {
        v.inside = null;
        if (dirty != 0) {
            v.regsOwner = null;
        }
        return pool.isStopped() ? Exit.LOST : Exit.INTERRUPTED;
    }

    /** Whether the processor is on its way into the Sentry already, so that it must be let go on. */
    private static boolean unfinished(Vcpu v) {
        if (v.inRing0()) {
            long offset = Memory.getLong(v.regs + Kvm.RIP) - GuestCode.ENTRY;
            return offset < 0 || offset >= GuestCode.END;
        }
        return v.exceptionPending();
    }

    /** Stopped in the midst of the program. */
    private Exit stopped(Vcpu v) {
        v.ring0 = v.inRing0();
        long offset = Memory.getLong(v.regs + Kvm.RIP) - GuestCode.ENTRY;
        if (offset >= 0 && offset < GuestCode.END) {
            if (offset < GuestCode.ANSWERED || offset >= GuestCode.LEAVE && offset < GuestCode.SAVED) {
                return syscall(v, v.regs);
            }
            if (offset >= GuestCode.SAVED && offset < GuestCode.GAVE_UP) {
                return waiting(v);
            }
            GuestRegisters.getReturn(v, registers, (int) offset, stepping);
            v.regsOwner = null;
        } else {
            GuestRegisters.getAll(v, registers, stepping);
        }
        registers.clean();
        return pool.isStopped() ? Exit.LOST : null;
    }

    /** Stopped where the entry code waits: with a new call, or with one whose reply it has not seen yet. */
    private Exit waiting(Vcpu v) {
        v.ring0 = v.inRing0();
        if (Memory.getInt(v.pages + GuestLayout.MAILBOX + GuestLayout.STATE) != GuestLayout.REPLIED) {
            return syscall(v, savedRegisters(v));
        }
        GuestRegisters.getReturn(v, registers, GuestCode.GAVE_UP, stepping);
        v.regsOwner = null;
        registers.clean();
        return null;
    }

    private static long savedRegisters(Vcpu v) {
        return v.pages + GuestLayout.MAILBOX + GuestLayout.SAVED_REGS;
    }

    /** @param from where the call's registers are */
    private Exit syscall(Vcpu v, long from) {
        v.ring0 = v.inRing0();
        GuestRegisters.getSyscall(v, from, registers, stepping);
        if (from == v.regs) {
            v.atEntry = true;
            Memory.putLong(v.regs + Kvm.RAX, registers.result());
        } else {
            v.regsOwner = null;
        }
        registers.clean();
        pace.called();
        return Exit.SYSCALL;
    }

    /** A {@code syscall} of 32-bit code, of which we have none: as on a Linux without it, a fault of the instruction. */
    private Exit syscall32(Vcpu v) {
        v.ring0 = true;
        v.regsOwner = null;
        GuestRegisters.getSyscall(v, v.regs, registers, stepping);
        registers.set(Registers.RAX, registers.get(Registers.ORIG_RAX));
        registers.set(Registers.ORIG_RAX, -1);
        registers.set(Registers.RIP, registers.ip() - SYSCALL_LENGTH & 0xffff_ffffL);
        registers.set(Registers.CS, GuestLayout.USER32_CS);
        registers.clean();
        FaultDecoder.protection(fault, 0);
        return Exit.FAULT;
    }

    /** A store to what is no memory: the entry code's, or that of a program that knows the address. */
    private Exit store(Vcpu v) {
        long gpa = Memory.getLong(v.run + Kvm.RUN_MMIO_PHYS_ADDR);
        if (gpa == GuestLayout.EXIT_GPA) {
            long ip = Memory.getLong(v.regs + Kvm.RIP);
            if (ip == GuestCode.LEFT) {
                return syscall(v, v.regs);
            }
            if (ip == GuestCode.ENTRY + GuestCode.GAVE_UP) {
                return waiting(v);
            }
            if (ip == GuestCode.LEFT32 && v.inRing0()) {
                return syscall32(v);
            }
        }
        if (v.inRing0()) {
            return broken(v, "store of ring 0 to " + Long.toHexString(gpa));
        }
        GuestRegisters.getAll(v, registers, stepping);
        registers.clean();
        boolean write = Memory.getByte(v.run + Kvm.RUN_MMIO_IS_WRITE) != 0;
        v.settle();
        FaultDecoder.page(
                fault,
                GuestLayout.EXIT_PAGE + (gpa & GuestLayout.PAGE - 1),
                write ? FaultDecoder.ERROR_WRITE : 0,
                false);
        return Exit.FAULT;
    }

    private Exit exception(Vcpu v, KvmAddressSpace space) {
        v.ring0 = true;
        long gate = Memory.getLong(v.regs + Kvm.RIP) - 1 - GuestLayout.SYSTEM_BASE - GuestLayout.GATES;
        int vector = (int) gate / GuestLayout.GATE_SIZE;
        if (gate < 0 || gate % GuestLayout.GATE_SIZE != 0 || vector >= GuestLayout.VECTORS) {
            return broken(v, "halt");
        }
        boolean hasError = FaultDecoder.hasError(vector);
        long frame = v.pages + GuestLayout.STACK_TOP - 5 * 8;
        long cs = Memory.getLong(frame + 8);
        if (Memory.getLong(v.regs + Kvm.RSP) != v.stackTop - (hasError ? 6 * 8 : 5 * 8)
                || (cs & 3) != 3
                || !FaultDecoder.isProgram(vector)) {
            return broken(v, "exception " + vector + " in ring " + (cs & 3));
        }
        long error = hasError ? Memory.getLong(frame - 8) : 0;
        GuestRegisters.getFrame(v, registers, frame, stepping);
        registers.clean();
        switch (vector) {
            case FaultDecoder.PAGE -> {
                return pageFault(Memory.getLong(v.sregs + Kvm.CR2), error, space);
            }
            case FaultDecoder.X87, FaultDecoder.SIMD -> {
                // No fpState(): the processor is taken, and by us.
                synchronized (v) {
                    save(v);
                }
                FaultDecoder.floatingPoint(fault, vector, fp, registers.ip());
            }
            case FaultDecoder.OPCODE -> opcode(space);
            default -> FaultDecoder.describe(fault, vector, error, registers.ip());
        }
        return Exit.FAULT;
    }

    private Exit pageFault(long address, long error, KvmAddressSpace space) {
        boolean mapped = false;
        if (address >>> 47 == 0) {
            int access = FaultDecoder.access(error);
            switch (space.fill(address, access)) {
                case KvmAddressSpace.FILLED -> {
                    return null;
                }
                case KvmAddressSpace.BUS_ERROR -> {
                    FaultDecoder.bus(fault, address, access);
                    return Exit.FAULT;
                }
                case KvmAddressSpace.DENIED -> mapped = true;
                default -> {
                    // nothing is there
                }
            }
        }
        FaultDecoder.page(fault, address, error, mapped);
        return Exit.FAULT;
    }

    /** Some hosts (PVM) take a software interrupt for an unknown instruction; processors take it for a forbidden gate. */
    private void opcode(KvmAddressSpace space) {
        long ip = registers.ip();
        long first = space.hostAddress(ip);
        long second = space.hostAddress(ip + 1);
        try {
            if (first != 0 && second != 0 && Memory.getByte(first) == (byte) 0xcd) { // int n
                FaultDecoder.protection(fault, (Memory.getByte(second) & 0xff) << 3 | 2);
                return;
            }
        } catch (InternalError e) {
            // the file with the instruction has shrunk meanwhile
        }
        FaultDecoder.describe(fault, FaultDecoder.OPCODE, 0, ip);
    }

    /** The host could not give the guest a page: a file is shorter than when it was mapped. */
    private Exit hostFault(Vcpu v, KvmAddressSpace space) {
        if (v.inRing0()) {
            return broken(v, "host fault");
        }
        GuestRegisters.getAll(v, registers, stepping);
        registers.clean();
        if (space.recheck(this)) {
            return null; // it will fault in the guest, which tells the address
        }
        long address = v.exitReason() == Kvm.EXIT_MEMORY_FAULT
                ? space.addressOf(Memory.getLong(v.run + Kvm.RUN_MEMORY_FAULT_GPA))
                : registers.ip();
        FaultDecoder.bus(fault, address, Fault.READ);
        return Exit.FAULT;
    }

    /** What cannot happen did. The task ends; the processor starts anew. */
    private Exit broken(Vcpu v, String what) {
        v.inside = null;
        if (pool.isStopped()) {
            return Exit.LOST;
        }
        Log.warn("kvm: unexpected " + what + " at " + Long.toHexString(Memory.getLong(v.regs + Kvm.RIP)) + " rsp "
                + Long.toHexString(Memory.getLong(v.regs + Kvm.RSP)) + " cs "
                + Memory.getShort(v.sregs + Kvm.CS + Kvm.SEG_SELECTOR) + " suberror "
                + Memory.getInt(v.run + Kvm.RUN_INTERNAL_SUBERROR));
        v.settle();
        v.dropEvents();
        v.space = null;
        return Exit.LOST;
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
            synchronized (v) {
                if (v.fpOwner == this) {
                    v.fpOwner = null;
                    fpCurrent = true;
                }
            }
        }
        if (!released) {
            released = true;
            platform.giveState(memory);
        }
    }
}
