package sentry.core.fs.mqueue;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.FileMode;
import sentry.core.vfs.FileTime;
import sentry.core.vfs.Inode;
import sentry.core.vfs.SetAttr;
import sentry.core.vfs.Stat;

/** The attributes of a queue and of the directory of queues. */
abstract class QueueInode extends Inode {
    private final MqueueFileSystem fs;
    private final long ino;
    private volatile int mode;
    private volatile int uid;
    private volatile int gid;
    private volatile boolean linked = true;
    private volatile long atime;
    private volatile long mtime;
    private volatile long ctime;

    QueueInode(MqueueFileSystem fs, int mode, int uid, int gid) {
        super(fs);
        this.fs = fs;
        this.ino = fs.nextIno();
        this.mode = mode;
        this.uid = uid;
        this.gid = gid;
        long now = FileTime.now();
        atime = now;
        mtime = now;
        ctime = now;
    }

    final MqueueFileSystem queues() {
        return fs;
    }

    abstract long size();

    abstract int nlink();

    final boolean linked() {
        return linked;
    }

    void unlinked() {
        linked = false;
        ctime = FileTime.now();
    }

    /** Used: Linux takes every use for a change as well. */
    final void stamp(long now) {
        atime = now;
        mtime = now;
        ctime = now;
    }

    @Override
    public final long ino() {
        return ino;
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
    public final void stat(Stat out) {
        out.dev = fs.dev();
        out.ino = ino;
        out.mode = mode;
        out.nlink = nlink();
        out.uid = uid;
        out.gid = gid;
        out.rdev = 0;
        out.size = size();
        out.blksize = 4096;
        out.blocks = 0;
        out.atime = atime;
        out.mtime = mtime;
        out.ctime = ctime;
        out.btime = Stat.NO_TIME;
    }

    @Override
    public final synchronized void setattr(SetAttr change) throws ErrnoException {
        // The size is what it is; Linux takes truncate(2) and changes nothing.
        if ((change.mask & SetAttr.SIZE) != 0 && change.size < 0) {
            throw Errno.EINVAL.error();
        }
        if ((change.mask & SetAttr.MODE) != 0) {
            mode = mode & FileMode.S_IFMT | change.mode & FileMode.PERMISSIONS;
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
        ctime = FileTime.now();
    }
}
