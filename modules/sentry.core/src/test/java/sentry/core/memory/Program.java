package sentry.core.memory;

import host.linux.Memory;
import sentry.core.platform.Fault;

/** Plays a program: accesses memory as the fake platform shows it, and takes faults to the memory manager. */
final class Program {
    private static final int TRIES = 8;

    final MemoryManager mm;
    private final boolean exact;
    int faults;

    Program(MemoryManager mm, boolean exact) {
        this.mm = mm;
        this.exact = exact;
    }

    FakeAddressSpace space() {
        return (FakeAddressSpace) mm.settle(null);
    }

    /** Reads a byte: its value, or minus the signal. */
    int read(long address) {
        return access(address, Fault.READ, 0);
    }

    /** Writes a byte: 0, or minus the signal. */
    int write(long address, int value) {
        return access(address, Fault.WRITE, value);
    }

    private int access(long address, int kind, int value) {
        boolean guess = false;
        for (int i = 0; i < TRIES; i++) {
            FakeAddressSpace.Page page = space().pages.get(address & -4096);
            int needed = kind == Fault.READ ? Fault.READ | Fault.WRITE | Fault.EXECUTE : kind;
            if (page != null && (page.protection() & needed) != 0) {
                if (page.fd() != mm.file.fd()) {
                    throw new IllegalStateException("a file of the host");
                }
                long at = mm.file.address(page.offset() + (address & 4095));
                if (kind == Fault.READ) {
                    return Memory.getByte(at) & 0xff;
                }
                Memory.putByte(at, (byte) value);
                return 0;
            }
            Fault f = new Fault();
            f.signal = 11;
            f.code = page == null ? 1 : 2;
            f.address = address;
            f.access = exact || guess ? kind : Fault.READ;
            f.trap = 14;
            faults++;
            int signal = mm.handleFault(null, f);
            if (signal != 0) {
                return -signal;
            }
            guess = true;
        }
        Vma v = mm.vmas.at(address);
        int run = mm.runs.at(address & -4096);
        throw new IllegalStateException("fault at " + Long.toHexString(address) + " never ends: prot " + v.prot + " flags "
                + v.flags + " " + Long.toHexString(v.start) + "-" + Long.toHexString(v.end) + " run "
                + (run < 0 ? "none" : "flags " + mm.runs.flags(run)) + " host " + space().pages.get(address & -4096));
    }
}
