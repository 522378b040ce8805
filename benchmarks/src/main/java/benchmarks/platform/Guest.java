package benchmarks.platform;

import host.linux.HostException;
import host.linux.Memory;
import host.linux.Syscall;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The least that makes a KVM guest whose program calls in user mode: one vCPU, 2 MB of memory mapped one to one, no handler
 * for anything but {@code syscall}. The floor under the kvm platform. Layouts and numbers are those of linux/kvm.h.
 *
 * <p>Works on hardware, where {@code syscall} enters privilege level 0, and on PVM, where it stays at 3: the page that it
 * enters is the user's, and comes out by a store to where there is no memory.
 */
final class Guest implements AutoCloseable {
    private static final int MEMORY = 2 << 20;
    private static final int GDT = 0x1000;
    private static final int TSS = 0x2000;
    static final int ENTRY = 0x4000;
    static final int PROGRAM = 0x5000;
    private static final int STACK = 0x8000;
    private static final int TABLES = 0x10000;
    /** Behind the end of the memory. */
    private static final int OUTSIDE = MEMORY;

    private static final int NR_OPEN = 2;
    private static final int NR_CLOSE = 3;
    private static final int NR_MMAP = 9;
    private static final int NR_MUNMAP = 11;
    private static final int NR_IOCTL = 16;

    private static final int KVM_CREATE_VM = 0xae01;
    private static final int KVM_GET_SUPPORTED_CPUID = 0xc008ae05;
    private static final int KVM_SET_CPUID2 = 0x4008ae90;
    private static final int CPUID_ENTRIES = 256;
    private static final int KVM_GET_VCPU_MMAP_SIZE = 0xae04;
    private static final int KVM_CREATE_VCPU = 0xae41;
    private static final int KVM_RUN = 0xae80;
    private static final int KVM_SET_USER_MEMORY_REGION = 0x4020ae46;
    private static final int KVM_SET_REGS = 0x4090ae82;
    private static final int KVM_GET_SREGS = 0x8138ae83;
    private static final int KVM_SET_SREGS = 0x4138ae84;
    private static final int KVM_SET_MSRS = 0x4008ae89;
    private static final int KVM_EXIT_MMIO = 6;

    /** struct kvm_run. */
    private static final int EXIT_REASON = 8;

    private static final int MMIO_ADDRESS = 32;
    private static final int VALID_REGS = 288;
    private static final int DIRTY_REGS = 296;
    private static final int REGS = 304;
    private static final int SYNC_REGS = 1;

    /** struct kvm_regs. */
    private static final int RAX = 0;

    private static final int RCX = 16;
    private static final int RSP = 48;
    private static final int R11 = 104;
    private static final int RIP = 128;
    private static final int RFLAGS = 136;

    /** struct kvm_sregs: eight segments, two tables, control registers. */
    private static final int SEGMENT = 24;

    private static final int CS = 0;
    private static final int DS = 1;
    private static final int GS = 4;
    private static final int SS = 5;
    private static final int TR = 6;
    private static final int LDT = 7;
    private static final int GDTR = 192;
    private static final int CR0 = 224;
    private static final int CR3 = 240;
    private static final int CR4 = 248;
    private static final int EFER = 264;
    private static final int SREGS_SIZE = 312;

    private static final int EXECUTABLE = 11;
    private static final int WRITABLE = 3;
    private static final int BUSY_TSS = 11;

    /** Where a system call enters: out to the host, and for privilege level 0 the way back. */
    static final byte[] EXIT = {
        (byte) 0x89, 0x04, 0x25, 0, 0, 0x20, 0, //  mov [OUTSIDE], eax
        (byte) 0x90, (byte) 0x90, (byte) 0x90, (byte) 0x90, (byte) 0x90, (byte) 0x90, (byte) 0x90, (byte) 0x90, (byte) 0x90,
        0x48, 0x0f, 0x07, //                        BACK: sysretq
    };

    private static final int BACK = 16;

    private final int kvm;
    private final int vm;
    private final int vcpu;
    private final long memory;
    private final long run;
    private final long runSize;
    private boolean hardware;

    /**
     * @param entry the code that {@code syscall} enters
     * @param program the code to run, at privilege level 3
     */
    Guest(byte[] entry, byte[] program) throws HostException {
        try (Arena arena = Arena.ofConfined()) {
            kvm = check("open /dev/kvm", Syscall.call(NR_OPEN, arena.allocateFrom("/dev/kvm").address(), 0x80002));
            vm = check("KVM_CREATE_VM", ioctl(kvm, KVM_CREATE_VM, 0));
            memory = HostException.check("mmap", Syscall.call(NR_MMAP, 0, MEMORY, 3, 0x21, -1, 0));
            long region = zeroed(arena, 32);
            Memory.putLong(region + 16, MEMORY);
            Memory.putLong(region + 24, memory);
            check("KVM_SET_USER_MEMORY_REGION", ioctl(vm, KVM_SET_USER_MEMORY_REGION, region));
            vcpu = check("KVM_CREATE_VCPU", ioctl(vm, KVM_CREATE_VCPU, 0));
            runSize = check("KVM_GET_VCPU_MMAP_SIZE", ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0));
            run = HostException.check("mmap", Syscall.call(NR_MMAP, 0, runSize, 3, 1, vcpu, 0));
            Memory.copy(entry, 0, memory + ENTRY, entry.length);
            Memory.copy(program, 0, memory + PROGRAM, program.length);
            mapAll();
            long cpuid = zeroed(arena, 8 + 40 * CPUID_ENTRIES);
            Memory.putInt(cpuid, CPUID_ENTRIES);
            check("KVM_GET_SUPPORTED_CPUID", ioctl(kvm, KVM_GET_SUPPORTED_CPUID, cpuid));
            check("KVM_SET_CPUID2", ioctl(vcpu, KVM_SET_CPUID2, cpuid));
            setSregs(arena);
            setMsrs(arena);
            long regs = zeroed(arena, 144);
            Memory.putLong(regs + RIP, PROGRAM);
            Memory.putLong(regs + RSP, STACK);
            Memory.putLong(regs + RFLAGS, 2);
            check("KVM_SET_REGS", ioctl(vcpu, KVM_SET_REGS, regs));
            Memory.putLong(run + VALID_REGS, SYNC_REGS);
            run();
            long sregs = zeroed(arena, SREGS_SIZE);
            check("KVM_GET_SREGS", ioctl(vcpu, KVM_GET_SREGS, sregs));
            hardware = (Memory.getShort(sregs + CS * SEGMENT + 12) & 3) == 0;
        }
    }

    /** Whether {@code syscall} enters privilege level 0. Known after the first exit, which the constructor waits for. */
    boolean hardware() {
        return hardware;
    }

    private static int check(String what, long result) throws HostException {
        return (int) HostException.check(what, result);
    }

    private static long ioctl(int fd, int request, long argument) {
        return Syscall.call(NR_IOCTL, fd, request & 0xffffffffL, argument);
    }

    private static long zeroed(Arena arena, long size) {
        MemorySegment s = arena.allocate(size, 8);
        s.fill((byte) 0);
        return s.address();
    }

    /** All memory, and a page behind it, one to one, for everybody. */
    private void mapAll() {
        long flags = 0x67; // present, writable, user, accessed, dirty
        long level4 = memory + TABLES;
        Memory.putLong(level4, TABLES + 0x1000 | flags);
        Memory.putLong(level4 + 0x1000, TABLES + 0x2000 | flags);
        Memory.putLong(level4 + 0x2000, TABLES + 0x3000 | flags);
        Memory.putLong(level4 + 0x2008, TABLES + 0x4000 | flags);
        for (int page = 0; page < 512; page++) {
            Memory.putLong(level4 + 0x3000 + 8 * page, (long) page << 12 | flags);
        }
        Memory.putLong(level4 + 0x4000, OUTSIDE | flags);
    }

    private void setSregs(Arena arena) throws HostException {
        // Flat segments at selectors 0x10 (code, level 0), 0x18 (data, 0), 0x28 (data, 3), 0x30 (code, 3); the TSS at 0x40.
        Memory.putLong(memory + GDT + 0x10, 0x00af9b000000ffffL);
        Memory.putLong(memory + GDT + 0x18, 0x00cf93000000ffffL);
        Memory.putLong(memory + GDT + 0x28, 0x00cff3000000ffffL);
        Memory.putLong(memory + GDT + 0x30, 0x00affb000000ffffL);
        Memory.putLong(memory + GDT + 0x40, 0x0000890000000067L | (long) TSS << 16);
        long s = zeroed(arena, SREGS_SIZE);
        check("KVM_GET_SREGS", ioctl(vcpu, KVM_GET_SREGS, s));
        segment(s, CS, 0x33, EXECUTABLE, 1, 0);
        segment(s, SS, 0x2b, WRITABLE, 0, 1);
        for (int i = DS; i <= GS; i++) {
            Memory.fill(s + i * SEGMENT, SEGMENT, (byte) 0);
            Memory.putByte(s + i * SEGMENT + 22, (byte) 1); // unusable
        }
        Memory.fill(s + LDT * SEGMENT, SEGMENT, (byte) 0);
        Memory.putByte(s + LDT * SEGMENT + 14, (byte) 2);
        Memory.putByte(s + LDT * SEGMENT + 22, (byte) 1);
        long tr = s + TR * SEGMENT;
        Memory.fill(tr, SEGMENT, (byte) 0);
        Memory.putLong(tr, TSS);
        Memory.putInt(tr + 8, 0x67);
        Memory.putShort(tr + 12, (short) 0x40);
        Memory.putByte(tr + 14, (byte) BUSY_TSS);
        Memory.putByte(tr + 15, (byte) 1);
        Memory.putLong(s + GDTR, GDT);
        Memory.putShort(s + GDTR + 8, (short) 0x4f);
        Memory.putLong(s + CR0, 0x80050033L); // PG AM WP NE ET MP PE
        Memory.putLong(s + CR3, TABLES);
        Memory.putLong(s + CR4, 0x620); // PAE OSFXSR OSXMMEXCPT
        Memory.putLong(s + EFER, 0xd01); // SCE LME LMA NXE
        check("KVM_SET_SREGS", ioctl(vcpu, KVM_SET_SREGS, s));
    }

    /** A flat segment of privilege level 3. */
    private static void segment(long sregs, int index, int selector, int type, int longMode, int bit32) {
        long at = sregs + index * SEGMENT;
        Memory.fill(at, SEGMENT, (byte) 0);
        Memory.putInt(at + 8, -1); // limit
        Memory.putShort(at + 12, (short) selector);
        Memory.putByte(at + 14, (byte) type);
        Memory.putByte(at + 15, (byte) 1); // present
        Memory.putByte(at + 16, (byte) 3); // level
        Memory.putByte(at + 17, (byte) bit32);
        Memory.putByte(at + 18, (byte) 1); // code or data
        Memory.putByte(at + 19, (byte) longMode);
        Memory.putByte(at + 20, (byte) 1); // in pages
    }

    private void setMsrs(Arena arena) throws HostException {
        long[][] values = {
            {0xc0000081L, 0x23L << 48 | 0x10L << 32}, // STAR
            {0xc0000082L, ENTRY}, // LSTAR
            {0xc0000084L, 0}, // SFMASK
        };
        long msrs = zeroed(arena, 8 + 16 * values.length);
        Memory.putInt(msrs, values.length);
        for (int i = 0; i < values.length; i++) {
            Memory.putInt(msrs + 8 + 16 * i, (int) values[i][0]);
            Memory.putLong(msrs + 16 + 16 * i, values[i][1]);
        }
        if (ioctl(vcpu, KVM_SET_MSRS, msrs) != values.length) {
            throw new IllegalStateException("KVM_SET_MSRS");
        }
    }

    /** Runs to the next store outside. */
    void run() {
        long r = ioctl(vcpu, KVM_RUN, 0);
        if (r != 0 || Memory.getInt(run + EXIT_REASON) != KVM_EXIT_MMIO || Memory.getLong(run + MMIO_ADDRESS) != OUTSIDE) {
            throw new IllegalStateException("KVM_RUN: " + r + ", exit reason " + Memory.getInt(run + EXIT_REASON) + " at "
                    + Long.toHexString(Memory.getLong(run + REGS + RIP)));
        }
    }

    /** Answers the system call that {@link #EXIT} brought out. */
    void answer(long result) {
        Memory.putLong(run + REGS + RAX, result);
        if (hardware) {
            Memory.putLong(run + REGS + RIP, ENTRY + BACK);
        } else {
            Memory.putLong(run + REGS + RIP, Memory.getLong(run + REGS + RCX));
            Memory.putLong(run + REGS + RFLAGS, Memory.getLong(run + REGS + R11));
        }
        Memory.putLong(run + DIRTY_REGS, SYNC_REGS);
    }

    @Override
    public void close() {
        Syscall.call(NR_MUNMAP, run, runSize);
        Syscall.call(NR_CLOSE, vcpu);
        Syscall.call(NR_CLOSE, vm);
        Syscall.call(NR_CLOSE, kvm);
        Syscall.call(NR_MUNMAP, memory, MEMORY);
    }
}
