package sentry.core.vfs;

import sentry.core.abi.ErrnoException;

/** The first bytes of another buffer, which moves on with it. */
final class LimitedBuffer extends IoBuffer {
    private final IoBuffer whole;
    /** What {@link #whole} has left when this is used up. */
    private final long rest;

    LimitedBuffer(IoBuffer whole, long length) {
        this.whole = whole;
        this.rest = Math.max(0, whole.remaining() - length);
    }

    @Override
    public long remaining() {
        return whole.remaining() - rest;
    }

    @Override
    public int put(byte[] source, int offset, int length) throws ErrnoException {
        return whole.put(source, offset, (int) Math.min(length, remaining()));
    }

    @Override
    public long put(long address, long length) throws ErrnoException {
        return whole.put(address, Math.min(length, remaining()));
    }

    @Override
    public long putZeros(long length) throws ErrnoException {
        return whole.putZeros(Math.min(length, remaining()));
    }

    @Override
    public int get(byte[] target, int offset, int length) throws ErrnoException {
        return whole.get(target, offset, (int) Math.min(length, remaining()));
    }

    @Override
    public long get(long address, long length) throws ErrnoException {
        return whole.get(address, Math.min(length, remaining()));
    }

    @Override
    public int peek(byte[] target, int offset, int length) throws ErrnoException {
        return whole.peek(target, offset, (int) Math.min(length, remaining()));
    }

    @Override
    public long direct(boolean intoBuffer, long limit, HostTransfer transfer) throws ErrnoException {
        return whole.direct(intoBuffer, Math.min(limit, remaining()), transfer);
    }
}
