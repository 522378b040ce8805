package sentry.core.fs.overlay;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.FileMode;
import sentry.core.fs.tmpfs.TmpInode;
import sentry.core.vfs.Inode;
import sentry.core.vfs.SetAttr;
import sentry.core.vfs.Stat;

/** A file of the overlay: a lower one, an upper one, or a lower one that an upper one has replaced. */
abstract class OverlayInode extends Inode {
    private final OverlayFileSystem fs;
    private final Inode lower;
    private final long ino;
    /** Held while the file is copied up. */
    private final Object copyLock = new Object();
    /** What holds content and attributes once the file is new or changed; null before. */
    private volatile TmpInode upper;
    /** The lower file's device number, which can differ within the lower tree; set when the file is copied up. */
    private volatile long lowerDev;
    /** Names gained less names lost since the lower tree was made, while there is no upper file; guarded by the copy lock. */
    private int linkDelta;

    /** A file of the lower tree. */
    OverlayInode(OverlayFileSystem fs, Inode lower) {
        super(fs);
        this.fs = fs;
        this.lower = lower;
        this.ino = lower.ino();
    }

    /** A new file. */
    OverlayInode(OverlayFileSystem fs, TmpInode upper) {
        super(fs);
        this.fs = fs;
        this.lower = null;
        this.ino = fs.newIno();
        this.upper = upper;
    }

    final OverlayFileSystem fs() {
        return fs;
    }

    /** The file below, or null. */
    final Inode lower() {
        return lower;
    }

    /** What holds content and attributes now. */
    final Inode top() {
        TmpInode u = upper;
        return u != null ? u : lower;
    }

    /** The upper file, or null. */
    final TmpInode upperOrNull() {
        return upper;
    }

    @Override
    public final long ino() {
        return ino;
    }

    @Override
    public final int mode() throws ErrnoException {
        return top().mode();
    }

    @Override
    public final int uid() throws ErrnoException {
        return top().uid();
    }

    @Override
    public final int gid() throws ErrnoException {
        return top().gid();
    }

    @Override
    public void stat(Stat out) throws ErrnoException {
        Inode t = top();
        if (t == lower) {
            t.stat(out);
            synchronized (copyLock) {
                out.nlink = Math.max(0, out.nlink + linkDelta);
            }
            return;
        }
        t.stat(out);
        out.dev = lower == null ? fs.dev() : lowerDev;
        out.ino = ino;
    }

    @Override
    public final void setattr(SetAttr change) throws ErrnoException {
        // A file that is cut to nothing needs no copy of what it was.
        boolean empties = (change.mask & SetAttr.SIZE) != 0 && change.size == 0;
        copyUp(!empties).setattr(change);
    }

    /** Makes an upper file in place of the lower one, if there is none, and returns it. */
    final TmpInode copyUp(boolean withContent) throws ErrnoException {
        TmpInode there = upper;
        if (there != null) {
            return there;
        }
        synchronized (copyLock) {
            if (upper != null) {
                return upper;
            }
            Stat s = new Stat();
            lower.stat(s);
            TmpInode made = FileMode.isSymlink(s.mode)
                    ? fs.upper().symlink(lower.readlink(), s.uid, s.gid)
                    : fs.upper().file(s.mode, s.rdev, s.uid, s.gid);
            try {
                if (withContent) {
                    copyContent(lower, made, s.size);
                }
                for (String name : lower.listxattr()) {
                    copyXattr(made, name);
                }
            } catch (ErrnoException e) {
                made.unlinked();
                throw e;
            }
            if (!FileMode.isDirectory(s.mode)) {
                int links = (int) Math.max(0, s.nlink + linkDelta);
                if (links == 0) {
                    made.linked(-1); // unlinked, but open: it lives as long as that
                } else {
                    made.linked(links - 1);
                }
            }
            made.adoptTimes(s);
            lowerDev = s.dev;
            upper = made;
            return made;
        }
    }

    private void copyXattr(TmpInode made, String name) throws ErrnoException {
        byte[] value;
        try {
            value = lower.getxattr(name);
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENODATA || e.errno() == Errno.EOPNOTSUPP) {
                return;
            }
            throw e;
        }
        made.setxattr(name, value, 0);
    }

    /** Copies what is in the file. */
    void copyContent(Inode from, TmpInode to, long size) throws ErrnoException {}

    /** A name was added or, with -1, taken away. */
    final void linked(int delta) {
        synchronized (copyLock) {
            if (upper == null) {
                linkDelta += delta;
            } else if (delta < 0) {
                upper.unlinked();
            } else {
                upper.linked(delta);
            }
        }
    }

    @Override
    public final byte[] getxattr(String name) throws ErrnoException {
        return top().getxattr(name);
    }

    @Override
    public final String[] listxattr() throws ErrnoException {
        return top().listxattr();
    }

    @Override
    public final void setxattr(String name, byte[] value, int flags) throws ErrnoException {
        copyUp(true).setxattr(name, value, flags);
    }

    @Override
    public final void removexattr(String name) throws ErrnoException {
        top().getxattr(name); // ENODATA needs no copy
        copyUp(true).removexattr(name);
    }
}
