package sentry.core.vfs;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.task.Task;

/**
 * A file of any type. Filesystems implement the operations that their files have; the others answer as Linux does for
 * a file that lacks them.
 *
 * <p>Directory operations get names that were checked (not empty, not "." or "..", no '/', at most 255 bytes). They
 * update the filesystem; the caller updates the dentry cache. The kernel calls operations that change a directory with
 * that directory's monitor held.
 */
public abstract class Inode {
    private final FileSystem fileSystem;

    /** Made on first use. */
    private volatile InodeState state;

    protected Inode(FileSystem fileSystem) {
        this.fileSystem = fileSystem;
    }

    public final FileSystem fileSystem() {
        return fileSystem;
    }

    /** What the VFS keeps for this file. */
    public final InodeState state() {
        InodeState s = state;
        if (s == null) {
            synchronized (fileSystem) {
                s = state;
                if (s == null) {
                    s = new InodeState();
                    state = s;
                }
            }
        }
        return s;
    }

    /** The same, or null when nothing was kept yet. */
    final InodeState stateOrNull() {
        return state;
    }

    /** Whoever has a lease on the file gives way to one who opens or truncates it (fcntl(2)). */
    final void breakLeases(Task task, boolean write, boolean wait) throws ErrnoException {
        InodeState s = state;
        Leases l = s == null ? null : s.leasesOrNull();
        if (l != null) {
            l.breakFor(task, write, wait);
        }
    }

    /** {@code owner} has closed the file: its locks go. */
    final void dropLocks(Object owner) {
        InodeState s = state;
        FileLocks locks = s == null ? null : s.locksOrNull();
        if (locks != null) {
            locks.releaseAll(owner);
        }
    }

    public abstract long ino();

    /** Type and permission bits (st_mode). Cheap: asked for every step of a path walk. */
    public abstract int mode() throws ErrnoException;

    public abstract int uid() throws ErrnoException;

    public abstract int gid() throws ErrnoException;

    /** Fills all of {@code out}. */
    public abstract void stat(Stat out) throws ErrnoException;

    public abstract void setattr(SetAttr change) throws ErrnoException;

    /**
     * Makes an open file. Access was checked; O_CREAT, O_EXCL and O_TRUNC have been dealt with.
     *
     * @param path where the file was found
     * @param flags as given to open(2)
     * @param task the opener, or null inside the kernel
     */
    public abstract FileDescription open(VfsPath path, int flags, Task task) throws ErrnoException;

    /** Whether a FIFO is opened by {@link #open}, because its other end is not among our programs. */
    public boolean opensFifo() {
        return false;
    }

    // Directories.

    /** The file called {@code name} in this directory, or null. */
    public Inode lookup(String name) throws ErrnoException {
        throw Errno.ENOTDIR.error();
    }

    /**
     * A hint that {@code names[from..to)} are about to be looked up one below the other, starting in this directory,
     * whose dentry is {@code here}. A filesystem for which each look-up is a round trip fetches them together and puts
     * what it found into the dentry cache by {@link Dentry#cache}. Called only when {@link #prefetches} says so, with this
     * directory's monitor held.
     */
    public void prefetch(Dentry here, String[] names, int from, int to) throws ErrnoException {}

    /** Whether {@link #prefetch} is worth calling. */
    public boolean prefetches() {
        return fileSystem.prefetches();
    }

    /**
     * Whether the outcome of looking up {@code name} here may be kept in the dentry cache.
     *
     * @param found what {@link #lookup} gave, null when there is no such name
     */
    public boolean caches(String name, Inode found) {
        return fileSystem.cachesNames();
    }

    public Inode create(String name, int mode, int uid, int gid) throws ErrnoException {
        throw Errno.EPERM.error();
    }

    public Inode mkdir(String name, int mode, int uid, int gid) throws ErrnoException {
        throw Errno.EPERM.error();
    }

    public Inode symlink(String name, String target, int uid, int gid) throws ErrnoException {
        throw Errno.EPERM.error();
    }

    /** @param mode type (S_IFIFO, S_IFSOCK, S_IFCHR, S_IFBLK) and permission bits */
    public Inode mknod(String name, int mode, long rdev, int uid, int gid) throws ErrnoException {
        throw Errno.EPERM.error();
    }

    /** A nameless file for O_TMPFILE. */
    public Inode tmpfile(int mode, int uid, int gid) throws ErrnoException {
        throw Errno.EOPNOTSUPP.error();
    }

    /** Makes {@code name} another name of {@code target}, which is of this filesystem. */
    public void link(String name, Inode target) throws ErrnoException {
        throw Errno.EPERM.error();
    }

    public void unlink(String name, Inode victim) throws ErrnoException {
        throw Errno.EPERM.error();
    }

    public void rmdir(String name, Inode victim) throws ErrnoException {
        throw Errno.EPERM.error();
    }

    /**
     * Renames within this filesystem.
     *
     * @param replaced what {@code newName} names now, or null
     * @param flags RENAME_NOREPLACE (checked already), RENAME_EXCHANGE, RENAME_WHITEOUT
     */
    public void rename(String name, Inode file, Inode newDirectory, String newName, Inode replaced, int flags)
            throws ErrnoException {
        throw Errno.EPERM.error();
    }

    // Symbolic links.

    public String readlink() throws ErrnoException {
        throw Errno.EINVAL.error();
    }

    /**
     * For links of /proc that lead straight to an object (exe, cwd, root, fd/N): where they lead. Null for all others,
     * whose text is walked.
     */
    public VfsPath magicLink(Task task) throws ErrnoException {
        return null;
    }

    // Extended attributes.

    public byte[] getxattr(String name) throws ErrnoException {
        throw Errno.EOPNOTSUPP.error();
    }

    public void setxattr(String name, byte[] value, int flags) throws ErrnoException {
        throw Errno.EOPNOTSUPP.error();
    }

    public String[] listxattr() throws ErrnoException {
        return new String[0];
    }

    public void removexattr(String name) throws ErrnoException {
        throw Errno.EOPNOTSUPP.error();
    }

    /** The last reference (dentry cache, open file, mapping) may be gone; a filesystem that counts them overrides it. */
    public void released() {}
}
