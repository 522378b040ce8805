package host.linux;

/**
 * The host's calls on files and directories (fcntl.h, unistd.h, sys/stat.h, dirent.h; numbers of amd64).
 *
 * <p>A path is the address of NUL-terminated bytes. Each method returns the kernel's result: a value in [-4095, -1] is a
 * negated errno.
 */
public final class Files {
    public static final int AT_FDCWD = -100;
    public static final int AT_SYMLINK_NOFOLLOW = 0x100;
    public static final int AT_REMOVEDIR = 0x200;
    public static final int AT_SYMLINK_FOLLOW = 0x400;
    public static final int AT_NO_AUTOMOUNT = 0x800;
    public static final int AT_EMPTY_PATH = 0x1000;

    public static final int O_RDONLY = 0;
    public static final int O_WRONLY = 1;
    public static final int O_RDWR = 2;
    public static final int O_ACCMODE = 3;
    public static final int O_CREAT = 0x40;
    public static final int O_EXCL = 0x80;
    public static final int O_NOCTTY = 0x100;
    public static final int O_TRUNC = 0x200;
    public static final int O_APPEND = 0x400;
    public static final int O_NONBLOCK = 0x800;
    public static final int O_DIRECTORY = 0x10000;
    public static final int O_NOFOLLOW = 0x20000;
    public static final int O_NOATIME = 0x40000;
    public static final int O_CLOEXEC = 0x80000;
    public static final int O_PATH = 0x200000;

    public static final int RESOLVE_NO_XDEV = 1;
    public static final int RESOLVE_NO_MAGICLINKS = 2;
    public static final int RESOLVE_NO_SYMLINKS = 4;
    public static final int RESOLVE_BENEATH = 8;
    public static final int RESOLVE_IN_ROOT = 16;

    public static final int S_IFMT = 0xf000;
    public static final int S_IFSOCK = 0xc000;
    public static final int S_IFLNK = 0xa000;
    public static final int S_IFREG = 0x8000;
    public static final int S_IFBLK = 0x6000;
    public static final int S_IFDIR = 0x4000;
    public static final int S_IFCHR = 0x2000;
    public static final int S_IFIFO = 0x1000;

    /** Bytes of {@code struct open_how}. */
    public static final int OPEN_HOW_SIZE = 24;
    /** Bytes of {@code struct statx}, and the offsets of its fields. */
    public static final int STATX_SIZE = 256;

    public static final int STATX_BASIC_STATS = 0x7ff;
    public static final int STATX_BTIME = 0x800;
    public static final int STATX_MNT_ID = 0x1000;
    public static final int STATX_OFF_MASK = 0;
    public static final int STATX_OFF_BLKSIZE = 4;
    public static final int STATX_OFF_ATTRIBUTES = 8;
    public static final int STATX_OFF_NLINK = 16;
    public static final int STATX_OFF_UID = 20;
    public static final int STATX_OFF_GID = 24;
    public static final int STATX_OFF_MODE = 28;
    public static final int STATX_OFF_INO = 32;
    public static final int STATX_OFF_SIZE = 40;
    public static final int STATX_OFF_BLOCKS = 48;
    public static final int STATX_OFF_ATTRIBUTES_MASK = 56;
    public static final int STATX_OFF_ATIME = 64;
    public static final int STATX_OFF_BTIME = 80;
    public static final int STATX_OFF_CTIME = 96;
    public static final int STATX_OFF_MTIME = 112;
    public static final int STATX_OFF_RDEV_MAJOR = 128;
    public static final int STATX_OFF_RDEV_MINOR = 132;
    public static final int STATX_OFF_DEV_MAJOR = 136;
    public static final int STATX_OFF_DEV_MINOR = 140;
    public static final int STATX_OFF_MNT_ID = 144;

    /** Bytes of amd64's {@code struct stat}, and the offsets of the fields that fstat's users here need. */
    public static final int STAT_SIZE = 144;

    public static final int STAT_OFF_DEV = 0;
    public static final int STAT_OFF_INO = 8;
    public static final int STAT_OFF_NLINK = 16;
    public static final int STAT_OFF_MODE = 24;
    public static final int STAT_OFF_UID = 28;
    public static final int STAT_OFF_GID = 32;
    public static final int STAT_OFF_SIZE = 48;
    public static final int STAT_OFF_BLOCKS = 64;
    public static final int STAT_OFF_ATIME = 72;
    public static final int STAT_OFF_MTIME = 88;
    public static final int STAT_OFF_CTIME = 104;

    /** Bytes of {@code struct statfs}. */
    public static final int STATFS_SIZE = 120;
    /** In utimensat: the current time, and no change. */
    public static final long UTIME_NOW = 0x3fffffff;

    public static final long UTIME_OMIT = 0x3ffffffe;

    private Files() {}

    public static long openat(int dirFd, long path, int flags, int mode) {
        return Syscall.call(257, dirFd, path, flags, mode);
    }

    /** {@code how} is the address of a {@code struct open_how}: flags, mode, resolve, 64 bits each. */
    public static long openat2(int dirFd, long path, long how) {
        return Syscall.call(437, dirFd, path, how, OPEN_HOW_SIZE);
    }

    public static long close(int fd) {
        return Syscall.call(3, fd);
    }

    public static long fstat(int fd, long stat) {
        return Syscall.call(5, fd, stat);
    }

    public static long statx(int dirFd, long path, int flags, int mask, long statx) {
        return Syscall.call(332, dirFd, path, flags, mask, statx);
    }

    public static long fstatfs(int fd, long statfs) {
        return Syscall.call(138, fd, statfs);
    }

    public static long getdents64(int fd, long buffer, int count) {
        return Syscall.call(217, fd, buffer, count);
    }

    public static long lseek(int fd, long offset, int whence) {
        return Syscall.call(8, fd, offset, whence);
    }

    public static long readlinkat(int dirFd, long path, long buffer, int size) {
        return Syscall.call(267, dirFd, path, buffer, size);
    }

    public static long pread(int fd, long buffer, long count, long offset) {
        return Syscall.call(17, fd, buffer, count, offset);
    }

    public static long pwrite(int fd, long buffer, long count, long offset) {
        return Syscall.call(18, fd, buffer, count, offset);
    }

    /** {@code flags} are RWF_ flags; an offset of -1 means the file's own position. */
    public static long preadv2(int fd, long iovec, int count, long offset, int flags) {
        return Syscall.call(327, fd, iovec, count, offset, 0, flags);
    }

    public static long pwritev2(int fd, long iovec, int count, long offset, int flags) {
        return Syscall.call(328, fd, iovec, count, offset, 0, flags);
    }

    public static long ftruncate(int fd, long size) {
        return Syscall.call(77, fd, size);
    }

    public static long fallocate(int fd, int mode, long offset, long length) {
        return Syscall.call(285, fd, mode, offset, length);
    }

    public static long fsync(int fd) {
        return Syscall.call(74, fd);
    }

    public static long fdatasync(int fd) {
        return Syscall.call(75, fd);
    }

    public static long fcntl(int fd, int command, long argument) {
        return Syscall.call(72, fd, command, argument);
    }

    public static long mkdirat(int dirFd, long path, int mode) {
        return Syscall.call(258, dirFd, path, mode);
    }

    public static long mknodat(int dirFd, long path, int mode, long device) {
        return Syscall.call(259, dirFd, path, mode, device);
    }

    public static long symlinkat(long target, int dirFd, long path) {
        return Syscall.call(266, target, dirFd, path);
    }

    public static long linkat(int oldDir, long oldPath, int newDir, long newPath, int flags) {
        return Syscall.call(265, oldDir, oldPath, newDir, newPath, flags);
    }

    public static long unlinkat(int dirFd, long path, int flags) {
        return Syscall.call(263, dirFd, path, flags);
    }

    public static long renameat2(int oldDir, long oldPath, int newDir, long newPath, int flags) {
        return Syscall.call(316, oldDir, oldPath, newDir, newPath, flags);
    }

    public static long fchmod(int fd, int mode) {
        return Syscall.call(91, fd, mode);
    }

    public static long fchmodat(int dirFd, long path, int mode) {
        return Syscall.call(268, dirFd, path, mode);
    }

    /** An id of -1 is left as it is. */
    public static long fchownat(int dirFd, long path, int uid, int gid, int flags) {
        return Syscall.call(260, dirFd, path, uid, gid, flags);
    }

    /** {@code times} is the address of two {@code struct timespec}: access, modification. */
    public static long utimensat(int dirFd, long path, long times, int flags) {
        return Syscall.call(280, dirFd, path, times, flags);
    }

    public static long getxattr(long path, long name, long value, long size) {
        return Syscall.call(191, path, name, value, size);
    }

    public static long setxattr(long path, long name, long value, long size, int flags) {
        return Syscall.call(188, path, name, value, size, flags);
    }

    public static long listxattr(long path, long list, long size) {
        return Syscall.call(194, path, list, size);
    }

    /** Of a symbolic link itself. With a size of 0 the result says how much room is needed. */
    public static long llistxattr(long path, long list, long size) {
        return Syscall.call(195, path, list, size);
    }

    public static long removexattr(long path, long name) {
        return Syscall.call(197, path, name);
    }

    public static long fchdir(int fd) {
        return Syscall.call(81, fd);
    }

    public static long umask(int mask) {
        return Syscall.call(95, mask);
    }
}
