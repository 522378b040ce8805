package sentry.core.vfs;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.FileMode;
import sentry.core.task.Task;

/** An inode of an {@link InternalFileSystem}: attributes, and nothing to open. */
public class InternalInode extends Inode {
    private final long ino;
    private volatile int mode;
    private volatile int uid;
    private volatile int gid;
    private final long made = FileTime.now();

    public InternalInode(InternalFileSystem fs, long ino, int mode, int uid, int gid) {
        super(fs);
        this.ino = ino;
        this.mode = mode;
        this.uid = uid;
        this.gid = gid;
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
    public void stat(Stat out) {
        out.dev = fileSystem().dev();
        out.ino = ino;
        out.mode = mode;
        out.nlink = 1;
        out.uid = uid;
        out.gid = gid;
        out.rdev = 0;
        out.size = 0;
        out.blksize = 4096;
        out.blocks = 0;
        out.atime = made;
        out.mtime = made;
        out.ctime = made;
        out.btime = Stat.NO_TIME;
    }

    @Override
    public void setattr(SetAttr change) throws ErrnoException {
        if ((change.mask & SetAttr.SIZE) != 0) {
            throw Errno.EINVAL.error();
        }
        if ((change.mask & SetAttr.MODE) != 0) {
            mode = mode & FileMode.S_IFMT | change.mode;
        }
        if ((change.mask & SetAttr.UID) != 0) {
            uid = change.uid;
        }
        if ((change.mask & SetAttr.GID) != 0) {
            gid = change.gid;
        }
    }

    /** FIFOs are opened by the VFS; the others cannot be opened by a path. */
    @Override
    public FileDescription open(VfsPath path, int flags, Task task) throws ErrnoException {
        throw Errno.ENXIO.error();
    }
}
