package sentry.core.fs.pseudo;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.task.Task;
import sentry.core.vfs.FileDescription;
import sentry.core.vfs.VfsPath;

/** A symbolic link with a fixed target. */
public class PseudoSymlink extends PseudoInode {
    private final String target;

    public PseudoSymlink(PseudoFileSystem fs, String target) {
        this(fs, fs.nextIno(), target);
    }

    /** @param target null when a subclass makes it up */
    protected PseudoSymlink(PseudoFileSystem fs, long ino, String target) {
        super(fs, ino, S_IFLNK | 0777);
        this.target = target;
    }

    @Override
    protected long size() {
        return target == null ? 0 : target.length();
    }

    @Override
    public String readlink() throws ErrnoException {
        return target;
    }

    @Override
    public FileDescription open(VfsPath path, int flags, Task task) throws ErrnoException {
        throw Errno.ELOOP.error();
    }
}
