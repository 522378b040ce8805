package sentry.syscalls;

import host.linux.Memory;
import host.linux.NativeArea;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.memory.UserMemory;
import sentry.core.task.Task;
import sentry.core.vfs.IoBuffer;

/** The memory that a read or write names: one range or an array of iovecs. */
final class ProgramBuffer extends IoBuffer {
    private static final int CHUNK = 64 << 10;
    /** Most bytes of one call (Linux: MAX_RW_COUNT). */
    static final long MAX = 0x7ffff000L;

    private static final int MAX_IOVECS = 1024;

    private UserMemory memory;
    private long[] bases = new long[8];
    private long[] lengths = new long[8];
    private int count;
    private int at;
    private long remaining;
    private byte[] chunk;
    private NativeArea area;

    ProgramBuffer() {}

    /** One range. */
    ProgramBuffer of(Task task, long address, long length) throws ErrnoException {
        if (length < 0) {
            throw Errno.EINVAL.error();
        }
        memory = task.memory();
        bases[0] = address;
        lengths[0] = Math.min(length, MAX);
        remaining = lengths[0];
        count = 1;
        at = 0;
        return this;
    }

    /** The iovecs at {@code address}. */
    ProgramBuffer ofIovecs(Task task, long address, long n) throws ErrnoException {
        if (n < 0 || n > MAX_IOVECS) {
            throw Errno.EINVAL.error();
        }
        memory = task.memory();
        count = (int) n;
        at = 0;
        remaining = 0;
        if (count > bases.length) {
            bases = new long[count];
            lengths = new long[count];
        }
        for (int i = 0; i < count; i++) {
            bases[i] = memory.getLong(address + 16L * i);
            long length = memory.getLong(address + 16L * i + 8);
            if (length < 0) {
                throw Errno.EINVAL.error();
            }
            lengths[i] = Math.min(length, MAX - remaining);
            remaining += lengths[i];
        }
        return this;
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
            int n;
            try {
                n = memory.writeSome(bases[at], source, offset + done, want);
            } catch (ErrnoException e) {
                if (done == 0) {
                    throw e;
                }
                break;
            }
            advance(n);
            done += n;
            if (n < want) {
                break;
            }
        }
        return done;
    }

    @Override
    public int get(byte[] target, int offset, int length) throws ErrnoException {
        int done = 0;
        while (done < length && next()) {
            int want = (int) Math.min(length - done, lengths[at]);
            int n;
            try {
                n = memory.readSome(bases[at], target, offset + done, want);
            } catch (ErrnoException e) {
                if (done == 0) {
                    throw e;
                }
                break;
            }
            advance(n);
            done += n;
            if (n < want) {
                break;
            }
        }
        return done;
    }

    private byte[] chunk() {
        if (chunk == null) {
            chunk = new byte[CHUNK];
        }
        return chunk;
    }

    @Override
    public long put(long address, long length) throws ErrnoException {
        long done = 0;
        while (done < length && remaining > 0) {
            int n = (int) Math.min(CHUNK, Math.min(length - done, remaining));
            Memory.copy(address + done, chunk(), 0, n);
            int moved = partial(done, () -> put(chunk, 0, n));
            done += moved;
            if (moved < n) {
                break;
            }
        }
        return done;
    }

    @Override
    public long putZeros(long length) throws ErrnoException {
        long done = 0;
        java.util.Arrays.fill(chunk(), (byte) 0);
        while (done < length && remaining > 0) {
            int n = (int) Math.min(CHUNK, Math.min(length - done, remaining));
            int moved = partial(done, () -> put(chunk, 0, n));
            done += moved;
            if (moved < n) {
                break;
            }
        }
        return done;
    }

    @Override
    public long get(long address, long length) throws ErrnoException {
        long done = 0;
        while (done < length && remaining > 0) {
            int n = (int) Math.min(CHUNK, Math.min(length - done, remaining));
            chunk();
            int moved = partial(done, () -> get(chunk, 0, n));
            Memory.copy(chunk, 0, address + done, moved);
            done += moved;
            if (moved < n) {
                break;
            }
        }
        return done;
    }

    @FunctionalInterface
    private interface Move {
        int run() throws ErrnoException;
    }

    private static int partial(long done, Move move) throws ErrnoException {
        try {
            return move.run();
        } catch (ErrnoException e) {
            if (done == 0) {
                throw e;
            }
            return 0;
        }
    }

    @Override
    public long direct(boolean intoBuffer, long limit, HostTransfer transfer) throws ErrnoException {
        if (area == null) {
            area = NativeArea.allocate(CHUNK);
        }
        long done = 0;
        while (done < limit && remaining > 0) {
            long n = Math.min(CHUNK, Math.min(limit - done, remaining));
            if (intoBuffer) {
                long moved = transfer.run(area.address(), n, done);
                if (moved <= 0) {
                    return done > 0 ? done : moved;
                }
                long stored = put(area.address(), moved);
                done += stored;
                if (moved < n || stored < moved) {
                    return done;
                }
            } else {
                byte[] b = chunk();
                int got = peek(b, (int) n);
                Memory.copy(b, 0, area.address(), got);
                long moved = transfer.run(area.address(), got, done);
                if (moved <= 0) {
                    return done > 0 ? done : moved;
                }
                skip(moved);
                done += moved;
                if (moved < n) {
                    return done;
                }
            }
        }
        return done;
    }

    /** Copies out without moving on. */
    private int peek(byte[] target, int length) throws ErrnoException {
        int done = 0;
        for (int i = at; i < count && done < length; i++) {
            int want = (int) Math.min(length - done, lengths[i]);
            if (want == 0) {
                continue;
            }
            int n;
            try {
                n = memory.readSome(bases[i], target, done, want);
            } catch (ErrnoException e) {
                if (done == 0) {
                    throw e;
                }
                break;
            }
            done += n;
            if (n < want) {
                break;
            }
        }
        return done;
    }

    private void skip(long n) {
        long left = n;
        while (left > 0 && next()) {
            long step = Math.min(left, lengths[at]);
            advance(step);
            left -= step;
        }
    }
}
