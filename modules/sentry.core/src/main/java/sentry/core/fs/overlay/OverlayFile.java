package sentry.core.fs.overlay;

import host.linux.NativeArea;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.fs.tmpfs.TmpInode;
import sentry.core.fs.tmpfs.TmpRegular;
import sentry.core.memory.KernelBuffer;
import sentry.core.task.Task;
import sentry.core.vfs.Dentry;
import sentry.core.vfs.FileDescription;
import sentry.core.vfs.Inode;
import sentry.core.vfs.VfsPath;

/** Anything but a directory. */
final class OverlayFile extends OverlayInode {
    private static final int CHUNK = 1 << 20;

    OverlayFile(OverlayFileSystem fs, Inode lower) {
        super(fs, lower);
    }

    OverlayFile(OverlayFileSystem fs, TmpInode upper) {
        super(fs, upper);
    }

    /** A reader of an unchanged file gets the lower filesystem's description: transfers and mappings cost what they cost there. */
    @Override
    public FileDescription open(VfsPath path, int flags, Task task) throws ErrnoException {
        boolean writes = (flags & Fcntl.O_ACCMODE) != Fcntl.O_RDONLY || (flags & Fcntl.O_TRUNC) != 0;
        if (writes) {
            return copyUp((flags & Fcntl.O_TRUNC) == 0).open(path, flags, task);
        }
        return top().open(path, flags, task);
    }

    @Override
    public String readlink() throws ErrnoException {
        return top().readlink();
    }

    @Override
    void copyContent(Inode from, TmpInode to, long size) throws ErrnoException {
        if (!(to instanceof TmpRegular target) || size == 0) {
            return;
        }
        FileDescription source = from.open(new VfsPath(fs().scratchMount(), Dentry.root(from)), Fcntl.O_RDONLY, null);
        try (NativeArea area = NativeArea.allocate((int) Math.min(CHUNK, size))) {
            long at = 0;
            for (; ; ) {
                long n = source.pread(null, KernelBuffer.of(area.address(), area.size()), at);
                if (n == 0) {
                    return;
                }
                if (n < 0) {
                    throw Errno.EIO.error();
                }
                target.append(KernelBuffer.of(area.address(), n));
                at += n;
            }
        } finally {
            source.release();
        }
    }
}
