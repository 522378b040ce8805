package gofer.p9.server;

import gofer.p9.codec.Packet;
import gofer.p9.codec.Protocol;
import gofer.p9.codec.ProtocolException;
import host.linux.Files;
import host.linux.Memory;

/**
 * The requests of 9P2000.L.runsc.1. Each method reads its request, writes the reply's body and returns 0, or returns the
 * errno to answer with instead.
 */
final class ExtendedRequests {
    private static final int AT_REMOVEDIR = Files.AT_REMOVEDIR;
    private static final int RENAME_FLAGS = 3; // RENAME_NOREPLACE, RENAME_EXCHANGE
    private static final int FALLOC_FLAGS = 0x7b; // all but FALLOC_FL_NO_HIDE_STALE

    private final Session session;
    private final Host host;
    private final WalkRequest walk;
    private final DirectoryRequests directories;

    ExtendedRequests(Session session) {
        this.session = session;
        this.host = session.host;
        walk = new WalkRequest(session);
        directories = new DirectoryRequests(session);
    }

    int serve(int type, Packet in, Packet out) throws ProtocolException {
        return switch (type) {
            case Protocol.TWALKX -> walk.serve(in, out);
            case Protocol.TOPENX -> open(in, out);
            case Protocol.TCREATEX -> create(in, out);
            case Protocol.TMAKEX -> make(in, out);
            case Protocol.TLINKX -> link(in, out);
            case Protocol.TUNLINKX -> unlink(in);
            case Protocol.TRENAMEX -> rename(in);
            case Protocol.TSETATTRX -> setattr(in, out);
            case Protocol.TREADDIRX -> directories.list(in, out);
            case Protocol.TSCANXATTRX -> directories.scanAttributes(in, out);
            case Protocol.TGETXATTRX -> getxattr(in, out);
            case Protocol.TSETXATTRX -> setxattr(in);
            case Protocol.TLISTXATTRX -> listxattr(in, out);
            case Protocol.TREMOVEXATTRX -> removexattr(in);
            case Protocol.TCLUNKX -> clunk(in);
            case Protocol.TALLOCATEX -> allocate(in);
            default -> Errors.EOPNOTSUPP;
        };
    }

    private int open(Packet in, Packet out) throws ProtocolException {
        Location at = session.first;
        int errno = session.location(in, at);
        if (errno != 0) {
            return errno;
        }
        int newFid = in.get32();
        int flags = in.get32();
        if (newFid != Protocol.NOFID && !session.free(newFid)) {
            return session.whyNotFree();
        }
        int fd = at.open();
        if (fd < 0) {
            return -fd;
        }
        int result = host.stat(fd);
        if (result == 0) {
            result = openRegular(fd, flags & (Files.O_ACCMODE | Files.O_TRUNC));
        }
        if (result == 0 && (flags & Files.O_TRUNC) != 0) {
            result = host.stat(fd);
        }
        if (result < 0) {
            at.close(fd);
            return -result;
        }
        host.attributes().write(out);
        out.put8(1);
        bindOrClose(at, newFid, fd);
        return 0;
    }

    /** Opens the regular file of {@code fd} for donation; its attributes were just read. */
    private int openRegular(int fd, int flags) {
        int type = host.attributes().mode & Files.S_IFMT;
        if (type != Files.S_IFREG) {
            return type == Files.S_IFDIR ? -Errors.EISDIR : type == Files.S_IFLNK ? -Errors.ELOOP : -Errors.ENXIO;
        }
        if (session.readOnly && flags != Files.O_RDONLY) {
            return -Errors.EROFS;
        }
        int result = host.reopen(fd, flags);
        if (result < 0) {
            return result;
        }
        session.donation = result;
        return 0;
    }

    /** Gives {@code fd} to {@code newFid} or back to the location. The attributes are still those of the file. */
    private void bindOrClose(Location at, int newFid, int fd) {
        if (newFid == Protocol.NOFID) {
            at.close(fd);
        } else if (at.isBase()) {
            session.fids.put(newFid, new Fid(at.base().retain()));
        } else {
            session.bind(newFid, fd);
        }
    }

    private int create(Packet in, Packet out) throws ProtocolException {
        Location at = session.first;
        int errno = session.location(in, at);
        if (errno != 0) {
            return errno;
        }
        int newFid = in.get32();
        int flags = in.get32();
        int mode = in.get32() & 07777;
        int uid = in.get32();
        int gid = in.get32();
        if (newFid != Protocol.NOFID && !session.free(newFid)) {
            return session.whyNotFree();
        }
        if (session.readOnly) {
            return Errors.EROFS;
        }
        int dir = at.parent();
        if (dir < 0) {
            return -dir;
        }
        int access = flags & Files.O_ACCMODE;
        // Always exclusive: what exists is opened by Topenx, after its type was checked.
        int fd = (int) Files.openat(
                dir,
                at.lastName(),
                access | Files.O_CREAT | Files.O_EXCL | Files.O_NOFOLLOW | Files.O_CLOEXEC | Files.O_NOCTTY,
                mode);
        if (fd < 0) {
            at.close(dir);
            return -fd;
        }
        int pathFd = -1;
        int result = host.adopt(fd, Files.S_IFREG, mode, uid, gid);
        if (result == 0 && newFid != Protocol.NOFID) {
            pathFd = host.reopen(fd, Files.O_PATH);
            result = Math.min(pathFd, 0);
        }
        if (result == 0) {
            result = host.stat(fd);
        }
        if (result < 0) {
            Files.unlinkat(dir, at.lastName(), 0);
            Files.close(fd);
            if (pathFd >= 0) {
                Files.close(pathFd);
            }
            at.close(dir);
            return -result;
        }
        at.close(dir);
        host.attributes().write(out);
        out.put8(1);
        session.donation = fd;
        if (newFid != Protocol.NOFID) {
            session.bind(newFid, pathFd);
        }
        return 0;
    }

    /** Directories, symbolic links, fifos and sockets. Device nodes are refused: the host's devices are not ours to give. */
    private int make(Packet in, Packet out) throws ProtocolException {
        Location at = session.first;
        int errno = session.location(in, at);
        if (errno != 0) {
            return errno;
        }
        int mode = in.get32();
        in.get64(); // rdev
        int uid = in.get32();
        int gid = in.get32();
        int targetLength = in.skipString();
        int targetAt = in.position() - targetLength;
        if (session.readOnly) {
            return Errors.EROFS;
        }
        int type = mode & Files.S_IFMT;
        int dir = at.parent();
        if (dir < 0) {
            return -dir;
        }
        int result;
        switch (type) {
            case Files.S_IFDIR -> result = (int) Files.mkdirat(dir, at.lastName(), mode & 07777);
            case Files.S_IFLNK -> {
                result = BaseRequests.checkTarget(in.array(), targetAt, targetLength);
                if (result == 0) {
                    Memory.copy(in.array(), targetAt, host.data(), targetLength);
                    Memory.putByte(host.data() + targetLength, (byte) 0);
                    result = (int) Files.symlinkat(host.data(), dir, at.lastName());
                }
            }
            case Files.S_IFIFO, Files.S_IFSOCK ->
                result = (int) Files.mknodat(dir, at.lastName(), mode & (Files.S_IFMT | 07777), 0);
            default -> result = -Errors.EPERM;
        }
        if (result < 0) {
            at.close(dir);
            return -result;
        }
        result = BaseRequests.adoptName(host, dir, at.lastName(), type, mode, uid, gid);
        at.close(dir);
        if (result < 0) {
            return -result;
        }
        host.attributes().write(out);
        return 0;
    }

    private int link(Packet in, Packet out) throws ProtocolException {
        Location from = session.first;
        Location to = session.second;
        int errno = session.location(in, from);
        if (errno == 0) {
            errno = session.location(in, to);
        }
        if (errno != 0) {
            return errno;
        }
        if (session.readOnly) {
            return Errors.EROFS;
        }
        int fd = from.open();
        if (fd < 0) {
            return -fd;
        }
        int dir = to.parent();
        if (dir < 0) {
            from.close(fd);
            return -dir;
        }
        int result = host.link(fd, dir, to.lastName());
        if (result == 0) {
            result = host.stat(fd);
        }
        from.close(fd);
        to.close(dir);
        if (result < 0) {
            return -result;
        }
        host.attributes().write(out);
        return 0;
    }

    private int unlink(Packet in) throws ProtocolException {
        Location at = session.first;
        int errno = session.location(in, at);
        if (errno != 0) {
            return errno;
        }
        int newFid = in.get32();
        int flags = in.get32();
        if ((flags & ~AT_REMOVEDIR) != 0) {
            return Errors.EINVAL;
        }
        if (newFid != Protocol.NOFID && !session.free(newFid)) {
            return session.whyNotFree();
        }
        if (session.readOnly) {
            return Errors.EROFS;
        }
        int dir = at.parent();
        if (dir < 0) {
            return -dir;
        }
        int kept = -1;
        int result = 0;
        if (newFid != Protocol.NOFID) {
            kept = keep(dir, at.lastName());
            result = Math.min(kept, 0);
        }
        if (result == 0) {
            result = (int) Files.unlinkat(dir, at.lastName(), flags);
        }
        at.close(dir);
        return finishKept(newFid, kept, result);
    }

    private int rename(Packet in) throws ProtocolException {
        Location from = session.first;
        Location to = session.second;
        int errno = session.location(in, from);
        if (errno == 0) {
            errno = session.location(in, to);
        }
        if (errno != 0) {
            return errno;
        }
        int newFid = in.get32();
        int flags = in.get32();
        if ((flags & ~RENAME_FLAGS) != 0) {
            return Errors.EINVAL;
        }
        if (newFid != Protocol.NOFID && !session.free(newFid)) {
            return session.whyNotFree();
        }
        if (session.readOnly) {
            return Errors.EROFS;
        }
        int oldDir = from.parent();
        if (oldDir < 0) {
            return -oldDir;
        }
        int newDir = to.parent();
        if (newDir < 0) {
            from.close(oldDir);
            return -newDir;
        }
        int kept = -1;
        int result = 0;
        if (newFid != Protocol.NOFID) {
            kept = keep(newDir, to.lastName());
            result = Math.min(kept, 0);
        }
        if (result == 0) {
            result = (int) Files.renameat2(oldDir, from.lastName(), newDir, to.lastName(), flags);
        }
        from.close(oldDir);
        to.close(newDir);
        return finishKept(newFid, kept, result);
    }

    /** An O_PATH descriptor of a file that is about to lose its name, its attributes read. */
    private int keep(int dir, long name) {
        int fd = Host.openName(dir, name);
        if (fd >= 0) {
            int result = host.stat(fd);
            if (result < 0) {
                Files.close(fd);
                return result;
            }
        }
        return fd;
    }

    private int finishKept(int newFid, int kept, int result) {
        if (kept >= 0) {
            if (result < 0) {
                Files.close(kept);
            } else {
                session.bind(newFid, kept);
            }
        }
        return -result;
    }

    private int setattr(Packet in, Packet out) throws ProtocolException {
        Location at = session.first;
        int errno = session.location(in, at);
        if (errno != 0) {
            return errno;
        }
        int valid = in.get32();
        int mode = in.get32();
        int uid = in.get32();
        int gid = in.get32();
        long size = in.get64();
        long atime = in.get64();
        long mtime = in.get64();
        if (session.readOnly) {
            return Errors.EROFS;
        }
        int fd = at.open();
        if (fd < 0) {
            return -fd;
        }
        int result = host.stat(fd);
        if (result == 0) {
            int type = host.attributes().mode & Files.S_IFMT;
            result = host.setattr(fd, type, valid, mode, uid, gid, size, atime, mtime);
        }
        if (result == 0) {
            result = host.stat(fd);
        }
        at.close(fd);
        if (result < 0) {
            return -result;
        }
        host.attributes().write(out);
        return 0;
    }

    private int getxattr(Packet in, Packet out) throws ProtocolException {
        Location at = session.first;
        int errno = session.location(in, at);
        if (errno != 0) {
            return errno;
        }
        int length = in.skipString();
        long name = host.xattrName(in.array(), in.position() - length, length);
        if (name == 0) {
            return Errors.ERANGE;
        }
        int fd = at.open();
        if (fd < 0) {
            return -fd;
        }
        int result = host.getxattr(fd, name);
        at.close(fd);
        return putValue(out, result);
    }

    private int listxattr(Packet in, Packet out) throws ProtocolException {
        Location at = session.first;
        int errno = session.location(in, at);
        if (errno != 0) {
            return errno;
        }
        int fd = at.open();
        if (fd < 0) {
            return -fd;
        }
        int result = host.listxattr(fd);
        at.close(fd);
        return putValue(out, result);
    }

    private int putValue(Packet out, int length) {
        if (length < 0) {
            return -length;
        }
        if (out.position() + 4 + length > session.msize) {
            return Errors.ERANGE;
        }
        out.put32(length);
        out.ensure(length);
        Memory.copy(host.data(), out.array(), out.position(), length);
        out.position(out.position() + length);
        return 0;
    }

    private int setxattr(Packet in) throws ProtocolException {
        Location at = session.first;
        int errno = session.location(in, at);
        if (errno != 0) {
            return errno;
        }
        int length = in.skipString();
        int nameAt = in.position() - length;
        int flags = in.get32();
        int size = in.get32();
        int valueAt = in.skip(size);
        long name = host.xattrName(in.array(), nameAt, length);
        if (name == 0) {
            return Errors.ERANGE;
        }
        if (session.readOnly) {
            return Errors.EROFS;
        }
        int fd = at.open();
        if (fd < 0) {
            return -fd;
        }
        int result = host.setxattr(fd, name, in.array(), valueAt, size, flags);
        at.close(fd);
        return -result;
    }

    private int removexattr(Packet in) throws ProtocolException {
        Location at = session.first;
        int errno = session.location(in, at);
        if (errno != 0) {
            return errno;
        }
        int length = in.skipString();
        long name = host.xattrName(in.array(), in.position() - length, length);
        if (name == 0) {
            return Errors.ERANGE;
        }
        if (session.readOnly) {
            return Errors.EROFS;
        }
        int fd = at.open();
        if (fd < 0) {
            return -fd;
        }
        int result = host.removexattr(fd, name);
        at.close(fd);
        return -result;
    }

    private int clunk(Packet in) throws ProtocolException {
        int count = in.get16();
        int errno = 0;
        for (int i = 0; i < count; i++) {
            Fid fid = session.fids.remove(in.get32());
            if (fid == null) {
                errno = Errors.EBADF;
            } else {
                session.close(fid);
            }
        }
        return errno;
    }

    private int allocate(Packet in) throws ProtocolException {
        Fid fid = session.fid(in);
        int mode = in.get32();
        long offset = in.get64();
        long length = in.get64();
        if (fid == null || fid.open < 0 || fid.access == Files.O_RDONLY) {
            return Errors.EBADF;
        }
        if ((mode & ~FALLOC_FLAGS) != 0) {
            return Errors.EOPNOTSUPP;
        }
        return (int) -Files.fallocate(fid.open, mode, offset, length);
    }
}
