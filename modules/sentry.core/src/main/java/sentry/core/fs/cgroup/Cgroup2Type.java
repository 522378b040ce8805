package sentry.core.fs.cgroup;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.kernel.Kernel;
import sentry.core.vfs.FileSystem;
import sentry.core.vfs.FilesystemType;

/** The type "cgroup2". */
public final class Cgroup2Type implements FilesystemType {
    public Cgroup2Type() {}

    @Override
    public String name() {
        return "cgroup2";
    }

    @Override
    public FileSystem mount(Kernel kernel, String source, String data) throws ErrnoException {
        for (String option : data.split(",")) {
            switch (option) {
                case "", "nsdelegate", "favordynmods", "memory_localevents", "memory_recursiveprot" -> {}
                default -> throw Errno.EINVAL.error();
            }
        }
        return CgroupFileSystem.of(kernel.cgroups().unified());
    }
}
