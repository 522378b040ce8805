package host.linux;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** Calls native code in the product's only call shape: {@code long f(long x 7)} by the platform's C convention. */
final class NativeCode {
    /** {@code (address, a0 ... a6)}, or null where java keeps us from it. */
    private static final MethodHandle DIRECT = direct();

    /** {@code (segment, a0 ... a6)}, made only where {@link #DIRECT} is missing. */
    private static final MethodHandle LINKED = DIRECT == null ? link() : null;

    private NativeCode() {}

    /** Calls the code at {@code address}. Other threads and garbage collection go on while it runs. */
    static long call(long address, long a0, long a1, long a2, long a3, long a4, long a5, long a6) {
        try {
            return DIRECT != null
                    ? (long) DIRECT.invokeExact(address, a0, a1, a2, a3, a4, a5, a6)
                    : (long) LINKED.invokeExact(MemorySegment.ofAddress(address), a0, a1, a2, a3, a4, a5, a6);
        } catch (Throwable t) {
            throw new AssertionError("native code throws", t);
        }
    }

    /** The address of libc's function of that name. */
    static long libc(String name) {
        return Linker.nativeLinker().defaultLookup().find(name).orElseThrow().address();
    }

    /** Whether calls go the quick way, for tests. */
    static boolean isDirect() {
        return DIRECT != null;
    }

    private static MethodHandle direct() {
        if (!System.getProperty("os.arch").equals("amd64")) {
            return null;
        }
        try {
            return DirectLink.handle();
        } catch (LinkageError e) { // no --add-exports, or another java than the one we know
            return null;
        }
    }

    static MethodHandle link() {
        ValueLayout l = ValueLayout.JAVA_LONG;
        return Linker.nativeLinker().downcallHandle(FunctionDescriptor.of(l, l, l, l, l, l, l, l));
    }
}
