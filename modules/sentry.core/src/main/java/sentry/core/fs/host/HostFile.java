package sentry.core.fs.host;

import host.linux.Epoll;
import host.linux.Files;
import host.linux.Memory;
import host.linux.Syscall;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.FileMode;
import sentry.core.abi.PollEvents;
import sentry.core.signal.SignalInfo;
import sentry.core.task.Task;
import sentry.core.vfs.FileDescription;
import sentry.core.vfs.IoBuffer;
import sentry.core.vfs.VfsPath;
import sentry.core.wait.WaitEntry;

/** An open descriptor of the host. */
final class HostFile extends FileDescription {
    private static final int SIGPIPE = 13;
    private static final int RWF_NOWAIT = 8;
    /** What a host pipe surely takes without waiting when poll(2) says that it is writable (PIPE_BUF). */
    private static final long SAFE_WRITE = 4096;

    private static final int EINTR = 4;
    private static final int EOPNOTSUPP = 95;

    private final HostInode file;
    private final int fd;
    /** Whether the host does RWF_NOWAIT on this file; learnt from its first answer. */
    private volatile boolean nowaitReads = true;

    private volatile boolean nowaitWrites = true;
    private final IoBuffer.HostTransfer reader = (address, length, done) -> hostRead(address, length);
    private final IoBuffer.HostTransfer writer = (address, length, done) -> hostWrite(address, length);

    HostFile(HostInode file, VfsPath path, int flags) {
        super(path, flags);
        this.file = file;
        this.fd = file.fd();
        file.opened();
    }

    @Override
    protected void closed() {
        file.closed();
    }

    @Override
    public long read(Task task, IoBuffer target) throws ErrnoException {
        if (target.remaining() == 0) {
            return 0;
        }
        long n = target.direct(true, Long.MAX_VALUE, reader);
        if (n == WOULD_BLOCK) {
            file.dry(PollEvents.READABLE);
            return n;
        }
        return Errno.check(n);
    }

    @Override
    public long write(Task task, IoBuffer source) throws ErrnoException {
        if (source.remaining() == 0) {
            return 0;
        }
        long n = source.direct(false, Long.MAX_VALUE, writer);
        if (n == WOULD_BLOCK) {
            file.dry(PollEvents.WRITABLE);
            return n;
        }
        if (n == -Errno.EPIPE.number() && task != null) {
            task.signals().send(SignalInfo.user(SIGPIPE, task.ownPid(), task.ownUid()));
        }
        return Errno.check(n);
    }

    private long hostRead(long address, long length) {
        if (file.kind() == HostInode.Kind.READY) {
            return retry(0, address, length);
        }
        if (nowaitReads) {
            long n = vector(327, address, length); // preadv2
            if (n != -EOPNOTSUPP) {
                return n == -EINTR ? WOULD_BLOCK : n;
            }
            nowaitReads = false;
        }
        long ready = Epoll.poll(fd, Epoll.EPOLLIN, HostScratch.address());
        if (ready <= 0) {
            return WOULD_BLOCK;
        }
        long n = Syscall.call(0, fd, address, length);
        return n == -EINTR ? WOULD_BLOCK : n;
    }

    private long hostWrite(long address, long length) {
        if (file.kind() == HostInode.Kind.READY) {
            return retry(1, address, length);
        }
        if (nowaitWrites) {
            long n = vector(328, address, length); // pwritev2
            if (n != -EOPNOTSUPP) {
                return n == -EINTR ? WOULD_BLOCK : n;
            }
            nowaitWrites = false;
        }
        long ready = Epoll.poll(fd, Epoll.EPOLLOUT, HostScratch.address());
        if ((ready & (Epoll.EPOLLOUT | Epoll.EPOLLERR)) == 0) {
            return WOULD_BLOCK;
        }
        long done = 0;
        while (done < length) {
            long n = Syscall.call(1, fd, address + done, Math.min(length - done, SAFE_WRITE));
            if (n < 0) {
                return done > 0 ? done : n == -EINTR ? WOULD_BLOCK : n;
            }
            done += n;
            if ((Epoll.poll(fd, Epoll.EPOLLOUT, HostScratch.address()) & Epoll.EPOLLOUT) == 0) {
                break;
            }
        }
        return done;
    }

    private long vector(int nr, long address, long length) {
        long iovec = HostScratch.address() + 16;
        Memory.putLong(iovec, address);
        Memory.putLong(iovec + 8, length);
        return Syscall.call(nr, fd, iovec, 1, -1, -1, RWF_NOWAIT);
    }

    private long retry(int nr, long address, long length) {
        for (; ; ) {
            long n = Syscall.call(nr, fd, address, length);
            if (n != -EINTR) {
                return n;
            }
        }
    }

    @Override
    public long pread(Task task, IoBuffer target, long offset) throws ErrnoException {
        requireRegular();
        return Errno.check(target.direct(true, Long.MAX_VALUE, (a, n, done) -> Files.pread(fd, a, n, offset + done)));
    }

    @Override
    public long pwrite(Task task, IoBuffer source, long offset) throws ErrnoException {
        requireRegular();
        return Errno.check(source.direct(false, Long.MAX_VALUE, (a, n, done) -> Files.pwrite(fd, a, n, offset + done)));
    }

    private void requireRegular() throws ErrnoException {
        if (file.kind() != HostInode.Kind.READY) {
            throw Errno.ESPIPE.error();
        }
    }

    @Override
    public long seek(Task task, long offset, int whence) throws ErrnoException {
        requireRegular();
        return Errno.check(Files.lseek(fd, offset, whence));
    }

    @Override
    public long position() {
        long at = file.kind() == HostInode.Kind.READY ? Files.lseek(fd, 0, 1) : 0;
        return Math.max(0, at);
    }

    @Override
    public void sync(boolean dataOnly) throws ErrnoException {
        if (!FileMode.isRegular(file.mode())) {
            throw Errno.EINVAL.error();
        }
        Errno.check(dataOnly ? Files.fdatasync(fd) : Files.fsync(fd));
    }

    @Override
    public void allocate(Task task, int mode, long offset, long length) throws ErrnoException {
        if (!FileMode.isRegular(file.mode())) {
            throw Errno.ESPIPE.error();
        }
        Errno.check(Files.fallocate(fd, mode, offset, length));
    }

    @Override
    public long ioctl(Task task, int command, long argument) throws ErrnoException {
        return HostTerminal.ioctl(task, file, command, argument);
    }

    @Override
    public int poll(int mask) {
        return file.poll(mask);
    }

    @Override
    public boolean pollable() {
        return file.kind() != HostInode.Kind.READY;
    }

    @Override
    public void addWaiter(WaitEntry entry, int mask) {
        file.addWaiter(entry, mask);
    }

    @Override
    public void removeWaiter(WaitEntry entry) {
        file.removeWaiter(entry);
    }
}
