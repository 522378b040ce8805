package platform.kvm;

import static platform.kvm.GuestLayout.USED;
import static platform.kvm.memory.TableEntry.PRESENT;
import static platform.kvm.memory.TableEntry.USER;
import static platform.kvm.memory.TableEntry.WRITE;

import host.linux.HostException;
import host.linux.Memory;
import host.linux.Tsc;
import java.util.HexFormat;
import sentry.core.platform.PlatformException;

/**
 * A guest of a few instructions that finds out on what kind of KVM we are, and whether it works at all. It has a root
 * of its own in the system area and leaves nothing that is used later.
 */
final class SelfTest {
    // Guest-physical pages.
    private static final int TABLES = 0x8000;
    private static final int CODE = 0xc000;
    private static final int FIRST = 0xd000;
    private static final int SECOND = 0xe000;

    private static final long CODE_ADDRESS = 0x10000;
    private static final int DATA_INDEX = 0x11;
    private static final long CALL = 0x1234;

    private static final String TEXT = ""
            + "8b1c2500100100" //   mov ebx, [0x11000]
            + "0f31" //             rdtsc
            + "48c1e220" //         shl rdx, 32
            + "4809d0" //           or rax, rdx
            + "4989c5" //           mov r13, rax
            + "b834120000" //       mov eax, 0x1234
            + "0f05" //             syscall
            + "0f0b"; //            ud2

    private static final long BEHIND_CALL = CODE_ADDRESS + 26;
    private static final int CLOCK_MONOTONIC = 1;
    private static final int MEASURED = 500;

    private final Vcpu v;
    private final long system;
    private boolean ring3Entry;
    private boolean shadowed;
    private boolean sameCounter;

    /** @param v a new processor whose entry page is open to ring 3 */
    SelfTest(Vcpu v, SystemArea area) {
        this.v = v;
        this.system = area.host;
    }

    /** System calls enter the guest's ring 0 code at ring 3 (PVM), not at ring 0 as on processors. */
    boolean ring3Entry() {
        return ring3Entry;
    }

    /** A change of a present page-table entry is not seen, even after a flush. */
    boolean shadowed() {
        return shadowed;
    }

    /** The guest's time stamp counter is the host's. */
    boolean sameCounter() {
        return sameCounter;
    }

    void run() throws PlatformException {
        long tables = system + TABLES;
        long t = PRESENT | WRITE | USER | USED;
        Memory.putLong(tables, TABLES + 0x1000 | t);
        Memory.putLong(tables + 511 * 8, SystemArea.systemEntry(v.index));
        Memory.putLong(tables + 0x1000, TABLES + 0x2000 | t);
        Memory.putLong(tables + 0x2000, TABLES + 0x3000 | t);
        Memory.putLong(tables + 0x3000 + 0x10 * 8, CODE | PRESENT | USER | USED);
        Memory.putLong(tables + 0x3000 + DATA_INDEX * 8, FIRST | PRESENT | USER | USED);
        byte[] code = HexFormat.of().parseHex(TEXT);
        Memory.copy(code, 0, system + CODE, code.length);
        Memory.putInt(system + FIRST, 1);
        Memory.putInt(system + SECOND, 2);

        Tsc tsc;
        try {
            tsc = new Tsc();
        } catch (HostException e) {
            throw new PlatformException(e.getMessage(), e);
        }
        tsc.read(CLOCK_MONOTONIC);
        long before = tsc.counter();
        int value = call();
        tsc.read(CLOCK_MONOTONIC);
        long counter = Memory.getLong(v.regs + Kvm.R13);
        sameCounter = counter - before >= -1000 && tsc.counter() - counter >= -1000;
        expect(value == 1, "it reads " + value + " where 1 is");
        ring3Entry = !v.inRing0();

        Memory.putLong(tables + 0x3000 + DATA_INDEX * 8, SECOND | PRESENT | USER | USED);
        expect(v.runRoutine(GuestCode.FLUSH, 0, 0), "ring 0 does not come back");
        value = call();
        expect(value == 1 || value == 2, "it reads " + value + " where 2 is");
        shadowed = value == 1;

        // Back to the program, which has nothing better to do than an unknown instruction.
        if (ring3Entry) {
            Memory.putLong(v.regs + Kvm.RIP, BEHIND_CALL);
            Memory.putLong(v.regs + Kvm.RFLAGS, 0x202);
        } else {
            Memory.putLong(v.regs + Kvm.RIP, GuestCode.SYSRET);
        }
        expect(enter(Kvm.SYNC_REGS) && v.exitReason() == Kvm.EXIT_HLT, "an exception does not come back");
        long gate = Memory.getLong(v.regs + Kvm.RIP) - 1 - GuestLayout.SYSTEM_BASE - GuestLayout.GATES;
        long frame = v.pages + GuestLayout.STACK_TOP - 5 * 8;
        expect(
                gate == FaultDecoder.OPCODE * GuestLayout.GATE_SIZE
                        && Memory.getLong(frame) == BEHIND_CALL
                        && (Memory.getLong(frame + 8) & 3) == 3,
                "exceptions come back wrong");
    }

    /** The time that a system call takes to leave the guest and to come back, in nanoseconds: the best of some. */
    long measure() throws PlatformException {
        call();
        long best = Long.MAX_VALUE;
        for (int i = 0; i < MEASURED; i++) {
            boolean ring0 = v.inRing0();
            Memory.putLong(v.regs + Kvm.RIP, ring0 ? GuestCode.SYSRET : CODE_ADDRESS);
            Memory.putLong(v.regs + Kvm.RCX, CODE_ADDRESS);
            Memory.putLong(v.regs + Kvm.RFLAGS, ring0 ? 2 : 0x202);
            long start = System.nanoTime();
            expect(enter(Kvm.SYNC_REGS) && v.exitReason() == Kvm.EXIT_MMIO, "a system call does not come back");
            best = Math.min(best, System.nanoTime() - start);
        }
        return best;
    }

    /** Runs up to the system call; returns what the program has read. */
    private int call() throws PlatformException {
        Memory.fill(v.regs, Kvm.REGS_SIZE, (byte) 0);
        v.loadUser();
        Memory.putLong(v.sregs + Kvm.CR3, TABLES);
        Memory.putLong(v.regs + Kvm.RIP, CODE_ADDRESS);
        Memory.putLong(v.regs + Kvm.RFLAGS, 0x202);
        expect(enter(Kvm.SYNC_REGS | Kvm.SYNC_SREGS), "it does not run");
        expect(
                v.exitReason() == Kvm.EXIT_MMIO
                        && Memory.getLong(v.run + Kvm.RUN_MMIO_PHYS_ADDR) == GuestLayout.EXIT_GPA
                        && Memory.getLong(v.regs + Kvm.RIP) == GuestCode.LEFT,
                "a system call does not come back");
        expect(
                Memory.getLong(v.regs + Kvm.RAX) == CALL && Memory.getLong(v.regs + Kvm.RCX) == BEHIND_CALL,
                "a system call comes back wrong");
        return Memory.getInt(v.regs + Kvm.RBX);
    }

    private boolean enter(long dirty) {
        while (true) {
            long r = v.enter(dirty);
            if (r != -4) { // EINTR
                return r == 0;
            }
            v.interrupted();
            dirty = 0;
        }
    }

    private void expect(boolean good, String what) throws PlatformException {
        if (!good) {
            throw new PlatformException("the self-test guest failed: " + what + " (exit " + v.exitReason() + ", rip "
                    + Long.toHexString(Memory.getLong(v.regs + Kvm.RIP)) + ")");
        }
    }
}
