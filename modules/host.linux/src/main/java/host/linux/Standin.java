package host.linux;

import java.util.HexFormat;

/**
 * A process that stands for another one, which the host does not know, in the eyes of the host: it passes the signals that
 * it gets on over a socket, and ends with the exit code that comes from there.
 *
 * <p>It is a fork of the caller that gives up all memory but a few pages, and runs machine code there. Its children's
 * death, SIGKILL and SIGSTOP cannot be passed on; when the socket closes without an exit code it ends with 255. It is a
 * child of the caller, or when the caller ends before it, of the caller's nearest subreaper.
 */
public final class Standin {
    private static final int PAGE = 4096;
    private static final int SIZE = 4 * PAGE;
    private static final int DATA = PAGE;
    /** Of the data: the calls to be made first, as in {@link Spawn}. */
    private static final int CALLS = 0x400;

    private static final int CALL_SIZE = 64;
    private static final long END_OF_CALLS = -1;

    // Of the data: what the machine code uses.
    private static final int POLLED = 0;
    private static final int MASK = 0x10;
    private static final int FULL_MASK = 0x18; // and behind it the caller's own
    private static final int CHILD = 0x28;
    private static final int SIGNAL_LENGTH = 0x30;
    private static final int SIGNAL_AT = 0x34;
    private static final int EXITED_LENGTH = 0x38;
    private static final int EXITED_AT = 0x3c;
    private static final int MESSAGE = 0x40;
    private static final int SIGNAL_FRAME = 0x100;
    private static final int NAME = 0x3f0;

    private static final byte[] THREAD_NAME = {'r', 'u', 'n', 's', 'c', '-', 'e', 'x', 'e', 'c', 0};

    private static final long USER_END = 0x7fff_ffff_f000L;
    private static final int POLLIN = 1;
    private static final int SIGCHLD = 17;
    private static final int EAGAIN = 11;
    private static final int TIOCSCTTY = 0x540e;

    private static final int SYS_MUNMAP = 11;
    private static final int SYS_IOCTL = 16;
    private static final int SYS_DUP2 = 33;
    private static final int SYS_SETSID = 112;
    private static final int SYS_PRCTL = 157;
    private static final int SYS_SIGNALFD4 = 289;
    private static final int SYS_CLOSE_RANGE = 436;

    /**
     * The messages on the socket.
     *
     * @param signal what to send for a signal
     * @param signalAt where in it the signal's number goes, in four bytes
     * @param exitedLength length of the message that brings the exit code
     * @param exitedAt where in it the exit code is, in one byte
     */
    public record Protocol(byte[] signal, int signalAt, int exitedLength, int exitedAt) {}

    private Standin() {}

    /**
     * Starts one.
     *
     * @param socket the child gets a copy
     * @param terminal to be its controlling terminal, for what a terminal sends; or -1
     * @return its pid
     */
    public static int start(int socket, int terminal, Protocol protocol) throws HostException {
        if (protocol.signal().length > NAME - SIGNAL_FRAME || protocol.exitedLength() > SIGNAL_FRAME - MESSAGE) {
            throw new IllegalArgumentException();
        }
        long base = HostException.check("mmap", Syscall.call(9, 0, SIZE, 3, 0x22, -1, 0));
        try {
            byte[] code = HexFormat.of().parseHex(CODE);
            Memory.copy(code, 0, base, code.length);
            long data = base + DATA;
            Memory.putInt(data + POLLED, 0);
            Memory.putShort(data + POLLED + 4, (short) POLLIN);
            Memory.putInt(data + POLLED + 8, 2);
            Memory.putShort(data + POLLED + 12, (short) POLLIN);
            Memory.putLong(data + MASK, ~(1L << SIGCHLD - 1));
            Memory.putLong(data + FULL_MASK, -1L);
            Memory.copy(THREAD_NAME, 0, data + NAME, THREAD_NAME.length);
            Memory.putLong(data + CHILD, -EAGAIN);
            Memory.putInt(data + SIGNAL_LENGTH, protocol.signal().length);
            Memory.putInt(data + SIGNAL_AT, protocol.signalAt());
            Memory.putInt(data + EXITED_LENGTH, protocol.exitedLength());
            Memory.putInt(data + EXITED_AT, protocol.exitedAt());
            Memory.copy(protocol.signal(), 0, data + SIGNAL_FRAME, protocol.signal().length);
            calls(data + CALLS, base, socket, terminal);
            HostException.check("mprotect", Syscall.call(10, base, PAGE, 5));
            return (int) HostException.check("clone", NativeCode.call(base, data, base + SIZE, 0, 0, 0, 0, 0));
        } finally {
            Syscall.call(SYS_MUNMAP, base, SIZE);
        }
    }

    /** What the child does first. Failures are passed over: none of these calls is what it is for. */
    private static void calls(long at, long base, int socket, int terminal) {
        long next = at;
        next = call(next, SYS_DUP2, socket, 0, 0, 0);
        next = call(next, SYS_DUP2, terminal >= 0 ? terminal : socket, 1, 0, 0);
        next = call(next, SYS_CLOSE_RANGE, 2, 0xffffffffL, 0, 0);
        next = call(next, SYS_SIGNALFD4, -1, base + DATA + MASK, 8, 0); // becomes descriptor 2
        next = call(next, SYS_SETSID, 0, 0, 0, 0);
        if (terminal >= 0) {
            next = call(next, SYS_IOCTL, 1, TIOCSCTTY, 0, 0);
        }
        next = call(next, SYS_PRCTL, 15, base + DATA + NAME, 0, 0); // PR_SET_NAME
        next = call(next, SYS_MUNMAP, 0, base, 0, 0);
        next = call(next, SYS_MUNMAP, base + SIZE, USER_END - base - SIZE, 0, 0);
        Memory.putLong(next, END_OF_CALLS);
    }

    private static long call(long at, long nr, long a0, long a1, long a2, long a3) {
        Memory.putLong(at, nr);
        Memory.putLong(at + 8, a0);
        Memory.putLong(at + 16, a1);
        Memory.putLong(at + 24, a2);
        Memory.putLong(at + 32, a3);
        return at + CALL_SIZE;
    }

    /**
     * {@code long start(long data)}: the child's pid, or a negated errno. The child has no stack, and no signal reaches it.
     * It is made by a process between it and us, which shares our memory and so has no rseq(2) area: libc's lies in
     * memory that the child gives up, and the host would kill it for that.
     */
    private static final String CODE = ""
            + "53" // push rbx
            + "4154" // push r12
            + "4889fb" // mov rbx, rdi
            + "b80e000000" // mov eax, SYS_rt_sigprocmask
            + "bf02000000" // mov edi, 0x2
            + "488d7318" // lea rsi, [rbx+0x18]
            + "488d5320" // lea rdx, [rbx+0x20]
            + "41ba08000000" // mov r10d, 0x8
            + "0f05" // syscall
            + "b838000000" // mov eax, SYS_clone
            + "bf00410000" // mov edi, CLONE_VM|CLONE_VFORK
            + "31f6" // xor esi, esi
            + "31d2" // xor edx, edx
            + "4531d2" // xor r10d, r10d
            + "4531c0" // xor r8d, r8d
            + "0f05" // syscall
            + "4885c0" // test rax, rax
            + "743c" // je between
            + "4989c4" // mov r12, rax
            + "7818" // js failed
            + "b83d000000" // mov eax, SYS_wait4
            + "4c89e7" // mov rdi, r12
            + "31f6" // xor esi, esi
            + "ba00000040" // mov edx, __WALL
            + "4531d2" // xor r10d, r10d
            + "0f05" // syscall
            + "4c8b6328" // mov r12, [rbx+0x28]
            // failed:
            + "b80e000000" // mov eax, SYS_rt_sigprocmask
            + "bf02000000" // mov edi, 0x2
            + "488d7320" // lea rsi, [rbx+0x20]
            + "31d2" // xor edx, edx
            + "41ba08000000" // mov r10d, 0x8
            + "0f05" // syscall
            + "4c89e0" // mov rax, r12
            + "415c" // pop r12
            + "5b" // pop rbx
            + "c3" // ret
            // between:
            + "b838000000" // mov eax, SYS_clone
            + "bf11800000" // mov edi, CLONE_PARENT|SIGCHLD
            + "0f05" // syscall
            + "4885c0" // test rax, rax
            + "740d" // je child
            + "48894328" // mov [rbx+0x28], rax
            + "b83c000000" // mov eax, SYS_exit
            + "31ff" // xor edi, edi
            + "0f05" // syscall
            // child:
            + "4c8da300040000" // lea r12, [rbx+0x400]
            // next:
            + "498b0424" // mov rax, [r12]
            + "4883f8ff" // cmp rax, -1
            + "7422" // je wait
            + "498b7c2408" // mov rdi, [r12+0x8]
            + "498b742410" // mov rsi, [r12+0x10]
            + "498b542418" // mov rdx, [r12+0x18]
            + "4d8b542420" // mov r10, [r12+0x20]
            + "4531c0" // xor r8d, r8d
            + "4531c9" // xor r9d, r9d
            + "0f05" // syscall
            + "4983c440" // add r12, 0x40
            + "ebd4" // jmp next
            // wait:
            + "b807000000" // mov eax, SYS_poll
            + "4889df" // mov rdi, rbx
            + "be02000000" // mov esi, 0x2
            + "48c7c2ffffffff" // mov rdx, -1
            + "0f05" // syscall
            + "66837b0600" // cmp word [rbx+0x6], 0x0
            + "7542" // jne message
            + "66837b0e00" // cmp word [rbx+0xe], 0x0
            + "74dc" // je wait
            + "31c0" // xor eax, eax
            + "bf02000000" // mov edi, 0x2
            + "488d7340" // lea rsi, [rbx+0x40]
            + "ba80000000" // mov edx, 0x80
            + "0f05" // syscall
            + "3d80000000" // cmp eax, 0x80
            + "75c3" // jne wait
            + "8b4340" // mov eax, [rbx+0x40]
            + "8b4b34" // mov ecx, [rbx+0x34]
            + "89840b00010000" // mov [rbx+rcx+0x100], eax
            + "b801000000" // mov eax, SYS_write
            + "31ff" // xor edi, edi
            + "488db300010000" // lea rsi, [rbx+0x100]
            + "8b5330" // mov edx, [rbx+0x30]
            + "0f05" // syscall
            + "eba1" // jmp wait
            // message:
            + "b82d000000" // mov eax, SYS_recvfrom
            + "31ff" // xor edi, edi
            + "488d7340" // lea rsi, [rbx+0x40]
            + "8b5338" // mov edx, [rbx+0x38]
            + "41ba00010000" // mov r10d, MSG_WAITALL
            + "4531c0" // xor r8d, r8d
            + "4531c9" // xor r9d, r9d
            + "0f05" // syscall
            + "bfff000000" // mov edi, 0xff
            + "3b4338" // cmp eax, [rbx+0x38]
            + "7508" // jne out
            + "8b4b3c" // mov ecx, [rbx+0x3c]
            + "0fb67c0b40" // movzx edi, byte [rbx+rcx+0x40]
            // out:
            + "b8e7000000" // mov eax, SYS_exit_group
            + "0f05"; // syscall
}
