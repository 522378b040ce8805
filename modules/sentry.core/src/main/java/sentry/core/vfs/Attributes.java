package sentry.core.vfs;

import sentry.core.abi.Capability;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.FileMode;
import sentry.core.kernel.Kernel;
import sentry.core.task.Credentials;

/** Changes of a file's attributes with the checks that Linux makes (chmod(2), chown(2), truncate(2), utimensat(2)). */
public final class Attributes {
    /** A time argument: the current time. */
    public static final long NOW = Long.MIN_VALUE + 1;
    /** A time argument: leave it. */
    public static final long OMIT = Long.MIN_VALUE + 2;

    private Attributes() {}

    public static void chmod(Credentials who, VfsPath path, int mode) throws ErrnoException {
        Inode inode = path.inode();
        Permissions.requireWritable(path.mount());
        if (FileMode.isSymlink(inode.mode())) {
            throw Errno.EOPNOTSUPP.error();
        }
        if (!Permissions.owns(who, inode)) {
            throw Errno.EPERM.error();
        }
        SetAttr change = new SetAttr();
        change.mask = SetAttr.MODE;
        change.mode = mode & FileMode.PERMISSIONS;
        if (who != null && !who.inGroup(inode.gid()) && !Permissions.over(who, Capability.FSETID, inode)) {
            change.mode &= ~FileMode.S_ISGID;
        }
        apply(path, change);
    }

    private static void apply(VfsPath path, SetAttr change) throws ErrnoException {
        path.inode().setattr(change);
        if (FileEvents.watched()) {
            FileEvents.changed(path.dentry(), change.mask);
        }
    }

    /** An id of -1 is left as it is. */
    public static void chown(Credentials who, VfsPath path, int uid, int gid) throws ErrnoException {
        Inode inode = path.inode();
        Permissions.requireWritable(path.mount());
        int owner = inode.uid();
        int group = inode.gid();
        if (who != null && !Permissions.over(who, Capability.CHOWN, inode)) {
            if (uid != -1 && (who.fsuid() != owner || uid != owner)) {
                throw Errno.EPERM.error();
            }
            if (gid != -1 && (who.fsuid() != owner || gid != group && !who.inGroup(gid))) {
                throw Errno.EPERM.error();
            }
        }
        SetAttr change = new SetAttr();
        if (uid != -1) {
            change.mask |= SetAttr.UID;
            change.uid = uid;
        }
        if (gid != -1) {
            change.mask |= SetAttr.GID;
            change.gid = gid;
        }
        int mode = inode.mode();
        if (!FileMode.isDirectory(mode)) {
            int cleared = mode & ~FileMode.S_ISUID;
            boolean groupExec = (mode & (FileMode.S_ISGID | FileMode.S_IXGRP)) == (FileMode.S_ISGID | FileMode.S_IXGRP);
            boolean notOurs = who != null && !who.inGroup(group) && !Permissions.over(who, Capability.FSETID, inode);
            if (groupExec || (mode & FileMode.S_ISGID) != 0 && notOurs) {
                cleared &= ~FileMode.S_ISGID;
            }
            if (cleared != mode) {
                change.mask |= SetAttr.MODE;
                change.mode = cleared & FileMode.PERMISSIONS;
            }
        }
        if (change.mask != 0) {
            apply(path, change);
        }
    }

    public static void truncate(Credentials who, VfsPath path, long size) throws ErrnoException {
        Inode inode = path.inode();
        int mode = inode.mode();
        if (FileMode.isDirectory(mode)) {
            throw Errno.EISDIR.error();
        }
        if (!FileMode.isRegular(mode)) {
            throw Errno.EINVAL.error();
        }
        Permissions.requireWritable(path.mount());
        Permissions.require(who, inode, Permissions.WRITE);
        inode.state().requireNotExecuting();
        inode.breakLeases(Kernel.current(), true, true);
        truncateOpen(who, path, size);
    }

    /** Truncates a file that was opened for writing: access was checked then. */
    public static void truncateOpen(Credentials who, VfsPath path, long size) throws ErrnoException {
        Inode inode = path.inode();
        SetAttr change = new SetAttr();
        change.mask = SetAttr.SIZE;
        change.size = size;
        dropPrivileges(who, inode, change);
        apply(path, change);
    }

    /** A file that is written is not set-user-ID afterwards, nor set-group-ID, unless the writer has CAP_FSETID. */
    static void dropPrivileges(Credentials who, Inode inode, SetAttr change) throws ErrnoException {
        int mode = inode.mode();
        if ((mode & (FileMode.S_ISUID | FileMode.S_ISGID)) != 0 && who != null && !Permissions.over(who, Capability.FSETID, inode)) {
            int cleared = mode & ~FileMode.S_ISUID;
            if ((mode & FileMode.S_IXGRP) != 0) {
                cleared &= ~FileMode.S_ISGID;
            }
            change.mask |= SetAttr.MODE;
            change.mode = cleared & FileMode.PERMISSIONS;
        }
    }

    /** The same for a change of the content that is not a write or a truncation, such as fallocate(2). */
    public static void dropPrivileges(Credentials who, Inode inode) throws ErrnoException {
        SetAttr change = new SetAttr();
        dropPrivileges(who, inode, change);
        if (change.mask != 0) {
            inode.setattr(change);
        }
    }

    /** @param atime nanoseconds since the epoch, {@link #NOW} or {@link #OMIT}; so {@code mtime} */
    public static void utimes(Credentials who, VfsPath path, long atime, long mtime) throws ErrnoException {
        Inode inode = path.inode();
        Permissions.requireWritable(path.mount());
        if (!Permissions.owns(who, inode)) {
            if (atime != NOW || mtime != NOW) {
                throw Errno.EPERM.error();
            }
            Permissions.require(who, inode, Permissions.WRITE);
        }
        long now = FileTime.now();
        SetAttr change = new SetAttr();
        if (atime != OMIT) {
            change.mask |= SetAttr.ATIME;
            change.atime = atime == NOW ? now : atime;
        }
        if (mtime != OMIT) {
            change.mask |= SetAttr.MTIME;
            change.mtime = mtime == NOW ? now : mtime;
        }
        apply(path, change);
    }
}
