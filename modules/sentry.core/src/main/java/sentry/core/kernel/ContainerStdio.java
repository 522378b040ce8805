package sentry.core.kernel;

import host.linux.HostException;
import sentry.core.abi.ErrnoException;
import sentry.core.fs.host.HostFiles;
import sentry.core.task.Task;
import sentry.core.vfs.FileDescription;

/** Descriptors 0, 1 and 2 of a container's first process. */
final class ContainerStdio {
    private ContainerStdio() {}

    static void install(Kernel kernel, Task init, KernelConfig config) throws ErrnoException, StartException {
        int[] stdio = config.stdio();
        HostFiles files;
        try {
            files = new HostFiles();
        } catch (HostException e) {
            throw new StartException("standard input and output: " + e.getMessage());
        }
        for (int fd = 0; fd < stdio.length; fd++) {
            if (stdio[fd] < 0) {
                continue;
            }
            FileDescription file = files.open(stdio[fd], config.uid(), config.gid());
            FileDescription old = init.fds().replace(fd, file, false);
            if (old != null) {
                old.release();
            }
        }
    }
}
