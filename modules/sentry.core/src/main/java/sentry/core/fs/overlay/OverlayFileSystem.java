package sentry.core.fs.overlay;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.FileMode;
import sentry.core.fs.tmpfs.TmpFileSystem;
import sentry.core.kernel.Kernel;
import sentry.core.memory.MemoryFile;
import sentry.core.vfs.FileSystem;
import sentry.core.vfs.Inode;
import sentry.core.vfs.Mount;
import sentry.core.vfs.Stat;
import sentry.core.vfs.StatFs;

/** One overlay over one lower filesystem. */
public final class OverlayFileSystem extends FileSystem {
    private static final long MAGIC = 0x794c7630;
    /** Inode numbers of new files start here, far from those of the lower tree, with which they share a device number. */
    private static final long FIRST_NEW_INO = 1L << 48;

    private final FileSystem lower;
    private final TmpFileSystem upper;
    private final AtomicLong nextIno = new AtomicLong(FIRST_NEW_INO);
    private final OverlayInode root;
    private final Mount scratch;
    /** Lower files with several names: all of them lead to one file here, so that a change shows under each. */
    private final ConcurrentHashMap<Inode, OverlayFile> linked = new ConcurrentHashMap<>();

    /**
     * @param lower is not changed any more by anybody
     * @param content where the content of changed files is kept
     * @param size most bytes of that, or 0 for no limit
     */
    public OverlayFileSystem(Kernel kernel, FileSystem lower, MemoryFile content, long size) throws ErrnoException {
        this(lower, new TmpFileSystem(content, kernel.devices(), options(size)));
    }

    private static TmpFileSystem.Options options(long size) {
        TmpFileSystem.Options o = TmpFileSystem.Options.DEFAULT;
        return size == 0
                ? o
                : new TmpFileSystem.Options(
                        Math.max(1, size / MemoryFile.PAGE), o.inodes(), o.mode(), o.uid(), o.gid(), o.text());
    }

    OverlayFileSystem(FileSystem lower, TmpFileSystem upper) throws ErrnoException {
        this.lower = lower;
        this.upper = upper;
        this.root = wrap(lower.root());
        this.scratch = new Mount(0, lower, lower.rootDentry(), "none", 0);
    }

    /** A mount that is nowhere, for descriptions of lower files that we open for ourselves. */
    Mount scratchMount() {
        return scratch;
    }

    TmpFileSystem upper() {
        return upper;
    }

    long newIno() {
        return nextIno.incrementAndGet();
    }

    /** The inode here for one of the lower tree, which is seen for the first time under some name. */
    OverlayInode wrap(Inode inode) throws ErrnoException {
        int mode = inode.mode();
        if (FileMode.isDirectory(mode)) {
            return new OverlayDirectory(this, inode);
        }
        if (FileMode.isRegular(mode)) {
            Stat s = new Stat();
            inode.stat(s);
            if (s.nlink > 1) {
                return linked.computeIfAbsent(inode, i -> new OverlayFile(this, i));
            }
        }
        return new OverlayFile(this, inode);
    }

    @Override
    public String type() {
        return "overlay";
    }

    /** The lower one's: files that did not change show it too, and a tree must not seem to cross devices. */
    @Override
    public long dev() {
        return lower.dev();
    }

    @Override
    public OverlayInode root() {
        return root;
    }

    @Override
    public boolean prefetches() {
        return lower.prefetches();
    }

    /** Room is where the lower tree has it: programs ask before they unpack something. */
    @Override
    public StatFs statfs() throws ErrnoException {
        StatFs s = lower.statfs();
        return new StatFs(
                MAGIC, s.blockSize(), s.blocks(), s.free(), s.available(), s.files(), s.filesFree(), s.nameMax());
    }

    @Override
    public void release() {
        lower.release();
    }
}
