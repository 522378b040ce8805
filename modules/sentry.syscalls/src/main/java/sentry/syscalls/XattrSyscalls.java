package sentry.syscalls;

import sentry.core.abi.Capability;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.FileMode;
import sentry.core.abi.Inotify;
import sentry.core.abi.Sys;
import sentry.core.syscall.SyscallTable;
import sentry.core.task.Credentials;
import sentry.core.task.Task;
import sentry.core.vfs.FileEvents;
import sentry.core.vfs.Inode;
import sentry.core.vfs.PathWalk;
import sentry.core.vfs.Permissions;
import sentry.core.vfs.VfsPath;

/** Extended attributes (xattr(7)). */
final class XattrSyscalls {
    private static final int NAME_MAX = 255;
    private static final int SIZE_MAX = 65536;
    private static final int LIST_MAX = 65536;
    private static final int XATTR_CREATE = 1;
    private static final int XATTR_REPLACE = 2;

    private XattrSyscalls() {}

    static void install(SyscallTable.Builder table) {
        table.full(Sys.SETXATTR, (task, a) -> set(task, path(task, a.a0, true), a.a1, a.a2, a.a3, a.i4()));
        table.full(Sys.LSETXATTR, (task, a) -> set(task, path(task, a.a0, false), a.a1, a.a2, a.a3, a.i4()));
        table.full(Sys.FSETXATTR, (task, a) -> set(task, file(task, a.i0()), a.a1, a.a2, a.a3, a.i4()));
        table.full(Sys.GETXATTR, (task, a) -> get(task, path(task, a.a0, true), a.a1, a.a2, a.a3));
        table.full(Sys.LGETXATTR, (task, a) -> get(task, path(task, a.a0, false), a.a1, a.a2, a.a3));
        table.full(Sys.FGETXATTR, (task, a) -> get(task, file(task, a.i0()), a.a1, a.a2, a.a3));
        table.full(Sys.LISTXATTR, (task, a) -> list(task, path(task, a.a0, true), a.a1, a.a2));
        table.full(Sys.LLISTXATTR, (task, a) -> list(task, path(task, a.a0, false), a.a1, a.a2));
        table.full(Sys.FLISTXATTR, (task, a) -> list(task, file(task, a.i0()), a.a1, a.a2));
        table.full(Sys.REMOVEXATTR, (task, a) -> remove(task, path(task, a.a0, true), a.a1));
        table.full(Sys.LREMOVEXATTR, (task, a) -> remove(task, path(task, a.a0, false), a.a1));
        table.full(Sys.FREMOVEXATTR, (task, a) -> remove(task, file(task, a.i0()), a.a1));
    }

    private static VfsPath path(Task task, long address, boolean follow) throws ErrnoException {
        String path = PathArgs.string(task, address);
        return PathWalk.of(task).resolve(task.fs().cwd(), path, follow ? PathWalk.FOLLOW : 0).path();
    }

    private static VfsPath file(Task task, int fd) throws ErrnoException {
        return PathArgs.file(task, fd).path();
    }

    private static String name(Task task, long address) throws ErrnoException {
        String name = task.memory().readString(address, NAME_MAX + 1);
        if (name == null || name.isEmpty()) {
            throw Errno.ERANGE.error();
        }
        return name;
    }

    /** What each namespace of names asks for (xattr(7)). */
    private static void check(Task task, VfsPath path, String name, boolean write) throws ErrnoException {
        Credentials who = task.credentials();
        Inode inode = path.inode();
        if (write) {
            Permissions.requireWritable(path.mount());
        }
        if (name.equals("user.") || name.equals("trusted.") || name.equals("security.")) {
            throw Errno.EINVAL.error();
        }
        if (name.startsWith("user.")) {
            int mode = inode.mode();
            boolean plain = FileMode.isRegular(mode) || FileMode.isDirectory(mode);
            if (!plain) {
                throw (write ? Errno.EPERM : Errno.ENODATA).error();
            }
            if (write && FileMode.isDirectory(mode) && (mode & FileMode.S_ISVTX) != 0 && !Permissions.owns(who, inode)) {
                throw Errno.EPERM.error();
            }
            Permissions.require(who, inode, write ? Permissions.WRITE : Permissions.READ);
        } else if (name.startsWith("trusted.")) {
            if (!who.capable(Capability.SYS_ADMIN)) {
                throw (write ? Errno.EPERM : Errno.ENODATA).error();
            }
        } else if (name.startsWith("security.")) {
            int needed = name.equals("security.capability") ? Capability.SETFCAP : Capability.SYS_ADMIN;
            if (write && !who.capable(needed)) {
                throw Errno.EPERM.error();
            }
        } else {
            throw Errno.EOPNOTSUPP.error();
        }
    }

    private static long set(Task task, VfsPath path, long nameAt, long valueAt, long size, int flags)
            throws ErrnoException {
        if ((flags & ~(XATTR_CREATE | XATTR_REPLACE)) != 0) {
            throw Errno.EINVAL.error();
        }
        String name = name(task, nameAt);
        if (size < 0 || size > SIZE_MAX) {
            throw Errno.E2BIG.error();
        }
        byte[] value = new byte[(int) size];
        if (size > 0) {
            task.memory().read(valueAt, value, 0, value.length);
        }
        check(task, path, name, true);
        path.inode().setxattr(name, value, flags);
        changed(path);
        return 0;
    }

    private static void changed(VfsPath path) {
        if (FileEvents.watched()) {
            FileEvents.happened(path.dentry(), Inotify.IN_ATTRIB);
        }
    }

    private static long get(Task task, VfsPath path, long nameAt, long valueAt, long size) throws ErrnoException {
        String name = name(task, nameAt);
        check(task, path, name, false);
        return out(task, path.inode().getxattr(name), valueAt, size);
    }

    private static long out(Task task, byte[] value, long address, long size) throws ErrnoException {
        if (size != 0) {
            if (Long.compareUnsigned(size, value.length) < 0) {
                throw Errno.ERANGE.error();
            }
            task.memory().write(address, value, 0, value.length);
        }
        return value.length;
    }

    @SuppressWarnings("deprecation") // the low bytes of raw-byte strings
    private static long list(Task task, VfsPath path, long address, long size) throws ErrnoException {
        boolean trusted = task.credentials().capable(Capability.SYS_ADMIN);
        String[] names = path.inode().listxattr();
        int length = 0;
        for (String n : names) {
            if (trusted || !n.startsWith("trusted.")) {
                length += n.length() + 1;
            }
        }
        if (length > LIST_MAX) {
            throw Errno.E2BIG.error();
        }
        byte[] b = new byte[length];
        int at = 0;
        for (String n : names) {
            if (trusted || !n.startsWith("trusted.")) {
                n.getBytes(0, n.length(), b, at);
                at += n.length() + 1;
            }
        }
        return out(task, b, address, size);
    }

    private static long remove(Task task, VfsPath path, long nameAt) throws ErrnoException {
        String name = name(task, nameAt);
        check(task, path, name, true);
        path.inode().removexattr(name);
        changed(path);
        return 0;
    }
}
