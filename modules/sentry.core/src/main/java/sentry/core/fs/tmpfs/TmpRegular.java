package sentry.core.fs.tmpfs;

import java.util.ArrayList;
import sentry.core.abi.Capability;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.memory.Mappable;
import sentry.core.memory.MappingObserver;
import sentry.core.memory.MemoryFile;
import sentry.core.task.Task;
import sentry.core.vfs.FileDescription;
import sentry.core.vfs.IoBuffer;
import sentry.core.vfs.SetAttr;
import sentry.core.vfs.VfsPath;

/**
 * A regular file. Its monitor is the data lock: held over each transfer and while the file shrinks, so that a transfer
 * never meets freed pages.
 */
public final class TmpRegular extends TmpInode implements Mappable {
    private static final long MAX_SIZE = Long.MAX_VALUE & -Extents.PAGE;

    private final Extents extents;
    private volatile long size;
    /** Seals of memfd_create(2); a file that is no memfd cannot be sealed. */
    private volatile int seals = Fcntl.F_SEAL_SEAL;

    private boolean linkable;
    private int opens;
    private final ArrayList<MappingObserver> mappings = new ArrayList<>(0);
    private boolean freed;

    TmpRegular(TmpFileSystem fs, int mode, int uid, int gid, int links) {
        super(fs, mode, uid, gid);
        extents = new Extents(fs.memory(), fs);
        if (links == 0) {
            linked(-1);
        }
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    long blocks() {
        return extents.pages() * (Extents.PAGE / 512);
    }

    // Life.

    void linkable() {
        linkable = true;
    }

    @Override
    void requireLinkable() throws ErrnoException {
        if (nlink() == 0 && !linkable) {
            throw Errno.ENOENT.error();
        }
    }

    @Override
    public FileDescription open(VfsPath path, int flags, Task task) throws ErrnoException {
        synchronized (this) {
            if (freed) {
                throw Errno.ENOENT.error();
            }
            opens++;
        }
        return new TmpRegularFile(this, path, flags);
    }

    void closed() {
        synchronized (this) {
            opens--;
        }
        freeWhenUnused();
    }

    @Override
    public void unlinked() {
        super.unlinked();
        freeWhenUnused();
    }

    private void freeWhenUnused() {
        synchronized (this) {
            if (freed || opens != 0 || nlink() != 0) {
                return;
            }
            synchronized (mappings) {
                if (!mappings.isEmpty()) {
                    return;
                }
            }
            freed = true;
            extents.free(0, MAX_SIZE);
        }
    }

    // Data.

    long read(IoBuffer target, long offset) throws ErrnoException {
        MemoryFile memory = fs().memory();
        long done = 0;
        synchronized (this) {
            while (target.remaining() > 0) {
                long at = offset + done;
                long left = Math.min(size - at, target.remaining());
                if (left <= 0) {
                    break;
                }
                long chunk = Math.min(left, extents.extentAt(at));
                long place = extents.placeOf(at);
                long n;
                try {
                    n = place < 0 ? target.putZeros(chunk) : target.put(memory.address(place), chunk);
                } catch (ErrnoException e) {
                    if (done > 0) {
                        break;
                    }
                    throw e;
                }
                done += n;
                if (n < chunk) {
                    break;
                }
            }
        }
        accessed();
        return done;
    }

    /** @param offset -1 for the end of the file */
    long write(Task task, IoBuffer source, long offset) throws ErrnoException {
        MemoryFile memory = fs().memory();
        long done = 0;
        synchronized (this) {
            long from = offset < 0 ? size : offset;
            if (source.remaining() == 0) {
                return 0;
            }
            if ((seals & (Fcntl.F_SEAL_WRITE | Fcntl.F_SEAL_FUTURE_WRITE)) != 0) {
                throw Errno.EPERM.error();
            }
            long limit = MAX_SIZE;
            if ((seals & Fcntl.F_SEAL_GROW) != 0 && source.remaining() > size - from) {
                limit = Extents.down(size); // Linux refuses the page in which the file would grow as a whole
            }
            if (from >= limit) {
                throw (limit == MAX_SIZE ? Errno.EFBIG : Errno.EPERM).error();
            }
            while (source.remaining() > 0 && from + done < limit) {
                long at = from + done;
                try {
                    long chunk = extents.ensure(at, Math.min(source.remaining(), limit - at));
                    long n = source.get(memory.address(extents.placeOf(at)), chunk);
                    done += n;
                    if (at + n > size) {
                        size = at + n;
                    }
                    if (n < chunk) {
                        break;
                    }
                } catch (ErrnoException e) {
                    if (done > 0) {
                        break;
                    }
                    throw e;
                }
            }
            if (done > 0) {
                end = from + done;
            }
        }
        if ((mode() & 06000) != 0 && task != null && !task.credentials().capableOver(Capability.FSETID, uid(), gid())) {
            dropPrivileges();
        }
        modified();
        return done;
    }

    /** Adds to the end of the file; ENOSPC when not all fitted. For copies. */
    public void append(IoBuffer source) throws ErrnoException {
        while (source.remaining() > 0) {
            write(null, source, -1);
        }
    }

    /** Where the last write ended; read with the position's lock of an appending description held. */
    private volatile long end;

    long lastEnd() {
        return end;
    }

    @Override
    void resize(long newSize) throws ErrnoException {
        if (newSize < 0) {
            throw Errno.EINVAL.error();
        }
        if (newSize > MAX_SIZE) {
            throw Errno.EFBIG.error();
        }
        synchronized (this) {
            long old = size;
            if (newSize < old && (seals & Fcntl.F_SEAL_SHRINK) != 0
                    || newSize > old && (seals & Fcntl.F_SEAL_GROW) != 0) {
                throw Errno.EPERM.error();
            }
            size = newSize;
            if (newSize < old) {
                discard(newSize, MAX_SIZE);
            }
        }
        modified();
    }

    /** Zeroes {@code [from, to)} and gives whole pages back. The data lock is held. */
    private void discard(long from, long to) {
        long firstPage = Extents.up(from);
        long lastPage = Extents.down(to);
        zero(from, Math.min(firstPage, to));
        if (lastPage >= firstPage) {
            if (lastPage > firstPage) {
                invalidate(firstPage, lastPage - firstPage);
                extents.free(firstPage, lastPage);
            }
            zero(Math.max(from, lastPage), to);
        }
    }

    /** Zeroes a part of one page. */
    private void zero(long from, long to) {
        if (from < to) {
            long place = extents.placeOf(from);
            if (place >= 0) {
                host.linux.Memory.fill(fs().memory().address(place), to - from, (byte) 0);
            }
        }
    }

    private void invalidate(long offset, long length) {
        MappingObserver[] told;
        synchronized (mappings) {
            if (mappings.isEmpty()) {
                return;
            }
            told = mappings.toArray(new MappingObserver[0]);
        }
        for (MappingObserver o : told) {
            o.invalidate(this, offset, length);
        }
    }

    void allocate(int mode, long offset, long length) throws ErrnoException {
        if ((mode & ~(Fcntl.FALLOC_FL_KEEP_SIZE | Fcntl.FALLOC_FL_PUNCH_HOLE)) != 0) {
            throw Errno.EOPNOTSUPP.error();
        }
        if (offset > MAX_SIZE - length) {
            throw Errno.EFBIG.error();
        }
        synchronized (this) {
            if ((mode & Fcntl.FALLOC_FL_PUNCH_HOLE) != 0) {
                if ((seals & (Fcntl.F_SEAL_WRITE | Fcntl.F_SEAL_FUTURE_WRITE)) != 0) {
                    throw Errno.EPERM.error();
                }
                discard(offset, offset + length);
            } else {
                if ((seals & Fcntl.F_SEAL_GROW) != 0 && offset + length > size) {
                    throw Errno.EPERM.error();
                }
                if (length / Extents.PAGE > Integer.MAX_VALUE) {
                    throw Errno.ENOSPC.error(); // more than all memory has
                }
                for (long at = offset; at < offset + length; ) {
                    at += extents.ensure(at, offset + length - at);
                }
                if ((mode & Fcntl.FALLOC_FL_KEEP_SIZE) == 0 && offset + length > size) {
                    size = offset + length;
                }
            }
        }
        modified();
    }

    /** How many pages of the range, whose ends are multiples of the page size, are in memory. */
    public synchronized long pagesIn(long from, long to) {
        long sum = 0;
        for (long at = extents.nextData(from); at >= 0 && at < to; at = extents.nextData(at)) {
            long length = Math.min(to - at, Extents.up(extents.extentAt(at)));
            long place = extents.placeOf(at);
            if (place >= 0) {
                sum += fs().memory().resident(place, length, null) / Extents.PAGE;
            }
            at += length;
        }
        return sum;
    }

    long nextData(long offset) throws ErrnoException {
        long at = offset < 0 || offset >= size ? -1 : extents.nextData(offset);
        if (at < 0 || at >= size) {
            throw Errno.ENXIO.error();
        }
        return at;
    }

    long nextHole(long offset) throws ErrnoException {
        if (offset < 0 || offset >= size) {
            throw Errno.ENXIO.error();
        }
        return Math.min(size, extents.nextHole(offset));
    }

    // Seals.

    private static final int EXECUTABLE = 0111;

    @Override
    public void setattr(SetAttr change) throws ErrnoException {
        if ((change.mask & SetAttr.MODE) != 0
                && (seals & Fcntl.F_SEAL_EXEC) != 0
                && ((change.mode ^ mode()) & EXECUTABLE) != 0) {
            throw Errno.EPERM.error();
        }
        super.setattr(change);
    }

    /** Makes this a memfd that may be sealed (MFD_ALLOW_SEALING). */
    public synchronized void allowSealing() {
        seals = 0;
    }

    public synchronized int seals() {
        return seals;
    }

    public synchronized void addSeals(int more) throws ErrnoException {
        if ((seals & Fcntl.F_SEAL_SEAL) != 0) {
            throw Errno.EPERM.error();
        }
        int before = seals;
        if ((more & Fcntl.F_SEAL_EXEC) != 0 && (mode() & EXECUTABLE) != 0) {
            // What is executable for good is not to change either.
            more |= Fcntl.F_SEAL_SHRINK | Fcntl.F_SEAL_GROW | Fcntl.F_SEAL_WRITE | Fcntl.F_SEAL_FUTURE_WRITE;
        }
        seals = before | more;
        if ((more & ~before & Fcntl.F_SEAL_WRITE) != 0 && mappedWritable()) {
            seals = before;
            throw Errno.EBUSY.error();
        }
    }

    private boolean mappedWritable() {
        MappingObserver[] asked;
        synchronized (mappings) {
            asked = mappings.toArray(new MappingObserver[0]);
        }
        for (MappingObserver o : asked) {
            if (o.mapsWritable(this)) {
                return true;
            }
        }
        return false;
    }

    // Mappable.

    @Override
    public boolean writeSealed() {
        return (seals & (Fcntl.F_SEAL_WRITE | Fcntl.F_SEAL_FUTURE_WRITE)) != 0;
    }

    @Override
    public Run run(long offset, long length, boolean write) throws ErrnoException {
        if (offset >= Extents.up(size)) {
            return null;
        }
        // Reading a hole makes it present too: the page that a program has mapped must stay the file's page.
        long n = extents.ensure(offset, Math.min(length, Extents.up(size) - offset));
        return new Run(fs().memory().fd(), extents.placeOf(offset), Extents.down(n));
    }

    @Override
    public int read(long offset, byte[] target, int from, int length) throws ErrnoException {
        int done = 0;
        while (done < length && offset + done < size) {
            long at = offset + done;
            int chunk = (int) Math.min(Math.min(length - done, size - at), extents.extentAt(at));
            long place = extents.placeOf(at);
            if (place < 0) {
                java.util.Arrays.fill(target, from + done, from + done + chunk, (byte) 0);
            } else {
                host.linux.Memory.copy(fs().memory().address(place), target, from + done, chunk);
            }
            done += chunk;
        }
        return done;
    }

    @Override
    public int write(long offset, byte[] source, int from, int length) throws ErrnoException {
        int done = 0;
        while (done < length && offset + done < size) {
            long at = offset + done;
            int chunk = (int) extents.ensure(at, Math.min(length - done, size - at));
            host.linux.Memory.copy(source, from + done, fs().memory().address(extents.placeOf(at)), chunk);
            done += chunk;
        }
        return done;
    }

    @Override
    public void addMapping(MappingObserver observer) {
        synchronized (mappings) {
            mappings.add(observer);
        }
    }

    @Override
    public void removeMapping(MappingObserver observer) {
        synchronized (mappings) {
            mappings.remove(observer);
            if (!mappings.isEmpty()) {
                return;
            }
        }
        freeWhenUnused();
    }

    @Override
    public Object identity() {
        return this;
    }
}
