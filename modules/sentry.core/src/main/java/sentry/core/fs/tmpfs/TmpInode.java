package sentry.core.fs.tmpfs;

import java.util.LinkedHashMap;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.FileMode;
import sentry.core.vfs.FileTime;
import sentry.core.vfs.Inode;
import sentry.core.vfs.SetAttr;
import sentry.core.vfs.Stat;

/** Attributes that all tmpfs files have. */
public abstract class TmpInode extends Inode {
    /** Bytes of extended attributes that one file may have; Linux bounds them by memory alone. */
    private static final int XATTR_LIMIT = 1 << 20;

    private final TmpFileSystem fs;
    private final long ino;
    private volatile int mode;
    private volatile int uid;
    private volatile int gid;
    private volatile int nlink = 1;
    private volatile long atime;
    private volatile long mtime;
    private volatile long ctime;
    private final long btime;
    private LinkedHashMap<String, byte[]> xattrs;
    private int xattrBytes;

    TmpInode(TmpFileSystem fs, int mode, int uid, int gid) {
        super(fs);
        this.fs = fs;
        this.ino = fs.nextIno();
        this.mode = mode;
        this.uid = uid;
        this.gid = gid;
        long now = FileTime.now();
        btime = now;
        atime = now;
        mtime = now;
        ctime = now;
    }

    final TmpFileSystem fs() {
        return fs;
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

    public final int nlink() {
        return nlink;
    }

    long size() {
        return 0;
    }

    long blocks() {
        return 0;
    }

    long rdev() {
        return 0;
    }

    @Override
    public final void stat(Stat out) {
        out.dev = fs.dev();
        out.ino = ino;
        out.mode = mode;
        out.nlink = nlink;
        out.uid = uid;
        out.gid = gid;
        out.rdev = rdev();
        out.size = size();
        out.blksize = 4096;
        out.blocks = blocks();
        out.atime = atime;
        out.mtime = mtime;
        out.ctime = ctime;
        out.btime = btime;
    }

    @Override
    public void setattr(SetAttr change) throws ErrnoException {
        if ((change.mask & SetAttr.SIZE) != 0) {
            resize(change.size);
        }
        synchronized (this) {
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

    void resize(long size) throws ErrnoException {
        throw Errno.EINVAL.error();
    }

    /** Takes the times of another file, as a copy of it does. */
    public final synchronized void adoptTimes(Stat from) {
        atime = from.atime;
        mtime = from.mtime;
        ctime = from.ctime;
    }

    /** Linux's relatime: a read stamps the file only when it was changed since the last stamp. */
    final void accessed() {
        if (atime <= mtime || atime <= ctime) {
            atime = FileTime.now();
        }
    }

    public final void modified() {
        long now = FileTime.now();
        mtime = now;
        ctime = now;
    }

    public final void changed() {
        ctime = FileTime.now();
    }

    /** Takes set-user-ID and set-group-ID away, as a write by an unprivileged task does. */
    final synchronized void dropPrivileges() {
        int m = mode & ~FileMode.S_ISUID;
        if ((m & FileMode.S_IXGRP) != 0) {
            m &= ~FileMode.S_ISGID;
        }
        mode = m;
    }

    /** Changes the number of names. For the directories that hold them; see {@link #unlinked} for the last one. */
    public final synchronized void linked(int delta) {
        nlink += delta;
        changed();
    }

    /** A name is gone; the last one lets go of the file's resources when nobody uses it. */
    public void unlinked() {
        linked(-1);
        if (nlink == 0) {
            fs.unchargeInode();
        }
    }

    /** ENOENT for a file whose last name is gone; one that never had a name may get one. */
    void requireLinkable() throws ErrnoException {
        if (nlink == 0) {
            throw Errno.ENOENT.error();
        }
    }

    // Extended attributes.

    @Override
    public synchronized byte[] getxattr(String name) throws ErrnoException {
        byte[] value = xattrs == null ? null : xattrs.get(name);
        if (value == null) {
            throw Errno.ENODATA.error();
        }
        return value.clone();
    }

    @Override
    public synchronized void setxattr(String name, byte[] value, int flags) throws ErrnoException {
        byte[] old = xattrs == null ? null : xattrs.get(name);
        if ((flags & 1) != 0 && old != null) { // XATTR_CREATE
            throw Errno.EEXIST.error();
        }
        if ((flags & 2) != 0 && old == null) { // XATTR_REPLACE
            throw Errno.ENODATA.error();
        }
        int grown = xattrBytes + value.length + (old == null ? name.length() : -old.length);
        if (grown > XATTR_LIMIT) {
            throw Errno.ENOSPC.error();
        }
        if (xattrs == null) {
            xattrs = new LinkedHashMap<>();
        }
        xattrs.put(name, value.clone());
        xattrBytes = grown;
        changed();
    }

    @Override
    public synchronized String[] listxattr() {
        return xattrs == null ? new String[0] : xattrs.keySet().toArray(new String[0]);
    }

    @Override
    public synchronized void removexattr(String name) throws ErrnoException {
        byte[] old = xattrs == null ? null : xattrs.remove(name);
        if (old == null) {
            throw Errno.ENODATA.error();
        }
        xattrBytes -= old.length + name.length();
        changed();
    }
}
