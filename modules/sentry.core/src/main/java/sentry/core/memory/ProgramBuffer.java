package sentry.core.memory;

import host.linux.Memory;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.task.Task;
import sentry.core.vfs.IoBuffer;

/** The program memory that a read or write names: one range or an array of iovecs. Reusable. */
public final class ProgramBuffer extends IoBuffer {
    /** Most bytes of one call (Linux: MAX_RW_COUNT). */
    public static final long MAX = 0x7fff_f000L;

    /** Most iovecs (UIO_MAXIOV). */
    public static final int MAX_IOVECS = 1024;

    private MemoryManager memory;
    private long[] bases = new long[8];
    private long[] lengths = new long[8];
    private byte[] vectors;
    private int count;
    private int at;
    private long remaining;

    public ProgramBuffer() {}

    /** One range; EFAULT for a negative length: it reaches beyond any address space. */
    public ProgramBuffer of(Task task, long address, long length) throws ErrnoException {
        return of(task.mm(), address, length);
    }

    public ProgramBuffer of(MemoryManager mm, long address, long length) throws ErrnoException {
        if (length < 0) {
            throw Errno.EFAULT.error();
        }
        memory = mm;
        bases[0] = address;
        lengths[0] = Math.min(length, MAX);
        remaining = lengths[0];
        count = 1;
        at = 0;
        return this;
    }

    /** The iovecs at {@code address}; EINVAL for too many or a negative length, what is beyond MAX is left out. */
    public ProgramBuffer ofIovecs(Task task, long address, long n) throws ErrnoException {
        return ofIovecs(task.mm(), task.mm(), address, n);
    }

    /**
     * The iovecs at {@code address} of {@code caller}'s memory, which name ranges of {@code mm}'s.
     */
    public ProgramBuffer ofIovecs(MemoryManager caller, MemoryManager mm, long address, long n) throws ErrnoException {
        if (n < 0 || n > MAX_IOVECS) {
            throw Errno.EINVAL.error();
        }
        memory = mm;
        count = (int) n;
        at = 0;
        remaining = 0;
        if (count > bases.length) {
            bases = new long[count];
            lengths = new long[count];
        }
        if (vectors == null || vectors.length < count * 16) {
            vectors = new byte[Math.max(count, 8) * 16];
        }
        caller.read(address, vectors, 0, count * 16);
        for (int i = 0; i < count; i++) {
            bases[i] = word(16 * i);
            long length = word(16 * i + 8);
            if (length < 0) {
                throw Errno.EINVAL.error();
            }
            lengths[i] = Math.min(length, MAX - remaining);
            remaining += lengths[i];
        }
        return this;
    }

    private long word(int offset) {
        long value = 0;
        for (int i = 7; i >= 0; i--) {
            value = value << 8 | vectors[offset + i] & 0xff;
        }
        return value;
    }

    @Override
    public long remaining() {
        return remaining;
    }

    /** Moves to a range that is not used up; false at the end. */
    private boolean next() {
        while (at < count && lengths[at] == 0) {
            at++;
        }
        return at < count;
    }

    private void advance(long n) {
        bases[at] += n;
        lengths[at] -= n;
        remaining -= n;
    }

    @Override
    public int put(byte[] source, int offset, int length) throws ErrnoException {
        int done = 0;
        while (done < length && next()) {
            int want = (int) Math.min(length - done, lengths[at]);
            int n = memory.copyIn(bases[at], source, offset + done, want);
            advance(n);
            done += n;
            if (n < want) {
                return faulted(done);
            }
        }
        return done;
    }

    @Override
    public int get(byte[] target, int offset, int length) throws ErrnoException {
        int done = 0;
        while (done < length && next()) {
            int want = (int) Math.min(length - done, lengths[at]);
            int n = memory.copyOut(bases[at], target, offset + done, want);
            advance(n);
            done += n;
            if (n < want) {
                return faulted(done);
            }
        }
        return done;
    }

    @Override
    public int peek(byte[] target, int offset, int length) throws ErrnoException {
        int done = 0;
        for (int i = at; i < count && done < length; i++) {
            int want = (int) Math.min(length - done, lengths[i]);
            int n = want == 0 ? 0 : memory.copyOut(bases[i], target, offset + done, want);
            done += n;
            if (n < want) {
                return faulted(done);
            }
        }
        return done;
    }

    @Override
    public long put(long address, long length) throws ErrnoException {
        kernelAddress = address;
        return direct(true, length, fromKernel);
    }

    @Override
    public long putZeros(long length) throws ErrnoException {
        return direct(true, length, ZERO);
    }

    /** The kernel's side of the copy that is going on. */
    private long kernelAddress;

    private final HostTransfer fromKernel = (host, n, done) -> {
        Memory.copy(kernelAddress + done, host, n);
        return n;
    };
    private final HostTransfer toKernel = (host, n, done) -> {
        Memory.copy(host, kernelAddress + done, n);
        return n;
    };
    private static final HostTransfer ZERO = (host, n, done) -> {
        Memory.fill(host, n, (byte) 0);
        return n;
    };

    @Override
    public long get(long address, long length) throws ErrnoException {
        kernelAddress = address;
        return direct(false, length, toKernel);
    }

    @Override
    public long direct(boolean intoBuffer, long limit, HostTransfer transfer) throws ErrnoException {
        long done = 0;
        while (done < limit && next()) {
            long want = Math.min(limit - done, lengths[at]);
            long n = memory.direct(intoBuffer, bases[at], want, done, transfer);
            if (n == ProgramMemory.FAULTED) {
                return faulted(done);
            }
            if (n < 0) {
                return done > 0 ? done : n;
            }
            advance(n);
            done += n;
            if (n < want) {
                return done;
            }
        }
        return done;
    }

    private static int faulted(int done) throws ErrnoException {
        return (int) faulted((long) done);
    }

    private static long faulted(long done) throws ErrnoException {
        if (done == 0) {
            throw Errno.EFAULT.error();
        }
        return done;
    }
}
