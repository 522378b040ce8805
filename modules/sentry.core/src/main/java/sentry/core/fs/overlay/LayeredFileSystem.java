package sentry.core.fs.overlay;

import java.util.ArrayList;
import java.util.List;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.FileMode;
import sentry.core.vfs.AnonymousDevices;
import sentry.core.vfs.Dentry;
import sentry.core.vfs.FileSystem;
import sentry.core.vfs.Inode;
import sentry.core.vfs.Mount;
import sentry.core.vfs.Stat;
import sentry.core.vfs.StatFs;
import sentry.core.vfs.VfsPath;

/**
 * An overlay over directories of other filesystems. The layers must not be changed by others meanwhile; if they are, what
 * is seen here is not defined, as in Linux.
 */
final class LayeredFileSystem extends FileSystem {
    private static final long MAGIC = 0x794c7630;
    private static final String OPAQUE = "trusted.overlay.opaque";

    private final long dev = AnonymousDevices.next();
    private final VfsPath upper;
    private final VfsPath first;
    private final String options;
    private final LayeredDirectory root;

    /** @param upper null for one that is read-only */
    LayeredFileSystem(VfsPath upper, List<VfsPath> lowers, String options) throws ErrnoException {
        this.upper = upper;
        this.first = lowers.getFirst();
        this.options = options;
        List<Dentry> below = new ArrayList<>();
        for (VfsPath p : lowers) {
            below.add(p.dentry());
        }
        this.root = new LayeredDirectory(this, null, upper == null ? null : upper.dentry(), below);
    }

    @Override
    public String type() {
        return "overlay";
    }

    @Override
    public long dev() {
        return dev;
    }

    @Override
    public Inode root() {
        return root;
    }

    @Override
    public boolean readOnly() {
        return upper == null;
    }

    @Override
    public String options() {
        return options;
    }

    @Override
    public boolean prefetches() {
        return false;
    }

    @Override
    public StatFs statfs() throws ErrnoException {
        StatFs s = (upper == null ? first : upper).inode().fileSystem().statfs();
        return new StatFs(MAGIC, s.blockSize(), s.blocks(), s.free(), s.available(), s.files(), s.filesFree(), s.nameMax());
    }

    @Override
    public void sync() throws ErrnoException {
        if (upper != null) {
            upper.inode().fileSystem().sync();
        }
    }

    /** A mount of the upper or of the first lower filesystem, for descriptions that we open for ourselves. */
    static Mount scratch(Inode inode) {
        return new Mount(0, inode.fileSystem(), inode.fileSystem().rootDentry(), "none", 0);
    }

    /** The name in a layer's directory; its inode is null when there is none. */
    static Dentry child(Dentry directory, String name) throws ErrnoException {
        Dentry d = directory.child(name);
        if (d != null) {
            return d;
        }
        Inode dir = directory.inode();
        synchronized (dir) {
            d = directory.child(name);
            if (d != null) {
                return d;
            }
            Inode found = dir.lookup(name);
            return dir.caches(name, found) ? directory.cache(name, found) : new Dentry(directory, name, found);
        }
    }

    /** A character device 0:0 says that a name of the layers below is gone. */
    static boolean whiteout(Inode inode) throws ErrnoException {
        if ((inode.mode() & FileMode.S_IFMT) != FileMode.S_IFCHR) {
            return false;
        }
        Stat s = new Stat();
        inode.stat(s);
        return s.rdev == 0;
    }

    /** Whether a directory of a layer hides those below. */
    static boolean opaque(Inode directory) {
        try {
            byte[] value = directory.getxattr(OPAQUE);
            return value.length == 1 && value[0] == 'y';
        } catch (ErrnoException e) {
            return false; // it has no such attribute
        }
    }

    static void makeOpaque(Inode directory) throws ErrnoException {
        directory.setxattr(OPAQUE, new byte[] {'y'}, 0);
    }
}
