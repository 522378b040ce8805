package sentry.core.fs.tmpfs;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.FileMode;
import sentry.core.task.Task;
import sentry.core.vfs.FileDescription;
import sentry.core.vfs.VfsPath;

/** A symbolic link. */
final class TmpSymlink extends TmpInode {
    private final String target;

    TmpSymlink(TmpFileSystem fs, String target, int uid, int gid) {
        super(fs, FileMode.S_IFLNK | 0777, uid, gid);
        this.target = target;
    }

    @Override
    long size() {
        return target.length();
    }

    @Override
    public String readlink() {
        accessed();
        return target;
    }

    @Override
    public FileDescription open(VfsPath path, int flags, Task task) throws ErrnoException {
        throw Errno.ELOOP.error();
    }
}
