package platform.kvm;

import static platform.kvm.GuestLayout.ENTRY_PAGE;
import static platform.kvm.GuestLayout.GATES;
import static platform.kvm.GuestLayout.GATE_SIZE;
import static platform.kvm.GuestLayout.ROUTINES;
import static platform.kvm.GuestLayout.SYSTEM_BASE;
import static platform.kvm.GuestLayout.VECTORS;

import host.linux.Memory;
import java.util.HexFormat;

/**
 * The machine code in the guest that is ours. None of it decides anything: it hands over to the Sentry, or does to
 * page tables what only the guest can.
 *
 * <p>Ring 0 may be interpreted by the host (PVM), which knows few instructions; none here is unusual.
 */
final class GuestCode {
    /**
     * Touches {@code rcx} page tables whose addresses are at {@code rsi}: a host that shadows our tables forgets what it
     * knows of a table when two bytes of it are written.
     */
    static final long TOUCH = SYSTEM_BASE + ROUTINES;

    private static final String ROUTINE_TEXT = ""
            // 00 touch:
            + "48ad" //             lodsq
            + "66830800" //         or word [rax], 0
            + "e2f8" //             loop touch
            + "f4" //               hlt
            + "cccccccccccccc"
            // 10 flush:
            + "0f20d8" //           mov rax, cr3
            + "0f22d8" //           mov cr3, rax
            + "f4" //               hlt
            + "cccccccccccccccccc"
            // 20 write: rcx entries, address and value, at rsi
            + "48ad" //             lodsq
            + "4889c7" //           mov rdi, rax
            + "48a5" //             movsq
            + "e2f7" //             loop write
            + "f4" //               hlt
            + "cccccccccccc";

    /** Has this processor forget all translations. */
    static final long FLUSH = TOUCH + 0x10;
    /** Writes {@code rcx} page-table entries; pairs of address and value are at {@code rsi}. */
    static final long WRITE = TOUCH + 0x20;

    /** Where a {@code syscall} enters. */
    static final long ENTRY = ENTRY_PAGE;
    /** The instruction pointer behind the store that is the exit. */
    static final long ENTRY_LEFT = ENTRY + 7;
    /** Back to a program from ring 0: rcx to rip, r11 to the flags. */
    static final long SYSRET = ENTRY + 0x10;

    private static final String ENTRY_TEXT = ""
            // 00 entry: a store to what is no memory, which any ring may do
            + "890425001000c0" //   mov [EXIT_PAGE], eax
            + "cccccccccccccccccc"
            // 10 sysret:
            + "480f07" //           sysretq
            + "cccccccccccccccccccccccccc";

    private GuestCode() {}

    /** Writes all code into the system area at host address {@code system}. */
    static void write(long system) {
        for (int vector = 0; vector < VECTORS; vector++) {
            long gate = system + GATES + (long) vector * GATE_SIZE;
            Memory.fill(gate, GATE_SIZE, (byte) 0xcc);
            Memory.putByte(gate, (byte) 0xf4); // hlt
        }
        put(system + ROUTINES, ROUTINE_TEXT);
        put(system + GuestLayout.ENTRY, ENTRY_TEXT);
    }

    private static void put(long address, String text) {
        byte[] code = HexFormat.of().parseHex(text);
        Memory.copy(code, 0, address, code.length);
    }
}
