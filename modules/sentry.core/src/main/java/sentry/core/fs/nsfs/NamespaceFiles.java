package sentry.core.fs.nsfs;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.task.Namespace;
import sentry.core.task.Task;
import sentry.core.vfs.FileDescription;
import sentry.core.vfs.InternalFileSystem;
import sentry.core.vfs.InternalInode;
import sentry.core.vfs.VfsPath;

/** Home of the files that stand for namespaces. An inode's number is the namespace's. */
public final class NamespaceFiles extends InternalFileSystem {
    public static final NamespaceFiles INSTANCE = new NamespaceFiles();

    private NamespaceFiles() {}

    @Override
    public String type() {
        return "nsfs";
    }

    @Override
    protected long magic() {
        return 0x6e736673;
    }

    /** Where the file of {@code ns} is. */
    public VfsPath path(Namespace ns) {
        return path(new NamespaceInode(ns), ns.text());
    }

    private static final class NamespaceInode extends InternalInode {
        private final Namespace namespace;

        NamespaceInode(Namespace namespace) {
            super(INSTANCE, namespace.number(), S_IFREG | 0444, 0, 0);
            this.namespace = namespace;
        }

        @Override
        public FileDescription open(VfsPath path, int flags, Task task) throws ErrnoException {
            if ((flags & Fcntl.O_ACCMODE) != Fcntl.O_RDONLY) {
                throw Errno.EPERM.error();
            }
            return new NamespaceFile(path, flags, namespace);
        }
    }

    private static final int S_IFREG = 0100000;
}
