package sentry.core.fs.proc;

import sentry.core.kernel.Kernel;
import sentry.core.vfs.FileSystem;
import sentry.core.vfs.FilesystemType;

/** Makes instances of proc. Options (hidepid, gid) are accepted as Linux does and change nothing yet. */
public final class ProcType implements FilesystemType {
    public ProcType() {}

    @Override
    public String name() {
        return "proc";
    }

    @Override
    public FileSystem mount(Kernel kernel, String source, String data) {
        return new ProcFileSystem(kernel);
    }
}
