package sentry.core.fs.tmpfs;

import java.util.concurrent.atomic.AtomicLong;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.FileMode;
import sentry.core.memory.MemoryFile;
import sentry.core.vfs.AnonymousDevices;
import sentry.core.vfs.DeviceRegistry;
import sentry.core.vfs.FileSystem;
import sentry.core.vfs.StatFs;

/** One tmpfs instance: its root, its limits and what is used of them. */
public final class TmpFileSystem extends FileSystem {
    private static final long MAGIC = 0x01021994;
    /** Limits that are not limits. */
    private static final long UNLIMITED = Long.MAX_VALUE / 8192;

    /** Limits and the root's attributes, from the mount options. */
    public record Options(long pages, long inodes, int mode, int uid, int gid, String text) {
        /** No limits, mode 01777. */
        public static final Options DEFAULT = new Options(UNLIMITED, UNLIMITED, 01777, 0, 0, "");
    }

    private final long dev = AnonymousDevices.next();
    private final MemoryFile memory;
    private final DeviceRegistry devices;
    /** Replaced by remounting. */
    private volatile Options options;
    private final AtomicLong nextIno = new AtomicLong();
    private final AtomicLong usedPages = new AtomicLong();
    private final AtomicLong usedInodes = new AtomicLong();
    private final TmpDirectory root;

    /** @param devices opens device nodes; null when there are none */
    public TmpFileSystem(MemoryFile memory, DeviceRegistry devices, Options options) {
        this.memory = memory;
        this.devices = devices;
        this.options = options;
        usedInodes.set(1);
        root = new TmpDirectory(this, FileMode.S_IFDIR | options.mode(), options.uid(), options.gid());
    }

    MemoryFile memory() {
        return memory;
    }

    DeviceRegistry devices() {
        return devices;
    }

    @Override
    public String type() {
        return "tmpfs";
    }

    @Override
    public long dev() {
        return dev;
    }

    @Override
    public TmpDirectory root() {
        return root;
    }

    @Override
    public boolean prefetches() {
        return false;
    }

    /** Sets limits anew; EINVAL for less than what is in use. The others of the options are for new filesystems. */
    @Override
    public void remount(String data) throws ErrnoException {
        Options old = options;
        Options wanted = TmpfsType.parse(data, old.pages(), old.inodes());
        if (wanted.pages() < usedPages.get() || wanted.inodes() < usedInodes.get()) {
            throw Errno.EINVAL.error();
        }
        String text = data.isEmpty() ? old.text() : wanted.text();
        options = new Options(wanted.pages(), wanted.inodes(), old.mode(), old.uid(), old.gid(), text);
    }

    @Override
    public String options() {
        return options.text();
    }

    @Override
    public StatFs statfs() {
        boolean limited = options.pages() != UNLIMITED;
        boolean files = options.inodes() != UNLIMITED;
        long free = limited ? Math.max(0, options.pages() - usedPages.get()) : 0;
        return new StatFs(
                MAGIC,
                Extents.PAGE,
                limited ? options.pages() : 0,
                free,
                free,
                files ? options.inodes() : 0,
                files ? Math.max(0, options.inodes() - usedInodes.get()) : 0,
                255);
    }

    /** A nameless regular file outside the tree: memfd_create(2), System V shared memory, shared anonymous mappings. */
    public TmpRegular nameless(int mode, int uid, int gid) throws ErrnoException {
        chargeInode();
        return new TmpRegular(this, FileMode.S_IFREG | mode, uid, gid, 0);
    }

    // Files for a filesystem that keeps the names itself, such as an overlay: in no directory, with one name.

    /** A file of the type in {@code mode}; a symbolic link needs {@link #symlink}. */
    public TmpInode file(int mode, long rdev, int uid, int gid) throws ErrnoException {
        chargeInode();
        return switch (mode & FileMode.S_IFMT) {
            case FileMode.S_IFREG -> new TmpRegular(this, mode, uid, gid, 1);
            case FileMode.S_IFDIR -> new TmpDirectory(this, mode, uid, gid);
            default -> new TmpSpecial(this, mode, rdev, uid, gid);
        };
    }

    public TmpInode symlink(String target, int uid, int gid) throws ErrnoException {
        chargeInode();
        return new TmpSymlink(this, target, uid, gid);
    }

    long nextIno() {
        return nextIno.incrementAndGet();
    }

    void chargeInode() throws ErrnoException {
        if (usedInodes.incrementAndGet() > options.inodes()) {
            usedInodes.decrementAndGet();
            throw Errno.ENOSPC.error();
        }
    }

    void unchargeInode() {
        usedInodes.decrementAndGet();
    }

    /** Counts up to {@code wanted} pages but no fewer than {@code least}; returns how many. ENOSPC. */
    long charge(long wanted, long least) throws ErrnoException {
        for (; ; ) {
            long used = usedPages.get();
            long grant = Math.min(wanted, options.pages() - used);
            if (grant < least) {
                throw Errno.ENOSPC.error();
            }
            if (usedPages.compareAndSet(used, used + grant)) {
                return grant;
            }
        }
    }

    void uncharge(long pages) {
        usedPages.addAndGet(-pages);
    }
}
