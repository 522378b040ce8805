package gofer.p9.server;

import gofer.p9.codec.Attributes;
import gofer.p9.codec.Packet;
import gofer.p9.codec.Protocol;
import gofer.p9.codec.ProtocolException;
import host.linux.Files;
import host.linux.Memory;

/** Twalkx: looks names up one below the other and tells of each. */
final class WalkRequest {
    /** Attributes, a target and what ends the reply. */
    private static final int ENTRY_MAX = Attributes.SIZE + 4096 + 16;

    private final Session session;
    private final Host host;
    private final byte[] link = new byte[Protocol.NAME_MAX];

    // State of the request that is being served.
    private int dir;
    private boolean dirBorrowed;
    /** Descriptor of the last file found, when it was opened and is not {@link #dir}. */
    private int leaf;

    private int found;
    /** Length of the link text that is in the host's data area, when the last file found is a link. */
    private int targetLength;

    WalkRequest(Session session) {
        this.session = session;
        this.host = session.host;
    }

    int serve(Packet in, Packet out) throws ProtocolException {
        Location at = session.first;
        int errno = session.location(in, at);
        if (errno != 0) {
            return errno;
        }
        int newFid = in.get32();
        int flags = in.get32();
        int count = in.get16();
        if (count > Protocol.MAX_NAMES) {
            return Errors.EINVAL;
        }
        in.checkNames(count);
        if (newFid != Protocol.NOFID && !session.free(newFid)) {
            return session.whyNotFree();
        }
        dir = at.open();
        if (dir < 0) {
            return -dir;
        }
        dirBorrowed = at.isBase();
        leaf = -1;
        found = 0;
        int result = host.stat(dir);
        if (result < 0) {
            closeAll();
            return -result;
        }
        int errnoAt = out.position();
        out.put32(0);
        out.put16(0);
        if ((flags & Protocol.WALK_SELF) != 0) {
            result = putEntry(host, out, dir, host.empty());
            found++;
        }
        if (result >= 0) {
            result = steps(in, out, count, newFid != Protocol.NOFID || (flags & Protocol.WALK_OPEN) != 0);
        }
        if (result >= 0 && count > 0 && newFid == Protocol.NOFID && (flags & Protocol.WALK_LINK) != 0) {
            links(out);
        }
        if (result >= 0 && (flags & Protocol.WALK_OPEN) != 0) {
            open();
        }
        if (result >= 0 && newFid != Protocol.NOFID) {
            bind(in, newFid);
        }
        closeAll();
        out.put8(session.donation >= 0 ? 1 : 0);
        out.set32(errnoAt, Math.max(0, -result));
        out.set16(errnoAt + 4, found);
        return 0;
    }

    /** Goes down; returns a negated errno where that ends. */
    private int steps(Packet in, Packet out, int count, boolean wantsLeaf) throws ProtocolException {
        Location name = session.second;
        for (int walked = 0; walked < count; walked++) {
            if (!isDirectory()) {
                return -Errors.ENOTDIR;
            }
            if (out.position() + ENTRY_MAX > session.msize) {
                return -Errors.EINVAL;
            }
            name.readName(session.root, in);
            boolean lastOne = walked == count - 1;
            int result = lastOne && !wantsLeaf ? tell(out, name.lastName()) : tellAndOpen(out, name.lastName());
            if (result < 0) {
                return result;
            }
            if (lastOne) {
                break;
            }
            if (host.attributes().isSymlink()) {
                return -Errors.ELOOP;
            }
            closeDir();
            dir = leaf;
            dirBorrowed = false;
            leaf = -1;
        }
        return 0;
    }

    private boolean isDirectory() {
        return (host.attributes().mode & Files.S_IFMT) == Files.S_IFDIR;
    }

    /** Tells of a name in {@link #dir}. */
    private int tell(Packet out, long name) {
        int result = host.statName(dir, name);
        return result < 0 ? result : told(out, dir, name);
    }

    /** The same of what is opened by the name, which becomes {@link #leaf}. */
    private int tellAndOpen(Packet out, long name) {
        int fd = Host.openName(dir, name);
        if (fd < 0) {
            return fd;
        }
        if (leaf >= 0) {
            Files.close(leaf);
        }
        leaf = fd;
        int result = host.stat(fd);
        return result < 0 ? result : told(out, fd, host.empty());
    }

    private int told(Packet out, int fd, long name) {
        int result = putEntry(host, out, fd, name);
        found++;
        targetLength = Math.max(0, result);
        return Math.min(0, result);
    }

    /** Follows links within the directory, as long as they exist. */
    private void links(Packet out) {
        for (int i = 0; i < Protocol.MAX_LINKS && host.attributes().isSymlink(); i++) {
            if (out.position() + ENTRY_MAX > session.msize || !targetIsName()) {
                return;
            }
            session.second.set(session.root, link, 0, targetLength);
            if (tellAndOpen(out, session.second.lastName()) < 0) {
                return;
            }
        }
    }

    /** Copies the link's text into {@link #link} and says whether it is a plain name. */
    private boolean targetIsName() {
        if (targetLength == 0 || targetLength > link.length) {
            return false;
        }
        Memory.copy(host.data(), link, 0, targetLength);
        if (link[0] == '.' && (targetLength == 1 || targetLength == 2 && link[1] == '.')) {
            return false;
        }
        for (int i = 0; i < targetLength; i++) {
            if (link[i] == '/') {
                return false;
            }
        }
        return true;
    }

    /** Donates the last file found, if it is a regular one and can be opened. */
    private void open() {
        if ((host.attributes().mode & Files.S_IFMT) == Files.S_IFREG) {
            int fd = host.reopen(leaf >= 0 ? leaf : dir, Files.O_RDONLY);
            if (fd >= 0) {
                session.donation = fd;
            }
        }
    }

    private void bind(Packet in, int newFid) {
        if (leaf >= 0) {
            session.bind(newFid, leaf);
            leaf = -1;
        } else if (dirBorrowed) {
            Fid base = session.fids.get(Packet.int32(in.array(), in.start() + Protocol.HEADER));
            session.fids.put(newFid, new Fid(base.node.retain()));
        } else {
            session.bind(newFid, dir);
            dirBorrowed = true;
        }
    }

    private void closeDir() {
        if (!dirBorrowed) {
            Files.close(dir);
        }
    }

    private void closeAll() {
        closeDir();
        if (leaf >= 0) {
            Files.close(leaf);
            leaf = -1;
        }
    }

    /**
     * Writes the attributes that were just read and, of a symbolic link, its text, which stays in the host's data area.
     *
     * @return the text's length, 0 for other files, or a negated errno
     */
    static int putEntry(Host host, Packet out, int dir, long name) {
        host.attributes().write(out);
        if (!host.attributes().isSymlink()) {
            out.put16(0);
            return 0;
        }
        int length = host.readlink(dir, name);
        if (length < 0) {
            out.put16(0);
            return length;
        }
        out.put16(length);
        out.ensure(length);
        Memory.copy(host.data(), out.array(), out.position(), length);
        out.position(out.position() + length);
        return length;
    }
}
