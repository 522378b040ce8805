package sentry.core.kernel;

import java.util.List;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.FileMode;
import sentry.core.abi.Seccomp;
import sentry.core.abi.Signal;
import sentry.core.fs.host.HostFiles;
import sentry.core.loader.Loader;
import sentry.core.memory.MemoryManager;
import sentry.core.seccomp.BpfProgram;
import sentry.core.seccomp.SeccompFilter;
import sentry.core.signal.SignalInfo;
import sentry.core.task.Credentials;
import sentry.core.task.ExecImage;
import sentry.core.task.Namespaces;
import sentry.core.task.Rlimits;
import sentry.core.task.Task;
import sentry.core.task.TaskExec;
import sentry.core.vfs.FdTable;
import sentry.core.vfs.FileDescription;
import sentry.core.vfs.FsContext;
import sentry.core.vfs.Opener;
import sentry.core.vfs.PathWalk;
import sentry.core.vfs.VfsPath;

/** Makes processes that have no parent inside: all up to their first instruction. */
final class ProcessStart {
    private static final String DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private final Kernel kernel;
    private final HostFiles files;

    ProcessStart(Kernel kernel, HostFiles files) {
        this.kernel = kernel;
        this.files = files;
    }

    /**
     * @param namespaces where the process lives
     * @throws StartException when there can be no such process; nothing of it is left then. The descriptors stay the
     *     caller's
     */
    ContainerProcess make(ProcessConfig config, Namespaces namespaces) throws StartException {
        VfsPath root = namespaces.mounts().root();
        Credentials who = config.credentials();
        FsContext fs = new FsContext(root, workingDirectory(root, who, config.cwd()), config.umask());
        Task task;
        try {
            task = kernel.tasks()
                    .createProcess(
                            "init", MemoryManager.create(kernel), new FdTable(), fs, who, namespaces, limits(config));
        } catch (ErrnoException e) {
            throw new StartException("cannot make a process", e);
        }
        boolean made = false;
        try {
            ContainerProcess process = equip(task, config, namespaces);
            made = true;
            return process;
        } catch (ErrnoException e) {
            throw new StartException("cannot make a process", e);
        } finally {
            if (!made) {
                // It ends on its own thread, before any instruction of a program, and takes all that it has with it.
                task.group().signals().sendFromOutside(SignalInfo.user(Signal.SIGKILL, 0, 0));
                task.start();
            }
        }
    }

    private ContainerProcess equip(Task task, ProcessConfig config, Namespaces namespaces)
            throws StartException, ErrnoException {
        if (config.noNewPrivileges()) {
            task.setNoNewPrivileges();
        }
        if (config.filter() != null) {
            SeccompFilter filter = new SeccompFilter(new BpfProgram(config.filter()), null, false, null);
            task.setSeccomp(Seccomp.MODE_FILTER, filter);
        }
        ExecImage image = load(task, config);
        MemoryManager empty = task.mm();
        TaskExec.load(task, image);
        empty.release(null);
        Console console = null;
        if (config.terminal()) {
            console = Console.open(task, namespaces.mounts(), config);
            console.start();
        } else {
            stdio(task, config);
        }
        return new ContainerProcess(task, console);
    }

    private void stdio(Task task, ProcessConfig config) throws ErrnoException {
        int[] stdio = config.stdio();
        for (int fd = 0; fd < stdio.length; fd++) {
            if (stdio[fd] >= 0) {
                FileDescription file = files.open(stdio[fd], config.uid(), config.gid());
                FileDescription old = task.fds().replace(fd, file, false);
                if (old != null) {
                    old.release();
                }
            }
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

    private static Rlimits limits(ProcessConfig config) {
        Rlimits limits = Rlimits.defaults();
        for (int i = 0; i < config.rlimits().length; i++) {
            long[] limit = config.rlimits()[i];
            if (limit != null) {
                limits.set(i, limit[0], limit[1]);
            }
        }
        return limits;
    }

    private static ExecImage load(Task task, ProcessConfig config) throws StartException {
        String name = config.args().get(0);
        if (name.indexOf('/') >= 0) {
            try {
                return load(task, name, config);
            } catch (ErrnoException e) {
                throw notRunnable(name, e);
            }
        }
        ErrnoException worst = Errno.ENOENT.error();
        for (String directory : searchPath(config.env()).split(":", -1)) {
            try {
                return load(task, directory.isEmpty() ? name : directory + "/" + name, config);
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

    private static ExecImage load(Task task, String path, ProcessConfig config) throws ErrnoException {
        PathWalk walk = PathWalk.of(task);
        VfsPath at = walk.resolve(task.fs().cwd(), path, PathWalk.FOLLOW).path();
        if (FileMode.isDirectory(at.inode().mode())) {
            throw Errno.EACCES.error();
        }
        FileDescription file = Opener.openExecutable(walk, at);
        try {
            return Loader.load(task, file, path, config.args(), config.env());
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
