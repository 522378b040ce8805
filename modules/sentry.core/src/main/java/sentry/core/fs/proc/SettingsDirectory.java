package sentry.core.fs.proc;

import sentry.core.abi.ErrnoException;
import sentry.core.fs.pseudo.PseudoDirectory;
import sentry.core.task.Task;
import sentry.core.vfs.DirectorySink;
import sentry.core.vfs.Inode;

/** /proc/sys. Its tree is made when it is first looked at: few programs do. */
final class SettingsDirectory extends PseudoDirectory {
    private final ProcFileSystem fs;
    /** Guarded by this; null until it is needed. */
    private PseudoDirectory tree;

    SettingsDirectory(ProcFileSystem fs) {
        super(fs, 0555);
        this.fs = fs;
    }

    private synchronized PseudoDirectory tree() throws ErrnoException {
        if (tree == null) {
            tree = Sysctls.tree(fs);
        }
        return tree;
    }

    @Override
    public Inode lookup(String name) throws ErrnoException {
        return tree().lookup(name);
    }

    @Override
    protected boolean list(Task task, long from, DirectorySink sink) throws ErrnoException {
        return Sysctls.list(tree(), task, from, sink);
    }

    @Override
    protected long links() {
        return 1; // so Linux, whose directories of settings do not count
    }
}
