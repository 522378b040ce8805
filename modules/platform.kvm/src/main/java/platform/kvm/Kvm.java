package platform.kvm;

import host.linux.Syscall;

/** Numbers and layouts of linux/kvm.h for amd64, as far as we use them (Documentation/virt/kvm/api.rst). */
final class Kvm {
    static final int NR_IOCTL = 16;

    static final int API_VERSION = 12;

    // ioctl requests, in the order of the header.
    static final int GET_API_VERSION = 0xae00;
    static final int CREATE_VM = 0xae01;
    static final int CHECK_EXTENSION = 0xae03;
    static final int GET_VCPU_MMAP_SIZE = 0xae04;
    static final int GET_SUPPORTED_CPUID = 0xc008ae05;
    static final int CREATE_VCPU = 0xae41;
    static final int SET_NR_MMU_PAGES = 0xae44;
    static final int SET_USER_MEMORY_REGION = 0x4020ae46;
    static final int RUN = 0xae80;
    static final int GET_SREGS = 0x8138ae83;
    static final int SET_MSRS = 0x4008ae89;
    static final int SET_SIGNAL_MASK = 0x4004ae8b;
    static final int SET_CPUID2 = 0x4008ae90;
    static final int GET_VCPU_EVENTS = 0x8040ae9f;
    static final int SET_VCPU_EVENTS = 0x4040aea0;
    static final int GET_XSAVE = 0x9000aea4;
    static final int SET_XSAVE = 0x5000aea5;
    static final int SET_XCRS = 0x4188aea7;
    static final int SET_DEVICE_ATTR = 0x4018aee1;

    // Capabilities.
    static final int CAP_NR_MEMSLOTS = 10;
    static final int CAP_XCRS = 56;
    static final int CAP_MAX_VCPUS = 66;
    static final int CAP_SYNC_REGS = 74;
    static final int CAP_IMMEDIATE_EXIT = 136;

    // Reasons of an exit.
    static final int EXIT_HLT = 5;
    static final int EXIT_MMIO = 6;
    static final int EXIT_MEMORY_FAULT = 39;

    // struct kvm_run.
    static final int RUN_IMMEDIATE_EXIT = 1;
    static final int RUN_EXIT_REASON = 8;
    static final int RUN_MMIO_PHYS_ADDR = 32;
    static final int RUN_MMIO_IS_WRITE = 52;
    static final int RUN_INTERNAL_SUBERROR = 32;
    static final int RUN_MEMORY_FAULT_GPA = 40;
    static final int RUN_VALID_REGS = 288;
    static final int RUN_DIRTY_REGS = 296;
    static final int RUN_REGS = 304;
    static final int RUN_SREGS = 448;

    static final int SYNC_REGS = 1;
    static final int SYNC_SREGS = 2;

    // struct kvm_regs.
    static final int RAX = 0;
    static final int RBX = 8;
    static final int RCX = 16;
    static final int RDX = 24;
    static final int RSI = 32;
    static final int RDI = 40;
    static final int RSP = 48;
    static final int RBP = 56;
    static final int R8 = 64;
    static final int R9 = 72;
    static final int R10 = 80;
    static final int R11 = 88;
    static final int R12 = 96;
    static final int R13 = 104;
    static final int R14 = 112;
    static final int R15 = 120;
    static final int RIP = 128;
    static final int RFLAGS = 136;
    static final int REGS_SIZE = 144;

    // struct kvm_sregs.
    static final int CS = 0;
    static final int DS = 24;
    static final int ES = 48;
    static final int FS = 72;
    static final int GS = 96;
    static final int SS = 120;
    static final int TR = 144;
    static final int LDT = 168;
    static final int GDT = 192;
    static final int IDT = 208;
    static final int CR0 = 224;
    static final int CR2 = 232;
    static final int CR3 = 240;
    static final int CR4 = 248;
    static final int EFER = 264;
    static final int SREGS_SIZE = 312;

    // struct kvm_segment.
    static final int SEGMENT_SIZE = 24;
    static final int SEG_BASE = 0;
    static final int SEG_LIMIT = 8;
    static final int SEG_SELECTOR = 12;
    static final int SEG_TYPE = 14;
    static final int SEG_PRESENT = 15;
    static final int SEG_DPL = 16;
    static final int SEG_DB = 17;
    static final int SEG_S = 18;
    static final int SEG_L = 19;
    static final int SEG_G = 20;
    static final int SEG_UNUSABLE = 22;
    /** struct kvm_dtable: base, then the limit. */
    static final int TABLE_LIMIT = 8;

    static final int XSAVE_SIZE = 4096;

    // struct kvm_vcpu_events.
    static final int EVENTS_SIZE = 64;
    static final int EVENTS_EXCEPTION_INJECTED = 0;
    static final int EVENTS_EXCEPTION_PENDING = 3;

    // struct kvm_cpuid2: number of entries, padding, then entries.
    static final int CPUID_HEADER = 8;
    static final int CPUID_ENTRY = 40;
    static final int CPUID_FUNCTION = 0;
    static final int CPUID_INDEX = 4;
    static final int CPUID_EAX = 12;
    static final int CPUID_EBX = 16;

    static final int VCPU_TSC_CTRL = 0;
    static final int VCPU_TSC_OFFSET = 0;

    // Model-specific registers.
    static final int MSR_STAR = 0xc0000081;
    static final int MSR_LSTAR = 0xc0000082;
    static final int MSR_CSTAR = 0xc0000083;
    static final int MSR_FMASK = 0xc0000084;

    private Kvm() {}

    static long ioctl(int fd, int request, long argument) {
        return Syscall.call(NR_IOCTL, fd, request & 0xffffffffL, argument);
    }
}
