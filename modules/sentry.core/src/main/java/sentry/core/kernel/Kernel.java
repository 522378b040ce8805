package sentry.core.kernel;

import java.util.concurrent.locks.ReentrantLock;
import sentry.core.memory.MemoryFile;
import sentry.core.platform.Platform;
import sentry.core.syscall.SyscallTable;
import sentry.core.task.Task;
import sentry.core.vfs.DeviceRegistry;

/** One Sentry's kernel. */
public final class Kernel {
    private final Platform platform;
    private final MemoryFile memory;
    private volatile SyscallTable syscalls;
    private final String release;
    /** Guards parents, children, groups, sessions and pid tables (Linux: tasklist_lock). */
    private final ReentrantLock taskSet = new ReentrantLock();

    private final DeviceRegistry devices = new DeviceRegistry();

    public Kernel(Platform platform, MemoryFile memory, SyscallTable syscalls, String release) {
        this.platform = platform;
        this.memory = memory;
        this.syscalls = syscalls;
        this.release = release;
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

    /** The Linux release that uname(2) reports. */
    public String release() {
        return release;
    }

    /** The build that uname(2) reports. */
    public String version() {
        return "#1 SMP PREEMPT_DYNAMIC";
    }

    public ReentrantLock taskSet() {
        return taskSet;
    }

    /** Character devices by number. */
    public DeviceRegistry devices() {
        return devices;
    }

    /** The calling thread serves {@code task} from now on. */
    public void bind(Task task) {}

    public void unbind(Task task) {}
}
