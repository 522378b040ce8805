package sentry.core.vfs;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.abi.FileMode;
import sentry.core.abi.Inotify;
import sentry.core.abi.MountFlags;
import sentry.core.task.Task;
import sentry.core.fs.pipe.Fifo;

/** open(2): finds or makes a file, checks access, and opens it. */
public final class Opener {
    private Opener() {}

    /**
     * Opens {@code path}.
     *
     * @param flags O_ flags of open(2); O_CLOEXEC is for the caller
     * @param mode permission bits for a new file
     * @param resolve RESOLVE_ flags of openat2(2)
     */
    public static FileDescription open(PathWalk w, VfsPath base, String path, int flags, int mode, int resolve)
            throws ErrnoException {
        if ((flags & Fcntl.O_PATH) != 0) {
            flags &= Fcntl.O_PATH | Fcntl.O_DIRECTORY | Fcntl.O_NOFOLLOW;
        } else if ((flags & Fcntl.__O_TMPFILE) != 0) {
            return openNameless(w, base, path, flags, mode, resolve);
        }
        boolean create = (flags & Fcntl.O_CREAT) != 0;
        if (create && (flags & Fcntl.O_DIRECTORY) != 0) {
            throw Errno.EINVAL.error();
        }
        boolean follow = (flags & Fcntl.O_NOFOLLOW) == 0 && (flags & (Fcntl.O_CREAT | Fcntl.O_EXCL)) != (Fcntl.O_CREAT | Fcntl.O_EXCL);
        int walkFlags = resolve << PathWalk.RESOLVE_SHIFT | (follow ? PathWalk.FOLLOW : 0);
        if ((flags & Fcntl.O_DIRECTORY) != 0) {
            walkFlags |= PathWalk.DIRECTORY;
        }
        w.toParent(base, path, walkFlags);
        if (!create) {
            w.finish();
            return openFound(w, w.path(), flags);
        }
        for (; ; ) {
            if (w.last() != PathWalk.Last.NORMAL || w.trailingSlash()) {
                throw Errno.EISDIR.error();
            }
            Dentry parent = w.dentry();
            Dentry child = w.lookupLast();
            if (child.inode() == null) {
                Inode dir = parent.inode();
                synchronized (dir) {
                    child = w.lookupLast();
                    if (child.inode() == null) {
                        return openNew(w, parent, flags, mode);
                    }
                }
            }
            if ((flags & Fcntl.O_EXCL) != 0) {
                throw Errno.EEXIST.error();
            }
            if (!w.stepLast(child, follow)) {
                return openFound(w, w.path(), flags);
            }
        }
    }

    /** Makes the file; the directory's monitor is held. Access is not checked: one may make a file that one cannot open again. */
    private static FileDescription openNew(PathWalk w, Dentry parent, int flags, int mode) throws ErrnoException {
        Permissions.requireWritable(w.mount());
        Permissions.requireCreate(w.credentials(), parent);
        Inode dir = parent.inode();
        int bits = Namei.modeFor(w, dir, FileMode.S_IFREG | mode & FileMode.PERMISSIONS & ~w.umask());
        Inode made = dir.create(w.name(), bits, Namei.ownerOf(w), Namei.groupFor(w, dir));
        Dentry child = parent.instantiate(w.name(), made);
        FileEvents.created(dir, w.name(), made);
        return told(counted(made, made.open(new VfsPath(w.mount(), child), flags, w.task()), flags));
    }

    /** Those who watch the file hear that it was opened. */
    private static FileDescription told(FileDescription file) {
        if (FileEvents.watched()) {
            FileEvents.happened(file, Inotify.IN_OPEN);
        }
        return file;
    }

    private static FileDescription openNameless(
            PathWalk w, VfsPath base, String path, int flags, int mode, int resolve) throws ErrnoException {
        if ((flags & Fcntl.O_TMPFILE) != Fcntl.O_TMPFILE
                || (flags & Fcntl.O_ACCMODE) == Fcntl.O_RDONLY
                || (flags & Fcntl.O_CREAT) != 0) {
            throw Errno.EINVAL.error();
        }
        int follow = (flags & Fcntl.O_NOFOLLOW) == 0 ? PathWalk.FOLLOW : 0;
        w.resolve(base, path, resolve << PathWalk.RESOLVE_SHIFT | PathWalk.DIRECTORY | follow);
        Permissions.requireWritable(w.mount());
        Inode dir = w.inode();
        Permissions.require(w.credentials(), dir, Permissions.WRITE | Permissions.EXEC);
        int bits = Namei.modeFor(w, dir, FileMode.S_IFREG | mode & FileMode.PERMISSIONS & ~w.umask());
        Inode made = dir.tmpfile(bits, Namei.ownerOf(w), Namei.groupFor(w, dir));
        made.state().linkable = (flags & Fcntl.O_EXCL) == 0;
        Dentry d = Dentry.nameless(w.dentry(), "#" + made.ino(), made);
        return told(counted(made, made.open(new VfsPath(w.mount(), d), flags & ~Fcntl.O_TMPFILE, w.task()), flags));
    }

    /** Lets a regular file that was opened for writing know of its writer. */
    private static FileDescription counted(Inode inode, FileDescription file, int flags) throws ErrnoException {
        if ((flags & Fcntl.O_ACCMODE) != Fcntl.O_RDONLY) {
            inode.state().beginWriting(); // nobody can execute what has just been made
            file.countAsWriter(inode.state());
        }
        return file;
    }

    /** Opens a file that exists, as open(2) and the links of /proc/self/fd do. */
    public static FileDescription openFound(PathWalk w, VfsPath path, int flags) throws ErrnoException {
        Inode inode = path.inode();
        int mode = inode.mode();
        if ((flags & Fcntl.O_PATH) != 0) {
            return new PathFile(path, flags);
        }
        int type = mode & FileMode.S_IFMT;
        boolean truncate = (flags & Fcntl.O_TRUNC) != 0;
        int wanted = access(flags);
        switch (type) {
            case FileMode.S_IFLNK -> throw Errno.ELOOP.error();
            case FileMode.S_IFDIR -> {
                if ((flags & Fcntl.O_CREAT) != 0 || (wanted & Permissions.WRITE) != 0) {
                    throw Errno.EISDIR.error();
                }
            }
            case FileMode.S_IFCHR, FileMode.S_IFBLK -> {
                if ((path.mount().flags() & MountFlags.MS_NODEV) != 0) {
                    throw Errno.EACCES.error();
                }
                truncate = false;
            }
            case FileMode.S_IFIFO, FileMode.S_IFSOCK -> truncate = false;
            default -> {}
        }
        if ((wanted & Permissions.WRITE) != 0 && (type == FileMode.S_IFREG || type == FileMode.S_IFDIR)) {
            Permissions.requireWritable(path.mount());
        }
        Permissions.require(w.credentials(), inode, wanted);
        if ((flags & Fcntl.O_NOATIME) != 0 && !Permissions.owns(w.credentials(), inode)) {
            throw Errno.EPERM.error();
        }
        if (type == FileMode.S_IFSOCK) {
            throw Errno.ENXIO.error();
        }
        if (type == FileMode.S_IFIFO && !inode.opensFifo()) {
            return told(Fifo.open(w.task(), path, flags));
        }
        if (truncate && type == FileMode.S_IFREG) {
            inode.state().requireNotExecuting();
        }
        if (type == FileMode.S_IFREG) {
            inode.breakLeases(w.task(), (wanted & Permissions.WRITE) != 0, (flags & Fcntl.O_NONBLOCK) == 0);
        }
        FileDescription file =
                type == FileMode.S_IFREG && (flags & Fcntl.O_ACCMODE) != Fcntl.O_RDONLY
                        ? openWriting(inode, path, flags, w.task())
                        : inode.open(path, flags, w.task());
        told(file);
        if (truncate) {
            SetAttr change = new SetAttr();
            change.mask = SetAttr.SIZE;
            try {
                Attributes.dropPrivileges(w.credentials(), inode, change);
                inode.setattr(change);
                if (FileEvents.watched()) {
                    FileEvents.happened(file, Inotify.IN_MODIFY);
                }
            } catch (ErrnoException e) {
                file.release();
                throw e;
            }
        }
        return file;
    }

    private static FileDescription openWriting(Inode inode, VfsPath path, int flags, Task task) throws ErrnoException {
        InodeState state = inode.state();
        state.beginWriting();
        boolean open = false;
        try {
            FileDescription file = inode.open(path, flags, task);
            file.countAsWriter(state);
            open = true;
            return file;
        } finally {
            if (!open) {
                state.endWriting();
            }
        }
    }

    /** The permissions that opening with {@code flags} takes. Access mode 3 is for ioctls only and takes both. */
    private static int access(int flags) {
        int wanted =
                switch (flags & Fcntl.O_ACCMODE) {
                    case Fcntl.O_RDONLY -> Permissions.READ;
                    case Fcntl.O_WRONLY -> Permissions.WRITE;
                    default -> Permissions.READ | Permissions.WRITE;
                };
        return (flags & Fcntl.O_TRUNC) != 0 ? wanted | Permissions.WRITE : wanted;
    }

    /**
     * Opens a program for execve(2): a regular file that may be executed, on a mount that allows it.
     *
     * @param follow whether a link as the last component is followed
     */
    public static FileDescription openExecutable(PathWalk w, VfsPath base, String path, boolean follow)
            throws ErrnoException {
        w.resolve(base, path, follow ? PathWalk.FOLLOW : 0);
        if (!follow && FileMode.isSymlink(w.inode().mode())) {
            throw Errno.ELOOP.error();
        }
        return openExecutable(w, w.path());
    }

    /** The same for a file found already, as execveat(2) with an empty path has it. */
    public static FileDescription openExecutable(PathWalk w, VfsPath path) throws ErrnoException {
        Inode inode = path.inode();
        if (!FileMode.isRegular(inode.mode()) || (path.mount().flags() & MountFlags.MS_NOEXEC) != 0) {
            throw Errno.EACCES.error();
        }
        Permissions.require(w.credentials(), inode, Permissions.EXEC);
        if (inode.state().written()) {
            throw Errno.ETXTBSY.error();
        }
        return told(inode.open(path, Fcntl.O_RDONLY, w.task()));
    }
}
