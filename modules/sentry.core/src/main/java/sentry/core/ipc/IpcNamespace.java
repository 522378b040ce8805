package sentry.core.ipc;

import sentry.core.fs.mqueue.MqueueFileSystem;
import sentry.core.kernel.Kernel;
import sentry.core.memory.MemoryFile;
import sentry.core.task.Namespace;
import sentry.core.task.UserNamespace;

/** The System V objects and POSIX message queues that a group of tasks sees (ipc_namespaces(7)). Thread-safe. */
public final class IpcNamespace extends Namespace {
    private final Kernel kernel;
    private final IpcLimits limits = new IpcLimits();
    private final IpcTable<ShmSegment> shm = new IpcTable<>(() -> limits.segments);
    private final IpcTable<SemaphoreSet> semaphores = new IpcTable<>(() -> limits.sets);
    private final IpcTable<MessageQueue> messages = new IpcTable<>(() -> limits.queues);

    /** Made on first use. */
    private MqueueFileSystem queues;

    public IpcNamespace(Kernel kernel) {
        this(kernel, UserNamespace.INITIAL);
    }

    private IpcNamespace(Kernel kernel, UserNamespace owner) {
        super(owner);
        this.kernel = kernel;
    }

    /** Another, empty one (CLONE_NEWIPC). */
    public IpcNamespace fresh(UserNamespace owner) {
        return new IpcNamespace(kernel, owner);
    }

    @Override
    public Kind kind() {
        return Kind.IPC;
    }

    /** Where segments live. */
    MemoryFile memory() {
        return kernel.memory();
    }

    /** The POSIX message queues. */
    public synchronized MqueueFileSystem queues() {
        if (queues == null) {
            queues = new MqueueFileSystem(kernel);
        }
        return queues;
    }

    public IpcLimits limits() {
        return limits;
    }

    public IpcTable<ShmSegment> shm() {
        return shm;
    }

    public IpcTable<SemaphoreSet> semaphores() {
        return semaphores;
    }

    public IpcTable<MessageQueue> messages() {
        return messages;
    }
}
