package sentry.core.vfs;

import sentry.core.abi.Capability;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.abi.FileMode;
import sentry.core.task.Credentials;

/**
 * Operations on names: making, removing, linking and renaming. Each walks to the directory, checks what Linux checks in
 * Linux's order, calls the filesystem with the directory's monitor held, and updates the dentry cache.
 */
public final class Namei {
    private Namei() {}

    public static Dentry mkdir(PathWalk w, VfsPath base, String path, int mode) throws ErrnoException {
        int bits = FileMode.S_IFDIR | mode & (0777 | FileMode.S_ISVTX) & ~w.umask();
        return make(w, base, path, true, (dir, name, uid, gid) -> {
            int inherited = bits | dir.mode() & FileMode.S_ISGID;
            return dir.mkdir(name, inherited, uid, gid);
        });
    }

    /** mknod(2): regular files, FIFOs, sockets and device nodes. */
    public static Dentry mknod(PathWalk w, VfsPath base, String path, int mode, long rdev) throws ErrnoException {
        int type = mode & FileMode.S_IFMT;
        int bits = mode & FileMode.PERMISSIONS & ~w.umask();
        switch (type) {
            case 0, FileMode.S_IFREG -> {
                return make(w, base, path, false, (dir, name, uid, gid) -> dir.create(name, modeFor(w, dir, FileMode.S_IFREG | bits), uid, gid));
            }
            case FileMode.S_IFIFO, FileMode.S_IFSOCK -> {
                return make(w, base, path, false, (dir, name, uid, gid) -> dir.mknod(name, modeFor(w, dir, type | bits), 0, uid, gid));
            }
            case FileMode.S_IFCHR, FileMode.S_IFBLK -> {
                Credentials who = w.credentials();
                return make(w, base, path, false, (dir, name, uid, gid) -> {
                    if (who != null && !who.capable(Capability.MKNOD)) {
                        throw Errno.EPERM.error();
                    }
                    return dir.mknod(name, modeFor(w, dir, type | bits), rdev, uid, gid);
                });
            }
            case FileMode.S_IFDIR -> throw Errno.EPERM.error();
            default -> throw Errno.EINVAL.error();
        }
    }

    public static Dentry symlink(PathWalk w, String target, VfsPath base, String path) throws ErrnoException {
        if (target.isEmpty()) {
            throw Errno.ENOENT.error();
        }
        return make(w, base, path, false, (dir, name, uid, gid) -> dir.symlink(name, target, uid, gid));
    }

    /** Makes {@code path} another name of {@code old}. */
    public static void link(PathWalk w, VfsPath old, VfsPath base, String path) throws ErrnoException {
        Inode inode = old.inode();
        toFreeName(w, base, path);
        Dentry parent = w.dentry();
        Inode dir = parent.inode();
        synchronized (dir) {
            boolean readOnly = requireFree(w, false);
            if (w.mount() != old.mount()) {
                throw Errno.EXDEV.error();
            }
            if (readOnly) {
                throw Errno.EROFS.error();
            }
            requireLinkable(w.credentials(), inode);
            Permissions.requireCreate(w.credentials(), parent);
            if (dir.fileSystem() != inode.fileSystem()) {
                throw Errno.EXDEV.error();
            }
            if (FileMode.isDirectory(inode.mode())) {
                throw Errno.EPERM.error();
            }
            requireNameable(inode);
            dir.link(w.name(), inode);
            inode.state().linkable = false;
            parent.instantiate(w.name(), inode);
            FileEvents.linkCount(inode);
            FileEvents.created(dir, w.name(), inode);
        }
    }

    /**
     * Who does not own a file makes no names of it but of one that is harmless and that one may read and write (sysctl
     * fs.protected_hardlinks, which is 1).
     */
    private static void requireLinkable(Credentials who, Inode inode) throws ErrnoException {
        if (Permissions.owns(who, inode)) {
            return;
        }
        int mode = inode.mode();
        boolean special = !FileMode.isRegular(mode)
                || (mode & FileMode.S_ISUID) != 0
                || (mode & (FileMode.S_ISGID | FileMode.S_IXGRP)) == (FileMode.S_ISGID | FileMode.S_IXGRP);
        if (special || !Permissions.allows(who, inode, Permissions.READ | Permissions.WRITE)) {
            throw Errno.EPERM.error();
        }
    }

    /**
     * The mode of a new file that is not a directory: one that its group may execute is not set-group-ID when its directory
     * hands down a group that the maker is not in.
     */
    static int modeFor(PathWalk w, Inode dir, int mode) throws ErrnoException {
        Credentials who = w.credentials();
        boolean asks = (mode & (FileMode.S_ISGID | FileMode.S_IXGRP)) == (FileMode.S_ISGID | FileMode.S_IXGRP);
        if (!asks || who == null || (dir.mode() & FileMode.S_ISGID) == 0) {
            return mode;
        }
        return who.inGroup(dir.gid()) || Permissions.over(who, Capability.FSETID, dir) ? mode : mode & ~FileMode.S_ISGID;
    }

    /** A file that has lost its last name gets no other. */
    private static void requireNameable(Inode inode) throws ErrnoException {
        InodeState s = inode.stateOrNull();
        if (s != null && s.linkable) {
            return;
        }
        Stat stat = new Stat();
        inode.stat(stat);
        if (stat.nlink == 0) {
            throw Errno.ENOENT.error();
        }
    }

    @FunctionalInterface
    private interface Maker {
        Inode make(Inode directory, String name, int uid, int gid) throws ErrnoException;
    }

    private static Dentry make(PathWalk w, VfsPath base, String path, boolean directory, Maker maker)
            throws ErrnoException {
        toFreeName(w, base, path);
        Dentry parent = w.dentry();
        Inode dir = parent.inode();
        synchronized (dir) {
            if (requireFree(w, directory)) {
                throw Errno.EROFS.error();
            }
            Permissions.requireCreate(w.credentials(), parent);
            Dentry made = parent.instantiate(w.name(), maker.make(dir, w.name(), ownerOf(w), groupFor(w, dir)));
            FileEvents.created(dir, w.name(), made.inode());
            return made;
        }
    }

    private static void toFreeName(PathWalk w, VfsPath base, String path) throws ErrnoException {
        w.toParent(base, path, 0);
        if (w.last() != PathWalk.Last.NORMAL) {
            throw Errno.EEXIST.error();
        }
    }

    /** EEXIST when the last component exists. Returns whether the mount takes no writes: a lesser error. */
    private static boolean requireFree(PathWalk w, boolean directory) throws ErrnoException {
        Dentry child = w.lookupLast();
        if (child.inode() != null) {
            throw Errno.EEXIST.error();
        }
        if (w.trailingSlash() && !directory) {
            throw Errno.ENOENT.error();
        }
        return Permissions.readOnly(w.mount());
    }

    static int ownerOf(PathWalk w) {
        Credentials who = w.credentials();
        return who == null ? 0 : who.fsuid();
    }

    /** A set-group-ID directory hands its group down. */
    static int groupFor(PathWalk w, Inode dir) throws ErrnoException {
        if ((dir.mode() & FileMode.S_ISGID) != 0) {
            return dir.gid();
        }
        Credentials who = w.credentials();
        return who == null ? 0 : who.fsgid();
    }

    public static void unlink(PathWalk w, VfsPath base, String path) throws ErrnoException {
        w.toParent(base, path, 0);
        if (w.last() != PathWalk.Last.NORMAL) {
            throw Errno.EISDIR.error();
        }
        Dentry parent = w.dentry();
        Inode dir = parent.inode();
        synchronized (dir) {
            Dentry child = w.lookupLast();
            Inode inode = child.inode();
            if (w.trailingSlash()) {
                throw (inode == null ? Errno.ENOENT : FileMode.isDirectory(inode.mode()) ? Errno.EISDIR : Errno.ENOTDIR)
                        .error();
            }
            if (inode == null) {
                throw Errno.ENOENT.error();
            }
            Permissions.requireWritable(w.mount());
            Permissions.requireDelete(w.credentials(), parent, child, false);
            if (child.isMountpoint()) {
                throw Errno.EBUSY.error();
            }
            boolean last = FileEvents.lastName(inode);
            dir.unlink(w.name(), inode);
            parent.unlinkChild(child, dir.caches(w.name(), null));
            FileEvents.removed(dir, w.name(), inode, last);
        }
    }

    public static void rmdir(PathWalk w, VfsPath base, String path) throws ErrnoException {
        w.toParent(base, path, 0);
        switch (w.last()) {
            case DOTDOT -> throw Errno.ENOTEMPTY.error();
            case DOT -> throw Errno.EINVAL.error();
            case ROOT -> throw Errno.EBUSY.error();
            case NORMAL -> {}
        }
        Dentry parent = w.dentry();
        Inode dir = parent.inode();
        synchronized (dir) {
            Dentry child = w.lookupLast();
            Inode inode = child.inode();
            if (inode == null) {
                throw Errno.ENOENT.error();
            }
            Permissions.requireWritable(w.mount());
            Permissions.requireDelete(w.credentials(), parent, child, true);
            if (child.isMountpoint()) {
                throw Errno.EBUSY.error();
            }
            synchronized (inode) { // nothing may be made in it meanwhile
                dir.rmdir(w.name(), inode);
                parent.unlinkChild(child, dir.caches(w.name(), null));
            }
            FileEvents.removed(dir, w.name(), inode, true);
        }
    }

    /** renameat2(2). */
    public static void rename(PathWalk w, VfsPath oldBase, String oldPath, VfsPath newBase, String newPath, int flags)
            throws ErrnoException {
        if ((flags & ~(Fcntl.RENAME_NOREPLACE | Fcntl.RENAME_EXCHANGE | Fcntl.RENAME_WHITEOUT)) != 0
                || (flags & Fcntl.RENAME_EXCHANGE) != 0 && flags != Fcntl.RENAME_EXCHANGE) {
            throw Errno.EINVAL.error();
        }
        if ((flags & Fcntl.RENAME_WHITEOUT) != 0) {
            Credentials who = w.credentials();
            if (who != null && !who.capable(Capability.MKNOD)) {
                throw Errno.EPERM.error();
            }
        }
        w.toParent(oldBase, oldPath, 0);
        Mount mount = w.mount();
        Dentry oldParent = w.dentry();
        String oldName = w.name();
        PathWalk.Last oldLast = w.last();
        boolean oldSlash = w.trailingSlash();
        w.toParent(newBase, newPath, 0);
        if (w.mount() != mount) {
            throw Errno.EXDEV.error();
        }
        if (oldLast != PathWalk.Last.NORMAL) {
            throw Errno.EBUSY.error();
        }
        if (w.last() != PathWalk.Last.NORMAL) {
            throw ((flags & Fcntl.RENAME_NOREPLACE) != 0 ? Errno.EEXIST : Errno.EBUSY).error();
        }
        Permissions.requireWritable(mount);
        Rename r = new Rename(w.credentials(), mount, oldParent, oldName, oldSlash, w.dentry(), w.name(), w.trailingSlash(), flags);
        if (oldParent == r.newParent()) {
            synchronized (oldParent.inode()) {
                r.run(w);
            }
            return;
        }
        mount.fileSystem().renameLock().lock();
        try {
            // Parent before child, else by identity: nobody else takes two directories without the rename lock.
            boolean newFirst = r.newParent().contains(oldParent);
            Inode first = (newFirst ? r.newParent() : oldParent).inode();
            Inode second = (newFirst ? oldParent : r.newParent()).inode();
            synchronized (first) {
                synchronized (second) {
                    r.run(w);
                }
            }
        } finally {
            mount.fileSystem().renameLock().unlock();
        }
    }

    /** A rename whose directories are locked. */
    private record Rename(
            Credentials who,
            Mount mount,
            Dentry oldParent,
            String oldName,
            boolean oldSlash,
            Dentry newParent,
            String newName,
            boolean newSlash,
            int flags) {
        void run(PathWalk w) throws ErrnoException {
            Dentry source = w.lookup(oldParent, oldName);
            Dentry target = w.lookup(newParent, newName);
            boolean exchange = (flags & Fcntl.RENAME_EXCHANGE) != 0;
            if (source.inode() == null) {
                throw Errno.ENOENT.error();
            }
            boolean targetExists = target.inode() != null;
            if ((flags & Fcntl.RENAME_NOREPLACE) != 0 && targetExists) {
                throw Errno.EEXIST.error();
            }
            if (exchange && !targetExists) {
                throw Errno.ENOENT.error();
            }
            boolean directory = FileMode.isDirectory(source.inode().mode());
            boolean targetDirectory = targetExists && FileMode.isDirectory(target.inode().mode());
            if (exchange) {
                if (newSlash && !targetDirectory) {
                    throw Errno.ENOTDIR.error();
                }
            }
            if (!directory && (oldSlash || !exchange && newSlash)) {
                throw Errno.ENOTDIR.error();
            }
            if (source.contains(newParent)) {
                throw Errno.EINVAL.error(); // into itself
            }
            if (targetExists && target.contains(oldParent)) {
                throw (exchange ? Errno.EINVAL : Errno.ENOTEMPTY).error();
            }
            if (source == target || targetExists && source.inode() == target.inode()) {
                return; // two names of one file: rename(2) does nothing
            }
            if (newParent.unlinked() || oldParent.unlinked()) {
                throw Errno.ENOENT.error();
            }
            Permissions.requireDelete(who, oldParent, source, directory);
            if (!targetExists) {
                Permissions.requireCreate(who, newParent);
            } else if (exchange) {
                Permissions.requireDelete(who, newParent, target, targetDirectory);
            } else {
                Permissions.requireDelete(who, newParent, target, directory);
            }
            if (oldParent != newParent) {
                // A directory's ".." changes, so the directory itself is written.
                if (directory) {
                    Permissions.require(who, source.inode(), Permissions.WRITE);
                }
                if (exchange && targetDirectory) {
                    Permissions.require(who, target.inode(), Permissions.WRITE);
                }
            }
            if (source.isMountpoint() || target.isMountpoint()) {
                throw Errno.EBUSY.error();
            }
            Inode dir = oldParent.inode();
            if (targetDirectory && !exchange) {
                synchronized (target.inode()) {
                    apply(dir, source, target);
                }
            } else {
                apply(dir, source, target);
            }
        }

        private void apply(Inode dir, Dentry source, Dentry target) throws ErrnoException {
            Inode replaced = target.inode();
            boolean exchange = (flags & Fcntl.RENAME_EXCHANGE) != 0;
            boolean last = !exchange && replaced != null && FileEvents.lastName(replaced);
            dir.rename(oldName, source.inode(), newParent.inode(), newName, replaced, flags);
            Inode to = newParent.inode();
            if (exchange) {
                source.exchange(target);
                FileEvents.moved(dir, oldName, to, newName, source.inode(), null, false);
                FileEvents.moved(to, newName, dir, oldName, replaced, null, false);
                return;
            }
            source.move(newParent, newName);
            FileEvents.moved(dir, oldName, to, newName, source.inode(), replaced, last);
            if ((flags & Fcntl.RENAME_WHITEOUT) != 0) {
                Dentry gone = oldParent.child(oldName);
                if (gone != null) {
                    oldParent.drop(gone); // the whiteout is there now: look it up anew
                }
            }
        }
    }
}
