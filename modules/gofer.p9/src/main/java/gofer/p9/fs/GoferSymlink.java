package gofer.p9.fs;

import gofer.p9.codec.Attributes;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.task.Task;
import sentry.core.vfs.FileDescription;
import sentry.core.vfs.VfsPath;

/** A symbolic link; its text never changes. */
final class GoferSymlink extends GoferInode {
    private final String target;

    GoferSymlink(GoferFileSystem fs, Attributes attributes, GoferDirectory parent, String name, String target) {
        super(fs, attributes, parent, name);
        this.target = target;
    }

    @Override
    public String readlink() {
        return target;
    }

    @Override
    public FileDescription open(VfsPath path, int flags, Task task) throws ErrnoException {
        throw Errno.ELOOP.error();
    }
}
