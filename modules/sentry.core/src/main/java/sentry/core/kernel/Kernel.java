package sentry.core.kernel;

import host.linux.HostException;
import java.util.concurrent.locks.ReentrantLock;
import sentry.core.abi.ErrnoException;
import sentry.core.cgroup.Cgroups;
import sentry.core.fs.dev.MemoryDevices;
import sentry.core.fs.devpts.DevptsFileSystem;
import sentry.core.fs.tmpfs.TmpFileSystem;
import sentry.core.futex.Futexes;
import sentry.core.ipc.IpcNamespace;
import sentry.core.log.Log;
import sentry.core.memory.MemoryFile;
import sentry.core.memory.MemoryManager;
import sentry.core.memory.Overcommit;
import sentry.core.platform.Platform;
import sentry.core.syscall.SyscallTable;
import sentry.core.task.Task;
import sentry.core.task.TaskSet;
import sentry.core.task.TimeNamespace;
import sentry.core.time.KernelTimers;
import sentry.core.tty.Terminals;
import sentry.core.vdso.Vdso;
import sentry.core.vfs.DeviceRegistry;

/** One Sentry's kernel. */
public final class Kernel {
    private final Platform platform;
    private final MemoryFile memory;
    private volatile SyscallTable syscalls;
    private final String release;
    /** Guards parents, children, groups, sessions and pid tables (Linux: tasklist_lock). */
    private final ReentrantLock taskSet = new ReentrantLock();
    private final TaskSet tasks = new TaskSet(this);
    private final Futexes futexes = new Futexes();
    private final KernelTimers timers = new KernelTimers();
    private volatile Vdso vdso;
    private volatile boolean vdsoRefused;

    private final DeviceRegistry devices = new DeviceRegistry();
    private TmpFileSystem nameless;
    private IpcNamespace initialIpc;
    /** Which task a thread serves. */
    private static final ThreadLocal<Task> CURRENT = new ThreadLocal<>();

    private final long bootNanos = System.nanoTime();
    private final long bootMillis = System.currentTimeMillis();
    private volatile KernelConfig.HostFacts host;
    private final Overcommit overcommit = new Overcommit(this);
    private final Cgroups cgroups = new Cgroups(this);
    private final FilesystemTypes filesystemTypes = new FilesystemTypes();

    public Kernel(Platform platform, MemoryFile memory, SyscallTable syscalls, String release) {
        this.platform = platform;
        this.memory = memory;
        this.syscalls = syscalls;
        this.release = release;
        MemoryDevices.register(devices);
        Terminals.register(devices);
        DevptsFileSystem.register(devices);
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

    public FilesystemTypes filesystemTypes() {
        return filesystemTypes;
    }

    public Cgroups cgroups() {
        return cgroups;
    }

    public Overcommit overcommit() {
        return overcommit;
    }

    /** Character devices by number. */
    public DeviceRegistry devices() {
        return devices;
    }

    /** All tasks and the threads that serve them. */
    public TaskSet tasks() {
        return tasks;
    }

    /** The tmpfs behind memfds and shared anonymous files, which is mounted nowhere. */
    public synchronized TmpFileSystem nameless() {
        if (nameless == null) {
            nameless = new TmpFileSystem(memory, devices, TmpFileSystem.Options.DEFAULT);
        }
        return nameless;
    }

    /** The IPC namespace of the first process. */
    public synchronized IpcNamespace initialIpc() {
        if (initialIpc == null) {
            initialIpc = new IpcNamespace(this);
        }
        return initialIpc;
    }

    public Futexes futexes() {
        return futexes;
    }

    /** The vDSO of all programs, made when the first is loaded; null where the host refuses what it takes. */
    public Vdso vdso() {
        Vdso v = vdso;
        return v != null || vdsoRefused ? v : makeVdso();
    }

    private synchronized Vdso makeVdso() {
        if (vdso == null && !vdsoRefused) {
            try {
                vdso = Vdso.create(memory, timers, host == null ? 0 : host.cpus());
            } catch (HostException | ErrnoException e) {
                vdsoRefused = true;
                Log.error("programs get no vDSO", e);
            }
        }
        return vdso;
    }

    /** The programs in {@code mm} are in {@code time} now: the clocks that they read without a call must be its. */
    public void followClocks(MemoryManager mm, TimeNamespace time) throws ErrnoException {
        Vdso v = vdso();
        if (v != null) {
            mm.setVdsoParameters(v.parameters(time));
        }
    }

    public KernelTimers timers() {
        return timers;
    }

    /** Facts of the host; set once, before the first program runs. */
    public KernelConfig.HostFacts host() {
        return host;
    }

    public void setHost(KernelConfig.HostFacts value) {
        host = value;
    }

    /** When this kernel began, as System.nanoTime(). */
    public long bootNanos() {
        return bootNanos;
    }

    /** When this kernel began, in milliseconds since the epoch. */
    public long bootMillis() {
        return bootMillis;
    }

    /** The calling thread serves {@code task} from now on. */
    public void bind(Task task) {
        CURRENT.set(task);
    }

    public void unbind(Task task) {
        CURRENT.remove();
    }

    /** The task that the calling thread serves, or null: for what has no task at hand, such as /proc/self. */
    public static Task current() {
        return CURRENT.get();
    }
}
