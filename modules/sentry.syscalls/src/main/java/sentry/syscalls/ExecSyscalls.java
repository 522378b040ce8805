package sentry.syscalls;

import java.util.List;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.abi.Sys;
import sentry.core.loader.ArgumentSpace;
import sentry.core.loader.Loader;
import sentry.core.syscall.SyscallArgs;
import sentry.core.syscall.SyscallHandler;
import sentry.core.syscall.SyscallTable;
import sentry.core.task.ExecImage;
import sentry.core.task.Task;
import sentry.core.task.TaskExec;
import sentry.core.vfs.FileDescription;
import sentry.core.vfs.Opener;
import sentry.core.vfs.PathWalk;

/** execve(2) and execveat(2). */
final class ExecSyscalls {
    private ExecSyscalls() {}

    static void install(SyscallTable.Builder table) {
        table.full(Sys.EXECVE, ExecSyscalls::execve);
        table.full(Sys.EXECVEAT, ExecSyscalls::execveat);
    }

    private static long execve(Task task, SyscallArgs a) throws ErrnoException {
        return exec(task, Fcntl.AT_FDCWD, a.a0, a.a1, a.a2, 0);
    }

    private static long execveat(Task task, SyscallArgs a) throws ErrnoException {
        return exec(task, a.i0(), a.a1, a.a2, a.a3, a.i4());
    }

    private static long exec(Task task, int dirFd, long pathAddress, long argv, long envp, int flags)
            throws ErrnoException {
        String path = PathArgs.string(task, pathAddress);
        if (path.isEmpty() && (flags & Fcntl.AT_EMPTY_PATH) == 0) {
            throw Errno.ENOENT.error();
        }
        TaskExec.requireFewProcesses(task);
        if ((flags & ~(Fcntl.AT_EMPTY_PATH | Fcntl.AT_SYMLINK_NOFOLLOW)) != 0) {
            throw Errno.EINVAL.error();
        }
        PathWalk walk = PathWalk.of(task);
        FileDescription file;
        String name = path;
        if (path.isEmpty() && (flags & Fcntl.AT_EMPTY_PATH) != 0) {
            file = Opener.openExecutable(walk, PathArgs.scope(task, dirFd));
            name = "/dev/fd/" + dirFd;
        } else {
            if (dirFd != Fcntl.AT_FDCWD && !path.isEmpty() && path.charAt(0) != '/') {
                name = "/dev/fd/" + dirFd + "/" + path;
            }
            boolean follow = (flags & Fcntl.AT_SYMLINK_NOFOLLOW) == 0;
            file = Opener.openExecutable(walk, PathArgs.base(task, dirFd, path), path, follow);
        }
        ExecImage image;
        try {
            List<String> args = ArgumentSpace.read(task, argv);
            List<String> env = ArgumentSpace.read(task, envp);
            image = Loader.load(task, file, name, args, env);
        } finally {
            file.release();
        }
        TaskExec.replace(task, image);
        return SyscallHandler.REGISTERS_SET;
    }
}
