package sentry.core.fs.dev;

import sentry.core.abi.ErrnoException;
import sentry.core.fs.tmpfs.TmpfsType;
import sentry.core.kernel.Kernel;
import sentry.core.vfs.FileSystem;
import sentry.core.vfs.FilesystemType;

/** The type "devtmpfs": a tmpfs of its own for each mount, with the default devices in it. */
public final class DevtmpfsType implements FilesystemType {
    public DevtmpfsType() {}

    @Override
    public String name() {
        return "devtmpfs";
    }

    @Override
    public FileSystem mount(Kernel kernel, String source, String data) throws ErrnoException {
        FileSystem fs = new TmpfsType().mount(kernel, source, data.isEmpty() ? "mode=755" : "mode=755," + data);
        DefaultDevices.populate(fs.root());
        return fs;
    }
}
