package platform.kvm;

import host.linux.Memory;
import platform.kvm.memory.KvmAddressSpace;
import sentry.core.arch.Registers;
import sentry.core.log.Log;
import sentry.core.platform.Context.Exit;
import sentry.core.platform.Fault;

/**
 * Finds out why the guest was left, and puts what it means into a context's registers and fault. For the context's
 * thread, which has taken the processor.
 */
final class Exits {
    private static final int EINTR = 4;
    private static final int EFAULT = 14;
    private static final int SYSCALL_LENGTH = 2;

    private final KvmContext context;
    private final VcpuPool pool;
    private final Registers registers;
    private final Fault fault;
    private final Pace pace;

    /** The trap flag is set for us, not by the program. */
    boolean stepping;
    /** The last fault is the host's, which does not know what the guest wanted. */
    private boolean shrunk;

    Exits(KvmContext context, KvmPlatform platform, Registers registers, Fault fault, Pace pace) {
        this.context = context;
        this.pool = platform.pool();
        this.registers = registers;
        this.fault = fault;
        this.pace = pace;
    }

    /**
     * Whether the fault that was told comes from the host, so that a file may have shrunk: once the page tables know, the
     * guest itself faults, and tells where.
     */
    boolean shrunk() {
        boolean was = shrunk;
        shrunk = false;
        return was;
    }

    /** The kernel has sent the program where none can be. */
    Exit wildJump(long ip) {
        if (ip >> 47 == -1) {
            FaultDecoder.page(fault, ip, FaultDecoder.ERROR_FETCH, false);
        } else {
            FaultDecoder.protection(fault, 0);
        }
        return Exit.FAULT;
    }

    /**
     * After {@code -EINTR}: lets the processor go on as long as it is half way into the Sentry. Nothing of the program
     * runs then, and what made it come out has to wait, for the program's registers are in no one place.
     */
    static long finish(Vcpu v) {
        while (unfinished(v)) {
            long r = v.enter(0);
            if (r != -EINTR) {
                return r;
            }
            v.interrupted();
        }
        return -EINTR;
    }

    /** Finds out why the guest was left, with KVM_RUN's result; null to go on. */
    Exit came(Vcpu v, KvmAddressSpace space, long r) {
        if (r == -EINTR) {
            return v.regsOwner != context ? null : stopped(v);
        }
        if (r == -EFAULT) {
            return hostFault(v, space);
        }
        if (r != 0) {
            return broken(v, "error " + -r, true);
        }
        return switch (v.exitReason()) {
            case Kvm.EXIT_MMIO -> store(v);
            case Kvm.EXIT_HLT -> exception(v, space);
            default -> broken(v, "exit " + v.exitReason(), false);
        };
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
            return broken(v, "store of ring 0 to " + Long.toHexString(gpa), false);
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
            return broken(v, "halt", false);
        }
        boolean hasError = FaultDecoder.hasError(vector);
        long frame = v.pages + GuestLayout.STACK_TOP - 5 * 8;
        long cs = Memory.getLong(frame + 8);
        if (Memory.getLong(v.regs + Kvm.RSP) != v.stackTop - (hasError ? 6 * 8 : 5 * 8)
                || (cs & 3) != 3
                || !FaultDecoder.isProgram(vector)) {
            return broken(v, "exception " + vector + " in ring " + (cs & 3), false);
        }
        long error = hasError ? Memory.getLong(frame - 8) : 0;
        GuestRegisters.getFrame(v, registers, frame, stepping);
        registers.clean();
        switch (vector) {
            case FaultDecoder.PAGE -> {
                return pageFault(Memory.getLong(v.sregs + Kvm.CR2), error, space);
            }
            case FaultDecoder.X87, FaultDecoder.SIMD -> {
                FaultDecoder.floatingPoint(fault, vector, context.fpOf(v), registers.ip());
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

    /**
     * Some hosts (PVM) take a software interrupt for an unknown instruction; processors take it for a forbidden gate. And
     * they take a protection fault for one if they cannot emulate the instruction, such as ldmxcsr, which all know.
     */
    private void opcode(KvmAddressSpace space) {
        long ip = registers.ip();
        long first = space.hostAddress(ip);
        long second = space.hostAddress(ip + 1);
        long third = space.hostAddress(ip + 2);
        try {
            if (first != 0 && second != 0 && third != 0
                    && Memory.getByte(first) == 0x0f && Memory.getByte(second) == (byte) 0xae
                    && (Memory.getByte(third) & 0x38) == 0x10 && (Memory.getByte(third) & 0xc0) != 0xc0) { // ldmxcsr m32
                FaultDecoder.protection(fault, 0);
                return;
            }
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
            return broken(v, "host fault", false);
        }
        GuestRegisters.getAll(v, registers, stepping);
        registers.clean();
        long address = v.exitReason() == Kvm.EXIT_MEMORY_FAULT
                ? space.addressOf(Memory.getLong(v.run + Kvm.RUN_MEMORY_FAULT_GPA))
                : registers.ip();
        FaultDecoder.bus(fault, address, Fault.READ);
        shrunk = true;
        return Exit.FAULT;
    }

    /**
     * What cannot happen did. Perhaps the program did it, with instructions that the host's KVM gets wrong: then it is its
     * fault, at the place where it was last seen. The processor starts anew.
     */
    Exit broken(Vcpu v, String what, boolean hopeless) {
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
        if (hopeless) {
            return Exit.LOST;
        }
        FaultDecoder.protection(fault, 0);
        return Exit.FAULT;
    }
}
