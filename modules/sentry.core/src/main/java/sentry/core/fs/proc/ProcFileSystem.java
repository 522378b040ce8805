package sentry.core.fs.proc;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.fs.pseudo.PseudoFileSystem;
import sentry.core.kernel.Kernel;
import sentry.core.vfs.Inode;

/** One instance of proc. */
final class ProcFileSystem extends PseudoFileSystem {
    private static final long PROC_SUPER_MAGIC = 0x9fa0;

    private final Kernel kernel;
    private final ProcRoot root;

    private volatile ProcOptions options;

    ProcFileSystem(Kernel kernel, ProcOptions options) {
        super("proc", PROC_SUPER_MAGIC);
        this.options = options;
        this.kernel = kernel;
        this.root = new ProcRoot(this);
    }

    ProcOptions mountOptions() {
        return options;
    }

    @Override
    public String options() {
        return options.text();
    }

    @Override
    public void remount(String data) throws ErrnoException {
        if (!data.isEmpty()) {
            options = ProcOptions.parse(data);
        }
    }

    Kernel kernel() {
        return kernel;
    }

    /** Linux's proc knows no negative names: making one fails in the look-up. */
    @Override
    public Errno refusal() {
        return Errno.ENOENT;
    }

    @Override
    public Inode root() {
        return root;
    }
}
