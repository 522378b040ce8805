package sentry.core.fs.anon;

import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.fs.tmpfs.TmpFileSystem;
import sentry.core.fs.tmpfs.TmpRegular;
import sentry.core.task.Task;
import sentry.core.vfs.FileDescription;
import sentry.core.vfs.InternalFileSystem;
import sentry.core.vfs.InternalInode;
import sentry.core.vfs.VfsPath;

/** Home of files that have no place in the tree. All but memfds share one inode, as in Linux. */
public final class AnonymousFiles extends InternalFileSystem {
    public static final AnonymousFiles INSTANCE = new AnonymousFiles();

    private final InternalInode inode = new InternalInode(this, nextInode(), 0600, 0, 0);

    private AnonymousFiles() {}

    @Override
    public String type() {
        return "anon_inodefs";
    }

    @Override
    protected long magic() {
        return 0x09041934;
    }

    /** A path for a file of {@code kind}, such as "[eventfd]". */
    public VfsPath path(String kind) {
        return path(inode, kind);
    }

    /**
     * memfd_create(2).
     *
     * @param files where its memory is counted
     * @param sealable MFD_ALLOW_SEALING
     * @param executable not MFD_NOEXEC_SEAL, which needs a sealable one
     */
    public FileDescription memfd(TmpFileSystem files, Task task, String name, boolean sealable, boolean executable)
            throws ErrnoException {
        TmpRegular file = files.nameless(executable ? 0777 : 0666, task.credentials().fsuid(), task.credentials().fsgid());
        if (sealable) {
            file.allowSealing();
        }
        if (!executable) {
            file.addSeals(Fcntl.F_SEAL_EXEC);
        }
        return file.open(path(file, "/memfd:" + name + " (deleted)"), Fcntl.O_RDWR | Fcntl.O_LARGEFILE, task);
    }
}
