package sentry.core.fs.devpts;

import sentry.core.abi.ErrnoException;
import sentry.core.fs.pseudo.PseudoFileSystem;
import sentry.core.fs.pseudo.PseudoInode;
import sentry.core.vfs.SetAttr;
import sentry.core.vfs.Stat;

/** A device node whose owner and mode can be changed. */
abstract class DeviceInode extends PseudoInode {
    private final long rdev;
    private volatile int mode;
    private volatile int uid;
    private volatile int gid;
    private volatile long atime;
    private volatile long mtime;
    private volatile long ctime;

    DeviceInode(PseudoFileSystem fs, long ino, long rdev, int permissions, int uid, int gid) {
        super(fs, ino, S_IFCHR | permissions);
        this.rdev = rdev;
        this.mode = S_IFCHR | permissions;
        this.uid = uid;
        this.gid = gid;
        atime = PseudoFileSystem.now();
        mtime = atime;
        ctime = atime;
    }

    @Override
    public final int mode() {
        return mode;
    }

    @Override
    public final int uid() {
        return uid;
    }

    @Override
    public final int gid() {
        return gid;
    }

    @Override
    protected final long rdev() {
        return rdev;
    }

    @Override
    public final void stat(Stat out) throws ErrnoException {
        super.stat(out);
        out.atime = atime;
        out.mtime = mtime;
        out.ctime = ctime;
    }

    @Override
    public final synchronized void setattr(SetAttr change) {
        if ((change.mask & SetAttr.MODE) != 0) {
            mode = S_IFCHR | change.mode & 07777;
        }
        if ((change.mask & SetAttr.UID) != 0) {
            uid = change.uid;
        }
        if ((change.mask & SetAttr.GID) != 0) {
            gid = change.gid;
        }
        if ((change.mask & SetAttr.ATIME) != 0) {
            atime = change.atime;
        }
        if ((change.mask & SetAttr.MTIME) != 0) {
            mtime = change.mtime;
        }
        ctime = PseudoFileSystem.now();
    }
}
