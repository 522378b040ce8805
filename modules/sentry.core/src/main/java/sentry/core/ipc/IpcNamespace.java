package sentry.core.ipc;

import sentry.core.memory.MemoryFile;

/** The System V objects that a group of tasks sees (ipc_namespaces(7)). Thread-safe. */
public final class IpcNamespace {
    private final MemoryFile memory;
    private final IpcTable<ShmSegment> shm = new IpcTable<>(ShmSegment.MOST);
    private final IpcTable<SemaphoreSet> semaphores = new IpcTable<>(SemaphoreSet.MOST_SETS);
    private final IpcTable<MessageQueue> messages = new IpcTable<>(MessageQueue.MOST);

    /** @param memory where segments live */
    public IpcNamespace(MemoryFile memory) {
        this.memory = memory;
    }

    /** Another, empty one (CLONE_NEWIPC). */
    public IpcNamespace fresh() {
        return new IpcNamespace(memory);
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
