package host.linux;

import java.nio.charset.StandardCharsets;

/** Anonymous host memory with a fixed address, for buffers and structures that system calls read and write. */
public final class NativeArea implements AutoCloseable {
    private static final long MMAP = 9;
    private static final long MUNMAP = 11;

    private final long address;
    private final int size;
    private boolean closed;

    private NativeArea(long address, int size) {
        this.address = address;
        this.size = size;
    }

    /** At least {@code size} zeroed bytes; the host rounds up to whole pages. */
    public static NativeArea allocate(int size) {
        long address = Syscall.call(MMAP, 0, size, 3, 0x22, -1, 0); // read and write; private, anonymous
        if (Syscall.failed(address)) {
            throw new OutOfMemoryError("host memory for a buffer");
        }
        return new NativeArea(address, size);
    }

    public long address() {
        return address;
    }

    public int size() {
        return size;
    }

    /** Writes {@code text}, one byte a character, and a NUL at {@code offset}; returns its address. */
    public long putString(int offset, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        if (offset < 0 || offset > size - bytes.length - 1) {
            throw new IndexOutOfBoundsException(offset);
        }
        Memory.copy(bytes, 0, address + offset, bytes.length);
        Memory.putByte(address + offset + bytes.length, (byte) 0);
        return address + offset;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            Syscall.call(MUNMAP, address, size);
        }
    }
}
