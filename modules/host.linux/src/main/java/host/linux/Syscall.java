package host.linux;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * The host's system calls by number. The result is the kernel's: a value in [-4095, -1] is a negated errno.
 *
 * <p>Calls go through a few bytes of machine code of our own rather than libc's {@code syscall}, so that the errno
 * arrives in the result and needs no thread-local read. libc is called once, to get the page for that code.
 */
public final class Syscall {
    private static final MethodHandle CALL = load();

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
        try {
            return (long) CALL.invokeExact(nr, a0, a1, a2, a3, a4, a5);
        } catch (Throwable t) {
            throw new AssertionError("host system call " + nr, t);
        }
    }

    /** Whether {@code result} is a negated errno. */
    public static boolean failed(long result) {
        return result < 0 && result >= -4095;
    }

    private static MethodHandle load() {
        Linker linker = Linker.nativeLinker();
        FunctionDescriptor shape = shape();
        // libc's syscall(3), called as a plain function: on amd64 it reads no vector count. Only for this one mmap.
        MethodHandle libc = linker.downcallHandle(linker.defaultLookup().find("syscall").orElseThrow(), shape);
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
        };
        try {
            long page = (long) libc.invokeExact(9L, 0L, 4096L, 3L, 0x22L, -1L, 0L); // mmap RW, private anonymous
            if (page == -1) {
                throw new AssertionError("no memory for the system call page");
            }
            Memory.copy(code, 0, page, code.length);
            long ok = (long) libc.invokeExact(10L, page, 4096L, 5L, 0L, 0L, 0L); // mprotect R-X
            if (ok != 0) {
                throw new AssertionError("the host refuses executable memory");
            }
            return linker.downcallHandle(MemorySegment.ofAddress(page), shape);
        } catch (Throwable t) {
            throw new AssertionError("cannot set up host system calls (is --enable-native-access=host.linux given?)", t);
        }
    }

    private static FunctionDescriptor shape() {
        ValueLayout l = ValueLayout.JAVA_LONG;
        return FunctionDescriptor.of(l, l, l, l, l, l, l, l);
    }
}
