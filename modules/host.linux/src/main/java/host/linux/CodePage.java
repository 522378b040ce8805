package host.linux;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** Machine code made by us, in pages of its own that are never writable and executable at once. */
public final class CodePage {
    private final long address;
    private final long size;

    private CodePage(long address, long size) {
        this.address = address;
        this.size = size;
    }

    public static CodePage of(byte[] code) throws HostException {
        long size = (code.length + 4095L) & -4096L;
        long page = HostException.check("mmap", Syscall.call(9, 0, size, 3, 0x22, -1, 0));
        Memory.copy(code, 0, page, code.length);
        HostException.check("mprotect", Syscall.call(10, page, size, 5));
        return new CodePage(page, size);
    }

    public long address() {
        return address;
    }

    public long size() {
        return size;
    }

    /** A handle that calls the code at {@code offset} as {@code long f(long x 7)}, the product's only call shape. */
    public MethodHandle function(long offset) {
        ValueLayout l = ValueLayout.JAVA_LONG;
        return Linker.nativeLinker()
                .downcallHandle(
                        MemorySegment.ofAddress(address + offset), FunctionDescriptor.of(l, l, l, l, l, l, l, l));
    }
}
