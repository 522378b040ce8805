package platform.kvm;

import static platform.kvm.GuestLayout.GATES;
import static platform.kvm.GuestLayout.GATE_SIZE;
import static platform.kvm.GuestLayout.GDT;
import static platform.kvm.GuestLayout.IDT;
import static platform.kvm.GuestLayout.KERNEL_CS;
import static platform.kvm.GuestLayout.SYSTEM_BASE;
import static platform.kvm.GuestLayout.SYSTEM_PD;
import static platform.kvm.GuestLayout.SYSTEM_SIZE;
import static platform.kvm.GuestLayout.USED;
import static platform.kvm.GuestLayout.VECTORS;
import static platform.kvm.memory.TableEntry.LARGE;
import static platform.kvm.memory.TableEntry.NO_EXECUTE;
import static platform.kvm.memory.TableEntry.PRESENT;
import static platform.kvm.memory.TableEntry.USER;
import static platform.kvm.memory.TableEntry.WRITE;

import host.linux.Memory;

/** Fills the guest's system area: descriptor tables, code, and each virtual processor's own pages. */
final class SystemArea {
    private static final int INTERRUPT_GATE = 0x8e;
    /** A program may come here by an instruction of its own: int3 and into. */
    private static final int PROGRAM_GATE = 0xee;

    private static final int BREAKPOINT = 3;
    private static final int OVERFLOW = 4;

    /** Host address. */
    final long host;
    /** Entry of every root for the window on page tables. */
    private final long window;

    SystemArea(long host, long windowPdpt) {
        this.host = host;
        this.window = windowPdpt | PRESENT | WRITE | USED;
        long gdt = host + GDT;
        Memory.putLong(gdt + 2 * 8, segment(0x9b, 0xa));
        Memory.putLong(gdt + 3 * 8, segment(0x93, 0xc));
        Memory.putLong(gdt + 4 * 8, segment(0xfb, 0xc));
        Memory.putLong(gdt + 5 * 8, segment(0xf3, 0xc));
        Memory.putLong(gdt + 6 * 8, segment(0xfb, 0xa));
        for (int vector = 0; vector < VECTORS; vector++) {
            long handler = SYSTEM_BASE + GATES + (long) vector * GATE_SIZE;
            long type = vector == BREAKPOINT || vector == OVERFLOW ? PROGRAM_GATE : INTERRUPT_GATE;
            long gate = host + IDT + vector * 16L;
            Memory.putLong(
                    gate,
                    handler & 0xffff | (long) KERNEL_CS << 16 | type << 40 | (handler >> 16 & 0xffff) << 48);
            Memory.putLong(gate + 8, handler >>> 32);
        }
        GuestCode.write(host);
        for (long at = 0; at < SYSTEM_SIZE; at += 2 << 20) {
            Memory.putLong(host + SYSTEM_PD + (at >> 21) * 8, at | PRESENT | WRITE | LARGE | USED);
        }
    }

    /** A flat segment's descriptor. */
    private static long segment(long access, long flags) {
        return 0xffff | access << 40 | 0xfL << 48 | flags << 52;
    }

    /** System calls are entered, and so left, at ring 0. */
    void enterAtRing0() {
        GuestCode.enterAtRing0(host);
    }

    /** Guest-physical address of virtual processor {@code index}'s pages. */
    static long vcpu(int index) {
        return GuestLayout.VCPUS + (long) index * GuestLayout.VCPU_SIZE;
    }

    /**
     * Fills the pages of a virtual processor.
     *
     * @param userEntry whether the entry page is entered, and so its pages used, at ring 3
     */
    void prepare(int index, boolean userEntry) {
        long gpa = vcpu(index);
        long at = host + gpa;
        Memory.putLong(at + GuestLayout.TSS + 4, SYSTEM_BASE + gpa + GuestLayout.STACK_TOP); // RSP0
        Memory.putShort(at + GuestLayout.TSS + 0x66, (short) 0x68); // no I/O permissions
        long shared = PRESENT | WRITE | USED;
        long pages = PRESENT | USED | (userEntry ? USER : 0);
        long tables = pages | WRITE;
        Memory.putLong(at + GuestLayout.PDPT + 510 * 8, SYSTEM_PD | shared);
        Memory.putLong(at + GuestLayout.PDPT + 511 * 8, gpa + GuestLayout.TABLE_PD | tables);
        Memory.putLong(at + GuestLayout.TABLE_PD, gpa + GuestLayout.TABLE_PT | tables);
        long pt = at + GuestLayout.TABLE_PT;
        Memory.putLong(pt, GuestLayout.ENTRY | pages);
        Memory.putLong(pt + 8, GuestLayout.EXIT_GPA | pages | WRITE | NO_EXECUTE);
        Memory.putLong(pt + 16, gpa + GuestLayout.MAILBOX | pages | WRITE | NO_EXECUTE);
        Memory.putLong(pt + 24, gpa + GuestLayout.ANSWERS | pages | NO_EXECUTE);
        long root = at + GuestLayout.ROOT;
        Memory.putLong(root + GuestLayout.WINDOW_SLOT * 8, window);
        Memory.putLong(root + GuestLayout.SYSTEM_SLOT * 8, systemEntry(index));
    }

    /** PML4 entry {@link GuestLayout#SYSTEM_SLOT} of virtual processor {@code index}'s roots. */
    static long systemEntry(int index) {
        return vcpu(index) + GuestLayout.PDPT | PRESENT | WRITE | USER | USED;
    }
}
