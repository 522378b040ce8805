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
            + "48830800" //         or qword [rax], 0
            + "e2f8" //             loop touch
            + "f4" //               hlt
            + "cccccccccccccc"
            // 10 flush: with the root in rax
            + "0f22d8" //           mov cr3, rax
            + "f4" //               hlt
            + "cccccccccccccccccccccccc";

    /** Has this processor forget all translations. */
    static final long FLUSH = TOUCH + 0x10;

    /**
     * Where a {@code syscall} enters. What the kernel said beforehand is answered at once. If a thread of the Sentry
     * polls the mailbox, the call and all registers go there, and the code waits a while for the answer. Else, and if
     * none comes, a store to what is no memory takes the processor out of the guest, at any ring.
     *
     * <p>Entered at ring 3 (PVM) it runs with the program's rights, and the program may do as it likes with it.
     */
    static final long ENTRY = ENTRY_PAGE;

    // Places in the entry code, for those who find a processor there.

    /** From here on rax is the result; rcx and r11 are as the instruction left them. */
    static final int ANSWERED = 0x22;
    /** The store that leaves the guest; all registers are the program's. */
    static final int LEAVE = 0x30;

    /** The instruction pointer behind that store. */
    static final long LEFT = ENTRY + 0x37;
    /** Up to here registers are the program's, from here on they are in the mailbox. */
    static final int SAVED = 0xda;

    /** Behind the store that gives up waiting; or the answer is in the mailbox. */
    static final int GAVE_UP = 0xfc;

    /** The rest of the way back: rax, rcx and r11 are loaded. */
    static final int BACK = 0x120;
    /** The stack pointer is not the program's from here ... */
    static final int ON_STACK = 0x12f;
    /** ... up to here. */
    static final int OFF_STACK = 0x13a;

    /** Back to a program from ring 0: rcx to rip, r11 to the flags. */
    static final long SYSRET = ENTRY + 0x140;

    static final int END = 0x150;

    /** Where a {@code syscall} of 32-bit code enters on AMD's processors, at ring 0; Intel's know none. */
    static final long ENTRY32 = ENTRY + 0x150;
    /** The instruction pointer behind its store. */
    static final long LEFT32 = ENTRY32 + 7;

    private static final String ENTRY_TEXT = ""
            // 000 entry:
            + "483d00010000" //        cmp rax, 0x100
            + "7338" //                jae handover
            + "80b8003000c000" //      cmp byte [ANSWERED+rax], 0x0
            + "742f" //                je handover
            + "41f7c300010000" //      test r11d, 0x100
            + "7516" //                jne exit
            + "488b04c5003800c0" //    mov rax, [ANSWERS+rax*8]
            + "e9f9000000" //          jmp back
            + "cccccccccccccccccc"
            // 030 exit:
            + "890425001000c0" //      mov EXIT_PAGE, eax
            // 037 left:
            + "cccccccccccccccccc"
            // 040 handover:
            + "833c25002000c000" //    cmp POLLED, 0x0
            + "74e6" //                je exit
            + "41f7c300010000" //      test r11d, 0x100
            + "75dd" //                jne exit
            + "48890425002100c0" //    mov REGS+0, rax
            + "48891c25082100c0" //    mov REGS+8, rbx
            + "48890c25102100c0" //    mov REGS+16, rcx
            + "48891425182100c0" //    mov REGS+24, rdx
            + "48893425202100c0" //    mov REGS+32, rsi
            + "48893c25282100c0" //    mov REGS+40, rdi
            + "48892425302100c0" //    mov REGS+48, rsp
            + "48892c25382100c0" //    mov REGS+56, rbp
            + "4c890425402100c0" //    mov REGS+64, r8
            + "4c890c25482100c0" //    mov REGS+72, r9
            + "4c891425502100c0" //    mov REGS+80, r10
            + "4c891c25582100c0" //    mov REGS+88, r11
            + "4c892425602100c0" //    mov REGS+96, r12
            + "4c892c25682100c0" //    mov REGS+104, r13
            + "4c893425702100c0" //    mov REGS+112, r14
            + "4c893c25782100c0" //    mov REGS+120, r15
            + "b9b80b0000" //          mov ecx, 3000
            + "6690" //                nop
            + "c70425042000c001000000" // mov STATE, 0x1
            // 0e5 posted:
            + "f390" //                pause
            + "833c25042000c002" //    cmp STATE, 0x2
            + "740b" //                je answered
            + "ffc9" //                dec ecx
            + "75f0" //                jne posted
            + "890425001000c0" //      mov EXIT_PAGE, eax
            // 0fc answered:
            + "c70425042000c000000000" // mov STATE, 0x0
            + "488b0425002100c0" //    mov rax, REGS+0
            + "488b0c25102100c0" //    mov rcx, REGS+16
            + "4c8b1c25582100c0" //    mov r11, REGS+88
            + "90" //                  nop
            // 120 back:
            + "48892425102000c0" //    mov RSP, rsp
            + "48c7c4802000c0" //      mov rsp, STACK
            + "4153" //                push r11
            + "9d" //                  popf
            + "488b2425102000c0" //    mov rsp, RSP
            + "ffe1" //                jmp rcx
            + "cccccccc"
            // 140 sysret:
            + "480f07" //              sysretq
            + "cccccccccccccccccccccccccc"
            // 150 entry32:
            + "890425001000c0"; //     mov EXIT_PAGE, eax

    /** At ring 0 this is {@link #BACK}. */
    private static final String SYSRET_TEXT = "480f07"; // sysretq

    private GuestCode() {}

    /** Writes all code into the system area at host address {@code system}, for an entry at ring 3. */
    static void write(long system) {
        for (int vector = 0; vector < VECTORS; vector++) {
            long gate = system + GATES + (long) vector * GATE_SIZE;
            Memory.fill(gate, GATE_SIZE, (byte) 0xcc);
            Memory.putByte(gate, (byte) 0xf4); // hlt
        }
        put(system + ROUTINES, ROUTINE_TEXT);
        put(system + GuestLayout.ENTRY, ENTRY_TEXT);
    }

    /** Has the entry code return as ring 0 does. */
    static void enterAtRing0(long system) {
        put(system + GuestLayout.ENTRY + BACK, SYSRET_TEXT);
    }

    private static void put(long address, String text) {
        byte[] code = HexFormat.of().parseHex(text);
        Memory.copy(code, 0, address, code.length);
    }
}
