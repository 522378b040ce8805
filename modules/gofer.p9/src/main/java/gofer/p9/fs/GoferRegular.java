package gofer.p9.fs;

import gofer.p9.client.Opened;
import gofer.p9.client.P9Error;
import gofer.p9.codec.Attributes;
import gofer.p9.codec.Protocol;
import host.linux.Files;
import host.linux.Memory;
import host.linux.NativeArea;
import java.util.concurrent.locks.Lock;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.memory.Mappable;
import sentry.core.memory.MappingObserver;
import sentry.core.task.Task;
import sentry.core.vfs.FileDescription;
import sentry.core.vfs.SetAttr;
import sentry.core.vfs.VfsPath;

/**
 * A regular file behind the gofer. All who have it open share its host descriptors; while somebody has, or maps it, they
 * stay open.
 *
 * <p>Attributes that writes change are read from the host (fstat) when somebody asks for them after a write.
 */
final class GoferRegular extends GoferInode implements Mappable {
    private static final long PAGE = 4096;
    private static final long NANOS = 1_000_000_000L;
    private static final int EACCES = 13;
    private static final int EMFILE = 24;
    private static final int ENFILE = 23;

    // Guarded by the lock; reads and writes use the descriptors without it, because they have the file open.
    private volatile int readFd = -1;
    private volatile int writeFd = -1;
    /** The descriptor for writing reads too. */
    private volatile boolean writeFdReads;

    private volatile int opens;
    private volatile int mappings;
    /** The program may write pages of the file without our knowing. */
    private volatile boolean mappedWritable;

    // Guarded by the idle list.
    boolean idle;
    GoferRegular olderIdle;
    GoferRegular newerIdle;

    GoferRegular(GoferFileSystem fs, Attributes attributes, GoferDirectory parent, String name) {
        super(fs, attributes, parent, name);
    }

    // Opening and closing.

    @Override
    public FileDescription open(VfsPath path, int flags, Task task) throws ErrnoException {
        boolean write = (flags & Files.O_ACCMODE) != Files.O_RDONLY || (flags & Files.O_TRUNC) != 0;
        boolean read = (flags & Files.O_ACCMODE) != Files.O_WRONLY;
        synchronized (lock) {
            fs.idle.remove(this);
            boolean ok = false;
            try {
                provide(read, write);
                opens++;
                ok = true;
            } finally {
                if (!ok) {
                    unused();
                }
            }
        }
        fs.opened();
        return new GoferRegularFile(this, path, flags);
    }

    /** Makes sure that there are descriptors for what is wanted. The lock is held. */
    private void provide(boolean read, boolean write) throws ErrnoException {
        if (write && writeFd < 0) {
            Opened o;
            try {
                o = openx(Files.O_RDWR);
                writeFdReads = true;
            } catch (P9Error e) {
                if (e.errno() != EACCES || read) {
                    throw GoferFileSystem.error(e);
                }
                o = openWriteOnly();
                writeFdReads = false;
            }
            writeFd = o.fd();
            attributes(o.attributes());
        }
        if (read && readFd < 0 && (writeFd < 0 || !writeFdReads)) {
            try {
                Opened o = openx(Files.O_RDONLY);
                readFd = o.fd();
                attributes(o.attributes());
            } catch (P9Error e) {
                throw GoferFileSystem.error(e);
            }
        }
    }

    private Opened openWriteOnly() throws ErrnoException {
        try {
            return openx(Files.O_WRONLY);
        } catch (P9Error e) {
            throw GoferFileSystem.error(e);
        }
    }

    private Opened openx(int flags) throws P9Error, ErrnoException {
        try {
            return openOnce(flags);
        } catch (P9Error e) {
            if (e.errno() != EMFILE && e.errno() != ENFILE) {
                throw e;
            }
            fs.idle.closeAll(); // on one side or the other descriptors ran out: give up those that nobody uses
            return openOnce(flags);
        }
    }

    private Opened openOnce(int flags) throws P9Error, ErrnoException {
        // A file that others may rename or replace is held by a fid while it is open.
        if (!fs.shared() || fid() != Protocol.NOFID) {
            Lock place = lockPlace();
            try {
                return fs.client.openx(this, Protocol.NOFID, flags);
            } finally {
                place.unlock();
            }
        }
        int held = fs.client.newFid();
        boolean ok = false;
        Lock place = fs.places.writeLock();
        place.lock();
        try {
            if (!hasPlace()) {
                throw Errno.ENOENT.error();
            }
            Opened o = fs.client.openx(this, held, flags);
            if (o.attributes().ino != attributes().ino || o.attributes().dev != attributes().dev) {
                Files.close(o.fd());
                fs.client.clunkLater(held);
                held = Protocol.NOFID;
                throw Errno.ESTALE.error(); // another file by that name now
            }
            fid(held);
            ok = true;
            return o;
        } finally {
            place.unlock();
            if (!ok && held != Protocol.NOFID) {
                fs.client.forgetFid(held);
            }
        }
    }

    /** A description is closed. */
    void closed() {
        synchronized (lock) {
            opens--;
            unused();
        }
        fs.closed();
        fs.idle.trim();
    }

    @Override
    boolean inUse() {
        return opens > 0 || mappings > 0;
    }

    /** Tidies up if nobody has the file open or mapped. The lock is held. */
    private void unused() {
        if (opens > 0 || mappings > 0) {
            return;
        }
        boolean gone = attributes().nlink == 0;
        if (gone || fs.shared()) {
            // Nothing is kept of what nobody else can open, nor of what others may replace or want to execute.
            settle();
            closeDescriptor(readFd);
            closeDescriptor(writeFd);
            readFd = -1;
            writeFd = -1;
            letGoOfFid();
        }
        if (readFd >= 0 || writeFd >= 0) {
            fs.idle.add(this);
        }
    }

    private void letGoOfFid() {
        Lock place = fs.places.writeLock();
        place.lock();
        try {
            if (fid() != Protocol.NOFID && this != fs.root()) {
                fs.client.clunkLater(fid());
                fid(Protocol.NOFID);
            }
        } finally {
            place.unlock();
        }
    }

    private static void closeDescriptor(int fd) {
        if (fd >= 0) {
            Files.close(fd);
        }
    }

    /** Reads attributes that are still to be read while there is a descriptor. The lock is held. */
    private void settle() {
        if (isStale()) {
            try {
                current();
            } catch (ErrnoException e) {
                markStale(); // asked for by path next time
            }
        }
    }

    /** The idle list gave the file up. */
    void closeIdle() {
        synchronized (lock) {
            if (opens > 0 || mappings > 0) {
                return;
            }
            settle();
            closeDescriptor(readFd);
            closeDescriptor(writeFd);
            readFd = -1;
            writeFd = -1;
        }
    }

    @Override
    void nameless() {
        synchronized (lock) {
            if (opens == 0 && mappings == 0) {
                fs.idle.remove(this);
                unused();
            }
        }
    }

    /** Takes a descriptor for reading that came with a look-up. */
    void offer(int fd) {
        synchronized (lock) {
            if (readFd >= 0 || writeFd >= 0 && writeFdReads) {
                Files.close(fd);
                return;
            }
            readFd = fd;
            if (opens == 0 && mappings == 0) {
                fs.idle.add(this);
            }
        }
        fs.idle.trim();
    }

    /** Takes the descriptor that came with the file's creation, which reads and writes, and the fid, if there is one. */
    void offerNew(int fd, int held) {
        synchronized (lock) {
            if (held != Protocol.NOFID) {
                Lock place = fs.places.writeLock();
                place.lock();
                fid(held);
                place.unlock();
            }
            if (writeFd >= 0) {
                Files.close(fd);
                return;
            }
            writeFd = fd;
            writeFdReads = true;
            if (opens == 0 && mappings == 0) {
                fs.idle.add(this);
            }
        }
        fs.idle.trim();
    }

    // Descriptors of an open file.

    /** For reading; -1 when the file is open for writing alone. */
    int readingFd() {
        int fd = readFd;
        return fd >= 0 ? fd : writeFdReads ? writeFd : -1;
    }

    int writingFd() {
        return writeFd;
    }

    int anyFd() {
        int fd = writeFd;
        return fd >= 0 ? fd : readFd;
    }

    // Attributes.

    @Override
    Attributes fetch() throws ErrnoException {
        // The lock is held, so no descriptor is closed meanwhile.
        int fd = anyFd();
        if (fd < 0) {
            return super.fetch();
        }
        NativeArea buffer = fs.takeBuffer();
        try {
            Errno.check(Files.fstat(fd, buffer.address()));
            return fromStat(buffer.address());
        } finally {
            fs.giveBuffer(buffer);
        }
    }

    /** Attributes out of a struct stat; what it does not tell stays as it was. */
    private Attributes fromStat(long stat) {
        Attributes old = attributes();
        Attributes a = new Attributes();
        a.mode = Memory.getInt(stat + Files.STAT_OFF_MODE);
        a.nlink = (int) Memory.getLong(stat + Files.STAT_OFF_NLINK);
        a.uid = Memory.getInt(stat + Files.STAT_OFF_UID);
        a.gid = Memory.getInt(stat + Files.STAT_OFF_GID);
        a.size = Memory.getLong(stat + Files.STAT_OFF_SIZE);
        a.blocks = Memory.getLong(stat + Files.STAT_OFF_BLOCKS);
        a.atime = time(stat + Files.STAT_OFF_ATIME);
        a.mtime = time(stat + Files.STAT_OFF_MTIME);
        a.ctime = time(stat + Files.STAT_OFF_CTIME);
        a.dev = old.dev;
        a.ino = old.ino;
        a.rdev = old.rdev;
        a.blksize = old.blksize;
        a.flags = old.flags;
        a.btime = old.btime;
        a.mount = old.mount;
        return a;
    }

    private static long time(long timespec) {
        return Memory.getLong(timespec) * NANOS + Memory.getLong(timespec + 8);
    }

    @Override
    public void stat(sentry.core.vfs.Stat out) throws ErrnoException {
        if (mappedWritable || fs.shared() && inUse()) {
            markStale();
        }
        super.stat(out);
    }

    /** The size now. */
    @Override
    public long size() throws ErrnoException {
        if (mappedWritable || fs.shared()) {
            markStale();
        }
        return current().size;
    }

    @Override
    public void setattr(SetAttr change) throws ErrnoException {
        if (change.mask == SetAttr.SIZE) {
            synchronized (lock) {
                if (writeFd >= 0) {
                    if (change.size < 0) {
                        throw Errno.EINVAL.error();
                    }
                    long result = Files.ftruncate(writeFd, change.size);
                    markStale();
                    Errno.check(result);
                    return;
                }
            }
        }
        super.setattr(change);
    }

    /** The content was written, or read for the first time since it was: the host has new times, and perhaps a new size. */
    void touched() {
        markStale();
    }

    // Mappable.

    @Override
    public Run run(long offset, long length, boolean write) throws ErrnoException {
        if (write ? writeFd < 0 : readFd < 0 && (writeFd < 0 || !writeFdReads)) {
            synchronized (lock) {
                provide(true, write);
            }
        }
        if (write) {
            mappedWritable = true;
        }
        long end = size() + PAGE - 1 & -PAGE;
        if (offset >= end) {
            return null;
        }
        return new Run(write ? writeFd : readingFd(), offset, Math.min(length, end - offset));
    }

    @Override
    public int read(long offset, byte[] target, int from, int length) throws ErrnoException {
        NativeArea buffer = fs.takeBuffer();
        try {
            int n = (int) Errno.check(Files.pread(
                    readingFd(), buffer.address(), Math.min(length, GoferFileSystem.BUFFER_SIZE), offset));
            Memory.copy(buffer.address(), target, from, n);
            return n;
        } finally {
            fs.giveBuffer(buffer);
        }
    }

    @Override
    public int write(long offset, byte[] source, int from, int length) throws ErrnoException {
        NativeArea buffer = fs.takeBuffer();
        try {
            long left = size() - offset; // a mapping does not make a file grow
            int n = (int) Math.min(Math.min(length, GoferFileSystem.BUFFER_SIZE), Math.max(0, left));
            Memory.copy(source, from, buffer.address(), n);
            int written = (int) Errno.check(Files.pwrite(writeFd, buffer.address(), n, offset));
            touched();
            return written;
        } finally {
            fs.giveBuffer(buffer);
        }
    }

    /** The host itself takes pages away that a truncation cuts off, so nobody needs to be told: only counted. */
    @Override
    public void addMapping(MappingObserver observer) {
        synchronized (lock) {
            if (opens == 0 && mappings == 0) {
                fs.idle.remove(this);
            }
            mappings++;
        }
    }

    @Override
    public void removeMapping(MappingObserver observer) {
        synchronized (lock) {
            mappings--;
            if (mappings == 0) {
                if (mappedWritable) {
                    mappedWritable = false;
                    markStale();
                }
                unused();
            }
        }
    }

    @Override
    public Object identity() {
        return this;
    }
}
