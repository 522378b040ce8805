package gofer.p9.fs;

import gofer.p9.codec.Attributes;
import host.linux.Files;
import host.linux.Memory;
import host.linux.NativeArea;
import java.util.concurrent.atomic.AtomicReference;
import sentry.core.abi.Capability;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.abi.FileMode;
import sentry.core.memory.Mappable;
import sentry.core.task.Task;
import sentry.core.vfs.IoBuffer;
import sentry.core.vfs.SeekableFile;
import sentry.core.vfs.SetAttr;
import sentry.core.vfs.VfsPath;

/** An open regular file: transfers go between the program's memory and the donated descriptor. */
final class GoferRegularFile extends SeekableFile {
    private static final int RWF_DSYNC = 2;
    private static final int RWF_SYNC = 4;
    private static final int RWF_APPEND = 0x10;
    private static final int SET_IDS = FileMode.S_ISUID | FileMode.S_ISGID;

    private final GoferRegular file;
    /** One that is free for the next transfer: descriptions are seldom used by two at once. */
    private final AtomicReference<Transfer> spare = new AtomicReference<>();

    private volatile long appendedTo;

    GoferRegularFile(GoferRegular file, VfsPath path, int flags) {
        super(path, flags);
        this.file = file;
    }

    /** One read or write; an object of its own because it is what {@link IoBuffer#direct} runs. */
    private static final class Transfer implements IoBuffer.HostTransfer {
        int fd;
        long offset;
        boolean write;
        /** RWF_ flags of a write. */
        int flags;

        private NativeArea iovec;

        @Override
        public long run(long address, long length, long done) {
            if (!write) {
                return Files.pread(fd, address, length, offset + done);
            }
            if (flags == 0) {
                return Files.pwrite(fd, address, length, offset + done);
            }
            if (iovec == null) {
                iovec = NativeArea.allocate(16);
            }
            Memory.putLong(iovec.address(), address);
            Memory.putLong(iovec.address() + 8, length);
            return Files.pwritev2(fd, iovec.address(), 1, (flags & RWF_APPEND) != 0 ? 0 : offset + done, flags);
        }

        void free() {
            if (iovec != null) {
                iovec.close();
            }
        }
    }

    private Transfer transfer(int fd, long offset, boolean write, int flags) throws ErrnoException {
        if (fd < 0) {
            throw Errno.EBADF.error();
        }
        Transfer t = spare.getAndSet(null);
        if (t == null) {
            t = new Transfer();
        }
        t.fd = fd;
        t.offset = offset;
        t.write = write;
        t.flags = flags;
        return t;
    }

    private void done(Transfer t) {
        Transfer extra = spare.getAndSet(t);
        if (extra != null) {
            extra.free();
        }
    }

    @Override
    public GoferRegular inode() {
        return file;
    }

    @Override
    protected void closed() {
        Transfer t = spare.getAndSet(null);
        if (t != null) {
            t.free();
        }
        file.closed();
    }

    @Override
    protected long size() throws ErrnoException {
        return file.size();
    }

    @Override
    protected long readAt(Task task, IoBuffer target, long offset) throws ErrnoException {
        Transfer t = transfer(file.readingFd(), offset, false, 0);
        long n;
        try {
            n = target.direct(true, Long.MAX_VALUE, t);
        } finally {
            done(t);
        }
        Errno.check(n);
        Attributes a = file.attributes();
        if (a.atime <= a.mtime && n > 0) {
            file.touched(); // the host stamps the first read after a change (relatime)
        }
        return n;
    }

    @Override
    protected long writeAt(Task task, IoBuffer source, long offset) throws ErrnoException {
        if (source.remaining() == 0) {
            return 0;
        }
        int status = flags();
        int rwf = 0;
        if ((status & Fcntl.O_SYNC) == Fcntl.O_SYNC) {
            rwf = RWF_SYNC;
        } else if ((status & Fcntl.O_DSYNC) != 0) {
            rwf = RWF_DSYNC;
        }
        if (offset < 0) {
            rwf |= RWF_APPEND;
        }
        Transfer t = transfer(file.writingFd(), offset, true, rwf);
        long n;
        try {
            n = source.direct(false, Long.MAX_VALUE, t);
        } finally {
            done(t);
        }
        Errno.check(n);
        file.touched();
        if (offset < 0) {
            appendedTo = file.size();
        }
        if ((file.mode() & SET_IDS) != 0 && task != null && !task.credentials().capable(Capability.FSETID)) {
            dropPrivileges();
        }
        return n;
    }

    /** A write by the unprivileged takes set-user-ID and set-group-ID away. */
    private void dropPrivileges() throws ErrnoException {
        SetAttr change = new SetAttr();
        change.mask = SetAttr.MODE;
        change.mode = file.mode() & FileMode.PERMISSIONS & ~FileMode.S_ISUID;
        if ((change.mode & FileMode.S_IXGRP) != 0) {
            change.mode &= ~FileMode.S_ISGID;
        }
        if (change.mode != (file.mode() & FileMode.PERMISSIONS)) {
            file.setattr(change);
        }
    }

    @Override
    protected long appendedTo() {
        return appendedTo;
    }

    @Override
    protected long seekData(long offset) throws ErrnoException {
        return seekHost(offset, Fcntl.SEEK_DATA);
    }

    @Override
    protected long seekHole(long offset) throws ErrnoException {
        return seekHost(offset, Fcntl.SEEK_HOLE);
    }

    /** The descriptor's own position is of no use to anybody, so it may move. */
    private long seekHost(long offset, int whence) throws ErrnoException {
        if (offset < 0) {
            throw Errno.ENXIO.error();
        }
        return Errno.check(Files.lseek(file.anyFd(), offset, whence));
    }

    @Override
    public Mappable mappable() {
        return file;
    }

    @Override
    public void sync(boolean dataOnly) throws ErrnoException {
        int fd = file.anyFd();
        Errno.check(dataOnly ? Files.fdatasync(fd) : Files.fsync(fd));
    }

    @Override
    public void allocate(Task task, int mode, long offset, long length) throws ErrnoException {
        int fd = file.writingFd();
        if (fd < 0) {
            throw Errno.EBADF.error();
        }
        long result = Files.fallocate(fd, mode, offset, length);
        file.touched();
        Errno.check(result);
    }
}
