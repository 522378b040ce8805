package sentry.core.kernel;

import java.util.List;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.FileMode;
import sentry.core.abi.Seccomp;
import sentry.core.abi.Signal;
import sentry.core.fs.dev.MemoryDevices;
import sentry.core.fs.devpts.DevptsFileSystem;
import sentry.core.loader.Loader;
import sentry.core.memory.MemoryManager;
import sentry.core.seccomp.BpfProgram;
import sentry.core.seccomp.SeccompFilter;
import sentry.core.signal.SignalInfo;
import sentry.core.task.Credentials;
import sentry.core.task.ExecCredentials;
import sentry.core.task.ExecImage;
import sentry.core.task.Namespaces;
import sentry.core.task.Rlimits;
import sentry.core.task.Task;
import sentry.core.task.TaskExec;
import sentry.core.task.ThreadGroup;
import sentry.core.task.UtsNamespace;
import sentry.core.task.WaitStatus;
import sentry.core.tty.Terminals;
import sentry.core.vfs.FdTable;
import sentry.core.vfs.FileDescription;
import sentry.core.vfs.FsContext;
import sentry.core.vfs.MountNamespace;
import sentry.core.vfs.Opener;
import sentry.core.vfs.PathWalk;
import sentry.core.vfs.VfsPath;

/** A container: its first process, loaded and ready, and everything that it needs. */
public final class Container {
    private static final String DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private final Kernel kernel;
    private final Task init;
    /** Null without a terminal. */
    private final Console console;

    /** What Linux calls no domain name. */
    private static final String NO_DOMAIN = "(none)";

    private Container(Kernel kernel, Task init, Console console) {
        this.kernel = kernel;
        this.init = init;
        this.console = console;
    }

    /** Builds everything up to the first process's first instruction, which {@link #start} lets it make. */
    public static Container create(Kernel kernel, KernelConfig config) throws StartException {
        kernel.setHost(config.host());
        MemoryDevices.register(kernel.devices());
        Terminals.register(kernel.devices());
        DevptsFileSystem.register(kernel.devices());
        MountNamespace mounts = ContainerMounts.build(kernel, config);
        VfsPath root = mounts.root();
        Credentials who = Credentials.of(config.uid(), config.gid(), config.groups(), config.capabilities());
        FsContext fs = new FsContext(root, workingDirectory(root, who, config.cwd()), config.umask());
        FdTable fds = new FdTable();
        Namespaces namespaces =
                new Namespaces(
                        new UtsNamespace(config.hostname(), NO_DOMAIN),
                        kernel.tasks().rootPids(),
                        mounts,
                        kernel.initialIpc());
        try {
            Task init = kernel.tasks()
                    .createProcess("init", MemoryManager.create(kernel), fds, fs, who, namespaces, limits(config));
            if (config.noNewPrivileges()) {
                init.setNoNewPrivileges();
            }
            if (config.filter() != null) {
                SeccompFilter filter = new SeccompFilter(new BpfProgram(config.filter()), null, false, null);
                init.setSeccomp(Seccomp.MODE_FILTER, filter);
            }
            Console console = null;
            if (config.terminal()) {
                console = Console.open(init, mounts, config);
                console.start();
            } else {
                ContainerStdio.install(kernel, init, config);
            }
            TaskExec.load(init, load(init, config));
            if (config.host().memoryLimited()) {
                OutOfMemory.watch(kernel, config.host().memoryBytes());
            }
            return new Container(kernel, init, console);
        } catch (ErrnoException e) {
            throw new StartException("cannot make the first process", e);
        }
    }

    /** Lets the first process run. */
    public void start() {
        init.start();
    }

    /** Waits for the end of the first process, and with it of the container. */
    public WaitStatus awaitExit() throws InterruptedException {
        WaitStatus status = init.group().awaitExit();
        if (console != null) {
            console.finish();
        }
        return status;
    }

    /**
     * A signal from the keyboard, or about the terminal: for the foreground process group. A container without a terminal
     * gives it to its first process.
     */
    public void signalForeground(int signo) {
        if (console == null) {
            signal(signo, false);
        } else if (signo == Signal.SIGWINCH) {
            console.resized();
        } else {
            console.signal(signo);
        }
    }

    public Kernel kernel() {
        return kernel;
    }

    public Task init() {
        return init;
    }

    /** Sends a signal from outside to the first process, or to all processes. */
    public void signal(int signo, boolean all) {
        SignalInfo info = SignalInfo.user(signo, 0, 0);
        if (all) {
            for (ThreadGroup process : kernel.tasks().rootPids().processes()) {
                process.signals().sendFromOutside(info);
            }
        } else {
            init.group().signals().sendFromOutside(info);
        }
    }

    private static VfsPath workingDirectory(VfsPath root, Credentials who, String cwd) throws StartException {
        try {
            return PathWalk.of(who, root, 022)
                    .resolve(root, cwd, PathWalk.FOLLOW | PathWalk.DIRECTORY)
                    .path();
        } catch (ErrnoException e) {
            throw new StartException("working directory " + cwd, e);
        }
    }

    private static Rlimits limits(KernelConfig config) {
        Rlimits limits = Rlimits.defaults();
        for (int i = 0; i < config.rlimits().length; i++) {
            long[] limit = config.rlimits()[i];
            if (limit != null) {
                limits.set(i, limit[0], limit[1]);
            }
        }
        return limits;
    }

    private static ExecImage load(Task init, KernelConfig config) throws StartException {
        String name = config.args().get(0);
        if (name.indexOf('/') >= 0) {
            try {
                return load(init, name, config);
            } catch (ErrnoException e) {
                throw notRunnable(name, e);
            }
        }
        ErrnoException worst = Errno.ENOENT.error();
        for (String directory : searchPath(config.env()).split(":", -1)) {
            try {
                return load(init, directory.isEmpty() ? name : directory + "/" + name, config);
            } catch (ErrnoException e) {
                if (e.errno() != Errno.ENOENT && e.errno() != Errno.ENOTDIR && e.errno() != Errno.EACCES) {
                    throw notRunnable(name, e);
                }
                if (e.errno() == Errno.EACCES) {
                    worst = e;
                }
            }
        }
        throw worst.errno() == Errno.ENOENT
                ? new StartException("program not found in PATH: " + name)
                : notRunnable(name, worst);
    }

    private static StartException notRunnable(String name, ErrnoException e) {
        return switch (e.errno()) {
            case ENOENT -> new StartException("program not found: " + name);
            case EACCES -> new StartException("program is not executable: " + name);
            default -> new StartException("cannot run " + name, e);
        };
    }

    private static ExecImage load(Task init, String path, KernelConfig config) throws ErrnoException {
        PathWalk walk = PathWalk.of(init);
        VfsPath at = walk.resolve(init.fs().cwd(), path, PathWalk.FOLLOW).path();
        if (FileMode.isDirectory(at.inode().mode())) {
            throw Errno.EACCES.error();
        }
        FileDescription file = Opener.openExecutable(walk, at);
        try {
            return Loader.load(init, file, path, config.args(), config.env(), ExecCredentials.unchanged(init.credentials()));
        } finally {
            file.release();
        }
    }

    private static String searchPath(List<String> env) {
        for (String e : env) {
            if (e.startsWith("PATH=")) {
                return e.substring(5);
            }
        }
        return DEFAULT_PATH;
    }
}
