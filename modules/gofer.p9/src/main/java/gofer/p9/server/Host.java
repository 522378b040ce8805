package gofer.p9.server;

import gofer.p9.codec.Attributes;
import gofer.p9.codec.Packet;
import gofer.p9.codec.Protocol;
import host.linux.Files;
import host.linux.Memory;
import host.linux.NativeArea;
import host.linux.Syscall;

/**
 * Host operations of one connection, with the memory that they need. Results are the host's: a negated errno on failure.
 */
final class Host {
    /** Bytes of {@link #data}, for directory entries, link targets, file data and attribute values. */
    static final int DATA_SIZE = 64 << 10;

    private static final int STATX_MASK = Files.STATX_BASIC_STATS | Files.STATX_BTIME | Files.STATX_MNT_ID;
    private static final int STAT_FLAGS = Files.AT_SYMLINK_NOFOLLOW | Files.AT_NO_AUTOMOUNT;
    private static final long NANOS = 1_000_000_000L;

    static final String SELF_FD = "/proc/self/fd/";

    private static final int OFF_STATX = 0;
    private static final int OFF_HOW = 256;
    private static final int OFF_TIMES = 288;
    private static final int OFF_EMPTY = 328;
    private static final int OFF_NUMBER = 336;
    private static final int OFF_XATTR_PATH = 512;
    private static final int OFF_XATTR_NAME = 1024;
    private static final int OFF_STATFS = 1536;

    private final NativeArea scratch = NativeArea.allocate(4096);
    private final NativeArea data = NativeArea.allocate(DATA_SIZE);
    private final byte[] statx = new byte[Files.STATX_OFF_MNT_ID + 8];
    private final byte[] digits = new byte[12];
    private final Attributes attributes = new Attributes();
    /** An O_PATH descriptor of /proc/self/fd. */
    private final int procFd;

    private final int ownDescriptorsLength;
    private final long effectiveUid;
    private final long effectiveGid;

    /**
     * @param procFd an O_PATH descriptor of /proc/self/fd
     * @param ownDescriptors path of that directory with a slash at its end, or nothing where it is the working directory
     */
    Host(int procFd, String ownDescriptors) {
        this.procFd = procFd;
        this.ownDescriptorsLength = ownDescriptors.length();
        effectiveUid = Syscall.call(107);
        effectiveGid = Syscall.call(108);
        scratch.putString(OFF_XATTR_PATH, ownDescriptors);
        Memory.putLong(scratch.address() + OFF_HOW + 8, 0);
        Memory.putLong(
                scratch.address() + OFF_HOW + 16,
                Files.RESOLVE_BENEATH | Files.RESOLVE_NO_SYMLINKS | Files.RESOLVE_NO_MAGICLINKS);
    }

    long data() {
        return data.address();
    }

    /** The empty path, for calls with AT_EMPTY_PATH. */
    long empty() {
        return scratch.address() + OFF_EMPTY;
    }

    Attributes attributes() {
        return attributes;
    }

    void free() {
        scratch.close();
        data.close();
    }

    // Opening.

    /** Opens a path of checked names below {@code dirFd}. */
    int openBeneath(int dirFd, long path, int flags) {
        Memory.putLong(scratch.address() + OFF_HOW, flags);
        return (int) Files.openat2(dirFd, path, scratch.address() + OFF_HOW);
    }

    /** An O_PATH descriptor of one name. */
    static int openName(int dirFd, long name) {
        return (int) Files.openat(dirFd, name, Files.O_PATH | Files.O_NOFOLLOW | Files.O_CLOEXEC, 0);
    }

    /** Opens the very file of an O_PATH descriptor, which is known to be a regular file or a directory. */
    int reopen(int pathFd, int flags) {
        return (int) Files.openat(procFd, number(pathFd), flags | Files.O_CLOEXEC | Files.O_NOCTTY, 0);
    }

    /** {@code fd} in decimal, a name in /proc/self/fd. */
    private long number(int fd) {
        int at = digits.length - 1;
        digits[at] = 0;
        int rest = fd;
        do {
            digits[--at] = (byte) ('0' + rest % 10);
            rest /= 10;
        } while (rest > 0);
        long address = scratch.address() + OFF_NUMBER;
        Memory.copy(digits, at, address, digits.length - at);
        return address;
    }

    /** Gives the file of an O_PATH descriptor another name. */
    int link(int pathFd, int dirFd, long name) {
        return (int) Files.linkat(procFd, number(pathFd), dirFd, name, Files.AT_SYMLINK_FOLLOW);
    }

    // Attributes.

    /** Fills {@link #attributes} from an open file. */
    int stat(int fd) {
        return stat(fd, empty(), Files.AT_EMPTY_PATH);
    }

    /** Fills {@link #attributes} from one name, of a symbolic link itself. */
    int statName(int dirFd, long name) {
        return stat(dirFd, name, STAT_FLAGS);
    }

    private int stat(int fd, long path, int flags) {
        long address = scratch.address() + OFF_STATX;
        int result = (int) Files.statx(fd, path, flags, STATX_MASK, address);
        if (result < 0) {
            return result;
        }
        byte[] s = statx;
        Memory.copy(address, s, 0, s.length);
        Attributes a = attributes;
        int mask = Packet.int32(s, Files.STATX_OFF_MASK);
        a.mode = s[Files.STATX_OFF_MODE] & 0xff | (s[Files.STATX_OFF_MODE + 1] & 0xff) << 8;
        a.nlink = Packet.int32(s, Files.STATX_OFF_NLINK);
        a.uid = Packet.int32(s, Files.STATX_OFF_UID);
        a.gid = Packet.int32(s, Files.STATX_OFF_GID);
        a.blksize = Packet.int32(s, Files.STATX_OFF_BLKSIZE);
        a.flags = Packet.int32(s, Files.STATX_OFF_ATTRIBUTES);
        a.dev = device(s, Files.STATX_OFF_DEV_MAJOR);
        a.rdev = device(s, Files.STATX_OFF_RDEV_MAJOR);
        a.ino = int64(s, Files.STATX_OFF_INO);
        a.size = int64(s, Files.STATX_OFF_SIZE);
        a.blocks = int64(s, Files.STATX_OFF_BLOCKS);
        a.atime = time(s, Files.STATX_OFF_ATIME);
        a.mtime = time(s, Files.STATX_OFF_MTIME);
        a.ctime = time(s, Files.STATX_OFF_CTIME);
        a.btime = (mask & Files.STATX_BTIME) != 0 ? time(s, Files.STATX_OFF_BTIME) : Attributes.NO_TIME;
        a.mount = (mask & Files.STATX_MNT_ID) != 0 ? int64(s, Files.STATX_OFF_MNT_ID) : 0;
        return 0;
    }

    private static long int64(byte[] s, int at) {
        return Packet.int64(s, at);
    }

    /** makedev(3) of a major and the minor behind it. */
    private static long device(byte[] s, int at) {
        long major = Packet.int32(s, at) & 0xffffffffL;
        long minor = Packet.int32(s, at + 4) & 0xffffffffL;
        return (major & 0xfffff000L) << 32 | (major & 0xfff) << 8 | (minor & 0xffffff00L) << 12 | minor & 0xff;
    }

    /** Nanoseconds since the epoch, at the ends of the range when the time is beyond it. */
    private static long time(byte[] s, int at) {
        long seconds = int64(s, at);
        if (seconds > Long.MAX_VALUE / NANOS - 1) {
            return Long.MAX_VALUE;
        }
        if (seconds < Long.MIN_VALUE / NANOS + 1) {
            return Long.MIN_VALUE + 1;
        }
        return seconds * NANOS + Packet.int32(s, at + 8);
    }

    /** Reads a symbolic link's text into {@link #data}; {@code name} may be empty for an O_PATH descriptor of the link. */
    int readlink(int dirFd, long name) {
        return (int) Files.readlinkat(dirFd, name, data.address(), 4096);
    }

    int statfs(int fd) {
        return (int) Files.fstatfs(fd, scratch.address() + OFF_STATFS);
    }

    long statfsField(int offset) {
        return Memory.getLong(scratch.address() + OFF_STATFS + offset);
    }

    /** Changes of Tsetattr. Times are nanoseconds since the epoch. */
    int setattr(int fd, int type, int valid, int mode, int uid, int gid, long size, long atime, long mtime) {
        int result = 0;
        if ((valid & Protocol.SET_SIZE) != 0) {
            result = truncate(fd, type, size);
        }
        if (result == 0 && (valid & (Protocol.SET_UID | Protocol.SET_GID)) != 0) {
            int newUid = (valid & Protocol.SET_UID) != 0 ? uid : -1;
            int newGid = (valid & Protocol.SET_GID) != 0 ? gid : -1;
            result = (int) Files.fchownat(fd, empty(), newUid, newGid, Files.AT_EMPTY_PATH | Files.AT_SYMLINK_NOFOLLOW);
        }
        // After chown, which clears the set-id bits.
        if (result == 0 && (valid & Protocol.SET_MODE) != 0) {
            result = chmod(fd, type, mode);
        }
        if (result == 0 && (valid & (Protocol.SET_ATIME | Protocol.SET_MTIME)) != 0) {
            result = utimes(
                    fd,
                    time(valid, Protocol.SET_ATIME, Protocol.SET_ATIME_SET),
                    atime,
                    time(valid, Protocol.SET_MTIME, Protocol.SET_MTIME_SET),
                    mtime);
        }
        return result;
    }

    /** 0 for the time given, UTIME_NOW or UTIME_OMIT. */
    private static long time(int valid, int change, int given) {
        if ((valid & change) == 0) {
            return Files.UTIME_OMIT;
        }
        return (valid & given) != 0 ? 0 : Files.UTIME_NOW;
    }

    private int utimes(int fd, long atimeKind, long atime, long mtimeKind, long mtime) {
        long times = scratch.address() + OFF_TIMES;
        putTime(times, atimeKind, atime);
        putTime(times + 16, mtimeKind, mtime);
        return (int) Files.utimensat(fd, empty(), times, Files.AT_EMPTY_PATH);
    }

    private static void putTime(long address, long kind, long nanos) {
        Memory.putLong(address, Math.floorDiv(nanos, NANOS));
        Memory.putLong(address + 8, kind != 0 ? kind : Math.floorMod(nanos, NANOS));
    }

    int chmod(int fd, int type, int mode) {
        if (type == Files.S_IFLNK) {
            return -Errors.EOPNOTSUPP;
        }
        return (int) Files.fchmodat(procFd, number(fd), mode & 07777);
    }

    private int truncate(int fd, int type, long size) {
        if (type == Files.S_IFDIR) {
            return -Errors.EISDIR;
        }
        if (type != Files.S_IFREG) {
            return -Errors.EINVAL;
        }
        int open = reopen(fd, Files.O_WRONLY);
        if (open < 0) {
            return open;
        }
        int result = (int) Files.ftruncate(open, size);
        Files.close(open);
        return result;
    }

    /**
     * Gives a new file its owner, and its mode where the host took bits away. New files are the server's own, so this
     * asks the host for nothing when that is what is wanted.
     */
    int adopt(int fd, int type, int mode, int uid, int gid) {
        if (uid != effectiveUid || gid != effectiveGid) {
            int result = (int) Files.fchownat(fd, empty(), uid, gid, Files.AT_EMPTY_PATH | Files.AT_SYMLINK_NOFOLLOW);
            if (result < 0) {
                return result;
            }
        }
        if (type != Files.S_IFLNK && (mode & 07000) != 0) {
            return chmod(fd, type, mode);
        }
        return 0;
    }

    // Extended attributes: by path through /proc/self/fd, which works for O_PATH descriptors on every kernel.

    /** The path of a descriptor's file; returns where its NUL is. */
    private long xattrPathEnd(int fd) {
        long number = number(fd);
        long at = scratch.address() + OFF_XATTR_PATH + ownDescriptorsLength;
        byte b;
        do {
            b = Memory.getByte(number++);
            Memory.putByte(at++, b);
        } while (b != 0);
        return at - 1;
    }

    private long xattrPath(int fd) {
        xattrPathEnd(fd);
        return scratch.address() + OFF_XATTR_PATH;
    }

    /** The attribute name's bytes at {@code offset} of {@code source}, as a C string; 0 when it is too long. */
    long xattrName(byte[] source, int offset, int length) {
        if (length == 0 || length > Protocol.NAME_MAX) {
            return 0;
        }
        for (int i = offset; i < offset + length; i++) {
            if (source[i] == 0) {
                return 0;
            }
        }
        long address = scratch.address() + OFF_XATTR_NAME;
        Memory.copy(source, offset, address, length);
        Memory.putByte(address + length, (byte) 0);
        return address;
    }

    /** Whether the file called {@code name} in a directory is known to have no extended attributes. */
    boolean hasNoXattrs(int dirFd, byte[] name, int offset, int length) {
        // By path through the directory's link: an O_PATH descriptor for each file would cost three calls more.
        long end = xattrPathEnd(dirFd);
        Memory.putByte(end, (byte) '/');
        Memory.copy(name, offset, end + 1, length);
        Memory.putByte(end + 1 + length, (byte) 0);
        return Files.llistxattr(scratch.address() + OFF_XATTR_PATH, 0, 0) == 0;
    }

    /** Reads the value into {@link #data}. */
    int getxattr(int fd, long name) {
        return (int) Files.getxattr(xattrPath(fd), name, data.address(), DATA_SIZE);
    }

    int listxattr(int fd) {
        return (int) Files.listxattr(xattrPath(fd), data.address(), DATA_SIZE);
    }

    int setxattr(int fd, long name, byte[] value, int offset, int length, int flags) {
        if (length > DATA_SIZE) {
            return -Errors.ERANGE;
        }
        Memory.copy(value, offset, data.address(), length);
        return (int) Files.setxattr(xattrPath(fd), name, data.address(), length, flags);
    }

    int removexattr(int fd, long name) {
        return (int) Files.removexattr(xattrPath(fd), name);
    }
}
