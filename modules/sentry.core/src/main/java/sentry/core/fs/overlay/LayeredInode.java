package sentry.core.fs.overlay;

import java.util.Arrays;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.abi.FileMode;
import sentry.core.memory.KernelBuffer;
import sentry.core.task.Task;
import sentry.core.vfs.Dentry;
import sentry.core.vfs.FileDescription;
import sentry.core.vfs.Inode;
import sentry.core.vfs.SetAttr;
import sentry.core.vfs.Stat;
import sentry.core.vfs.VfsPath;

/** A file of a {@link LayeredFileSystem}: in the upper layer, or in a lower one until it is changed. */
class LayeredInode extends Inode {
    private static final int CHUNK = 1 << 16;
    private static final String PRIVATE = "trusted.overlay.";

    private final LayeredFileSystem fs;
    /** In which directory it was found; null for the root. */
    private volatile LayeredDirectory parent;

    private final Dentry lower;
    private volatile Dentry upper;
    private final long ino;

    LayeredInode(LayeredFileSystem fs, LayeredDirectory parent, Dentry upper, Dentry lower) {
        super(fs);
        this.fs = fs;
        this.parent = parent;
        this.upper = upper;
        this.lower = lower;
        this.ino = (upper != null ? upper : lower).inode().ino();
    }

    final LayeredFileSystem fs() {
        return fs;
    }

    final Dentry upperOrNull() {
        return upper;
    }

    final void setUpper(Dentry value) {
        upper = value;
    }

    final void setParent(LayeredDirectory value) {
        parent = value;
    }

    /** Whether a lower layer has it, so that taking it away leaves a whiteout. */
    final boolean hasLower() {
        return lower != null;
    }

    final Inode top() {
        Dentry u = upper;
        return (u != null ? u : lower).inode();
    }

    /** The file in the upper layer, copied there if need be, with the directories above it. */
    final Dentry copyUp(boolean withContent) throws ErrnoException {
        Dentry there = upper;
        if (there != null) {
            return there;
        }
        if (fs.readOnly()) {
            throw Errno.EROFS.error();
        }
        Dentry dir = parent.copyUp(true);
        synchronized (this) {
            if (upper == null) {
                upper = copyInto(dir, withContent);
            }
            return upper;
        }
    }

    private Dentry copyInto(Dentry dir, boolean withContent) throws ErrnoException {
        Inode from = lower.inode();
        String name = lower.name();
        Stat s = new Stat();
        from.stat(s);
        Inode into = dir.inode();
        Inode made;
        synchronized (into) {
            int bits = s.mode & FileMode.PERMISSIONS;
            made = switch (s.mode & FileMode.S_IFMT) {
                case FileMode.S_IFREG -> into.create(name, s.mode, s.uid, s.gid);
                case FileMode.S_IFDIR -> into.mkdir(name, FileMode.S_IFDIR | bits, s.uid, s.gid);
                case FileMode.S_IFLNK -> into.symlink(name, from.readlink(), s.uid, s.gid);
                default -> into.mknod(name, s.mode, s.rdev, s.uid, s.gid);
            };
        }
        if (withContent && FileMode.isRegular(s.mode)) {
            copyContent(from, made);
        }
        for (String attribute : from.listxattr()) {
            if (!attribute.startsWith(PRIVATE)) {
                made.setxattr(attribute, from.getxattr(attribute), 0);
            }
        }
        SetAttr times = new SetAttr();
        times.mask = SetAttr.ATIME | SetAttr.MTIME;
        times.atime = s.atime;
        times.mtime = s.mtime;
        made.setattr(times);
        return dir.instantiate(name, made);
    }

    private static void copyContent(Inode from, Inode to) throws ErrnoException {
        FileDescription in = from.open(place(from), Fcntl.O_RDONLY, null);
        try {
            FileDescription out = to.open(place(to), Fcntl.O_WRONLY, null);
            try {
                byte[] b = new byte[CHUNK];
                long at = 0;
                for (long n; (n = in.pread(null, KernelBuffer.of(b, 0, b.length), at)) > 0; at += n) {
                    if (out.pwrite(null, KernelBuffer.of(b, 0, (int) n), at) != n) {
                        throw Errno.ENOSPC.error();
                    }
                }
            } finally {
                out.release();
            }
        } finally {
            in.release();
        }
    }

    /** A place for a description that nobody sees. */
    static VfsPath place(Inode inode) {
        return new VfsPath(LayeredFileSystem.scratch(inode), Dentry.root(inode));
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
        top().stat(out);
        out.dev = fs.dev();
        out.ino = ino;
    }

    @Override
    public final void setattr(SetAttr change) throws ErrnoException {
        boolean empties = (change.mask & SetAttr.SIZE) != 0 && change.size == 0;
        copyUp(!empties).inode().setattr(change);
    }

    @Override
    public FileDescription open(VfsPath path, int flags, Task task) throws ErrnoException {
        boolean writes = (flags & Fcntl.O_ACCMODE) != Fcntl.O_RDONLY || (flags & Fcntl.O_TRUNC) != 0;
        Inode real = writes && FileMode.isRegular(mode()) ? copyUp((flags & Fcntl.O_TRUNC) == 0).inode() : top();
        return real.open(path, flags, task);
    }

    @Override
    public String readlink() throws ErrnoException {
        return top().readlink();
    }

    @Override
    public final byte[] getxattr(String name) throws ErrnoException {
        if (name.startsWith(PRIVATE)) {
            throw Errno.EOPNOTSUPP.error();
        }
        return top().getxattr(name);
    }

    @Override
    public final String[] listxattr() throws ErrnoException {
        String[] all = top().listxattr();
        return Arrays.stream(all).filter(n -> !n.startsWith(PRIVATE)).toArray(String[]::new);
    }

    @Override
    public final void setxattr(String name, byte[] value, int flags) throws ErrnoException {
        if (name.startsWith(PRIVATE)) {
            throw Errno.EOPNOTSUPP.error();
        }
        copyUp(true).inode().setxattr(name, value, flags);
    }

    @Override
    public final void removexattr(String name) throws ErrnoException {
        getxattr(name); // ENODATA needs no copy
        copyUp(true).inode().removexattr(name);
    }
}
