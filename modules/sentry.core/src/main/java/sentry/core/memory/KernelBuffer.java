package sentry.core.memory;

import host.linux.Memory;
import host.linux.NativeArea;
import sentry.core.vfs.IoBuffer;

/** Kernel memory as the memory side of a read or write: a byte array, or host memory. */
public final class KernelBuffer extends IoBuffer {
    private byte[] array;
    private int arrayAt;
    private long address;
    private long remaining;

    private KernelBuffer() {}

    public static KernelBuffer of(byte[] array, int offset, int length) {
        KernelBuffer b = new KernelBuffer();
        java.util.Objects.checkFromIndexSize(offset, length, array.length);
        b.array = array;
        b.arrayAt = offset;
        b.remaining = length;
        return b;
    }

    /** Host memory, which the caller knows to be mapped. */
    public static KernelBuffer of(long address, long length) {
        KernelBuffer b = new KernelBuffer();
        b.address = address;
        b.remaining = length;
        return b;
    }

    private void advance(long n) {
        remaining -= n;
        if (array != null) {
            arrayAt += (int) n;
        } else {
            address += n;
        }
    }

    @Override
    public long remaining() {
        return remaining;
    }

    @Override
    public int peek(byte[] target, int offset, int length) {
        int n = (int) Math.min(length, remaining);
        if (array != null) {
            System.arraycopy(array, arrayAt, target, offset, n);
        } else {
            Memory.copy(address, target, offset, n);
        }
        return n;
    }

    @Override
    public int put(byte[] source, int offset, int length) {
        int n = (int) Math.min(length, remaining);
        if (array != null) {
            System.arraycopy(source, offset, array, arrayAt, n);
        } else {
            Memory.copy(source, offset, address, n);
        }
        advance(n);
        return n;
    }

    @Override
    public long put(long from, long length) {
        long n = Math.min(length, remaining);
        if (array != null) {
            Memory.copy(from, array, arrayAt, (int) n);
        } else {
            Memory.copy(from, address, n);
        }
        advance(n);
        return n;
    }

    @Override
    public long putZeros(long length) {
        long n = Math.min(length, remaining);
        if (array != null) {
            java.util.Arrays.fill(array, arrayAt, arrayAt + (int) n, (byte) 0);
        } else {
            Memory.fill(address, n, (byte) 0);
        }
        advance(n);
        return n;
    }

    @Override
    public int get(byte[] target, int offset, int length) {
        int n = (int) Math.min(length, remaining);
        if (array != null) {
            System.arraycopy(array, arrayAt, target, offset, n);
        } else {
            Memory.copy(address, target, offset, n);
        }
        advance(n);
        return n;
    }

    @Override
    public long get(long to, long length) {
        long n = Math.min(length, remaining);
        if (array != null) {
            Memory.copy(array, arrayAt, to, (int) n);
        } else {
            Memory.copy(address, to, n);
        }
        advance(n);
        return n;
    }

    @Override
    public long direct(boolean intoBuffer, long limit, HostTransfer transfer) {
        long n = Math.min(limit, remaining);
        if (n == 0) {
            return 0;
        }
        if (array == null) {
            long moved = transfer.run(address, n, 0);
            if (moved > 0) {
                advance(moved);
            }
            return moved;
        }
        try (NativeArea area = NativeArea.allocate((int) n)) {
            if (!intoBuffer) {
                Memory.copy(array, arrayAt, area.address(), (int) n);
            }
            long moved = transfer.run(area.address(), n, 0);
            if (moved > 0) {
                if (intoBuffer) {
                    Memory.copy(area.address(), array, arrayAt, (int) moved);
                }
                advance(moved);
            }
            return moved;
        }
    }
}
