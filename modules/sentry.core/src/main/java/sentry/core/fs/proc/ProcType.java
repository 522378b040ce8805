package sentry.core.fs.proc;

import sentry.core.abi.ErrnoException;
import sentry.core.kernel.Kernel;
import sentry.core.vfs.FileSystem;
import sentry.core.vfs.FilesystemType;

/** Makes instances of proc. */
public final class ProcType implements FilesystemType {
    public ProcType() {}

    @Override
    public String name() {
        return "proc";
    }

    @Override
    public FileSystem mount(Kernel kernel, String source, String data) throws ErrnoException {
        return new ProcFileSystem(kernel, ProcOptions.parse(data));
    }
}
