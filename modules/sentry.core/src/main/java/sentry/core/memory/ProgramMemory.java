package sentry.core.memory;

import host.linux.Memory;
import java.lang.invoke.VarHandle;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.locks.StampedLock;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.kernel.Kernel;
import sentry.core.task.Task;
import sentry.core.vfs.IoBuffer;

/**
 * The kernel's access to program memory. What the memory file holds is used in place, under the read lock, so that no
 * page is freed meanwhile; what only a file of the host holds is read and written through the file, never through a
 * mapping in the Sentry, which a truncation would turn into a trap.
 */
abstract class ProgramMemory implements UserMemory {
    /** What {@link #direct} answers when the program's memory cannot be accessed. */
    static final long FAULTED = Long.MIN_VALUE;

    private static final int PAGE = MemoryFile.PAGE;
    /** How much of a file page is read at once in search of a string's end: most strings are paths. */
    private static final int STRING_CHUNK = 512;

    /** Guards vmas, page runs and the view of the host. */
    final StampedLock lock = new StampedLock();

    final MemoryFile file;
    final PageRuns runs = new PageRuns();
    final VmaList vmas = new VmaList();
    /** A task that runs here: the kernel's accesses go by its limits. Null while a program is being loaded. */
    volatile Task user;
    /** Whether any memory was ever registered with userfaultfd(2). */
    volatile boolean userfaultsKnown;

    ProgramMemory(MemoryFile file) {
        this.file = file;
    }

    abstract Pager pager();

    @Override
    public final byte getByte(long address) throws ErrnoException {
        long stamp = lock.readLock();
        try {
            int i = runs.at(address);
            if (i >= 0 && (runs.flags(i) & PageRuns.READ) != 0) {
                return Memory.getByte(file.address(runs.offset(i, address)));
            }
        } finally {
            lock.unlockRead(stamp);
        }
        return slowRead(address, 1)[0];
    }

    @Override
    public final short getShort(long address) throws ErrnoException {
        long stamp = lock.readLock();
        try {
            int i = readable(address, 2);
            if (i >= 0) {
                return Memory.getShort(file.address(runs.offset(i, address)));
            }
        } finally {
            lock.unlockRead(stamp);
        }
        byte[] b = slowRead(address, 2);
        return (short) (b[0] & 0xff | b[1] << 8);
    }

    @Override
    public final int getInt(long address) throws ErrnoException {
        long stamp = lock.readLock();
        try {
            int i = readable(address, 4);
            if (i >= 0) {
                return Memory.getInt(file.address(runs.offset(i, address)));
            }
        } finally {
            lock.unlockRead(stamp);
        }
        return (int) little(slowRead(address, 4));
    }

    @Override
    public final long getLong(long address) throws ErrnoException {
        long stamp = lock.readLock();
        try {
            int i = readable(address, 8);
            if (i >= 0) {
                return Memory.getLong(file.address(runs.offset(i, address)));
            }
        } finally {
            lock.unlockRead(stamp);
        }
        return little(slowRead(address, 8));
    }

    @Override
    public final void putByte(long address, byte value) throws ErrnoException {
        long stamp = lock.readLock();
        try {
            int i = writable(address, 1);
            if (i >= 0) {
                Memory.putByte(file.address(runs.offset(i, address)), value);
                return;
            }
        } finally {
            lock.unlockRead(stamp);
        }
        slowWrite(address, value, 1);
    }

    @Override
    public final void putShort(long address, short value) throws ErrnoException {
        long stamp = lock.readLock();
        try {
            int i = writable(address, 2);
            if (i >= 0) {
                Memory.putShort(file.address(runs.offset(i, address)), value);
                return;
            }
        } finally {
            lock.unlockRead(stamp);
        }
        slowWrite(address, value, 2);
    }

    @Override
    public final void putInt(long address, int value) throws ErrnoException {
        long stamp = lock.readLock();
        try {
            int i = writable(address, 4);
            if (i >= 0) {
                Memory.putInt(file.address(runs.offset(i, address)), value);
                return;
            }
        } finally {
            lock.unlockRead(stamp);
        }
        slowWrite(address, value, 4);
    }

    @Override
    public final void putLong(long address, long value) throws ErrnoException {
        long stamp = lock.readLock();
        try {
            int i = writable(address, 8);
            if (i >= 0) {
                Memory.putLong(file.address(runs.offset(i, address)), value);
                return;
            }
        } finally {
            lock.unlockRead(stamp);
        }
        slowWrite(address, value, 8);
    }

    @Override
    public final void read(long address, byte[] target, int offset, int length) throws ErrnoException {
        if (copyOut(address, target, offset, length) < length) {
            throw Errno.EFAULT.error();
        }
    }

    @Override
    public final void write(long address, byte[] source, int offset, int length) throws ErrnoException {
        if (copyIn(address, source, offset, length) < length) {
            throw Errno.EFAULT.error();
        }
    }

    @Override
    public final int readSome(long address, byte[] target, int offset, int length) throws ErrnoException {
        int n = copyOut(address, target, offset, length);
        if (n == 0 && length > 0) {
            throw Errno.EFAULT.error();
        }
        return n;
    }

    @Override
    public final int writeSome(long address, byte[] source, int offset, int length) throws ErrnoException {
        int n = copyIn(address, source, offset, length);
        if (n == 0 && length > 0) {
            throw Errno.EFAULT.error();
        }
        return n;
    }

    @Override
    public final void fill(long address, long length, byte value) throws ErrnoException {
        long n = direct(true, address, length, 0, (host, size, done) -> {
            Memory.fill(host, size, value);
            return size;
        });
        if (n < length) {
            throw Errno.EFAULT.error();
        }
    }

    @Override
    public final String readString(long address, int limit) throws ErrnoException {
        byte[] some = null;
        int have = 0;
        while (have < limit) {
            long at = address + have;
            long stamp = lock.readLock();
            try {
                int i = runs.at(at);
                if (i >= 0 && (runs.flags(i) & PageRuns.READ) != 0) {
                    int n = (int) Math.min(limit - have, runs.end(i) - at);
                    long host = file.address(runs.offset(i, at));
                    int length = 0;
                    while (length < n && Memory.getByte(host + length) != 0) {
                        length++;
                    }
                    some = some == null ? new byte[length] : Arrays.copyOf(some, have + length);
                    Memory.copy(host, some, have, length);
                    have += length;
                    if (length < n) {
                        return new String(some, StandardCharsets.ISO_8859_1);
                    }
                    continue;
                }
            } finally {
                lock.unlockRead(stamp);
            }
            // In a file page, or not there yet.
            int n = (int) Math.min(Math.min(limit - have, STRING_CHUNK), PAGE - (at & PAGE - 1));
            byte[] page = new byte[n];
            n = copyOut(at, page, 0, n);
            if (n == 0) {
                throw Errno.EFAULT.error();
            }
            int length = 0;
            while (length < n && page[length] != 0) {
                length++;
            }
            some = some == null ? Arrays.copyOf(page, length) : Arrays.copyOf(some, have + length);
            System.arraycopy(page, 0, some, have, length);
            have += length;
            if (length < n) {
                return new String(some, StandardCharsets.ISO_8859_1);
            }
        }
        return null;
    }

    @Override
    public final int getIntVolatile(long address) throws ErrnoException {
        aligned(address);
        long stamp = lock.readLock();
        try {
            int i = readable(address, 4);
            if (i >= 0) {
                return Memory.getIntVolatile(file.address(runs.offset(i, address)));
            }
        } finally {
            lock.unlockRead(stamp);
        }
        VarHandle.fullFence();
        return (int) little(slowRead(address, 4));
    }

    @Override
    public final int compareAndExchangeInt(long address, int expected, int value) throws ErrnoException {
        aligned(address);
        for (; ; ) {
            long stamp = lock.readLock();
            try {
                int i = writable(address, 4);
                if (i >= 0) {
                    return Memory.compareAndExchangeInt(file.address(runs.offset(i, address)), expected, value);
                }
            } finally {
                lock.unlockRead(stamp);
            }
            if (!faultIn(address, true, address + 4)) {
                throw Errno.EFAULT.error();
            }
            stamp = lock.writeLock();
            try {
                if (writable(address, 4) < 0) {
                    return exchangeInFile(address, expected, value);
                }
            } finally {
                lock.unlockWrite(stamp);
            }
        }
    }

    /**
     * Runs {@code transfer} on {@code [address, address + length)} in host memory, piece by piece. Stops at what the
     * program could not access itself.
     *
     * @param done bytes that earlier calls of the same transfer moved
     * @return bytes moved; if none, perhaps a negated errno of the transfer, or FAULTED
     */
    final long direct(boolean write, long address, long length, long done, IoBuffer.HostTransfer transfer)
            throws ErrnoException {
        long moved = 0;
        while (moved < length) {
            long at = address + moved;
            long n;
            long r;
            long stamp = lock.readLock();
            try {
                int i = runs.at(at);
                if (i >= 0 && (runs.flags(i) & (write ? PageRuns.WRITE : PageRuns.READ)) != 0) {
                    n = Math.min(length - moved, runs.end(i) - at);
                    r = transfer.run(file.address(runs.offset(i, at)), n, done + moved);
                } else {
                    n = 0;
                    r = 0;
                }
            } finally {
                lock.unlockRead(stamp);
            }
            if (n == 0) {
                if (!faultIn(at, write, address + length)) {
                    return moved > 0 ? moved : FAULTED;
                }
                if (present(at, write)) {
                    continue;
                }
                n = Math.min(length - moved, PAGE - (at & PAGE - 1));
                r = Bounce.run(this, write, at, (int) n, done + moved, transfer);
            }
            if (r < 0) {
                return moved > 0 ? moved : r;
            }
            moved += r;
            if (r < n) {
                return moved;
            }
        }
        return moved;
    }

    /** Copies from the program as far as it goes; returns bytes. */
    final int copyOut(long address, byte[] target, int offset, int length) throws ErrnoException {
        int done = 0;
        while (done < length) {
            long stamp = lock.readLock();
            try {
                while (done < length) {
                    long at = address + done;
                    int i = runs.at(at);
                    if (i < 0 || (runs.flags(i) & PageRuns.READ) == 0) {
                        break;
                    }
                    int n = (int) Math.min(length - done, runs.end(i) - at);
                    Memory.copy(file.address(runs.offset(i, at)), target, offset + done, n);
                    done += n;
                }
            } finally {
                lock.unlockRead(stamp);
            }
            if (done < length) {
                int n = fileOut(address + done, target, offset + done, length - done);
                if (n == 0 && userfaultsKnown && faultIn(address + done, false, address + length)) {
                    continue;
                }
                if (n == 0) {
                    return done;
                }
                if (n > 0) {
                    done += n;
                }
            }
        }
        return done;
    }

    /** Copies to the program as far as it goes; returns bytes. */
    final int copyIn(long address, byte[] source, int offset, int length) throws ErrnoException {
        int done = 0;
        while (done < length) {
            long stamp = lock.readLock();
            try {
                while (done < length) {
                    long at = address + done;
                    int i = runs.at(at);
                    if (i < 0 || (runs.flags(i) & PageRuns.WRITE) == 0) {
                        break;
                    }
                    int n = (int) Math.min(length - done, runs.end(i) - at);
                    Memory.copy(source, offset + done, file.address(runs.offset(i, at)), n);
                    done += n;
                }
            } finally {
                lock.unlockRead(stamp);
            }
            if (done < length) {
                int n = fileIn(address + done, source, offset + done, length - done);
                if (n == 0 && userfaultsKnown && faultIn(address + done, true, address + length)) {
                    continue;
                }
                if (n == 0) {
                    return done;
                }
                if (n > 0) {
                    done += n;
                }
            }
        }
        return done;
    }

    /**
     * Reads as a tracer does: also what the program itself must not read. Returns bytes, as far as it goes, perhaps 0.
     */
    public final int readForced(long address, byte[] target, int offset, int length) throws ErrnoException {
        int done = 0;
        while (done < length) {
            long at = address + done;
            int n = (int) Math.min(length - done, PAGE - (at & PAGE - 1));
            int got = copyOut(at, target, offset + done, n);
            if (got < n) {
                got = peek(at + got, target, offset + done + got, n - got) ? n : 0;
            }
            if (got == 0) {
                return done;
            }
            done += n;
        }
        return done;
    }

    /**
     * Writes as a tracer does: private memory that the program itself must not write is copied first. Returns bytes, as
     * far as it goes, perhaps 0.
     */
    public final int writeForced(long address, byte[] source, int offset, int length) throws ErrnoException {
        int done = 0;
        while (done < length) {
            long at = address + done;
            int n = (int) Math.min(length - done, PAGE - (at & PAGE - 1));
            int put = copyIn(at, source, offset + done, n);
            if (put < n) {
                put = poke(at + put, source, offset + done + put, n - put) ? n : 0;
            }
            if (put == 0) {
                return done;
            }
            done += n;
        }
        return done;
    }

    /** Reads within a page, whatever its protection. */
    private boolean peek(long address, byte[] target, int offset, int length) throws ErrnoException {
        long stamp = lock.writeLock();
        try {
            Vma v = vmas.at(address);
            if (v == null) {
                return false;
            }
            int i = runs.at(address);
            if (i >= 0 && (runs.flags(i) & PageRuns.GUARD) != 0) {
                return false;
            }
            if (i < 0 && v.mappable != null) {
                long at = v.offset + (address - v.start);
                if (at >= Pager.roundUp(v.mappable.size())) {
                    return false;
                }
                int n = 0;
                while (n < length) {
                    int r = v.mappable.read(at + n, target, offset + n, length - n);
                    if (r <= 0) {
                        break;
                    }
                    n += r;
                }
                Arrays.fill(target, offset + n, offset + length, (byte) 0);
            } else if (i < 0) {
                Arrays.fill(target, offset, offset + length, (byte) 0); // nobody has touched it
            } else {
                Memory.copy(file.address(runs.offset(i, address)), target, offset, length);
            }
            return true;
        } finally {
            lock.unlockWrite(stamp);
        }
    }

    /** Writes within a page of private memory, whatever its protection. */
    private boolean poke(long address, byte[] source, int offset, int length) throws ErrnoException {
        long stamp = lock.writeLock();
        try {
            Vma v = vmas.at(address);
            if (v == null || v.shared() || !pager().makePrivate(v, address & -PAGE)) {
                return false;
            }
            int i = runs.at(address);
            Memory.copy(source, offset, file.address(runs.offset(i, address)), length);
            return true;
        } finally {
            lock.unlockWrite(stamp);
        }
    }

    private int readable(long address, int length) {
        int i = runs.at(address);
        return i >= 0 && (runs.flags(i) & PageRuns.READ) != 0 && runs.end(i) - address >= length ? i : -1;
    }

    private int writable(long address, int length) {
        int i = runs.at(address);
        return i >= 0 && (runs.flags(i) & PageRuns.WRITE) != 0 && runs.end(i) - address >= length ? i : -1;
    }

    private boolean present(long address, boolean write) {
        long stamp = lock.readLock();
        try {
            return write ? writable(address, 1) >= 0 : readable(address, 1) >= 0;
        } finally {
            lock.unlockRead(stamp);
        }
    }

    /** Whether the kernel may go on at {@code address}; then it is in the page runs, or in a file of the host. */
    private boolean faultIn(long address, boolean write, long wanted) throws ErrnoException {
        for (; ; ) {
            Userfault told;
            long flags;
            long stamp = lock.writeLock();
            try {
                if (pager().faultIn(user, address, write, wanted)) {
                    return true;
                }
                told = pager().reportTo;
                flags = pager().reportFlags;
            } finally {
                lock.unlockWrite(stamp);
            }
            if (told == null || !told.kernelFaulted(Kernel.current(), address, flags)) {
                return false;
            }
        }
    }

    /** Reads from a file of the host; returns bytes, 0 for a fault, -1 if the memory file has it now. */
    private int fileOut(long address, byte[] target, int offset, int length) throws ErrnoException {
        long stamp = lock.writeLock();
        try {
            Vma v = vmas.at(address);
            long page = address & -PAGE;
            if (v != null && v.mappable != null && v.prot != 0 && runs.at(address) < 0) {
                // Read from the file, and nothing more: to map the page for the program, as a fault of its own would,
                // costs a call in its stub, and the next access would do it again.
                if (pager().fileRun(v, page, PAGE, false) == null) {
                    return 0;
                }
            } else if (!pager().faultIn(user, address, false, address + length)) {
                return 0;
            }
            if (readable(address, 1) >= 0) {
                return -1;
            }
            v = vmas.at(address);
            int next = runs.find(address);
            long end = Math.min(address + length, v.end);
            if (next < runs.size()) {
                end = Math.min(end, runs.start(next));
            }
            int wanted = (int) (end - address);
            int n = 0;
            while (n < wanted) {
                int r = v.mappable.read(v.offset + (address + n - v.start), target, offset + n, wanted - n);
                if (r <= 0) {
                    break;
                }
                n += r;
            }
            if (n < wanted) {
                // The rest of the file's last page reads as zeros; beyond it there is nothing.
                int zeros = (int) Math.min(wanted, Math.max(page + PAGE, Pager.roundUp(address + n)) - address);
                Arrays.fill(target, offset + n, offset + zeros, (byte) 0);
                n = zeros;
            }
            return n;
        } finally {
            lock.unlockWrite(stamp);
        }
    }

    /** Writes to a shared file of the host; returns bytes, 0 for a fault, -1 if the memory file has it now. */
    private int fileIn(long address, byte[] source, int offset, int length) throws ErrnoException {
        long stamp = lock.writeLock();
        try {
            if (!pager().faultIn(user, address, true, address + length)) {
                return 0;
            }
            if (writable(address, 1) >= 0) {
                return -1;
            }
            Vma v = vmas.at(address);
            // Not beyond the page, nor beyond the file's end: writing through a mapping never makes a file longer.
            int n = (int) Math.min(length, PAGE - (address & PAGE - 1));
            long at = v.offset + (address - v.start);
            int inFile = Math.clamp(v.mappable.size() - at, 0, n);
            int done = inFile == 0 ? 0 : v.mappable.write(at, source, offset, inFile);
            return done < inFile ? Math.max(done, 0) : n;
        } finally {
            lock.unlockWrite(stamp);
        }
    }

    private int exchangeInFile(long address, int expected, int value) throws ErrnoException {
        // A word in a file of the host that several may map: read and write cannot be one step from here. The memory
        // manager's lock keeps the kernel's own exchanges apart.
        Vma v = vmas.at(address);
        if (v == null || v.mappable == null || !v.shared() || address + 4 > v.end) {
            throw Errno.EFAULT.error();
        }
        byte[] word = new byte[4];
        long at = v.offset + (address - v.start);
        if (v.mappable.read(at, word, 0, 4) < 4) {
            throw Errno.EFAULT.error();
        }
        int old = (int) little(word);
        if (old == expected) {
            for (int i = 0; i < 4; i++) {
                word[i] = (byte) (value >> 8 * i);
            }
            v.mappable.write(at, word, 0, 4);
        }
        return old;
    }

    private byte[] slowRead(long address, int length) throws ErrnoException {
        byte[] b = new byte[length];
        read(address, b, 0, length);
        return b;
    }

    private void slowWrite(long address, long value, int length) throws ErrnoException {
        byte[] b = new byte[length];
        for (int i = 0; i < length; i++) {
            b[i] = (byte) (value >> 8 * i);
        }
        write(address, b, 0, length);
    }

    private static void aligned(long address) throws ErrnoException {
        if ((address & 3) != 0) {
            throw Errno.EINVAL.error();
        }
    }

    private static long little(byte[] b) {
        long value = 0;
        for (int i = b.length - 1; i >= 0; i--) {
            value = value << 8 | b[i] & 0xff;
        }
        return value;
    }
}
