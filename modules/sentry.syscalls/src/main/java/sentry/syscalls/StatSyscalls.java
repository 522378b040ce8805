package sentry.syscalls;

import sentry.core.abi.DeviceNumber;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.abi.FileMode;
import sentry.core.abi.MountFlags;
import sentry.core.abi.Sys;
import sentry.core.syscall.SyscallArgs;
import sentry.core.syscall.SyscallTable;
import sentry.core.task.Task;
import sentry.core.task.UserNamespace;
import sentry.core.vfs.FileDescription;
import sentry.core.vfs.FileSystem;
import sentry.core.vfs.Inode;
import sentry.core.vfs.Mount;
import sentry.core.vfs.PathWalk;
import sentry.core.vfs.Permissions;
import sentry.core.vfs.Stat;
import sentry.core.vfs.StatFs;
import sentry.core.vfs.VfsPath;

/** stat(2), statx(2), statfs(2), readlink(2). */
final class StatSyscalls {
    private static final int STAT_SIZE = 144;
    private static final int STATX_SIZE = 256;
    private static final int STATFS_SIZE = 120;
    private static final int STATX_BASIC_STATS = 0x7ff;
    private static final int STATX_BTIME = 0x800;
    private static final int STATX_MNT_ID = 0x1000;
    private static final int STATX_RESERVED = 0x80000000;
    private static final int STATX_ATTR_MOUNT_ROOT = 0x2000;
    private static final int AT_STATX_SYNC_TYPE = Fcntl.AT_STATX_FORCE_SYNC | Fcntl.AT_STATX_DONT_SYNC;

    private StatSyscalls() {}

    static void install(SyscallTable.Builder table) {
        table.full(Sys.STAT, (task, a) -> stat(task, Fcntl.AT_FDCWD, a.a0, a.a1, 0));
        table.full(Sys.LSTAT, (task, a) -> stat(task, Fcntl.AT_FDCWD, a.a0, a.a1, Fcntl.AT_SYMLINK_NOFOLLOW));
        table.full(Sys.NEWFSTATAT, (task, a) -> stat(task, a.i0(), a.a1, a.a2, a.i3()));
        table.full(Sys.FSTAT, StatSyscalls::fstat);
        table.full(Sys.STATX, StatSyscalls::statx);
        table.full(Sys.STATFS, StatSyscalls::statfs);
        table.full(Sys.FSTATFS, StatSyscalls::fstatfs);
        table.full(Sys.READLINK, (task, a) -> readlink(task, Fcntl.AT_FDCWD, a.a0, a.a1, a.i2()));
        table.full(Sys.READLINKAT, (task, a) -> readlink(task, a.i0(), a.a1, a.a2, a.i3()));
    }

    private static long stat(Task task, int dirFd, long path, long out, int flags) throws ErrnoException {
        if ((flags & ~(Fcntl.AT_SYMLINK_NOFOLLOW | Fcntl.AT_NO_AUTOMOUNT | Fcntl.AT_EMPTY_PATH | AT_STATX_SYNC_TYPE)) != 0) {
            throw Errno.EINVAL.error();
        }
        PathWalk w = PathArgs.resolve(task, dirFd, path, flags, (flags & Fcntl.AT_SYMLINK_NOFOLLOW) == 0);
        return put(task, w.inode(), out);
    }

    private static long fstat(Task task, SyscallArgs a) throws ErrnoException {
        return put(task, task.fds().get(a.i0()).inode(), a.a1);
    }

    private static long put(Task task, Inode inode, long out) throws ErrnoException {
        Scratch scratch = Scratch.get();
        Stat s = scratch.stat;
        inode.stat(s);
        byte[] b = scratch.bytes;
        Struct.putLong(b, 0, s.dev);
        Struct.putLong(b, 8, s.ino);
        Struct.putLong(b, 16, s.nlink);
        Struct.putInt(b, 24, s.mode);
        UserNamespace ns = task.credentials().userNamespace();
        Struct.putInt(b, 28, ns.uid(s.uid));
        Struct.putInt(b, 32, ns.gid(s.gid));
        Struct.putInt(b, 36, 0);
        Struct.putLong(b, 40, s.rdev);
        Struct.putLong(b, 48, s.size);
        Struct.putLong(b, 56, s.blksize);
        Struct.putLong(b, 64, s.blocks);
        time(b, 72, s.atime);
        time(b, 88, s.mtime);
        time(b, 104, s.ctime);
        Struct.putLong(b, 120, 0);
        Struct.putLong(b, 128, 0);
        Struct.putLong(b, 136, 0);
        task.memory().write(out, b, 0, STAT_SIZE);
        return 0;
    }

    private static void time(byte[] b, int at, long nanos) {
        long seconds = Math.floorDiv(nanos, 1_000_000_000L);
        Struct.putLong(b, at, seconds);
        Struct.putLong(b, at + 8, nanos - seconds * 1_000_000_000L);
    }

    private static long statx(Task task, SyscallArgs a) throws ErrnoException {
        int flags = a.i2();
        int mask = a.i3();
        if ((mask & STATX_RESERVED) != 0
                || (flags & AT_STATX_SYNC_TYPE) == AT_STATX_SYNC_TYPE
                || (flags & ~(Fcntl.AT_SYMLINK_NOFOLLOW | Fcntl.AT_NO_AUTOMOUNT | Fcntl.AT_EMPTY_PATH | AT_STATX_SYNC_TYPE))
                        != 0) {
            throw Errno.EINVAL.error();
        }
        PathWalk w = PathArgs.resolve(task, a.i0(), a.a1, flags, (flags & Fcntl.AT_SYMLINK_NOFOLLOW) == 0);
        Scratch scratch = Scratch.get();
        Stat s = scratch.stat;
        w.inode().stat(s);
        byte[] b = scratch.bytes;
        java.util.Arrays.fill(b, 0, STATX_SIZE, (byte) 0);
        boolean birth = s.btime != Stat.NO_TIME;
        Struct.putInt(b, 0, STATX_BASIC_STATS | STATX_MNT_ID | (birth ? STATX_BTIME : 0));
        Struct.putInt(b, 4, (int) s.blksize);
        Struct.putLong(b, 8, w.dentry() == w.mount().root() ? STATX_ATTR_MOUNT_ROOT : 0);
        Struct.putInt(b, 16, (int) s.nlink);
        UserNamespace ns = task.credentials().userNamespace();
        Struct.putInt(b, 20, ns.uid(s.uid));
        Struct.putInt(b, 24, ns.gid(s.gid));
        Struct.putShort(b, 28, s.mode);
        Struct.putLong(b, 32, s.ino);
        Struct.putLong(b, 40, s.size);
        Struct.putLong(b, 48, s.blocks);
        Struct.putLong(b, 56, STATX_ATTR_MOUNT_ROOT);
        time(b, 64, s.atime);
        if (birth) {
            time(b, 80, s.btime);
        }
        time(b, 96, s.ctime);
        time(b, 112, s.mtime);
        Struct.putInt(b, 128, DeviceNumber.major(s.rdev));
        Struct.putInt(b, 132, DeviceNumber.minor(s.rdev));
        Struct.putInt(b, 136, DeviceNumber.major(s.dev));
        Struct.putInt(b, 140, DeviceNumber.minor(s.dev));
        Struct.putLong(b, 144, w.mount().id());
        task.memory().write(a.a4, b, 0, STATX_SIZE);
        return 0;
    }

    private static long statfs(Task task, SyscallArgs a) throws ErrnoException {
        PathWalk w = PathArgs.resolve(task, Fcntl.AT_FDCWD, a.a0, 0, true);
        return putFs(task, w.mount(), w.inode().fileSystem(), a.a1);
    }

    private static long fstatfs(Task task, SyscallArgs a) throws ErrnoException {
        FileDescription file = task.fds().get(a.i0());
        return putFs(task, file.path().mount(), file.inode().fileSystem(), a.a1);
    }

    private static long putFs(Task task, Mount mount, FileSystem fs, long out) throws ErrnoException {
        StatFs s = fs.statfs();
        byte[] b = Scratch.get().bytes;
        java.util.Arrays.fill(b, 0, STATFS_SIZE, (byte) 0);
        Struct.putLong(b, 0, s.type());
        Struct.putLong(b, 8, s.blockSize());
        Struct.putLong(b, 16, s.blocks());
        Struct.putLong(b, 24, s.free());
        Struct.putLong(b, 32, s.available());
        Struct.putLong(b, 40, s.files());
        Struct.putLong(b, 48, s.filesFree());
        Struct.putLong(b, 56, fs.dev());
        Struct.putLong(b, 64, s.nameMax());
        Struct.putLong(b, 72, s.blockSize());
        Struct.putLong(b, 80, statfsFlags(mount));
        task.memory().write(out, b, 0, STATFS_SIZE);
        return 0;
    }

    /** ST_ flags: mostly the mount flags by other names, and ST_VALID. */
    private static long statfsFlags(Mount mount) {
        int m = mount.flags();
        long f = 0x20;
        f |= Permissions.readOnly(mount) ? 1 : 0;
        f |= m & (MountFlags.MS_NOSUID | MountFlags.MS_NODEV | MountFlags.MS_NOEXEC | MountFlags.MS_SYNCHRONOUS);
        f |= m & (MountFlags.MS_NOATIME | MountFlags.MS_NODIRATIME);
        f |= (m & MountFlags.MS_RELATIME) != 0 ? 0x1000 : 0;
        f |= (m & MountFlags.MS_NOSYMFOLLOW) != 0 ? 0x2000 : 0;
        return f;
    }

    @SuppressWarnings("deprecation") // the low bytes of a raw-byte string
    private static long readlink(Task task, int dirFd, long address, long out, int size) throws ErrnoException {
        if (size <= 0) {
            throw Errno.EINVAL.error();
        }
        String path = PathArgs.string(task, address);
        PathWalk w = PathWalk.of(task);
        if (path.isEmpty()) {
            // Only for a descriptor of the link itself; another kind of file is as if the path did not exist.
            VfsPath at = PathArgs.scope(task, dirFd);
            if (!FileMode.isSymlink(at.inode().mode())) {
                throw Errno.ENOENT.error();
            }
            w.at(at);
        } else {
            w.resolve(PathArgs.base(task, dirFd, path), path, 0);
            if (!FileMode.isSymlink(w.inode().mode())) {
                throw Errno.EINVAL.error();
            }
        }
        String target = w.inode().readlink();
        int n = Math.min(size, target.length());
        byte[] b = new byte[n];
        target.getBytes(0, n, b, 0);
        task.memory().write(out, b, 0, n);
        return n;
    }
}
