package platform.kvm;

import host.linux.Memory;
import sentry.core.arch.Registers;

/** Moves a program's registers between the kernel's form of them (struct user_regs_struct) and KVM's. */
final class GuestRegisters {
    /**
     * What a program may have in its flags: carry, parity, adjust, zero, sign, trap, direction, overflow, nested task,
     * resume, alignment check, identification.
     */
    static final long USER_FLAGS = 0x254dd5;

    static final long TRAP_FLAG = 0x100;
    /** Reserved one, and interrupts on. */
    private static final long FIXED_FLAGS = 0x202;

    private static final int ENOSYS = 38;

    private GuestRegisters() {}

    static long flags(long value) {
        return value & USER_FLAGS | FIXED_FLAGS;
    }

    /** All but the instruction pointer and the flags. */
    static void putGeneral(Registers r, long to) {
        long from = r.address();
        Memory.putLong(to + Kvm.RAX, Memory.getLong(from + Registers.RAX));
        Memory.putLong(to + Kvm.RBX, Memory.getLong(from + Registers.RBX));
        Memory.putLong(to + Kvm.RCX, Memory.getLong(from + Registers.RCX));
        Memory.putLong(to + Kvm.RDX, Memory.getLong(from + Registers.RDX));
        Memory.putLong(to + Kvm.RSI, Memory.getLong(from + Registers.RSI));
        Memory.putLong(to + Kvm.RDI, Memory.getLong(from + Registers.RDI));
        Memory.putLong(to + Kvm.RSP, Memory.getLong(from + Registers.RSP));
        Memory.putLong(to + Kvm.RBP, Memory.getLong(from + Registers.RBP));
        Memory.putLong(to + Kvm.R8, Memory.getLong(from + Registers.R8));
        Memory.putLong(to + Kvm.R9, Memory.getLong(from + Registers.R9));
        Memory.putLong(to + Kvm.R10, Memory.getLong(from + Registers.R10));
        Memory.putLong(to + Kvm.R11, Memory.getLong(from + Registers.R11));
        Memory.putLong(to + Kvm.R12, Memory.getLong(from + Registers.R12));
        Memory.putLong(to + Kvm.R13, Memory.getLong(from + Registers.R13));
        Memory.putLong(to + Kvm.R14, Memory.getLong(from + Registers.R14));
        Memory.putLong(to + Kvm.R15, Memory.getLong(from + Registers.R15));
    }

    /** The registers that no entry into the guest's ring 0 changes. */
    private static void getGeneral(Registers r, long from) {
        long to = r.address();
        Memory.putLong(to + Registers.RAX, Memory.getLong(from + Kvm.RAX));
        Memory.putLong(to + Registers.RBX, Memory.getLong(from + Kvm.RBX));
        Memory.putLong(to + Registers.RCX, Memory.getLong(from + Kvm.RCX));
        Memory.putLong(to + Registers.RDX, Memory.getLong(from + Kvm.RDX));
        Memory.putLong(to + Registers.RSI, Memory.getLong(from + Kvm.RSI));
        Memory.putLong(to + Registers.RDI, Memory.getLong(from + Kvm.RDI));
        Memory.putLong(to + Registers.RBP, Memory.getLong(from + Kvm.RBP));
        Memory.putLong(to + Registers.R8, Memory.getLong(from + Kvm.R8));
        Memory.putLong(to + Registers.R9, Memory.getLong(from + Kvm.R9));
        Memory.putLong(to + Registers.R10, Memory.getLong(from + Kvm.R10));
        Memory.putLong(to + Registers.R11, Memory.getLong(from + Kvm.R11));
        Memory.putLong(to + Registers.R12, Memory.getLong(from + Kvm.R12));
        Memory.putLong(to + Registers.R13, Memory.getLong(from + Kvm.R13));
        Memory.putLong(to + Registers.R14, Memory.getLong(from + Kvm.R14));
        Memory.putLong(to + Registers.R15, Memory.getLong(from + Kvm.R15));
        Memory.putLong(to + Registers.ORIG_RAX, -1);
    }

    /**
     * After a system call: rcx and r11 have what the instruction left there, or what a forger wants; it is his.
     *
     * @param from where the registers are: the processor's, or those in the mailbox
     */
    static void getSyscall(Vcpu v, long from, Registers r, boolean stepping) {
        getGeneral(r, from);
        long to = r.address();
        long flags = flags(Memory.getLong(from + Kvm.R11));
        if (stepping) {
            flags &= ~TRAP_FLAG;
            Memory.putLong(to + Registers.R11, flags);
        }
        Memory.putLong(to + Registers.RIP, Memory.getLong(from + Kvm.RCX));
        Memory.putLong(to + Registers.EFLAGS, flags);
        Memory.putLong(to + Registers.RSP, Memory.getLong(from + Kvm.RSP));
        Memory.putLong(to + Registers.ORIG_RAX, Memory.getLong(from + Kvm.RAX));
        Memory.putLong(to + Registers.RAX, -ENOSYS);
        getSegments(v, r, GuestLayout.USER_CS);
    }

    /** After an exception: the processor pushed the rest to {@code frame} on the ring 0 stack. */
    static void getFrame(Vcpu v, Registers r, long frame, boolean stepping) {
        getGeneral(r, v.regs);
        long to = r.address();
        long flags = flags(Memory.getLong(frame + 16));
        Memory.putLong(to + Registers.RIP, Memory.getLong(frame));
        Memory.putLong(to + Registers.EFLAGS, stepping ? flags & ~TRAP_FLAG : flags);
        Memory.putLong(to + Registers.RSP, Memory.getLong(frame + 24));
        getSegments(v, r, Memory.getLong(frame + 8) & 0xffff);
    }

    /** The program was stopped where it was, in ring 3. */
    static void getAll(Vcpu v, Registers r, boolean stepping) {
        getGeneral(r, v.regs);
        long to = r.address();
        long flags = flags(Memory.getLong(v.regs + Kvm.RFLAGS));
        Memory.putLong(to + Registers.RIP, Memory.getLong(v.regs + Kvm.RIP));
        Memory.putLong(to + Registers.EFLAGS, stepping ? flags & ~TRAP_FLAG : flags);
        Memory.putLong(to + Registers.RSP, Memory.getLong(v.regs + Kvm.RSP));
        getSegments(v, r, Memory.getShort(v.sregs + Kvm.CS + Kvm.SEG_SELECTOR) & 0xffff);
    }

    /** Stopped on the way back from a call that was answered, {@code offset} into the entry code. */
    static void getReturn(Vcpu v, Registers r, int offset, boolean stepping) {
        getGeneral(r, v.regs);
        long to = r.address();
        long mailbox = v.pages + GuestLayout.MAILBOX;
        long from = offset < GuestCode.BACK && offset >= GuestCode.GAVE_UP ? mailbox + GuestLayout.SAVED_REGS : v.regs;
        long flags = flags(Memory.getLong(from + Kvm.R11));
        boolean onStack = offset >= GuestCode.ON_STACK && offset < GuestCode.OFF_STACK;
        Memory.putLong(to + Registers.RAX, Memory.getLong(from + Kvm.RAX));
        Memory.putLong(to + Registers.RCX, Memory.getLong(from + Kvm.RCX));
        Memory.putLong(to + Registers.R11, flags);
        Memory.putLong(to + Registers.RIP, Memory.getLong(from + Kvm.RCX));
        Memory.putLong(to + Registers.EFLAGS, stepping ? flags & ~TRAP_FLAG : flags);
        Memory.putLong(
                to + Registers.RSP,
                Memory.getLong(onStack ? mailbox + GuestLayout.SAVED_RSP : v.regs + Kvm.RSP));
        getSegments(v, r, GuestLayout.USER_CS);
    }

    private static void getSegments(Vcpu v, Registers r, long cs) {
        long to = r.address();
        long s = v.sregs;
        Memory.putLong(to + Registers.CS, cs);
        Memory.putLong(to + Registers.SS, GuestLayout.USER_DS);
        Memory.putLong(to + Registers.FS_BASE, Memory.getLong(s + Kvm.FS + Kvm.SEG_BASE));
        Memory.putLong(to + Registers.GS_BASE, Memory.getLong(s + Kvm.GS + Kvm.SEG_BASE));
        Memory.putLong(to + Registers.DS, selector(s + Kvm.DS));
        Memory.putLong(to + Registers.ES, selector(s + Kvm.ES));
        Memory.putLong(to + Registers.FS, selector(s + Kvm.FS));
        Memory.putLong(to + Registers.GS, selector(s + Kvm.GS));
    }

    /** While a program waited in the guest it could not be asked for the bases that it had set itself. */
    static void freshBases(Vcpu v, Registers r, long fs, long gs) {
        freshBase(r, Registers.FS_BASE, fs, Memory.getLong(v.sregs + Kvm.FS + Kvm.SEG_BASE));
        freshBase(r, Registers.GS_BASE, gs, Memory.getLong(v.sregs + Kvm.GS + Kvm.SEG_BASE));
    }

    private static void freshBase(Registers r, int register, long known, long now) {
        if (now != known && r.get(register) == known) {
            r.set(register, now);
        }
    }

    private static long selector(long segment) {
        return Memory.getShort(segment + Kvm.SEG_SELECTOR) & 0xffff;
    }

    /** Whether the segments that {@code v} has loaded are those of {@code r}. */
    static boolean sameSegments(Vcpu v, Registers r) {
        long s = v.sregs;
        return r.get(Registers.FS_BASE) == Memory.getLong(s + Kvm.FS + Kvm.SEG_BASE)
                && r.get(Registers.GS_BASE) == Memory.getLong(s + Kvm.GS + Kvm.SEG_BASE)
                && r.get(Registers.CS) == selector(s + Kvm.CS)
                && r.get(Registers.DS) == selector(s + Kvm.DS)
                && r.get(Registers.ES) == selector(s + Kvm.ES)
                && r.get(Registers.FS) == selector(s + Kvm.FS)
                && r.get(Registers.GS) == selector(s + Kvm.GS);
    }

    /** Loads the segments of {@code r} into {@code v}, which was put into ring 3. */
    static void putSegments(Vcpu v, Registers r) {
        long s = v.sregs;
        Vcpu.dataSegment(s + Kvm.DS, (int) r.get(Registers.DS), 0);
        Vcpu.dataSegment(s + Kvm.ES, (int) r.get(Registers.ES), 0);
        Vcpu.dataSegment(s + Kvm.FS, (int) r.get(Registers.FS), r.get(Registers.FS_BASE));
        Vcpu.dataSegment(s + Kvm.GS, (int) r.get(Registers.GS), r.get(Registers.GS_BASE));
    }

    /**
     * Makes registers that the kernel may have taken from the program such as a processor accepts; false when a base or
     * the instruction pointer is no address.
     */
    static boolean sanitize(Registers r) {
        r.set(Registers.CS, GuestLayout.USER_CS);
        r.set(Registers.SS, GuestLayout.USER_DS);
        sanitizeSelector(r, Registers.DS);
        sanitizeSelector(r, Registers.ES);
        sanitizeSelector(r, Registers.FS);
        sanitizeSelector(r, Registers.GS);
        return sanitizeBase(r, Registers.FS_BASE) & sanitizeBase(r, Registers.GS_BASE);
    }

    private static void sanitizeSelector(Registers r, int register) {
        if (r.get(register) != GuestLayout.USER_DS) {
            r.set(register, 0);
        }
    }

    private static boolean sanitizeBase(Registers r, int register) {
        if (r.get(register) >>> 47 == 0) {
            return true;
        }
        r.set(register, 0);
        return false;
    }
}
