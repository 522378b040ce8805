package host.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * System calls for a child process to make in turn until one fails: a table that it works through in a page of machine
 * code, because a JVM cannot fork. The child borrows our memory and the calling thread sleeps (CLONE_VM|CLONE_VFORK) until
 * the last call, which is execve(2) or {@link #addExit}. Afterwards the table tells what became of each call.
 */
final class ChildCalls {
    private static final int CALL_SIZE = 64;
    private static final int MAX_CALLS = 256;

    private static final int CLONE_VM = 0x100;
    private static final int CLONE_PIDFD = 0x1000;
    private static final int CLONE_VFORK = 0x4000;
    private static final int SIGCHLD = 17;
    private static final int SYS_CLOSE = 3;
    private static final int SYS_EXIT_GROUP = 231;

    private final Arena arena;
    private final MemorySegment table;
    private final String[] names = new String[MAX_CALLS];
    private int count;

    ChildCalls(Arena arena) {
        this.arena = arena;
        this.table = arena.allocate(CALL_SIZE * MAX_CALLS, 64);
    }

    /** A call with up to five arguments; its name is for the message when it fails. */
    void add(String name, long nr, long... arguments) {
        long at = (long) CALL_SIZE * count;
        table.set(ValueLayout.JAVA_LONG, at, nr);
        for (int i = 0; i < arguments.length; i++) {
            table.set(ValueLayout.JAVA_LONG, at + 8 + 8L * i, arguments[i]);
        }
        names[count++] = name;
    }

    /** The last call of a child that executes no program. */
    void addExit() {
        add("exit_group", SYS_EXIT_GROUP, 0);
    }

    /** The address of {@code text} as a C string, there until the arena is closed. */
    long string(String text) {
        return CString.of(arena, text).address();
    }

    /**
     * Makes the child and waits until it has made its calls.
     *
     * @param namespaces CLONE_NEW* flags
     * @throws HostException when it could not be made, or the first call that failed; there is no child then
     */
    Spawn.Child run(long namespaces) throws HostException {
        MemorySegment stack = arena.allocate(8192, 16);
        MemorySegment scratch = arena.allocate(24, 8);
        scratch.set(ValueLayout.JAVA_LONG, 8, -1L);
        long flags = CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD | namespaces;
        long pid = HostException.check(
                "clone", Code.run(flags, stack.address() + 8192, table.address(), scratch.address()));
        int pidfd = scratch.get(ValueLayout.JAVA_INT, 16);
        for (int i = 0; i < count; i++) {
            long result = table.get(ValueLayout.JAVA_LONG, (long) CALL_SIZE * i + 56);
            if (Syscall.failed(result)) {
                Processes.reap((int) pid);
                Syscall.call(SYS_CLOSE, pidfd);
                throw new HostException(names[i], (int) -result);
            }
        }
        return new Spawn.Child((int) pid, pidfd);
    }

    /** The machine code; loaded with the first child. */
    private static final class Code {
        private static final byte[] CODE = {
            0x53, // push rbx
            0x41, 0x54, // push r12
            0x41, 0x55, // push r13
            0x41, 0x56, // push r14
            0x48, (byte) 0x89, (byte) 0xd3, // mov rbx, rdx      the table
            0x49, (byte) 0x89, (byte) 0xfc, // mov r12, rdi      clone's flags
            0x49, (byte) 0x89, (byte) 0xf5, // mov r13, rsi      the child's stack
            0x49, (byte) 0x89, (byte) 0xce, // mov r14, rcx      scratch: old mask, full mask, pidfd
            // No signal may run a Java handler in the child while it borrows our memory.
            (byte) 0xb8, 14, 0, 0, 0, // mov eax, SYS_rt_sigprocmask
            (byte) 0xbf, 2, 0, 0, 0, // mov edi, SIG_SETMASK
            0x49, (byte) 0x8d, 0x76, 0x08, // lea rsi, [r14+8]
            0x4c, (byte) 0x89, (byte) 0xf2, // mov rdx, r14
            0x41, (byte) 0xba, 8, 0, 0, 0, // mov r10d, 8
            0x0f, 0x05, // syscall
            (byte) 0xb8, 56, 0, 0, 0, // mov eax, SYS_clone
            0x4c, (byte) 0x89, (byte) 0xe7, // mov rdi, r12
            0x4c, (byte) 0x89, (byte) 0xee, // mov rsi, r13
            0x49, (byte) 0x8d, 0x56, 0x10, // lea rdx, [r14+16]
            0x45, 0x31, (byte) 0xd2, // xor r10d, r10d
            0x45, 0x31, (byte) 0xc0, // xor r8d, r8d
            0x0f, 0x05, // syscall
            0x48, (byte) 0x85, (byte) 0xc0, // test rax, rax
            0x74, 0x25, // jz child
            0x49, (byte) 0x89, (byte) 0xc5, // mov r13, rax
            (byte) 0xb8, 14, 0, 0, 0, // mov eax, SYS_rt_sigprocmask
            (byte) 0xbf, 2, 0, 0, 0, // mov edi, SIG_SETMASK
            0x4c, (byte) 0x89, (byte) 0xf6, // mov rsi, r14
            0x31, (byte) 0xd2, // xor edx, edx
            0x41, (byte) 0xba, 8, 0, 0, 0, // mov r10d, 8
            0x0f, 0x05, // syscall
            0x4c, (byte) 0x89, (byte) 0xe8, // mov rax, r13
            0x41, 0x5e, // pop r14
            0x41, 0x5d, // pop r13
            0x41, 0x5c, // pop r12
            0x5b, // pop rbx
            (byte) 0xc3, // ret
            // child:
            0x48, (byte) 0x8b, 0x03, // mov rax, [rbx]
            0x48, (byte) 0x8b, 0x7b, 0x08, // mov rdi, [rbx+8]
            0x48, (byte) 0x8b, 0x73, 0x10, // mov rsi, [rbx+16]
            0x48, (byte) 0x8b, 0x53, 0x18, // mov rdx, [rbx+24]
            0x4c, (byte) 0x8b, 0x53, 0x20, // mov r10, [rbx+32]
            0x4c, (byte) 0x8b, 0x43, 0x28, // mov r8, [rbx+40]
            0x4c, (byte) 0x8b, 0x4b, 0x30, // mov r9, [rbx+48]
            0x0f, 0x05, // syscall
            0x48, (byte) 0x89, 0x43, 0x38, // mov [rbx+56], rax
            0x48, 0x3d, 0x01, (byte) 0xf0, (byte) 0xff, (byte) 0xff, // cmp rax, -4095
            0x73, 0x06, // jae failed
            0x48, (byte) 0x83, (byte) 0xc3, 0x40, // add rbx, 64
            (byte) 0xeb, (byte) 0xd1, // jmp child
            // failed:
            (byte) 0xbf, 127, 0, 0, 0, // mov edi, 127
            (byte) 0xb8, (byte) 231, 0, 0, 0, // mov eax, SYS_exit_group
            0x0f, 0x05, // syscall
        };
        private static final CodePage PAGE = load();

        private static CodePage load() {
            try {
                return CodePage.of(CODE);
            } catch (HostException e) {
                throw new AssertionError(e);
            }
        }

        static long run(long flags, long stack, long table, long scratch) {
            return PAGE.call(0, flags, stack, table, scratch, 0, 0, 0);
        }
    }
}
