package sentry.syscalls;

import sentry.core.abi.Capability;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.MountFlags;
import sentry.core.abi.Sys;
import sentry.core.syscall.SyscallArgs;
import sentry.core.syscall.SyscallTable;
import sentry.core.task.Credentials;
import sentry.core.task.Task;
import sentry.core.vfs.FileSystem;
import sentry.core.vfs.FilesystemType;
import sentry.core.vfs.MountNamespace;
import sentry.core.vfs.PathWalk;
import sentry.core.vfs.VfsPath;

/** mount(2), umount2(2), pivot_root(2). */
final class MountSyscalls {
    private static final int PROPAGATION =
            MountFlags.MS_SHARED | MountFlags.MS_PRIVATE | MountFlags.MS_SLAVE | MountFlags.MS_UNBINDABLE;
    private static final int PAGE = 4096;

    private MountSyscalls() {}

    static void install(SyscallTable.Builder table) {
        table.full(Sys.MOUNT, MountSyscalls::mount);
        table.full(Sys.UMOUNT2, MountSyscalls::umount);
        table.full(Sys.PIVOT_ROOT, MountSyscalls::pivot);
    }

    static void requireAdmin(Task task) throws ErrnoException {
        if (!task.credentials().capableIn(task.namespaces().mounts().owner(), Capability.SYS_ADMIN)) {
            throw Errno.EPERM.error();
        }
    }

    /** EPERM unless the caller rules over what a filesystem of this type shows. */
    static void requireOver(Task task, String type) throws ErrnoException {
        Credentials who = task.credentials();
        boolean allowed = switch (type) {
            case "tmpfs", "ramfs", "devpts", "overlay" -> who.capableHere(Capability.SYS_ADMIN);
            case "proc" -> who.capableIn(task.namespaces().pid().owner(), Capability.SYS_ADMIN);
            case "sysfs" -> who.capableIn(task.namespaces().net().owner(), Capability.SYS_ADMIN);
            case "mqueue" -> who.capableIn(task.namespaces().ipc().owner(), Capability.SYS_ADMIN);
            case "cgroup", "cgroup2" -> who.capableIn(task.namespaces().cgroup().owner(), Capability.SYS_ADMIN);
            default -> who.capable(Capability.SYS_ADMIN);
        };
        if (!allowed) {
            throw Errno.EPERM.error();
        }
    }

    private static VfsPath path(Task task, long address, int flags) throws ErrnoException {
        String path = PathArgs.string(task, address);
        return PathWalk.of(task).resolve(task.fs().cwd(), path, flags).path();
    }

    private static String optional(Task task, long address) throws ErrnoException {
        if (address == 0) {
            return "";
        }
        String s = task.memory().readString(address, PAGE);
        if (s == null) {
            throw Errno.EINVAL.error();
        }
        return s;
    }

    /** What {@code path} of mount(2)'s source names. */
    private static VfsPath source(Task task, String path) throws ErrnoException {
        if (path.isEmpty()) {
            throw Errno.EINVAL.error();
        }
        return PathWalk.of(task).resolve(task.fs().cwd(), path, PathWalk.FOLLOW).path();
    }

    private static String data(Task task, long address) throws ErrnoException {
        if (address == 0) {
            return "";
        }
        String s = task.memory().readString(address, PAGE);
        return s == null ? "" : s;
    }

    private static long mount(Task task, SyscallArgs a) throws ErrnoException {
        int flags = (int) a.a3;
        if ((flags & 0xffff0000) == MountFlags.MS_MGC_VAL) {
            flags &= 0xffff;
        }
        String typeName = a.a2 == 0 ? null : optional(task, a.a2);
        String source = optional(task, a.a0);
        String data = data(task, a.a4);
        VfsPath at = path(task, a.a1, PathWalk.FOLLOW);
        requireAdmin(task);
        MountNamespace namespace = task.namespaces().mounts();
        boolean recursive = (flags & MountFlags.MS_REC) != 0;
        if ((flags & (MountFlags.MS_REMOUNT | MountFlags.MS_BIND)) == (MountFlags.MS_REMOUNT | MountFlags.MS_BIND)) {
            namespace.remount(at, flags);
            return 0;
        }
        if ((flags & MountFlags.MS_REMOUNT) != 0) {
            if (at.dentry() == at.mount().root()) {
                requireOver(task, at.mount().fileSystem().type());
            }
            namespace.remount(at, flags, data);
            return 0;
        }
        if ((flags & MountFlags.MS_BIND) != 0) {
            namespace.bind(source(task, source), at, recursive);
            return 0;
        }
        if ((flags & PROPAGATION) != 0) {
            int type = flags & ~(MountFlags.MS_REC | MountFlags.MS_SILENT);
            if ((type & ~PROPAGATION) != 0 || Integer.bitCount(type) != 1) {
                throw Errno.EINVAL.error();
            }
            namespace.setPropagation(at, type, recursive);
            return 0;
        }
        if ((flags & MountFlags.MS_MOVE) != 0) {
            namespace.move(source(task, source), at);
            return 0;
        }
        if (typeName == null) {
            throw Errno.EINVAL.error();
        }
        if ((flags & (MountFlags.MS_NOATIME | MountFlags.MS_STRICTATIME)) == 0) {
            flags |= MountFlags.MS_RELATIME;
        }
        FileSystem fs = fileSystem(task, typeName, source, data);
        fs.setMountedReadOnly((flags & MountFlags.MS_RDONLY) != 0);
        try {
            namespace.mount(at, fs, source.isEmpty() ? "none" : source, flags);
        } catch (ErrnoException e) {
            fs.release();
            throw e;
        }
        return 0;
    }

    /** Makes a filesystem for a program. */
    static FileSystem fileSystem(Task task, String typeName, String source, String data) throws ErrnoException {
        return type(task, typeName).mount(task, source, data);
    }

    /** A type that the program may mount: ENODEV, EPERM. */
    static FilesystemType type(Task task, String typeName) throws ErrnoException {
        FilesystemType type = task.kernel().filesystemTypes().find(typeName);
        if (type == null) {
            throw Errno.ENODEV.error();
        }
        if (!type.userMountable()) {
            throw Errno.EPERM.error();
        }
        requireOver(task, typeName);
        return type;
    }

    private static long umount(Task task, SyscallArgs a) throws ErrnoException {
        int flags = a.i1();
        int known = MountFlags.MNT_FORCE | MountFlags.MNT_DETACH | MountFlags.MNT_EXPIRE | MountFlags.UMOUNT_NOFOLLOW;
        if ((flags & ~known) != 0) {
            throw Errno.EINVAL.error();
        }
        VfsPath at = path(task, a.a0, (flags & MountFlags.UMOUNT_NOFOLLOW) != 0 ? 0 : PathWalk.FOLLOW);
        requireAdmin(task);
        if ((flags & MountFlags.MNT_EXPIRE) != 0 && (flags & (MountFlags.MNT_FORCE | MountFlags.MNT_DETACH)) != 0) {
            throw Errno.EINVAL.error();
        }
        task.namespaces().mounts().unmount(at, flags);
        return 0;
    }

    private static long pivot(Task task, SyscallArgs a) throws ErrnoException {
        requireAdmin(task);
        VfsPath newRoot = path(task, a.a0, PathWalk.FOLLOW | PathWalk.DIRECTORY);
        VfsPath putOld = path(task, a.a1, PathWalk.FOLLOW | PathWalk.DIRECTORY);
        task.namespaces().mounts().pivot(task.fs().root(), newRoot, putOld);
        return 0;
    }
}
