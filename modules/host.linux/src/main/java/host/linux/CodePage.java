package host.linux;

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

    /** Calls the code at {@code offset} as {@code long f(long x 7)}, the product's only call shape. */
    public long call(long offset, long a0, long a1, long a2, long a3, long a4, long a5, long a6) {
        return NativeCode.call(address + offset, a0, a1, a2, a3, a4, a5, a6);
    }
}
