package sentry.core.ipc;

import sentry.core.memory.MemoryFile;
import sentry.core.task.Namespace;
import sentry.core.task.UserNamespace;

/** The System V objects that a group of tasks sees (ipc_namespaces(7)). Thread-safe. */
public final class IpcNamespace extends Namespace {
    private final MemoryFile memory;
    private final IpcTable<ShmSegment> shm = new IpcTable<>(ShmSegment.MOST);
    private final IpcTable<SemaphoreSet> semaphores = new IpcTable<>(SemaphoreSet.MOST_SETS);
    private final IpcTable<MessageQueue> messages = new IpcTable<>(MessageQueue.MOST);

    /** @param memory where segments live */
    public IpcNamespace(MemoryFile memory) {
        this(memory, UserNamespace.INITIAL);
    }

    private IpcNamespace(MemoryFile memory, UserNamespace owner) {
        super(owner);
        this.memory = memory;
    }

    /** Another, empty one (CLONE_NEWIPC). */
    public IpcNamespace fresh(UserNamespace owner) {
        return new IpcNamespace(memory, owner);
    }

    @Override
    public Kind kind() {
        return Kind.IPC;
    }

    MemoryFile memory() {
        return memory;
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
