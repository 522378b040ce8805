package sentry.syscalls;

import sentry.core.abi.Capability;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.FileMode;
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
        table.partial(Sys.MOUNT, "mounts are private, none can be made shared", MountSyscalls::mount);
        table.partial(Sys.UMOUNT2, "no MNT_EXPIRE; a working directory does not keep a mount busy", MountSyscalls::umount);
        table.partial(Sys.PIVOT_ROOT, "changes the root of the caller only, not of other tasks", MountSyscalls::pivot);
    }

    private static void requireAdmin(Task task) throws ErrnoException {
        if (!task.credentials().capableIn(task.namespaces().mounts().owner(), Capability.SYS_ADMIN)) {
            throw Errno.EPERM.error();
        }
    }

    /** EPERM unless the caller rules over what a filesystem of this type shows. */
    private static void requireOver(Task task, String type) throws ErrnoException {
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

    private static long mount(Task task, SyscallArgs a) throws ErrnoException {
        int flags = (int) a.a3;
        if ((flags & 0xffff0000) == MountFlags.MS_MGC_VAL) {
            flags &= 0xffff;
        }
        VfsPath at = path(task, a.a1, PathWalk.FOLLOW);
        requireAdmin(task);
        MountNamespace namespace = task.namespaces().mounts();
        if ((flags & MountFlags.MS_REMOUNT) != 0) {
            namespace.remount(at, flags);
            return 0;
        }
        if ((flags & MountFlags.MS_BIND) != 0) {
            namespace.bind(path(task, a.a0, PathWalk.FOLLOW), at, (flags & MountFlags.MS_REC) != 0);
            return 0;
        }
        if ((flags & PROPAGATION) != 0) {
            // All mounts are private already, and a slave of nobody; what is shared would have to propagate.
            if ((flags & MountFlags.MS_SHARED) != 0 || at.dentry() != at.mount().root()) {
                throw Errno.EINVAL.error();
            }
            return 0;
        }
        if ((flags & MountFlags.MS_MOVE) != 0) {
            namespace.move(path(task, a.a0, PathWalk.FOLLOW), at);
            return 0;
        }
        String typeName = a.a2 == 0 ? null : task.memory().readString(a.a2, PAGE);
        if (typeName == null) {
            throw Errno.EINVAL.error();
        }
        FilesystemType type = task.kernel().filesystemTypes().find(typeName);
        if (type == null) {
            throw Errno.ENODEV.error();
        }
        if (!type.userMountable()) {
            throw Errno.EPERM.error();
        }
        requireOver(task, typeName);
        String source = optional(task, a.a0);
        if ((flags & (MountFlags.MS_NOATIME | MountFlags.MS_STRICTATIME)) == 0) {
            flags |= MountFlags.MS_RELATIME;
        }
        FileSystem fs = type.mount(task, source, optional(task, a.a4));
        try {
            namespace.mount(at, fs, source.isEmpty() ? "none" : source, flags);
        } catch (ErrnoException e) {
            fs.release();
            throw e;
        }
        return 0;
    }

    private static long umount(Task task, SyscallArgs a) throws ErrnoException {
        int flags = a.i1();
        int known = MountFlags.MNT_FORCE | MountFlags.MNT_DETACH | MountFlags.UMOUNT_NOFOLLOW;
        if ((flags & ~known) != 0) {
            throw Errno.EINVAL.error();
        }
        VfsPath at = path(task, a.a0, (flags & MountFlags.UMOUNT_NOFOLLOW) != 0 ? 0 : PathWalk.FOLLOW);
        requireAdmin(task);
        boolean detach = (flags & MountFlags.MNT_DETACH) != 0;
        if (!detach && at.dentry() == at.mount().root() && task.fs().cwd().mount() == at.mount()) {
            throw Errno.EBUSY.error();
        }
        task.namespaces().mounts().unmount(at, detach);
        return 0;
    }

    private static long pivot(Task task, SyscallArgs a) throws ErrnoException {
        requireAdmin(task);
        VfsPath newRoot = path(task, a.a0, PathWalk.FOLLOW | PathWalk.DIRECTORY);
        VfsPath putOld = path(task, a.a1, PathWalk.FOLLOW | PathWalk.DIRECTORY);
        if (!FileMode.isDirectory(newRoot.inode().mode())) {
            throw Errno.ENOTDIR.error();
        }
        MountNamespace namespace = task.namespaces().mounts();
        VfsPath oldRoot = namespace.root();
        namespace.pivot(newRoot, putOld);
        if (task.fs().root().equals(oldRoot)) {
            task.fs().setRoot(namespace.root());
        }
        if (task.fs().cwd().equals(oldRoot)) {
            task.fs().setCwd(namespace.root());
        }
        return 0;
    }
}
