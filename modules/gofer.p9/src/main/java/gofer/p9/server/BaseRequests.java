package gofer.p9.server;

import gofer.p9.codec.Attributes;
import gofer.p9.codec.Packet;
import gofer.p9.codec.Protocol;
import gofer.p9.codec.ProtocolException;
import host.linux.Files;
import host.linux.Memory;
import java.util.Arrays;

/**
 * The requests of 9P2000.L. Each method reads its request, writes the reply's body and returns 0, or returns the errno to
 * answer with instead.
 */
final class BaseRequests {
    private static final long NANOS = 1_000_000_000L;
    private static final int NONUNAME_BYTES = 4;
    private static final int F_OFD_GETLK = 36;
    private static final int F_OFD_SETLK = 37;
    private static final int EAGAIN = 11;
    private static final int EACCES = 13;
    private static final int PATH_MAX = 4096;
    /** struct statfs of amd64. */
    private static final int STATFS_TYPE = 0;

    private static final int STATFS_BSIZE = 8;
    private static final int STATFS_BLOCKS = 16;
    private static final int STATFS_BFREE = 24;
    private static final int STATFS_BAVAIL = 32;
    private static final int STATFS_FILES = 40;
    private static final int STATFS_FFREE = 48;
    private static final int STATFS_FSID = 56;
    private static final int STATFS_NAMELEN = 64;

    private final Session session;
    private final Host host;

    BaseRequests(Session session) {
        this.session = session;
        this.host = session.host;
    }

    int serve(int type, Packet in, Packet out) throws ProtocolException {
        return switch (type) {
            case Protocol.TVERSION -> version(in, out);
            case Protocol.TAUTH -> Errors.EOPNOTSUPP; // the socket itself is the authority
            case Protocol.TATTACH -> attach(in, out);
            case Protocol.TFLUSH -> 0; // requests are served in turn: the flushed one was answered already
            case Protocol.TWALK -> walk(in, out);
            case Protocol.TCLUNK -> clunk(in);
            case Protocol.TREMOVE -> remove(in);
            case Protocol.TSTATFS -> statfs(in, out);
            case Protocol.TLOPEN -> open(in, out);
            case Protocol.TLCREATE -> create(in, out);
            case Protocol.TSYMLINK -> symlink(in, out);
            case Protocol.TMKNOD -> mknod(in, out);
            case Protocol.TMKDIR -> mkdir(in, out);
            case Protocol.TRENAME -> rename(in);
            case Protocol.TRENAMEAT -> renameat(in);
            case Protocol.TUNLINKAT -> unlinkat(in);
            case Protocol.TLINK -> link(in);
            case Protocol.TREADLINK -> readlink(in, out);
            case Protocol.TGETATTR -> getattr(in, out);
            case Protocol.TSETATTR -> setattr(in);
            case Protocol.TXATTRWALK -> xattrwalk(in, out);
            case Protocol.TXATTRCREATE -> xattrcreate(in);
            case Protocol.TREADDIR -> readdir(in, out);
            case Protocol.TREAD -> read(in, out);
            case Protocol.TWRITE -> write(in, out);
            case Protocol.TFSYNC -> fsync(in);
            case Protocol.TLOCK -> lock(in, out);
            case Protocol.TGETLOCK -> getlock(in, out);
            default -> Errors.EOPNOTSUPP;
        };
    }

    private int version(Packet in, Packet out) throws ProtocolException {
        int asked = in.get32();
        String version = in.getString();
        if (asked < Protocol.MIN_MSIZE) {
            return Errors.EINVAL;
        }
        session.reset();
        session.extended = false;
        session.msize = Math.min(asked, Protocol.MAX_MSIZE);
        String answer = Protocol.VERSION_UNKNOWN;
        if (version.equals(Protocol.VERSION_X)) {
            session.extended = true;
            answer = version;
        } else if (version.startsWith(Protocol.VERSION_L)) {
            answer = Protocol.VERSION_L;
        } else {
            session.msize = 0;
        }
        out.put32(session.msize == 0 ? Math.min(asked, Protocol.MAX_MSIZE) : session.msize);
        out.putString(answer);
        return 0;
    }

    private int attach(Packet in, Packet out) throws ProtocolException {
        int number = in.get32();
        int afid = in.get32();
        in.skipString(); // uname
        in.skipString(); // aname: there is one tree on a connection
        if (in.remaining() != 0 && in.remaining() != NONUNAME_BYTES) {
            return Errors.EINVAL;
        }
        if (afid != Protocol.NOFID) {
            return Errors.EBADF;
        }
        if (!session.free(number)) {
            return session.whyNotFree();
        }
        int result = host.stat(session.root.fd);
        if (result < 0) {
            return -result;
        }
        session.fids.put(number, new Fid(session.root.retain()));
        putQid(out);
        return 0;
    }

    private int walk(Packet in, Packet out) throws ProtocolException {
        Fid fid = session.fid(in);
        int newNumber = in.get32();
        int count = in.get16();
        int number = Packet.int32(in.array(), in.start() + Protocol.HEADER);
        if (fid == null || fid.xattr != null) {
            return Errors.EBADF;
        }
        if (count > Protocol.MAX_WALK) {
            return Errors.EINVAL;
        }
        in.checkNames(count);
        boolean replaces = newNumber == number;
        if (replaces && fid.isOpen()) {
            return Errors.EBADF;
        }
        if (!replaces && !session.free(newNumber)) {
            return session.whyNotFree();
        }
        int countAt = out.position();
        out.put16(0);
        Node node = fid.node.retain();
        int errno = 0;
        int walked = 0;
        while (walked < count) {
            session.first.readName(node, in);
            int length = in.nameLength();
            Node next = node.isDirectory() ? null : node;
            errno = next == null ? 0 : Errors.ENOTDIR;
            if (errno == 0) {
                int fd = Host.openName(node.fd, session.first.lastName());
                int result = fd < 0 ? fd : host.stat(fd);
                if (result < 0) {
                    errno = -result;
                    if (fd >= 0) {
                        Files.close(fd);
                    }
                } else {
                    Attributes a = host.attributes();
                    next = new Node(fd, a.mode & Files.S_IFMT, a.dev, a.ino);
                    next.place(node, Arrays.copyOfRange(in.array(), in.position() - length, in.position()));
                }
            }
            if (errno != 0) {
                break;
            }
            putQid(out);
            node.release();
            node = next;
            walked++;
        }
        if (errno != 0 && walked == 0) {
            node.release();
            return errno;
        }
        out.set16(countAt, walked);
        if (walked < count) {
            node.release();
            return 0;
        }
        if (replaces) {
            session.close(session.fids.remove(newNumber));
        }
        session.fids.put(newNumber, new Fid(node));
        return 0;
    }

    private int clunk(Packet in) throws ProtocolException {
        Fid fid = session.fids.remove(in.get32());
        if (fid == null) {
            return Errors.EBADF;
        }
        int result = 0;
        if (fid.xattrName != null) {
            result = finishXattr(fid);
        }
        session.close(fid);
        return -result;
    }

    private int finishXattr(Fid fid) {
        if (fid.xattrLength != fid.xattr.length) {
            return -Errors.EINVAL;
        }
        long name = host.xattrName(fid.xattrName, 0, fid.xattrName.length);
        // v9fs removes an attribute by creating it with no bytes and XATTR_REPLACE.
        if (fid.xattr.length == 0 && fid.xattrFlags == 2) {
            return host.removexattr(fid.node.fd, name);
        }
        return host.setxattr(fid.node.fd, name, fid.xattr, 0, fid.xattr.length, fid.xattrFlags);
    }

    /** Removes the file that the fid was walked to, if that is still what its name says; clunks the fid in any case. */
    private int remove(Packet in) throws ProtocolException {
        Fid fid = session.fids.remove(in.get32());
        if (fid == null) {
            return Errors.EBADF;
        }
        int errno = session.readOnly ? Errors.EROFS : place(fid, session.first);
        if (errno == 0) {
            int flags = fid.node.isDirectory() ? Files.AT_REMOVEDIR : 0;
            errno = (int) -Files.unlinkat(fid.node.parent.fd, session.first.lastName(), flags);
        }
        session.close(fid);
        return errno;
    }

    /** Points {@code target} at the name by which the fid was found; returns an errno when it names another file now. */
    private int place(Fid fid, Location target) {
        Node node = fid.node;
        if (node.parent == null) {
            return Errors.EOPNOTSUPP;
        }
        target.set(node.parent, node.name);
        int result = host.statName(node.parent.fd, target.lastName());
        if (result < 0) {
            return -result;
        }
        Attributes a = host.attributes();
        return a.dev == node.dev && a.ino == node.ino ? 0 : Errors.ESTALE;
    }

    private int statfs(Packet in, Packet out) throws ProtocolException {
        Fid fid = session.fid(in);
        if (fid == null) {
            return Errors.EBADF;
        }
        int result = host.statfs(fid.node.fd);
        if (result < 0) {
            return -result;
        }
        out.put32((int) host.statfsField(STATFS_TYPE));
        out.put32((int) host.statfsField(STATFS_BSIZE));
        out.put64(host.statfsField(STATFS_BLOCKS));
        out.put64(host.statfsField(STATFS_BFREE));
        out.put64(host.statfsField(STATFS_BAVAIL));
        out.put64(host.statfsField(STATFS_FILES));
        out.put64(host.statfsField(STATFS_FFREE));
        out.put64(host.statfsField(STATFS_FSID));
        out.put32((int) host.statfsField(STATFS_NAMELEN));
        return 0;
    }

    private int open(Packet in, Packet out) throws ProtocolException {
        Fid fid = session.fid(in);
        int flags = in.get32();
        if (fid == null || fid.isOpen()) {
            return Errors.EBADF;
        }
        int access = flags & Files.O_ACCMODE;
        int kept = flags & (Files.O_ACCMODE | Files.O_TRUNC | Files.O_APPEND);
        if (access == Files.O_ACCMODE) {
            return Errors.EINVAL;
        }
        boolean changes = access != Files.O_RDONLY || (flags & Files.O_TRUNC) != 0;
        switch (fid.node.type) {
            case Files.S_IFDIR -> {
                if (changes) {
                    return Errors.EISDIR;
                }
                kept = Files.O_RDONLY | Files.O_DIRECTORY;
            }
            case Files.S_IFREG -> {
                if ((flags & Files.O_DIRECTORY) != 0) {
                    return Errors.ENOTDIR;
                }
            }
            case Files.S_IFLNK -> {
                return Errors.ELOOP;
            }
            default -> {
                return Errors.ENXIO;
            }
        }
        if (changes && session.readOnly) {
            return Errors.EROFS;
        }
        int fd = host.reopen(fid.node.fd, kept);
        int result = fd < 0 ? fd : host.stat(fd);
        if (result < 0) {
            if (fd >= 0) {
                Files.close(fd);
            }
            return -result;
        }
        fid.open = fd;
        fid.access = access;
        putQid(out);
        out.put32(0); // iounit: as large as the message allows
        return 0;
    }

    private int create(Packet in, Packet out) throws ProtocolException {
        Fid fid = session.fid(in);
        int number = Packet.int32(in.array(), in.start() + Protocol.HEADER);
        if (fid == null || fid.isOpen()) {
            return Errors.EBADF;
        }
        session.first.readName(fid.node, in);
        int nameAt = in.position() - in.nameLength();
        int nameLength = in.nameLength();
        int flags = in.get32();
        int mode = in.get32() & 07777;
        int gid = in.get32();
        if (session.readOnly) {
            return Errors.EROFS;
        }
        int access = flags & Files.O_ACCMODE;
        if (access == Files.O_ACCMODE) {
            return Errors.EINVAL;
        }
        int dir = session.first.parent();
        if (dir < 0) {
            return -dir;
        }
        // Always exclusive, so that nothing that exists, a device say, is opened by its name.
        int fd = (int) Files.openat(
                dir,
                session.first.lastName(),
                access | flags & Files.O_APPEND | Files.O_CREAT | Files.O_EXCL | Files.O_NOFOLLOW | Files.O_CLOEXEC,
                mode);
        if (fd < 0) {
            return -fd;
        }
        int pathFd = -1;
        int result = adoptGroup(fd, Files.S_IFREG, mode, gid);
        if (result == 0) {
            pathFd = host.reopen(fd, Files.O_PATH);
            result = pathFd < 0 ? pathFd : host.stat(fd);
        }
        if (result < 0) {
            Files.unlinkat(dir, session.first.lastName(), 0);
            Files.close(fd);
            if (pathFd >= 0) {
                Files.close(pathFd);
            }
            return -result;
        }
        Attributes a = host.attributes();
        Node node = new Node(pathFd, a.mode & Files.S_IFMT, a.dev, a.ino);
        node.place(fid.node, Arrays.copyOfRange(in.array(), nameAt, nameAt + nameLength));
        session.close(session.fids.remove(number));
        Fid created = new Fid(node);
        created.open = fd;
        created.access = access;
        session.fids.put(number, created);
        putQid(out);
        out.put32(0);
        return 0;
    }

    /** The base protocol's creations carry a group only; the owner stays the server's user. */
    private int adoptGroup(int fd, int type, int mode, int gid) {
        if (gid == -1) {
            return 0;
        }
        int result = (int) Files.fchownat(fd, host.empty(), -1, gid, Files.AT_EMPTY_PATH | Files.AT_SYMLINK_NOFOLLOW);
        if (result == 0 && type != Files.S_IFLNK && (mode & 07000) != 0) {
            result = host.chmod(fd, type, mode);
        }
        return result;
    }

    /**
     * Gives what was just made as {@code name} its owner and mode, and reads its attributes. When that fails the file is
     * removed. Shared with the extension.
     */
    static int adoptName(Host host, int dir, long name, int type, int mode, int uid, int gid) {
        int fd = Host.openName(dir, name);
        int result = fd < 0 ? fd : host.stat(fd);
        if (result == 0 && (host.attributes().mode & Files.S_IFMT) != type) {
            result = -Errors.ESTALE; // somebody put another file there: not ours to change or remove
        } else {
            if (result == 0) {
                result = host.adopt(fd, type, mode, uid, gid);
            }
            if (result == 0) {
                result = host.stat(fd);
            }
            if (result < 0) {
                Files.unlinkat(dir, name, type == Files.S_IFDIR ? Files.AT_REMOVEDIR : 0);
            }
        }
        if (fd >= 0) {
            Files.close(fd);
        }
        return result;
    }

    /** A symbolic link's text: 1 to 4095 bytes, no NUL. Returns 0 or a negated errno. */
    static int checkTarget(byte[] data, int at, int length) {
        if (length == 0 || length >= PATH_MAX) {
            return length == 0 ? -Errors.EINVAL : -36; // ENAMETOOLONG
        }
        for (int i = at; i < at + length; i++) {
            if (data[i] == 0) {
                return -Errors.EINVAL;
            }
        }
        return 0;
    }

    private int symlink(Packet in, Packet out) throws ProtocolException {
        Fid fid = session.fid(in);
        if (fid == null) {
            return Errors.EBADF;
        }
        session.first.readName(fid.node, in);
        int length = in.skipString();
        int at = in.position() - length;
        int gid = in.get32();
        if (session.readOnly) {
            return Errors.EROFS;
        }
        int result = checkTarget(in.array(), at, length);
        if (result == 0) {
            Memory.copy(in.array(), at, host.data(), length);
            Memory.putByte(host.data() + length, (byte) 0);
            result = session.first.parent();
        }
        if (result >= 0) {
            result = (int) Files.symlinkat(host.data(), result, session.first.lastName());
        }
        return finishMake(out, result, Files.S_IFLNK, 0777, gid);
    }

    private int mknod(Packet in, Packet out) throws ProtocolException {
        Fid fid = session.fid(in);
        if (fid == null) {
            return Errors.EBADF;
        }
        session.first.readName(fid.node, in);
        int mode = in.get32();
        in.get32(); // major
        in.get32(); // minor
        int gid = in.get32();
        if (session.readOnly) {
            return Errors.EROFS;
        }
        int type = mode & Files.S_IFMT;
        if (type != Files.S_IFREG && type != Files.S_IFIFO && type != Files.S_IFSOCK) {
            return Errors.EPERM;
        }
        int result = session.first.parent();
        if (result >= 0) {
            result = (int) Files.mknodat(result, session.first.lastName(), mode & (Files.S_IFMT | 07777), 0);
        }
        return finishMake(out, result, type, mode, gid);
    }

    private int mkdir(Packet in, Packet out) throws ProtocolException {
        Fid fid = session.fid(in);
        if (fid == null) {
            return Errors.EBADF;
        }
        session.first.readName(fid.node, in);
        int mode = in.get32();
        int gid = in.get32();
        if (session.readOnly) {
            return Errors.EROFS;
        }
        int result = session.first.parent();
        if (result >= 0) {
            result = (int) Files.mkdirat(result, session.first.lastName(), mode & 07777);
        }
        return finishMake(out, result, Files.S_IFDIR, mode, gid);
    }

    private int finishMake(Packet out, int made, int type, int mode, int gid) {
        if (made < 0) {
            return -made;
        }
        int result = adoptName(host, session.first.base().fd, session.first.lastName(), type, mode, -1, gid);
        if (result < 0) {
            return -result;
        }
        putQid(out);
        return 0;
    }

    private int rename(Packet in) throws ProtocolException {
        Fid fid = session.fid(in);
        Fid dir = session.fid(in);
        if (fid == null || dir == null) {
            return Errors.EBADF;
        }
        session.second.readName(dir.node, in);
        byte[] name = Arrays.copyOfRange(in.array(), in.position() - in.nameLength(), in.position());
        if (session.readOnly) {
            return Errors.EROFS;
        }
        int errno = place(fid, session.first);
        int newDir = session.second.parent();
        if (errno != 0 || newDir < 0) {
            return errno != 0 ? errno : -newDir;
        }
        int result = (int) Files.renameat2(
                fid.node.parent.fd, session.first.lastName(), newDir, session.second.lastName(), 0);
        if (result == 0) {
            fid.node.place(dir.node, name);
        }
        return -result;
    }

    private int renameat(Packet in) throws ProtocolException {
        Fid oldDir = session.fid(in);
        if (oldDir == null) {
            return Errors.EBADF;
        }
        session.first.readName(oldDir.node, in);
        Fid newDir = session.fid(in);
        if (newDir == null) {
            return Errors.EBADF;
        }
        session.second.readName(newDir.node, in);
        if (session.readOnly) {
            return Errors.EROFS;
        }
        int from = session.first.parent();
        int to = session.second.parent();
        if (from < 0 || to < 0) {
            return from < 0 ? -from : -to;
        }
        return (int) -Files.renameat2(from, session.first.lastName(), to, session.second.lastName(), 0);
    }

    private int unlinkat(Packet in) throws ProtocolException {
        Fid fid = session.fid(in);
        if (fid == null) {
            return Errors.EBADF;
        }
        session.first.readName(fid.node, in);
        int flags = in.get32();
        if (session.readOnly) {
            return Errors.EROFS;
        }
        if ((flags & ~Files.AT_REMOVEDIR) != 0) {
            return Errors.EINVAL;
        }
        int dir = session.first.parent();
        return dir < 0 ? -dir : (int) -Files.unlinkat(dir, session.first.lastName(), flags);
    }

    private int link(Packet in) throws ProtocolException {
        Fid dir = session.fid(in);
        Fid fid = session.fid(in);
        if (dir == null || fid == null) {
            return Errors.EBADF;
        }
        session.first.readName(dir.node, in);
        if (session.readOnly) {
            return Errors.EROFS;
        }
        int parent = session.first.parent();
        return parent < 0 ? -parent : -host.link(fid.node.fd, parent, session.first.lastName());
    }

    private int readlink(Packet in, Packet out) throws ProtocolException {
        Fid fid = session.fid(in);
        if (fid == null) {
            return Errors.EBADF;
        }
        if (fid.node.type != Files.S_IFLNK) {
            return Errors.EINVAL;
        }
        int length = host.readlink(fid.node.fd, host.empty());
        if (length < 0) {
            return -length;
        }
        out.put16(length);
        putData(out, length);
        return 0;
    }

    private int getattr(Packet in, Packet out) throws ProtocolException {
        Fid fid = session.fid(in);
        in.get64(); // all is given whatever is asked
        if (fid == null) {
            return Errors.EBADF;
        }
        int result = host.stat(fid.node.fd);
        if (result < 0) {
            return -result;
        }
        Attributes a = host.attributes();
        out.put64(a.btime == Attributes.NO_TIME ? Protocol.GETATTR_BASIC : Protocol.GETATTR_BASIC | 0x800);
        putQid(out);
        out.put32(a.mode);
        out.put32(a.uid);
        out.put32(a.gid);
        out.put64(a.nlink & 0xffffffffL);
        out.put64(a.rdev);
        out.put64(a.size);
        out.put64(a.blksize);
        out.put64(a.blocks);
        putTime(out, a.atime);
        putTime(out, a.mtime);
        putTime(out, a.ctime);
        putTime(out, a.btime == Attributes.NO_TIME ? 0 : a.btime);
        out.put64(0); // gen
        out.put64(0); // data version
        return 0;
    }

    private static void putTime(Packet out, long nanos) {
        out.put64(Math.floorDiv(nanos, NANOS));
        out.put64(Math.floorMod(nanos, NANOS));
    }

    private int setattr(Packet in) throws ProtocolException {
        Fid fid = session.fid(in);
        int valid = in.get32();
        int mode = in.get32();
        int uid = in.get32();
        int gid = in.get32();
        long size = in.get64();
        long atime = getTime(in);
        long mtime = getTime(in);
        if (fid == null) {
            return Errors.EBADF;
        }
        if (session.readOnly) {
            return Errors.EROFS;
        }
        return -host.setattr(fid.node.fd, fid.node.type, valid, mode, uid, gid, size, atime, mtime);
    }

    private static long getTime(Packet in) throws ProtocolException {
        long seconds = in.get64();
        long nanos = in.get64();
        if (nanos < 0 || nanos >= NANOS || seconds > Long.MAX_VALUE / NANOS - 1 || seconds < Long.MIN_VALUE / NANOS + 1) {
            throw ProtocolException.malformed();
        }
        return seconds * NANOS + nanos;
    }

    private int xattrwalk(Packet in, Packet out) throws ProtocolException {
        Fid fid = session.fid(in);
        int newNumber = in.get32();
        int length = in.skipString();
        if (fid == null || fid.xattr != null) {
            return Errors.EBADF;
        }
        if (!session.free(newNumber)) {
            return session.whyNotFree();
        }
        int size;
        if (length == 0) {
            size = host.listxattr(fid.node.fd);
        } else {
            long name = host.xattrName(in.array(), in.position() - length, length);
            size = name == 0 ? -Errors.ERANGE : host.getxattr(fid.node.fd, name);
        }
        if (size < 0) {
            return -size;
        }
        byte[] content = session.takeXattr(size);
        if (content == null) {
            return Errors.ENOMEM;
        }
        Fid value = new Fid(fid.node.retain());
        value.xattr = content;
        Memory.copy(host.data(), content, 0, size);
        session.fids.put(newNumber, value);
        out.put64(size);
        return 0;
    }

    private int xattrcreate(Packet in) throws ProtocolException {
        Fid fid = session.fid(in);
        int length = in.skipString();
        int at = in.position() - length;
        long size = in.get64();
        int flags = in.get32();
        if (fid == null || fid.isOpen()) {
            return Errors.EBADF;
        }
        if (host.xattrName(in.array(), at, length) == 0 || size < 0 || size > Host.DATA_SIZE) {
            return Errors.ERANGE;
        }
        if (session.readOnly) {
            return Errors.EROFS;
        }
        byte[] content = session.takeXattr((int) size);
        if (content == null) {
            return Errors.ENOMEM;
        }
        fid.xattr = content;
        fid.xattrName = Arrays.copyOfRange(in.array(), at, at + length);
        fid.xattrFlags = flags;
        return 0;
    }

    private int readdir(Packet in, Packet out) throws ProtocolException {
        Fid fid = session.fid(in);
        long offset = in.get64();
        int count = in.get32();
        if (fid == null || fid.open < 0) {
            return Errors.EBADF;
        }
        if (!fid.node.isDirectory()) {
            return Errors.ENOTDIR;
        }
        if (offset != fid.directoryOffset) {
            long result = Files.lseek(fid.open, offset, 0);
            if (result < 0) {
                return (int) -result;
            }
            fid.directoryOffset = offset;
        }
        int countAt = out.position();
        out.put32(0);
        int limit = Math.min(session.msize, Protocol.HEADER + 4 + Math.min(Math.max(count, 0), session.msize));
        // A name takes 24 bytes on the wire besides itself, more than the host's entry may (24 rounded up): ask for half.
        int ask = Math.min((limit - out.position()) / 2, Host.DATA_SIZE);
        int length = (int) Files.getdents64(fid.open, host.data(), Math.max(ask, 0));
        if (length < 0) {
            return -length;
        }
        for (int at = 0; at < length; ) {
            long entry = host.data() + at;
            int record = Memory.getShort(entry + 16) & 0xffff;
            int type = Memory.getByte(entry + 18);
            int nameLength = 0;
            while (Memory.getByte(entry + 19 + nameLength) != 0) {
                nameLength++;
            }
            out.put8(type == 4 ? Protocol.QID_DIRECTORY : type == 10 ? Protocol.QID_SYMLINK : 0);
            out.put32(0);
            out.put64(Memory.getLong(entry));
            fid.directoryOffset = Memory.getLong(entry + 8);
            out.put64(fid.directoryOffset);
            out.put8(type);
            out.put16(nameLength);
            out.ensure(nameLength);
            Memory.copy(entry + 19, out.array(), out.position(), nameLength);
            out.position(out.position() + nameLength);
            at += record;
        }
        out.set32(countAt, out.position() - countAt - 4);
        return 0;
    }

    private int read(Packet in, Packet out) throws ProtocolException {
        Fid fid = session.fid(in);
        long offset = in.get64();
        int count = in.get32();
        if (fid == null || offset < 0) {
            return fid == null ? Errors.EBADF : Errors.EINVAL;
        }
        int limit = Math.min(session.msize - Protocol.HEADER - 4, count < 0 ? Integer.MAX_VALUE : count);
        if (fid.xattr != null) {
            if (fid.xattrName != null) {
                return Errors.EBADF;
            }
            int from = (int) Math.min(offset, fid.xattr.length);
            int length = Math.min(limit, fid.xattr.length - from);
            out.put32(length);
            out.putBytes(fid.xattr, from, length);
            return 0;
        }
        if (fid.open < 0 || fid.access == Files.O_WRONLY) {
            return Errors.EBADF;
        }
        if (fid.node.isDirectory()) {
            return Errors.EISDIR;
        }
        int countAt = out.position();
        out.put32(0);
        out.ensure(limit);
        int done = 0;
        while (done < limit) {
            int piece = Math.min(limit - done, Host.DATA_SIZE);
            int result = (int) Files.pread(fid.open, host.data(), piece, offset + done);
            if (result < 0 && done == 0) {
                return -result;
            }
            if (result <= 0) {
                break;
            }
            putData(out, result);
            done += result;
            if (result < piece) {
                break;
            }
        }
        out.set32(countAt, done);
        return 0;
    }

    private int write(Packet in, Packet out) throws ProtocolException {
        Fid fid = session.fid(in);
        long offset = in.get64();
        int count = in.get32();
        int at = in.skip(count);
        if (fid == null || offset < 0) {
            return fid == null ? Errors.EBADF : Errors.EINVAL;
        }
        if (fid.xattrName != null) {
            if (offset != fid.xattrLength || count > fid.xattr.length - fid.xattrLength) {
                return Errors.EINVAL;
            }
            System.arraycopy(in.array(), at, fid.xattr, fid.xattrLength, count);
            fid.xattrLength += count;
            out.put32(count);
            return 0;
        }
        if (fid.open < 0 || fid.access == Files.O_RDONLY) {
            return Errors.EBADF;
        }
        int done = 0;
        while (done < count) {
            int piece = Math.min(count - done, Host.DATA_SIZE);
            Memory.copy(in.array(), at + done, host.data(), piece);
            int result = (int) Files.pwrite(fid.open, host.data(), piece, offset + done);
            if (result < 0 && done == 0) {
                return -result;
            }
            if (result <= 0) {
                break;
            }
            done += result;
        }
        out.put32(done);
        return 0;
    }

    private int fsync(Packet in) throws ProtocolException {
        Fid fid = session.fid(in);
        int dataOnly = in.remaining() >= 4 ? in.get32() : 0;
        if (fid == null || fid.open < 0) {
            return Errors.EBADF;
        }
        return (int) -(dataOnly != 0 ? Files.fdatasync(fid.open) : Files.fsync(fid.open));
    }

    /** Record locks are open-file-description locks of the host; the request never waits. */
    private int lock(Packet in, Packet out) throws ProtocolException {
        Fid fid = session.fid(in);
        int type = in.get8();
        in.get32(); // flags: LOCK_BLOCK means that the client asks again
        long start = in.get64();
        long length = in.get64();
        in.get32(); // proc_id
        in.skipString(); // client_id
        if (fid == null || fid.open < 0) {
            return Errors.EBADF;
        }
        if (type > 2) {
            return Errors.EINVAL;
        }
        putFlock(type, start, length);
        int result = (int) Files.fcntl(fid.open, F_OFD_SETLK, host.data());
        if (result == -EAGAIN || result == -EACCES) {
            out.put8(Protocol.LOCK_BLOCKED);
            return 0;
        }
        out.put8(result < 0 ? Protocol.LOCK_ERROR : Protocol.LOCK_SUCCESS);
        return 0;
    }

    private int getlock(Packet in, Packet out) throws ProtocolException {
        Fid fid = session.fid(in);
        int type = in.get8();
        long start = in.get64();
        long length = in.get64();
        int process = in.get32();
        int clientLength = in.skipString();
        int clientAt = in.position() - clientLength;
        if (fid == null || fid.open < 0) {
            return Errors.EBADF;
        }
        if (type > 2) {
            return Errors.EINVAL;
        }
        putFlock(type, start, length);
        int result = (int) Files.fcntl(fid.open, F_OFD_GETLK, host.data());
        if (result < 0) {
            return -result;
        }
        out.put8(Memory.getShort(host.data()));
        out.put64(Memory.getLong(host.data() + 8));
        out.put64(Memory.getLong(host.data() + 16));
        out.put32(process);
        out.putString(in.array(), clientAt, clientLength);
        return 0;
    }

    /** struct flock: type[2] whence[2] pad[4] start[8] len[8] pid[4]. */
    private void putFlock(int type, long start, long length) {
        long at = host.data();
        Memory.putLong(at, type);
        Memory.putLong(at + 8, start);
        Memory.putLong(at + 16, length);
        Memory.putLong(at + 24, 0);
    }

    /** The qid of the file whose attributes were just read. */
    private void putQid(Packet out) {
        Attributes a = host.attributes();
        int type = a.mode & Files.S_IFMT;
        out.put8(type == Files.S_IFDIR ? Protocol.QID_DIRECTORY : type == Files.S_IFLNK ? Protocol.QID_SYMLINK : 0);
        out.put32((int) (a.mtime ^ a.mtime >>> 32));
        // Inode numbers are unique within a device; files of devices other than the root's get theirs spread out.
        out.put64(a.dev == session.root.dev ? a.ino : a.ino ^ a.dev * 0x9e3779b97f4a7c15L);
    }

    private void putData(Packet out, int length) {
        out.ensure(length);
        Memory.copy(host.data(), out.array(), out.position(), length);
        out.position(out.position() + length);
    }
}
