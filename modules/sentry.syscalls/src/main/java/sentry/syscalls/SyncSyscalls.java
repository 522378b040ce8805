package sentry.syscalls;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.abi.FileMode;
import sentry.core.abi.Inotify;
import sentry.core.abi.Resource;
import sentry.core.abi.Sys;
import sentry.core.syscall.SyscallArgs;
import sentry.core.syscall.SyscallTable;
import sentry.core.task.Task;
import sentry.core.vfs.Attributes;
import sentry.core.vfs.FileDescription;
import sentry.core.vfs.FileEvents;
import sentry.core.vfs.FileSizeLimit;
import sentry.core.vfs.Mount;
import sentry.core.vfs.PathFile;
import sentry.core.vfs.Stat;

/** Writing back, space and advice: fsync(2), sync(2), fallocate(2), posix_fadvise(2), readahead(2). */
final class SyncSyscalls {
    private SyncSyscalls() {}

    static void install(SyscallTable.Builder table) {
        table.full(Sys.FSYNC, (task, a) -> sync(task, a.i0(), false));
        table.full(Sys.FDATASYNC, (task, a) -> sync(task, a.i0(), true));
        table.full(Sys.SYNC, SyncSyscalls::syncAll);
        table.full(Sys.SYNCFS, SyncSyscalls::syncfs);
        table.full(Sys.SYNC_FILE_RANGE, SyncSyscalls::syncRange);
        table.full(Sys.FALLOCATE, SyncSyscalls::fallocate);
        table.full(Sys.FADVISE64, SyncSyscalls::fadvise);
        table.full(Sys.READAHEAD, SyncSyscalls::readahead);
    }

    private static FileDescription take(Task task, int fd) throws ErrnoException {
        FileDescription file = task.fds().take(fd);
        if (file instanceof PathFile) {
            file.release();
            throw Errno.EBADF.error();
        }
        return file;
    }

    private static long sync(Task task, int fd, boolean dataOnly) throws ErrnoException {
        FileDescription file = take(task, fd);
        try {
            file.sync(dataOnly);
            return 0;
        } finally {
            file.release();
        }
    }

    /** Errors have nobody to go to: sync(2) always succeeds. */
    private static long syncAll(Task task, SyscallArgs a) {
        for (Mount m : task.namespaces().mounts().mounts()) {
            try {
                m.fileSystem().sync();
            } catch (ErrnoException e) {
                // see above
            }
        }
        return 0;
    }

    private static long syncfs(Task task, SyscallArgs a) throws ErrnoException {
        FileDescription file = take(task, a.i0());
        try {
            file.inode().fileSystem().sync();
            return 0;
        } finally {
            file.release();
        }
    }

    private static long syncRange(Task task, SyscallArgs a) throws ErrnoException {
        FileDescription file = take(task, a.i0());
        try {
            if ((a.i3() & ~7) != 0 || a.a1 < 0 || a.a2 < 0 || a.a1 + a.a2 < 0) {
                throw Errno.EINVAL.error();
            }
            int mode = file.inode().mode();
            if (!FileMode.isRegular(mode) && !FileMode.isDirectory(mode) && !FileMode.isDevice(mode)) {
                throw Errno.ESPIPE.error();
            }
            if (a.i3() != 0) {
                file.sync(true);
            }
            return 0;
        } finally {
            file.release();
        }
    }

    private static long fallocate(Task task, SyscallArgs a) throws ErrnoException {
        int mode = a.i1();
        FileDescription file = take(task, a.i0());
        try {
            if (a.a2 < 0 || a.a3 <= 0) {
                throw Errno.EINVAL.error();
            }
            if ((mode & Fcntl.FALLOC_FL_PUNCH_HOLE) != 0 && (mode & Fcntl.FALLOC_FL_KEEP_SIZE) == 0) {
                throw Errno.EOPNOTSUPP.error();
            }
            int access = file.flags() & Fcntl.O_ACCMODE;
            if (access == Fcntl.O_RDONLY || access == Fcntl.O_ACCMODE) {
                throw Errno.EBADF.error();
            }
            int type = file.inode().mode();
            if (FileMode.isFifo(type)) {
                throw Errno.ESPIPE.error();
            }
            if (FileMode.isDirectory(type)) {
                throw Errno.EISDIR.error();
            }
            if (!FileMode.isRegular(type)) {
                throw Errno.ENODEV.error();
            }
            if (a.a2 + a.a3 < 0) {
                throw Errno.EFBIG.error();
            }
            if ((mode & Fcntl.FALLOC_FL_PUNCH_HOLE) == 0
                    && a.a2 + a.a3 > task.group().rlimit(Resource.RLIMIT_FSIZE)) {
                Stat s = Scratch.get().stat;
                file.inode().stat(s);
                if (a.a2 + a.a3 > s.size) {
                    FileSizeLimit.check(task, a.a2 + a.a3);
                }
            }
            file.allocate(task, mode, a.a2, a.a3);
            Attributes.dropPrivileges(task.credentials(), file.inode());
            if (FileEvents.watched()) {
                FileEvents.happened(file, Inotify.IN_MODIFY);
            }
            return 0;
        } finally {
            file.release();
        }
    }

    /** Advice may be ignored; bad advice may not. */
    private static long fadvise(Task task, SyscallArgs a) throws ErrnoException {
        FileDescription file = PathArgs.file(task, a.i0());
        if (FileMode.isFifo(file.inode().mode())) {
            throw Errno.ESPIPE.error();
        }
        if (a.a2 < 0 || a.i3() < 0 || a.i3() > 5) {
            throw Errno.EINVAL.error();
        }
        return 0;
    }

    private static long readahead(Task task, SyscallArgs a) throws ErrnoException {
        FileDescription file = PathArgs.file(task, a.i0());
        int access = file.flags() & Fcntl.O_ACCMODE;
        if (access == Fcntl.O_WRONLY || access == Fcntl.O_ACCMODE) {
            throw Errno.EBADF.error();
        }
        if (!FileMode.isRegular(file.inode().mode())) {
            throw Errno.EINVAL.error();
        }
        return 0;
    }
}
