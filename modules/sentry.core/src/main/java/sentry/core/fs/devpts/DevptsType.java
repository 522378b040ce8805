package sentry.core.fs.devpts;

import sentry.core.abi.ErrnoException;
import sentry.core.kernel.Kernel;
import sentry.core.vfs.FileSystem;
import sentry.core.vfs.FilesystemType;

/** Makes devpts instances. */
public final class DevptsType implements FilesystemType {
    public DevptsType() {}

    @Override
    public String name() {
        return "devpts";
    }

    @Override
    public FileSystem mount(Kernel kernel, String source, String data) throws ErrnoException {
        return new DevptsFileSystem(kernel, DevptsOptions.parse(data));
    }
}
