package sentry.syscalls;

import sentry.core.abi.Capability;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.abi.FileMode;
import sentry.core.abi.Sys;
import sentry.core.syscall.SyscallArgs;
import sentry.core.syscall.SyscallTable;
import sentry.core.task.Task;
import sentry.core.vfs.FileDescription;
import sentry.core.vfs.FileHandles;
import sentry.core.vfs.Opener;
import sentry.core.vfs.PathWalk;
import sentry.core.vfs.VfsPath;

/** File handles (name_to_handle_at(2), open_by_handle_at(2)), and quotactl(2), for which no filesystem here has quotas. */
final class HandleSyscalls {
    private static final int MAX_HANDLE_SZ = 128;
    /** Bytes of ours: the inode number. */
    private static final int HANDLE_BYTES = 8;

    private static final int HANDLE_TYPE = 1;
    private static final int AT_HANDLE_FID = 0x200;

    private HandleSyscalls() {}

    static void install(SyscallTable.Builder table) {
        table.full(Sys.NAME_TO_HANDLE_AT, HandleSyscalls::toHandle);
        table.partial(
                Sys.OPEN_BY_HANDLE_AT, "handles are good while the sandbox lives", HandleSyscalls::openByHandle);
        table.partial(Sys.QUOTACTL, "no filesystem has quotas", HandleSyscalls::quotactl);
    }

    private static long toHandle(Task task, SyscallArgs a) throws ErrnoException {
        int flags = a.i4();
        if ((flags & ~(Fcntl.AT_SYMLINK_FOLLOW | Fcntl.AT_EMPTY_PATH | AT_HANDLE_FID)) != 0) {
            throw Errno.EINVAL.error();
        }
        boolean follow = (flags & Fcntl.AT_SYMLINK_FOLLOW) != 0;
        VfsPath path = PathArgs.resolve(task, a.i0(), a.a1, flags, follow).path();
        if (!FileHandles.supported(path.inode().fileSystem())) {
            throw Errno.EOPNOTSUPP.error();
        }
        int room = task.memory().getInt(a.a2);
        if (Integer.compareUnsigned(room, MAX_HANDLE_SZ) > 0) {
            throw Errno.EINVAL.error();
        }
        task.memory().putInt(a.a3, path.mount().id());
        task.memory().putInt(a.a2, HANDLE_BYTES);
        if (room < HANDLE_BYTES) {
            throw Errno.EOVERFLOW.error();
        }
        task.memory().putInt(a.a2 + 4, HANDLE_TYPE);
        task.memory().putLong(a.a2 + 8, FileHandles.of(path));
        return 0;
    }

    private static long openByHandle(Task task, SyscallArgs a) throws ErrnoException {
        VfsPath anchor = PathArgs.scope(task, a.i0());
        if (!task.credentials().capable(Capability.DAC_READ_SEARCH)) {
            throw Errno.EPERM.error();
        }
        int bytes = task.memory().getInt(a.a1);
        if (bytes == 0 || Integer.compareUnsigned(bytes, MAX_HANDLE_SZ) > 0) {
            throw Errno.EINVAL.error();
        }
        int type = task.memory().getInt(a.a1 + 4);
        if (type != HANDLE_TYPE || bytes < HANDLE_BYTES) {
            throw Errno.ESTALE.error();
        }
        VfsPath found = FileHandles.find(anchor.mount(), task.memory().getLong(a.a1 + 8));
        int flags = a.i2() & Fcntl.O_VALID;
        if ((flags & Fcntl.O_DIRECTORY) != 0 && !FileMode.isDirectory(found.inode().mode())) {
            throw Errno.ENOTDIR.error();
        }
        boolean path = (flags & Fcntl.O_PATH) != 0;
        if (FileMode.isSymlink(found.inode().mode()) && !path) {
            throw Errno.ELOOP.error();
        }
        FileDescription file = Opener.openFound(PathWalk.of(task), found, flags & ~(Fcntl.O_CLOEXEC | Fcntl.O_CREAT));
        return Descriptors.install(task, file, (flags & Fcntl.O_CLOEXEC) != 0);
    }

    private static final int Q_SYNC = 0x800001;
    private static final int MAX_QUOTA_TYPES = 3;

    private static long quotactl(Task task, SyscallArgs a) throws ErrnoException {
        int command = a.i0() >>> 8;
        int type = a.i0() & 0xff;
        if (type >= MAX_QUOTA_TYPES) {
            throw Errno.EINVAL.error();
        }
        if (a.a1 == 0) {
            if (command == Q_SYNC) {
                return 0;
            }
            throw Errno.ENODEV.error();
        }
        String special = PathArgs.string(task, a.a1);
        PathWalk w = PathWalk.of(task).resolve(task.fs().cwd(), special, PathWalk.FOLLOW);
        if ((w.inode().mode() & FileMode.S_IFMT) != FileMode.S_IFBLK) {
            throw Errno.ENOTBLK.error();
        }
        throw Errno.ENODEV.error(); // no filesystem is mounted from a device
    }
}
