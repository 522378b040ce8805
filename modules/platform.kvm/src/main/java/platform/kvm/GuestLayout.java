package platform.kvm;

import platform.kvm.memory.GuestPhysical;
import platform.kvm.memory.TableEntry;

/**
 * Where things are in the guest that are not the program's: the system area, which is the first megabytes of
 * guest-physical memory, and the upper half of its virtual addresses.
 *
 * <pre>
 * ffffff00_00000000   window on all page tables, ring 0 only (PML4 entry 510, the same in every root)
 * ffffffff_80000000   system area, ring 0 only               (PML4 entry 511, of the virtual processor)
 * ffffffff_c0000000   entry page, then the exit page, the mailbox and the answers
 * </pre>
 */
final class GuestLayout {
    static final int PAGE = 4096;

    /** Set from the start, so that no processor writes to a table. */
    static final long USED = TableEntry.ACCESSED | TableEntry.DIRTY;

    static final int SYSTEM_SIZE = (int) GuestPhysical.SYSTEM_SIZE;

    // Guest-physical addresses of the system area.
    static final int GDT = 0x1000;
    static final int GDT_SIZE = 7 * 8;
    static final int IDT = 0x2000;
    static final int VECTORS = 32;
    /** One {@code hlt} for each vector, {@link #GATE_SIZE} bytes apart; then the routines of {@link GuestCode}. */
    static final int GATES = 0x3000;

    static final int GATE_SIZE = 16;
    static final int ROUTINES = GATES + VECTORS * GATE_SIZE;
    static final int ENTRY = 0x4000;
    /** Page directory of the system area, the same for all. */
    static final int SYSTEM_PD = 0x5000;
    /** Data of virtual processor n at {@code VCPUS + n * VCPU_SIZE}. */
    static final int VCPUS = 0x100000;

    static final int VCPU_SIZE = 0x10000;
    static final int MAX_VCPUS = (SYSTEM_SIZE - VCPUS) / VCPU_SIZE;

    // Offsets in a virtual processor's data.
    static final int TSS = 0;
    static final int TSS_SIZE = 0x68;
    static final int STACK = 0x1000;
    static final int STACK_TOP = 0x2000;
    static final int PDPT = 0x2000;
    static final int TABLE_PD = 0x3000;
    static final int TABLE_PT = 0x4000;
    static final int MAILBOX = 0x5000;
    /** Addresses for {@link GuestCode#TOUCH}. */
    static final int LIST = 0x6000;
    /** A root without a program. */
    static final int ROOT = 0x7000;

    static final int ANSWERS = 0x8000;

    /** A guest-physical page that is no memory: a store there is an exit. */
    static final long EXIT_GPA = GuestPhysical.MMIO;

    // Guest-virtual addresses.
    static final long SYSTEM_BASE = 0xffffffff80000000L;
    static final long ENTRY_PAGE = 0xffffffffc0000000L;
    static final long EXIT_PAGE = ENTRY_PAGE + PAGE;
    static final long MAILBOX_PAGE = ENTRY_PAGE + 2 * PAGE;

    // In the mailbox, which a program can write: nothing there is to be believed.
    /** An int, not 0 while somebody polls. */
    static final int POLLED = 0;
    /** An int: 0, {@link #POSTED} or {@link #REPLIED}. */
    static final int STATE = 4;

    static final int POSTED = 1;
    static final int REPLIED = 2;
    /** The program's stack pointer while the entry code uses its own. */
    static final int SAVED_RSP = 0x10;
    /** A struct kvm_regs without rip and flags. */
    static final int SAVED_REGS = 0x100;

    // In the answers, which a program can read.
    /** A byte for each of the first {@link #ANSWER_NUMBERS} system calls: whether the answer is known. */
    static final int ANSWER_KNOWN = 0;

    static final int ANSWER_VALUES = 0x800;
    static final int ANSWER_NUMBERS = 256;

    static final int SYSTEM_SLOT = 511;
    static final int WINDOW_SLOT = 510;

    // Selectors, the same as Linux's, which programs can see.
    static final int KERNEL_CS = 0x10;
    static final int KERNEL_DS = 0x18;
    static final int USER32_CS = 0x23;
    static final int USER_DS = 0x2b;
    static final int USER_CS = 0x33;

    private GuestLayout() {}
}
