package platform.kvm;

import static platform.kvm.GuestLayout.KERNEL_CS;
import static platform.kvm.GuestLayout.KERNEL_DS;
import static platform.kvm.GuestLayout.SYSTEM_BASE;
import static platform.kvm.GuestLayout.USER32_CS;
import static platform.kvm.GuestLayout.USER_CS;
import static platform.kvm.GuestLayout.USER_DS;

import host.linux.Files;
import host.linux.Memory;
import host.linux.Mman;
import host.linux.NativeArea;
import host.linux.Signals;
import host.linux.Syscall;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import platform.kvm.memory.KvmAddressSpace;
import sentry.core.platform.PlatformException;

/**
 * A virtual processor: its descriptor, the structure it shares with the host's kernel, and its pages in the guest.
 *
 * <p>Whoever {@link #tryTake took} it may run it and use its fields; the monitor guards {@link #fpOwner} and the
 * floating-point state, which others may come for.
 */
final class Vcpu {
    /** Sent to a thread to have it come out of the guest; blocked elsewhere. One that java does not use. */
    static final int KICK = 40;

    private static final int EINTR = 4;

    private static final long CR0 = 0x80050033L; // PG AM WP NE ET MP PE
    private static final long CR4 = 0x620; // OSXMMEXCPT OSFXSR PAE
    private static final long CR4_FSGSBASE = 0x10000;
    private static final long CR4_OSXSAVE = 0x40000;
    private static final long CR4_SMEP = 0x100000;
    private static final long CR4_SMAP = 0x200000;
    private static final long EFER = 0xd01; // NXE LMA LME SCE
    /** Flags that a system call clears: nested task, I/O level, direction, interrupt, trap, alignment check. */
    private static final long FMASK = 0x47700;

    private static final VarHandle TAKEN;

    static {
        try {
            TAKEN = MethodHandles.lookup().findVarHandle(Vcpu.class, "taken", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    final int index;
    private final int fd;
    /** Host address of struct kvm_run. */
    final long run;
    /** Host addresses of the shared register structures. */
    final long regs;

    final long sregs;
    /** Host address of its pages in the system area. */
    final long pages;

    /** Guest address of the end of its ring 0 stack. */
    final long stackTop;

    private final int runSize;
    /** struct kvm_sregs in ring 3 and in ring 0. */
    private final NativeArea templates;

    private final long userTemplate;
    private final long kernelTemplate;

    private volatile boolean taken;

    // For whoever took it.

    /** Whose general registers are loaded; null when they are nobody's. */
    KvmContext regsOwner;
    /** The address space of the loaded root. */
    KvmAddressSpace space;
    /** The processor stands in ring 0. */
    boolean ring0 = true;
    /** It stands behind the entry code's store, rcx and r11 as the system call left them. */
    boolean atEntry;
    /** Root of {@link #space}. */
    long root;
    /** {@link KvmAddressSpace#flushes} of {@link #space} when translations were last dropped. */
    int flushesSeen;

    /** Made when first used. */
    Handover handover;
    /** What the entry code answers; null before it was told. */
    Answers answers;
    /** The numbers that are known on its page. */
    int[] answered = {};

    /** Whose floating-point state is loaded, or null. */
    GuestFp fpOwner;

    // For those who want it to come out.

    /** The address space it runs, from just before it enters the guest until just after. */
    volatile KvmAddressSpace inside;
    /** The thread that runs it. */
    volatile int tid;
    /** When it entered, for the pool's turns. */
    volatile long since;

    Vcpu(Vm vm, SystemArea system, int index, boolean userEntry) throws PlatformException {
        this.index = index;
        system.prepare(index, userEntry);
        pages = system.host + SystemArea.vcpu(index);
        stackTop = SYSTEM_BASE + SystemArea.vcpu(index) + GuestLayout.STACK_TOP;
        fd = vm.createVcpu(index);
        runSize = vm.runSize();
        run = Mman.mmap(0, runSize, Mman.PROT_READ | Mman.PROT_WRITE, Mman.MAP_SHARED, fd, 0);
        if (Syscall.failed(run)) {
            Files.close(fd);
            throw new PlatformException("cannot map a virtual processor");
        }
        regs = run + Kvm.RUN_REGS;
        sregs = run + Kvm.RUN_SREGS;
        templates = NativeArea.allocate(4096);
        userTemplate = templates.address();
        kernelTemplate = userTemplate + 1024;
        try {
            initialize(vm);
        } catch (PlatformException e) {
            close();
            throw e;
        }
        Memory.putLong(run + Kvm.RUN_VALID_REGS, Kvm.SYNC_REGS | Kvm.SYNC_SREGS);
        if (!userEntry) {
            protectRing0(vm);
        }
    }

    /** Keeps ring 0 from running and touching pages of ring 3; it never has to, where all of its pages are its own. */
    void protectRing0(Vm vm) {
        long bits = (vm.smep() ? CR4_SMEP : 0) | (vm.smap() ? CR4_SMAP : 0);
        long cr4 = Memory.getLong(kernelTemplate + Kvm.CR4) | bits;
        Memory.putLong(kernelTemplate + Kvm.CR4, cr4);
        Memory.putLong(userTemplate + Kvm.CR4, cr4);
    }

    private void initialize(Vm vm) throws PlatformException {
        long scratch = userTemplate + 2048;
        Vm.check("KVM_SET_CPUID2", Kvm.ioctl(fd, Kvm.SET_CPUID2, vm.cpuid()));
        Vm.check("KVM_GET_SREGS", Kvm.ioctl(fd, Kvm.GET_SREGS, kernelTemplate));
        long k = kernelTemplate;
        long tss = SYSTEM_BASE + SystemArea.vcpu(index) + GuestLayout.TSS;
        segment(k + Kvm.CS, KERNEL_CS, 11, 0, true);
        segment(k + Kvm.SS, KERNEL_DS, 3, 0, false);
        for (int s = Kvm.DS; s <= Kvm.GS; s += Kvm.SEGMENT_SIZE) {
            unusable(k + s);
        }
        unusable(k + Kvm.LDT);
        Memory.putByte(k + Kvm.LDT + Kvm.SEG_TYPE, (byte) 2);
        long tr = k + Kvm.TR;
        Memory.fill(tr, Kvm.SEGMENT_SIZE, (byte) 0);
        Memory.putLong(tr + Kvm.SEG_BASE, tss);
        Memory.putInt(tr + Kvm.SEG_LIMIT, GuestLayout.TSS_SIZE - 1);
        Memory.putShort(tr + Kvm.SEG_SELECTOR, (short) 0x40);
        Memory.putByte(tr + Kvm.SEG_TYPE, (byte) 11);
        Memory.putByte(tr + Kvm.SEG_PRESENT, (byte) 1);
        Memory.putLong(k + Kvm.GDT, SYSTEM_BASE + GuestLayout.GDT);
        Memory.putShort(k + Kvm.GDT + Kvm.TABLE_LIMIT, (short) (GuestLayout.GDT_SIZE - 1));
        Memory.putLong(k + Kvm.IDT, SYSTEM_BASE + GuestLayout.IDT);
        Memory.putShort(k + Kvm.IDT + Kvm.TABLE_LIMIT, (short) (GuestLayout.VECTORS * 16 - 1));
        Memory.putLong(k + Kvm.CR0, CR0);
        Memory.putLong(k + Kvm.CR3, SystemArea.vcpu(index) + GuestLayout.ROOT);
        Memory.putLong(k + Kvm.CR4, CR4 | (vm.xcr0() != 0 ? CR4_OSXSAVE : 0) | (vm.fsgsbase() ? CR4_FSGSBASE : 0));
        Memory.putLong(k + Kvm.EFER, EFER);
        Memory.copy(k, userTemplate, Kvm.SREGS_SIZE);
        segment(userTemplate + Kvm.CS, USER_CS, 11, 3, true);
        segment(userTemplate + Kvm.SS, USER_DS, 3, 3, false);

        if (vm.xcr0() != 0) { // struct kvm_xcrs: count, flags, then number, reserved, value
            Memory.fill(scratch, 0x188, (byte) 0);
            Memory.putInt(scratch, 1);
            Memory.putLong(scratch + 16, vm.xcr0());
            Vm.check("KVM_SET_XCRS", Kvm.ioctl(fd, Kvm.SET_XCRS, scratch));
        }
        long[] msrs = {
            Kvm.MSR_STAR, (long) (USER32_CS) << 48 | (long) KERNEL_CS << 32,
            Kvm.MSR_LSTAR, GuestCode.ENTRY,
            Kvm.MSR_CSTAR, GuestCode.ENTRY32,
            Kvm.MSR_FMASK, FMASK,
        };
        Memory.putLong(scratch, msrs.length / 2);
        for (int i = 0; i < msrs.length; i += 2) {
            Memory.putLong(scratch + 8 + 8L * i, msrs[i]);
            Memory.putLong(scratch + 16 + 8L * i, msrs[i + 1]);
        }
        long set = Vm.check("KVM_SET_MSRS", Kvm.ioctl(fd, Kvm.SET_MSRS, scratch));
        if (set != msrs.length / 2) {
            throw new PlatformException("KVM refuses a model-specific register");
        }
        // The clock page of our programs is made for the host's counter. Where the guest's is always the host's, KVM may
        // not know the attribute; the self-test sees.
        Memory.putInt(scratch, 0);
        Memory.putInt(scratch + 4, Kvm.VCPU_TSC_CTRL);
        Memory.putLong(scratch + 8, Kvm.VCPU_TSC_OFFSET);
        Memory.putLong(scratch + 16, scratch + 64);
        Memory.putLong(scratch + 64, 0);
        Kvm.ioctl(fd, Kvm.SET_DEVICE_ATTR, scratch);
        Memory.putInt(scratch, 8); // struct kvm_signal_mask: bytes, then the mask
        Memory.putLong(scratch + 4, ThreadSignals.INSIDE);
        Vm.check("KVM_SET_SIGNAL_MASK", Kvm.ioctl(fd, Kvm.SET_SIGNAL_MASK, scratch));
    }

    private static void unusable(long segment) {
        Memory.fill(segment, Kvm.SEGMENT_SIZE, (byte) 0);
        Memory.putByte(segment + Kvm.SEG_UNUSABLE, (byte) 1);
    }

    private static void segment(long at, int selector, int type, int dpl, boolean code64) {
        Memory.fill(at, Kvm.SEGMENT_SIZE, (byte) 0);
        Memory.putInt(at + Kvm.SEG_LIMIT, -1);
        Memory.putShort(at + Kvm.SEG_SELECTOR, (short) selector);
        Memory.putByte(at + Kvm.SEG_TYPE, (byte) type);
        Memory.putByte(at + Kvm.SEG_PRESENT, (byte) 1);
        Memory.putByte(at + Kvm.SEG_DPL, (byte) dpl);
        Memory.putByte(at + Kvm.SEG_DB, (byte) (code64 ? 0 : 1));
        Memory.putByte(at + Kvm.SEG_S, (byte) 1);
        Memory.putByte(at + Kvm.SEG_L, (byte) (code64 ? 1 : 0));
        Memory.putByte(at + Kvm.SEG_G, (byte) 1);
    }

    /** A program's data segment: what its selector says, with a base of its own. */
    static void dataSegment(long at, int selector, long base) {
        if ((selector & ~3) == (USER_DS & ~3)) {
            segment(at, selector, 3, 3, false);
        } else {
            unusable(at);
        }
        Memory.putLong(at + Kvm.SEG_BASE, base);
    }

    boolean tryTake() {
        return !taken && TAKEN.compareAndSet(this, false, true);
    }

    boolean isTaken() {
        return taken;
    }

    void give() {
        taken = false;
    }

    /** Puts the processor into ring 3; the caller fills in what belongs to the program. */
    void loadUser() {
        Memory.copy(userTemplate, sregs, Kvm.SREGS_SIZE);
        ring0 = false;
    }

    /** Runs one of {@link GuestCode}'s routines of ring 0 with two arguments, on the root without a program. */
    boolean runRoutine(long routine, long rsi, long rcx) {
        Memory.copy(kernelTemplate, sregs, Kvm.SREGS_SIZE);
        ring0 = true;
        regsOwner = null;
        space = null;
        return routine(routine, rsi, rcx);
    }

    /** The same on the root that is loaded. */
    boolean runRoutineHere(long routine, long rsi, long rcx) {
        long root = Memory.getLong(sregs + Kvm.CR3);
        Memory.copy(kernelTemplate, sregs, Kvm.SREGS_SIZE);
        Memory.putLong(sregs + Kvm.CR3, root);
        ring0 = true;
        regsOwner = null;
        return routine(routine, rsi, rcx);
    }

    private boolean routine(long routine, long rsi, long rcx) {
        Memory.putLong(regs + Kvm.RIP, routine);
        // The root: a guest that asks for it may be told the host's shadow of it (QEMU's emulation of SVM).
        Memory.putLong(regs + Kvm.RAX, Memory.getLong(sregs + Kvm.CR3));
        Memory.putLong(regs + Kvm.RSI, rsi);
        Memory.putLong(regs + Kvm.RCX, rcx);
        Memory.putLong(regs + Kvm.RFLAGS, 2);
        Memory.putLong(regs + Kvm.RSP, stackTop);
        long dirty = Kvm.SYNC_REGS | Kvm.SYNC_SREGS;
        while (true) {
            long r = enter(dirty);
            if (r == -EINTR) {
                interrupted();
                dirty = 0;
                continue;
            }
            long rip = Memory.getLong(regs + Kvm.RIP);
            return r == 0 && exitReason() == Kvm.EXIT_HLT && rip > routine && rip <= routine + 16;
        }
    }

    /** Enters the guest with the registers of {@code dirty} taken from the shared structures; KVM_RUN's result. */
    long enter(long dirty) {
        Memory.putLong(run + Kvm.RUN_DIRTY_REGS, dirty);
        return Kvm.ioctl(fd, Kvm.RUN, 0);
    }

    /** After {@code -EINTR}: takes back what made it. Look for the reason only afterwards. */
    void interrupted() {
        Memory.putByte(run + Kvm.RUN_IMMEDIATE_EXIT, (byte) 0);
        VarHandle.fullFence();
        ThreadSignals.consumeKick();
    }

    void clearKick() {
        Memory.putByte(run + Kvm.RUN_IMMEDIATE_EXIT, (byte) 0);
    }

    /** Has the processor come out of the guest, soon. From any thread; may also hit whoever takes it next. */
    void kick(int pid) {
        Memory.putByte(run + Kvm.RUN_IMMEDIATE_EXIT, (byte) 1);
        VarHandle.fullFence();
        Signals.tgkill(pid, tid, KICK);
    }

    /** Completes what an exit left half done, without running the guest; what it does to registers is lost. */
    void settle() {
        for (int i = 0; i < 16; i++) {
            Memory.putByte(run + Kvm.RUN_IMMEDIATE_EXIT, (byte) 1);
            if (enter(0) == -EINTR) {
                break;
            }
        }
        interrupted();
        regsOwner = null;
        ring0 = true; // all registers are set anew
    }

    /** Forgets exceptions that were not delivered. */
    void dropEvents() {
        long events = userTemplate + 2048;
        Memory.fill(events, Kvm.EVENTS_SIZE, (byte) 0);
        Kvm.ioctl(fd, Kvm.SET_VCPU_EVENTS, events);
    }

    /** Whether an exception is on its way to the guest. */
    boolean exceptionPending() {
        long events = userTemplate + 2048;
        return Kvm.ioctl(fd, Kvm.GET_VCPU_EVENTS, events) >= 0
                && (Memory.getByte(events + Kvm.EVENTS_EXCEPTION_INJECTED) != 0
                        || Memory.getByte(events + Kvm.EVENTS_EXCEPTION_PENDING) != 0);
    }

    /** Whether the guest's own registers say that it is in ring 0. */
    boolean inRing0() {
        return Memory.getByte(sregs + Kvm.CS + Kvm.SEG_DPL) == 0;
    }

    int exitReason() {
        return Memory.getInt(run + Kvm.RUN_EXIT_REASON);
    }

    /** @param area host address of {@link Kvm#XSAVE_SIZE} bytes */
    long getXsave(long area) {
        return Kvm.ioctl(fd, Kvm.GET_XSAVE, area);
    }

    long setXsave(long area) {
        return Kvm.ioctl(fd, Kvm.SET_XSAVE, area);
    }

    void close() {
        if (handover != null) {
            handover.close();
        }
        Mman.munmap(run, runSize);
        Files.close(fd);
        templates.close();
    }
}
