package sentry.syscalls;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.abi.MountFlags;
import sentry.core.abi.Sys;
import sentry.core.fs.anon.FsConfigFile;
import sentry.core.syscall.SyscallArgs;
import sentry.core.syscall.SyscallTable;
import sentry.core.task.Task;
import sentry.core.vfs.FileDescription;
import sentry.core.vfs.FileSystem;
import sentry.core.vfs.Mount;
import sentry.core.vfs.MountNamespace;
import sentry.core.vfs.PathFile;
import sentry.core.vfs.PathWalk;
import sentry.core.vfs.VfsPath;

/**
 * Mounting in steps: open_tree(2), move_mount(2), fsopen(2), fsconfig(2), fsmount(2), fspick(2), mount_setattr(2).
 */
final class MountTreeSyscalls {
    private static final int PAGE = 4096;
    private static final int KEY_MAX = 256;
    private static final int BINARY_MAX = 1 << 20;

    private static final int OPEN_TREE_CLONE = 1;
    private static final int AT_RECURSIVE = 0x8000;

    private static final int FROM_SYMLINKS = 1;
    private static final int FROM_EMPTY_PATH = 4;
    private static final int TO_SYMLINKS = 0x10;
    private static final int TO_EMPTY_PATH = 0x40;
    /** All of move_mount(2)'s flags that are known here: those four, and the two of automounts. */
    private static final int MOVE_KNOWN = 0x77;

    private static final int FSCONFIG_SET_FLAG = 0;
    private static final int FSCONFIG_SET_STRING = 1;
    private static final int FSCONFIG_SET_BINARY = 2;
    private static final int FSCONFIG_SET_PATH = 3;
    private static final int FSCONFIG_SET_PATH_EMPTY = 4;
    private static final int FSCONFIG_SET_FD = 5;
    private static final int FSCONFIG_CMD_CREATE = 6;
    private static final int FSCONFIG_CMD_RECONFIGURE = 7;

    private static final int FSPICK_NO_FOLLOW = 2;
    private static final int FSPICK_EMPTY_PATH = 8;

    // MOUNT_ATTR_
    private static final int RDONLY = 1;
    private static final int NOSUID = 2;
    private static final int NODEV = 4;
    private static final int NOEXEC = 8;
    private static final int ATIME = 0x70;
    private static final int NOATIME = 0x10;
    private static final int STRICTATIME = 0x20;
    private static final int NODIRATIME = 0x80;
    private static final int NOSYMFOLLOW = 0x200000;
    private static final int ATTRIBUTES = RDONLY | NOSUID | NODEV | NOEXEC | ATIME | NODIRATIME | NOSYMFOLLOW;
    /** struct mount_attr */
    private static final int ATTR_SIZE = 32;

    private static final int PROPAGATION =
            MountFlags.MS_SHARED | MountFlags.MS_PRIVATE | MountFlags.MS_SLAVE | MountFlags.MS_UNBINDABLE;

    private MountTreeSyscalls() {}

    static void install(SyscallTable.Builder table) {
        table.full(Sys.OPEN_TREE, MountTreeSyscalls::openTree);
        table.partial(Sys.MOVE_MOUNT, "no MOVE_MOUNT_SET_GROUP, no MOVE_MOUNT_BENEATH", MountTreeSyscalls::moveMount);
        table.full(Sys.FSOPEN, MountTreeSyscalls::fsopen);
        table.partial(Sys.FSCONFIG, "options are flags and strings only", MountTreeSyscalls::fsconfig);
        table.full(Sys.FSMOUNT, MountTreeSyscalls::fsmount);
        table.full(Sys.FSPICK, MountTreeSyscalls::fspick);
        table.partial(Sys.MOUNT_SETATTR, "no id-mapped mounts", MountTreeSyscalls::setattr);
    }

    private static VfsPath path(Task task, int dirFd, long address, boolean empty, boolean follow) throws ErrnoException {
        return PathArgs.resolve(task, dirFd, address, empty ? Fcntl.AT_EMPTY_PATH : 0, follow).path();
    }

    private static long openTree(Task task, SyscallArgs a) throws ErrnoException {
        int flags = a.i2();
        int known = OPEN_TREE_CLONE | AT_RECURSIVE | Fcntl.O_CLOEXEC | Fcntl.AT_EMPTY_PATH | Fcntl.AT_NO_AUTOMOUNT
                | Fcntl.AT_SYMLINK_NOFOLLOW;
        boolean clone = (flags & OPEN_TREE_CLONE) != 0;
        boolean recursive = (flags & AT_RECURSIVE) != 0;
        if ((flags & ~known) != 0 || recursive && !clone) {
            throw Errno.EINVAL.error();
        }
        if (clone) {
            MountSyscalls.requireAdmin(task);
        }
        VfsPath at = path(task, a.i0(), a.a1, (flags & Fcntl.AT_EMPTY_PATH) != 0, (flags & Fcntl.AT_SYMLINK_NOFOLLOW) == 0);
        boolean closeOnExec = (flags & Fcntl.O_CLOEXEC) != 0;
        if (!clone) {
            return Descriptors.install(task, new PathFile(at, Fcntl.O_PATH), closeOnExec);
        }
        return install(task, task.namespaces().mounts().clone(at, recursive), closeOnExec);
    }

    /** A descriptor of a mount that is in no tree: when it is closed and still in none, the mount goes. */
    private static long install(Task task, Mount mount, boolean closeOnExec) throws ErrnoException {
        FileDescription file = new PathFile(new VfsPath(mount, mount.root()), Fcntl.O_PATH);
        file.addCloseListener(f -> MountNamespace.discard(mount));
        return Descriptors.install(task, file, closeOnExec);
    }

    private static long moveMount(Task task, SyscallArgs a) throws ErrnoException {
        int flags = a.i4();
        MountSyscalls.requireAdmin(task);
        if ((flags & ~MOVE_KNOWN) != 0) {
            throw Errno.EINVAL.error();
        }
        VfsPath to = path(task, a.i2(), a.a3, (flags & TO_EMPTY_PATH) != 0, (flags & TO_SYMLINKS) != 0);
        VfsPath from = path(task, a.i0(), a.a1, (flags & FROM_EMPTY_PATH) != 0, (flags & FROM_SYMLINKS) != 0);
        task.namespaces().mounts().move(from, to);
        return 0;
    }

    private static long fsopen(Task task, SyscallArgs a) throws ErrnoException {
        MountSyscalls.requireAdmin(task);
        if ((a.i1() & ~1) != 0) {
            throw Errno.EINVAL.error();
        }
        String name = task.memory().readString(a.a0, PAGE);
        if (name == null) {
            throw Errno.EINVAL.error();
        }
        return Descriptors.install(task, new FsConfigFile(MountSyscalls.type(task, name), null), a.i1() != 0);
    }

    private static FsConfigFile config(FileDescription file) throws ErrnoException {
        if (file instanceof FsConfigFile c) {
            return c;
        }
        throw Errno.EINVAL.error();
    }

    private static long fsconfig(Task task, SyscallArgs a) throws ErrnoException {
        int command = a.i1();
        boolean key = a.a2 != 0;
        boolean value = a.a3 != 0;
        int aux = a.i4();
        boolean good = a.i0() >= 0 && switch (command) {
            case FSCONFIG_SET_FLAG -> key && !value && aux == 0;
            case FSCONFIG_SET_STRING -> key && value && aux == 0;
            case FSCONFIG_SET_BINARY -> key && value && aux > 0 && aux <= BINARY_MAX;
            case FSCONFIG_SET_PATH, FSCONFIG_SET_PATH_EMPTY -> key && value && (aux == Fcntl.AT_FDCWD || aux >= 0);
            case FSCONFIG_SET_FD -> key && !value && aux >= 0;
            case FSCONFIG_CMD_CREATE, FSCONFIG_CMD_RECONFIGURE -> !key && !value && aux == 0;
            default -> throw Errno.EOPNOTSUPP.error();
        };
        if (!good) {
            throw Errno.EINVAL.error();
        }
        FileDescription file = PathArgs.take(task, a.i0());
        try {
            FsConfigFile c = config(file);
            String name = key ? string(task, a.a2) : null;
            switch (command) {
                case FSCONFIG_SET_FLAG -> c.set(task.kernel(), name, null);
                case FSCONFIG_SET_STRING -> c.set(task.kernel(), name, string(task, a.a3));
                case FSCONFIG_CMD_CREATE -> {
                    MountSyscalls.requireOver(task, c.typeName());
                    c.create(task.kernel());
                }
                case FSCONFIG_CMD_RECONFIGURE -> {
                    MountSyscalls.requireOver(task, c.typeName());
                    c.reconfigure();
                }
                default -> throw Errno.EINVAL.error(); // no filesystem here has such options
            }
            return 0;
        } finally {
            file.release();
        }
    }

    private static String string(Task task, long address) throws ErrnoException {
        String s = task.memory().readString(address, KEY_MAX);
        if (s == null) {
            throw Errno.EINVAL.error();
        }
        return s;
    }

    private static long fsmount(Task task, SyscallArgs a) throws ErrnoException {
        MountSyscalls.requireAdmin(task);
        int attributes = a.i2();
        if ((a.i1() & ~1) != 0 || (attributes & ~ATTRIBUTES) != 0) {
            throw Errno.EINVAL.error();
        }
        int flags = flags(attributes);
        FileDescription file = PathArgs.take(task, a.i0());
        try {
            FsConfigFile c = config(file);
            FileSystem fs = c.takeForMount();
            return install(task, MountNamespace.nameless(fs, c.source(), flags), a.i1() != 0);
        } finally {
            file.release();
        }
    }

    /** MS_ flags for MOUNT_ATTR_ ones. EINVAL for more than one way with access times. */
    private static int flags(int attributes) throws ErrnoException {
        int flags = switch (attributes & ATIME) {
            case 0 -> MountFlags.MS_RELATIME;
            case NOATIME -> MountFlags.MS_NOATIME;
            case STRICTATIME -> 0;
            default -> throw Errno.EINVAL.error();
        };
        return flags | plain(attributes);
    }

    private static int plain(int attributes) {
        return ((attributes & RDONLY) != 0 ? MountFlags.MS_RDONLY : 0)
                | ((attributes & NOSUID) != 0 ? MountFlags.MS_NOSUID : 0)
                | ((attributes & NODEV) != 0 ? MountFlags.MS_NODEV : 0)
                | ((attributes & NOEXEC) != 0 ? MountFlags.MS_NOEXEC : 0)
                | ((attributes & NODIRATIME) != 0 ? MountFlags.MS_NODIRATIME : 0)
                | ((attributes & NOSYMFOLLOW) != 0 ? MountFlags.MS_NOSYMFOLLOW : 0);
    }

    private static long fspick(Task task, SyscallArgs a) throws ErrnoException {
        MountSyscalls.requireAdmin(task);
        int flags = a.i2();
        if ((flags & ~15) != 0) {
            throw Errno.EINVAL.error();
        }
        VfsPath at = path(task, a.i0(), a.a1, (flags & FSPICK_EMPTY_PATH) != 0, (flags & FSPICK_NO_FOLLOW) == 0);
        if (at.dentry() != at.mount().root()) {
            throw Errno.EINVAL.error();
        }
        FileSystem fs = at.mount().fileSystem();
        MountSyscalls.requireOver(task, fs.type());
        FsConfigFile made = new FsConfigFile(task.kernel().filesystemTypes().find(fs.type()), fs);
        return Descriptors.install(task, made, (flags & 1) != 0);
    }

    private static long setattr(Task task, SyscallArgs a) throws ErrnoException {
        int flags = a.i2();
        int known = Fcntl.AT_EMPTY_PATH | AT_RECURSIVE | Fcntl.AT_SYMLINK_NOFOLLOW | Fcntl.AT_NO_AUTOMOUNT;
        if ((flags & ~known) != 0) {
            throw Errno.EINVAL.error();
        }
        if (Long.compareUnsigned(a.a4, PAGE) > 0) {
            throw Errno.E2BIG.error();
        }
        if (a.a4 < ATTR_SIZE) {
            throw Errno.EINVAL.error();
        }
        MountSyscalls.requireAdmin(task);
        byte[] b = new byte[(int) a.a4];
        task.memory().read(a.a3, b, 0, b.length);
        for (int i = ATTR_SIZE; i < b.length; i++) {
            if (b[i] != 0) {
                throw Errno.E2BIG.error();
            }
        }
        long set = Struct.getLong(b, 0);
        long clear = Struct.getLong(b, 8);
        long propagation = Struct.getLong(b, 16);
        if (set == 0 && clear == 0 && propagation == 0) {
            return 0;
        }
        if ((propagation & ~(long) PROPAGATION) != 0
                || Long.bitCount(propagation) > 1
                || ((set | clear) & ~(long) ATTRIBUTES) != 0) {
            throw Errno.EINVAL.error();
        }
        int on = plain((int) set);
        int off = plain((int) clear);
        if ((clear & ATIME) != 0) {
            if ((clear & ATIME) != ATIME) {
                throw Errno.EINVAL.error();
            }
            off |= MountFlags.MS_NOATIME | MountFlags.MS_RELATIME;
            on = flags((int) set);
        } else if ((set & ATIME) != 0) {
            throw Errno.EINVAL.error();
        }
        boolean follow = (flags & Fcntl.AT_SYMLINK_NOFOLLOW) == 0;
        VfsPath at = path(task, a.i0(), a.a1, (flags & Fcntl.AT_EMPTY_PATH) != 0, follow);
        MountNamespace.setAttributes(at, on, off, (int) propagation, (flags & AT_RECURSIVE) != 0);
        return 0;
    }
}
