package sentry.core.memory;

import sentry.core.abi.ErrnoException;
import sentry.core.kernel.Kernel;
import sentry.core.platform.AddressSpace;
import sentry.core.platform.Fault;
import sentry.core.task.Task;

/** One program address space (Linux: mm_struct). */
public abstract class MemoryManager implements UserMemory {
    /** An empty address space for a program that is being loaded; no host resource is taken before it first runs. */
    public static MemoryManager create(Kernel kernel) {
        throw new UnsupportedOperationException();
    }

    /** A copy-on-write copy for fork(2); {@code task} is the parent, on its own thread. */
    public abstract MemoryManager fork(Task task) throws ErrnoException;

    /** One more task uses it (CLONE_VM). */
    public abstract void retain();

    /** A task stops using it; the last one frees everything. {@code task} is that task, on its own thread. */
    public abstract void release(Task task);

    /** The platform's address space with all changes in force, made on first use. Hot path. */
    public abstract AddressSpace platformSpace(Task task);

    /** Resolves a memory fault; returns 0, or the signal to raise with {@code fault.code} set to the si_code. */
    public abstract int handleFault(Task task, Fault fault);
}
