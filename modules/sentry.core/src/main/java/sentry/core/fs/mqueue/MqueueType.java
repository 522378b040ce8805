package sentry.core.fs.mqueue;

import sentry.core.kernel.Kernel;
import sentry.core.task.Task;
import sentry.core.vfs.FileSystem;
import sentry.core.vfs.FilesystemType;

/** Shows the message queues of an IPC namespace in the tree of files. */
public final class MqueueType implements FilesystemType {
    public MqueueType() {}

    @Override
    public String name() {
        return "mqueue";
    }

    /** That of the container's first process. */
    @Override
    public FileSystem mount(Kernel kernel, String source, String data) {
        return kernel.initialIpc().queues();
    }

    @Override
    public FileSystem mount(Task task, String source, String data) {
        return task.namespaces().ipc().queues();
    }
}
