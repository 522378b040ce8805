package host.linux;

/**
 * The host's system calls by number. The result is the kernel's: a value in [-4095, -1] is a negated errno.
 *
 * <p>Calls go through a few bytes of machine code of our own rather than libc's {@code syscall}, so that the errno
 * arrives in the result and needs no thread-local read. libc is called once, to get the page for that code.
 */
public final class Syscall {
    /** Where the code is. */
    private static final long CODE = load();

    private static final int STACK_POINTER = 26;

    private Syscall() {}

    public static long call(long nr) {
        return call(nr, 0, 0, 0, 0, 0, 0);
    }

    public static long call(long nr, long a0) {
        return call(nr, a0, 0, 0, 0, 0, 0);
    }

    public static long call(long nr, long a0, long a1) {
        return call(nr, a0, a1, 0, 0, 0, 0);
    }

    public static long call(long nr, long a0, long a1, long a2) {
        return call(nr, a0, a1, a2, 0, 0, 0);
    }

    public static long call(long nr, long a0, long a1, long a2, long a3) {
        return call(nr, a0, a1, a2, a3, 0, 0);
    }

    public static long call(long nr, long a0, long a1, long a2, long a3, long a4) {
        return call(nr, a0, a1, a2, a3, a4, 0);
    }

    public static long call(long nr, long a0, long a1, long a2, long a3, long a4, long a5) {
        return NativeCode.call(CODE, nr, a0, a1, a2, a3, a4, a5);
    }

    /** Where the calling thread's stack ends at present; what it uses is above. */
    static long stackPointer() {
        return NativeCode.call(CODE + STACK_POINTER, 0, 0, 0, 0, 0, 0, 0);
    }

    /** Whether {@code result} is a negated errno. */
    public static boolean failed(long result) {
        return result < 0 && result >= -4095;
    }

    private static long load() {
        byte[] code = {
            0x48, (byte) 0x89, (byte) 0xf8, // mov rax, rdi      number
            0x48, (byte) 0x89, (byte) 0xf7, // mov rdi, rsi
            0x48, (byte) 0x89, (byte) 0xd6, // mov rsi, rdx
            0x48, (byte) 0x89, (byte) 0xca, // mov rdx, rcx
            0x4d, (byte) 0x89, (byte) 0xc2, // mov r10, r8
            0x4d, (byte) 0x89, (byte) 0xc8, // mov r8, r9
            0x4c, (byte) 0x8b, 0x4c, 0x24, 0x08, // mov r9, [rsp+8]   the seventh argument
            0x0f, 0x05, // syscall
            (byte) 0xc3, // ret
            // STACK_POINTER:
            0x48, (byte) 0x89, (byte) 0xe0, // mov rax, rsp
            (byte) 0xc3, // ret
        };
        // libc's syscall(3), called as a plain function: on amd64 it reads no vector count. Only for these two calls.
        long libc = NativeCode.libc("syscall");
        long page = NativeCode.call(libc, 9, 0, 4096, 3, 0x22, -1, 0); // mmap RW, private anonymous
        if (page == -1) {
            throw new AssertionError("no memory for the system call page");
        }
        Memory.copy(code, 0, page, code.length);
        if (NativeCode.call(libc, 10, page, 4096, 5, 0, 0, 0) != 0) { // mprotect R-X
            throw new AssertionError("the host refuses executable memory");
        }
        return page;
    }
}
