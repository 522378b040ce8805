package sentry.syscalls;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.task.Task;
import sentry.core.vfs.FileDescription;
import sentry.core.vfs.PathFile;
import sentry.core.vfs.PathWalk;
import sentry.core.vfs.VfsPath;

/** What path arguments of system calls have in common: strings, directory descriptors, descriptors. */
final class PathArgs {
    private PathArgs() {}

    /** The path at {@code address}; it may be empty. ENAMETOOLONG, EFAULT. */
    static String string(Task task, long address) throws ErrnoException {
        String path = task.memory().readString(address, Fcntl.PATH_MAX);
        if (path == null) {
            throw Errno.ENAMETOOLONG.error();
        }
        return path;
    }

    /** Where {@code path} starts: the working directory or {@code dirFd}'s file, which is not asked for an absolute path. */
    static VfsPath base(Task task, int dirFd, String path) throws ErrnoException {
        if (dirFd == Fcntl.AT_FDCWD || !path.isEmpty() && path.charAt(0) == '/') {
            return task.fs().cwd();
        }
        return task.fds().get(dirFd).path();
    }

    /** Like {@link #base}, for openat2(2)'s scopes: {@code dirFd} counts for absolute paths, too. */
    static VfsPath scope(Task task, int dirFd) throws ErrnoException {
        return dirFd == Fcntl.AT_FDCWD ? task.fs().cwd() : task.fds().get(dirFd).path();
    }

    /**
     * Resolves the path argument of an *at call.
     *
     * @param atFlags AT_EMPTY_PATH counts; the others are for the caller
     * @param follow whether a link as the last component is followed
     */
    static PathWalk resolve(Task task, int dirFd, long address, int atFlags, boolean follow) throws ErrnoException {
        String path = string(task, address);
        PathWalk w = PathWalk.of(task);
        if (path.isEmpty() && (atFlags & Fcntl.AT_EMPTY_PATH) != 0) {
            return w.at(scope(task, dirFd));
        }
        return w.resolve(base(task, dirFd, path), path, follow ? PathWalk.FOLLOW : 0);
    }

    /** The open file {@code fd}, not one opened with O_PATH. No reference is held. */
    static FileDescription file(Task task, int fd) throws ErrnoException {
        FileDescription file = task.fds().get(fd);
        if (file instanceof PathFile) {
            throw Errno.EBADF.error();
        }
        return file;
    }

    /** The same with a reference, for the caller to release. */
    static FileDescription take(Task task, int fd) throws ErrnoException {
        FileDescription file = task.fds().take(fd);
        if (file instanceof PathFile) {
            file.release();
            throw Errno.EBADF.error();
        }
        return file;
    }
}
