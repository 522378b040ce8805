package sentry.core.vfs;

import sentry.core.abi.ErrnoException;

/**
 * The memory side of a read or write: a cursor over program memory (the iovecs of a call) or kernel memory. In a read
 * the file puts, in a write it gets. Reused between calls; used by one thread.
 *
 * <p>Partial transfers: when program memory faults after some bytes, operations stop and say how much was done; when it
 * faults at once they throw EFAULT.
 */
public abstract class IoBuffer {
    protected IoBuffer() {}

    /** What {@link #direct} runs: one transfer between a host call and host memory. */
    @FunctionalInterface
    public interface HostTransfer {
        /**
         * @param address host address of the memory
         * @param length bytes there
         * @param done bytes that earlier rounds of the same {@link #direct} moved
         * @return bytes moved, 0 at the end of file, or a negated errno
         */
        long run(long address, long length, long done);
    }

    /** Bytes left. */
    public abstract long remaining();

    /** Copies into the buffer; returns how many bytes fitted. */
    public abstract int put(byte[] source, int offset, int length) throws ErrnoException;

    /** Copies into the buffer from host memory at {@code address}; returns how many bytes fitted. */
    public abstract long put(long address, long length) throws ErrnoException;

    /** Writes zeros; returns how many. */
    public abstract long putZeros(long length) throws ErrnoException;

    /** Copies out of the buffer; returns how many bytes there were. */
    public abstract int get(byte[] target, int offset, int length) throws ErrnoException;

    /** Copies out of the buffer to host memory at {@code address}; returns how many bytes there were. */
    public abstract long get(long address, long length) throws ErrnoException;

    /** Copies out of the buffer like {@link #get(byte[], int, int)}, but does not move on: for writes that may have to wait. */
    public abstract int peek(byte[] target, int offset, int length) throws ErrnoException;

    /**
     * Runs {@code transfer} on the buffer's memory, directly addressable run by run, until the buffer is used up, a
     * round moves less than it was given, or {@code limit} bytes are done. Memory cannot be unmapped meanwhile, so the
     * transfer must not block for long.
     *
     * @param intoBuffer whether the transfer writes the buffer
     * @return bytes moved; a negated errno only when the first round failed
     */
    public abstract long direct(boolean intoBuffer, long limit, HostTransfer transfer) throws ErrnoException;

    /** Puts one byte; returns whether there was room. */
    public boolean put(byte b) throws ErrnoException {
        return put(new byte[] {b}, 0, 1) == 1;
    }
}
