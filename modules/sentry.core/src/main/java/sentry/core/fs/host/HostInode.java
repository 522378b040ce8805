package sentry.core.fs.host;

import host.linux.Epoll;
import host.linux.Files;
import host.linux.Memory;
import host.linux.NativeArea;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.FileMode;
import sentry.core.task.Task;
import sentry.core.vfs.FileDescription;
import sentry.core.vfs.Inode;
import sentry.core.vfs.SetAttr;
import sentry.core.vfs.Stat;
import sentry.core.vfs.VfsPath;
import sentry.core.wait.WaitEntry;
import sentry.core.wait.WaitQueue;

/** What a descriptor of the host refers to. */
final class HostInode extends Inode {
    /** What kind of file it is, as far as it matters to how one transfers. */
    enum Kind {
        /** Always ready: regular files and devices such as /dev/null. */
        READY,
        /** A terminal. */
        TERMINAL,
        /** A pipe or socket. */
        STREAM
    }

    private static final int TCGETS = 0x5401;

    private final HostFiles fs;
    private final int fd;
    private final long ino;
    private final int hostMode;
    private final Kind kind;
    private volatile int permissions;
    private volatile int uid;
    private volatile int gid;
    private int opens;
    private final WaitQueue queue = new WaitQueue();
    /** The events for which the poller is armed. */
    private int armed;

    private boolean known;

    HostInode(HostFiles fs, int fd, int hostMode, long ino, int uid, int gid) {
        super(fs);
        this.fs = fs;
        this.fd = fd;
        this.ino = ino;
        this.hostMode = hostMode;
        this.permissions = hostMode & FileMode.PERMISSIONS;
        this.uid = uid;
        this.gid = gid;
        this.kind = kindOf();
    }

    private Kind kindOf() {
        return switch (hostMode & FileMode.S_IFMT) {
            case FileMode.S_IFIFO, FileMode.S_IFSOCK -> Kind.STREAM;
            case FileMode.S_IFCHR -> isTerminal() ? Kind.TERMINAL : Kind.READY;
            default -> Kind.READY;
        };
    }

    private boolean isTerminal() {
        try (NativeArea area = NativeArea.allocate(64)) {
            return HostTerminal.hostIoctl(fd, TCGETS, area.address()) == 0;
        }
    }

    int fd() {
        return fd;
    }

    Kind kind() {
        return kind;
    }

    /** What /proc/PID/fd shows. */
    String label() {
        return switch (hostMode & FileMode.S_IFMT) {
            case FileMode.S_IFIFO -> "pipe:[" + ino + "]";
            case FileMode.S_IFSOCK -> "socket:[" + ino + "]";
            default -> "host:[" + ino + "]";
        };
    }

    @Override
    public long ino() {
        return ino;
    }

    @Override
    public int mode() {
        return hostMode & FileMode.S_IFMT | permissions;
    }

    @Override
    public int uid() {
        return uid;
    }

    @Override
    public int gid() {
        return gid;
    }

    @Override
    public void stat(Stat out) throws ErrnoException {
        try (NativeArea area = NativeArea.allocate(Files.STAT_SIZE)) {
            long a = area.address();
            Errno.check(Files.fstat(fd, a));
            out.dev = fs.dev();
            out.ino = ino;
            out.mode = mode();
            out.nlink = 1;
            out.uid = uid;
            out.gid = gid;
            out.rdev = Memory.getLong(a + 40);
            out.size = Memory.getLong(a + Files.STAT_OFF_SIZE);
            out.blksize = Memory.getLong(a + 56);
            out.blocks = Memory.getLong(a + Files.STAT_OFF_BLOCKS);
            out.atime = time(a + Files.STAT_OFF_ATIME);
            out.mtime = time(a + Files.STAT_OFF_MTIME);
            out.ctime = time(a + Files.STAT_OFF_CTIME);
            out.btime = Stat.NO_TIME;
        }
    }

    private static long time(long address) {
        return Memory.getLong(address) * 1_000_000_000L + Memory.getLong(address + 8);
    }

    /** Ownership and permissions change for the sandbox only; a regular file's size is the host's. */
    @Override
    public void setattr(SetAttr change) throws ErrnoException {
        if ((change.mask & SetAttr.SIZE) != 0) {
            if (!FileMode.isRegular(hostMode)) {
                throw Errno.EINVAL.error();
            }
            Errno.check(Files.ftruncate(fd, change.size));
        }
        if ((change.mask & SetAttr.MODE) != 0) {
            permissions = change.mode;
        }
        if ((change.mask & SetAttr.UID) != 0) {
            uid = change.uid;
        }
        if ((change.mask & SetAttr.GID) != 0) {
            gid = change.gid;
        }
    }

    /** Another description of the same descriptor, as opening /proc/self/fd/N gives. */
    @Override
    public FileDescription open(VfsPath path, int flags, Task task) {
        return new HostFile(this, path, flags);
    }

    @Override
    public boolean opensFifo() {
        return true;
    }

    synchronized void opened() {
        opens++;
    }

    void closed() {
        synchronized (this) {
            if (--opens > 0) {
                return;
            }
            if (known) {
                fs.poller().remove(this);
                known = false;
            }
        }
        HostFiles.close(fd);
    }

    // Waiting.

    int poll(int mask) {
        if (kind == Kind.READY) {
            return mask & (0x1 | 0x4 | 0x40 | 0x100);
        }
        long events = Epoll.poll(fd, mask, HostScratch.address());
        int ready = events < 0 ? 0 : (int) events & (mask | Epoll.EPOLLERR | Epoll.EPOLLHUP);
        if (ready == 0 && !queue.isEmpty()) {
            arm(mask);
        }
        return ready;
    }

    /** A transfer found nothing: sleepers that stay in the queue (an epoll's) want to hear of the next event. */
    void dry(int mask) {
        if (!queue.isEmpty()) {
            arm(mask);
        }
    }

    void addWaiter(WaitEntry entry, int mask) {
        queue.add(entry, mask);
        if (kind != Kind.READY) {
            arm(mask);
        }
    }

    void removeWaiter(WaitEntry entry) {
        queue.remove(entry);
    }

    private synchronized void arm(int mask) {
        if (!known) {
            if (opens == 0 || !fs.poller().add(this)) {
                return;
            }
            known = true;
        }
        if ((armed & mask) != mask) {
            armed |= mask;
            fs.poller().arm(this, armed & 0x3fff);
        }
    }

    /** From the poller: these events happened; nothing is armed any more. */
    void hostEvents(int events) {
        int left;
        synchronized (this) {
            left = armed & ~events;
            armed = 0;
        }
        queue.notify(events);
        if (left != 0 && !queue.isEmpty() && (events & (Epoll.EPOLLERR | Epoll.EPOLLHUP)) == 0) {
            arm(left); // a writer's event must not silence a reader
        }
    }
}
