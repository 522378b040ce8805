package sentry.core.kernel;

import java.util.concurrent.locks.ReentrantLock;
import sentry.core.memory.MemoryFile;
import sentry.core.platform.Platform;
import sentry.core.syscall.SyscallTable;
import sentry.core.task.Task;

/** One Sentry's kernel. */
public final class Kernel {
    private final Platform platform;
    private final MemoryFile memory;
    private volatile SyscallTable syscalls;
    /** Guards parents, children, groups, sessions and pid tables (Linux: tasklist_lock). */
    private final ReentrantLock taskSet = new ReentrantLock();

    public Kernel(Platform platform, MemoryFile memory, SyscallTable syscalls) {
        this.platform = platform;
        this.memory = memory;
        this.syscalls = syscalls;
    }

    public Platform platform() {
        return platform;
    }

    public MemoryFile memory() {
        return memory;
    }

    public SyscallTable syscalls() {
        return syscalls;
    }

    public ReentrantLock taskSet() {
        return taskSet;
    }

    /** The calling thread serves {@code task} from now on. */
    public void bind(Task task) {}

    public void unbind(Task task) {}
}
