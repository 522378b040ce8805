package sentry.core.fs.sys;

import sentry.core.kernel.Kernel;
import sentry.core.vfs.FileSystem;
import sentry.core.vfs.FilesystemType;

/** Makes instances of sysfs. */
public final class SysfsType implements FilesystemType {
    public SysfsType() {}

    @Override
    public String name() {
        return "sysfs";
    }

    @Override
    public FileSystem mount(Kernel kernel, String source, String data) {
        return new SysFileSystem(kernel);
    }
}
