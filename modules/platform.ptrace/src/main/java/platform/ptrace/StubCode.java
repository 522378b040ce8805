package platform.ptrace;

import host.linux.Sched;
import host.linux.Signals;

/**
 * The machine code in every stub process, and where it lies. It is the only memory of a stub that the program does
 * not command: two pages at the top of user space, above {@link #BASE}, which the kernel keeps out of a program's
 * reach. The code uses no stack and writes no memory. A program may jump into it, but whatever it does there is
 * intercepted like the rest of the program.
 */
final class StubCode {
    /** End of user space with 47-bit addresses, without the guard page. */
    private static final long TASK_SIZE = 0x7fff_ffff_f000L;

    /** First address that belongs to the stub: the text page. */
    static final long BASE = TASK_SIZE - 0x4000;
    /** The table page: calls for {@link #BATCH}, mapped read-only, written by the Sentry. */
    static final long TABLE = BASE + 0x1000;

    static final long END = TASK_SIZE;
    static final int PAGE = 4096;

    /** One call in the table: number and six arguments. */
    static final int ENTRY_SIZE = 7 * 8;

    static final int ENTRIES = PAGE / ENTRY_SIZE;

    /** Where idle stubs wait. Registers are of no consequence. */
    static final long PARK = BASE;

    static final long PARK_END = BASE + 0x09;
    /** Makes the call whose number and arguments are in the registers, then traps. */
    static final long CALL = BASE + 0x10;
    /**
     * Makes the calls from r12 up to r13, then goes to rbx. A failing call traps at {@link #FAILED} with its result in
     * rax and its entry in r12.
     */
    static final long BATCH = BASE + 0x20;

    static final long FAILED = BASE + 0x58;
    /**
     * Makes a process or thread with the clone flags in r14 and traps with the result in rax. The child goes to r13.
     * With r15 not 0 it is a process whose parent's pid is r15, and it first maps the table page at offset rsp of
     * descriptor ebp.
     */
    static final long CLONE = BASE + 0x60;

    /** Traps at once: where a batch goes that has no more to do. */
    static final long STOP = FAILED;

    /** New processes: descriptors shared with the Sentry, children of the Sentry itself, wherever the clone is made. */
    static final int PROCESS_FLAGS = Sched.CLONE_FILES | Sched.CLONE_PARENT | Signals.SIGCHLD;

    static final int THREAD_FLAGS = Sched.CLONE_VM
            | Sched.CLONE_FS
            | Sched.CLONE_FILES
            | Sched.CLONE_SIGHAND
            | Sched.CLONE_THREAD
            | Sched.CLONE_SYSVSEM;

    private static final String TEXT = ""
            // 00 park:
            + "b822000000" //           mov eax, 34            pause
            + "0f05" //                 syscall
            + "ebf7" //                 jmp park
            + "cccccccccccccc"
            // 10 call:
            + "0f05" //                 syscall
            + "cc" //                   int3
            + "cccccccccccccccccccccccccc"
            // 20 batch:
            + "498b0424" //             mov rax, [r12]
            + "498b7c2408" //           mov rdi, [r12+8]
            + "498b742410" //           mov rsi, [r12+16]
            + "498b542418" //           mov rdx, [r12+24]
            + "4d8b542420" //           mov r10, [r12+32]
            + "4d8b442428" //           mov r8, [r12+40]
            + "4d8b4c2430" //           mov r9, [r12+48]
            + "0f05" //                 syscall
            + "483d00f0ffff" //         cmp rax, -4096
            + "770c" //                 ja failed
            + "4983c438" //             add r12, 56
            + "4d39ec" //               cmp r12, r13
            + "72cb" //                 jb batch
            + "ffe3" //                 jmp rbx
            + "cc"
            // 58 failed:
            + "cccccccccccccccc" //     int3
            // 60 clone:
            + "b838000000" //           mov eax, 56            clone
            + "4c89f7" //               mov rdi, r14
            + "31f6" //                 xor esi, esi
            + "31d2" //                 xor edx, edx
            + "4531d2" //               xor r10d, r10d
            + "4531c0" //               xor r8d, r8d
            + "0f05" //                 syscall
            + "85c0" //                 test eax, eax
            + "7401" //                 jz child
            + "cc" //                   int3
            // child:
            + "4585ff" //               test r15d, r15d
            + "744d" //                 jz ready
            + "b809000000" //           mov eax, 9             mmap(TABLE, 4096, PROT_READ, SHARED|FIXED, ebp, rsp)
            + "48bf00c0ffffff7f0000" // mov rdi, TABLE
            + "be00100000" //           mov esi, 4096
            + "ba01000000" //           mov edx, 1
            + "41ba11000000" //         mov r10d, 0x11
            + "4189e8" //               mov r8d, ebp
            + "4989e1" //               mov r9, rsp
            + "0f05" //                 syscall
            + "4839f8" //               cmp rax, rdi
            + "7524" //                 jne die
            + "b89d000000" //           mov eax, 157           prctl(PR_SET_PDEATHSIG, SIGKILL)
            + "bf01000000" //           mov edi, 1
            + "be09000000" //           mov esi, 9
            + "0f05" //                 syscall
            + "85c0" //                 test eax, eax
            + "750f" //                 jnz die
            + "b86e000000" //           mov eax, 110           getppid: gone before the prctl?
            + "0f05" //                 syscall
            + "4439f8" //               cmp eax, r15d
            + "7503" //                 jne die
            // ready:
            + "41ffe5" //               jmp r13                park, or stop for a tracer that came early
            // die:
            + "b8e7000000" //           mov eax, 231           exit_group(1)
            + "bf01000000" //           mov edi, 1
            + "0f05" //                 syscall
            + "0f0b"; //                ud2

    private StubCode() {}

    static byte[] text() {
        return bytes(TEXT);
    }

    static byte[] bytes(String hex) {
        byte[] b = new byte[hex.length() / 2];
        for (int i = 0; i < b.length; i++) {
            b[i] = (byte) (Character.digit(hex.charAt(2 * i), 16) << 4 | Character.digit(hex.charAt(2 * i + 1), 16));
        }
        return b;
    }

    /** Whether a stub with this instruction pointer is idle. */
    static boolean parked(long rip) {
        return rip >= PARK && rip < PARK_END;
    }

    /** Whether a stub without a tracer and with this instruction pointer is on its way to r13. */
    static boolean starting(long rip) {
        return rip > CLONE && rip < BASE + TEXT.length() / 2;
    }
}
