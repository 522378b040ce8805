package sentry.core.fs.pseudo;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.vfs.Inode;
import sentry.core.vfs.SetAttr;
import sentry.core.vfs.Stat;

/** A file of a generated filesystem. Belongs to root and keeps its mode unless a subclass says otherwise. */
public abstract class PseudoInode extends Inode {
    public static final int S_IFMT = 0170000;
    public static final int S_IFDIR = 0040000;
    public static final int S_IFREG = 0100000;
    public static final int S_IFLNK = 0120000;
    public static final int S_IFCHR = 0020000;

    private final PseudoFileSystem fs;
    private final long ino;
    private final int mode;

    /** @param mode type and permission bits */
    protected PseudoInode(PseudoFileSystem fs, long ino, int mode) {
        super(fs);
        this.fs = fs;
        this.ino = ino;
        this.mode = mode;
    }

    public final PseudoFileSystem pseudo() {
        return fs;
    }

    @Override
    public final long ino() {
        return ino;
    }

    /** The DT_ value of dirent.h. */
    public final int direntType() {
        return mode >>> 12;
    }

    @Override
    public int mode() {
        return mode;
    }

    @Override
    public int uid() {
        return 0;
    }

    @Override
    public int gid() {
        return 0;
    }

    /** st_size: generated files mostly have none until they are read. */
    protected long size() {
        return 0;
    }

    protected long links() {
        return 1;
    }

    protected long rdev() {
        return 0;
    }

    @Override
    public void stat(Stat out) throws ErrnoException {
        out.dev = fs.dev();
        out.ino = ino;
        out.mode = mode();
        out.nlink = links();
        out.uid = uid();
        out.gid = gid();
        out.rdev = rdev();
        out.size = size();
        out.blksize = 1024;
        out.blocks = 0;
        out.atime = fs.created();
        out.mtime = fs.created();
        out.ctime = fs.created();
        out.btime = Stat.NO_TIME;
    }

    /** Truncation, as O_TRUNC does it, changes nothing; the rest is not allowed. */
    @Override
    public void setattr(SetAttr change) throws ErrnoException {
        if ((change.mask & (SetAttr.MODE | SetAttr.UID | SetAttr.GID)) != 0) {
            throw Errno.EPERM.error();
        }
    }
}
