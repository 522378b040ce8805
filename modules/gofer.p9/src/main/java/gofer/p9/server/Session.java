package gofer.p9.server;

import gofer.p9.codec.Attributes;
import gofer.p9.codec.Packet;
import gofer.p9.codec.Protocol;
import gofer.p9.codec.ProtocolException;
import host.linux.Files;

/**
 * What one connection knows: its fids, what was agreed in Tversion, and the reply that is being made.
 *
 * <p>{@link #serve} is given a request and leaves the reply in {@link #reply}, with {@link #donation} to send along.
 */
final class Session {
    /** Bytes of extended attributes that the fids of a connection may hold. */
    private static final int XATTR_LIMIT = 8 << 20;

    final Host host;
    final FidTable fids = new FidTable();
    final Location first;
    final Location second;
    final Node root;
    final boolean readOnly;
    /** The largest message either side sends; 0 before Tversion. */
    int msize;

    boolean extended;

    /** Bytes of extended attributes that fids hold. */
    private int xattrBytes;

    /** A descriptor to send with the reply and to close then, or -1. */
    int donation = -1;

    final Packet reply = new Packet(Protocol.MIN_MSIZE);
    private final BaseRequests base;
    private final ExtendedRequests extension;

    Session(Host host, Node root, boolean readOnly) {
        this.host = host;
        this.root = root;
        this.readOnly = readOnly;
        first = new Location(host);
        second = new Location(host);
        base = new BaseRequests(this);
        extension = new ExtendedRequests(this);
    }

    /** Serves the request in {@code in}, whose header was read; returns the reply's size. */
    int serve(int type, int tag, Packet in) {
        donation = -1;
        reply.begin(type + 1, tag);
        int errno;
        try {
            errno = dispatch(type, in);
        } catch (ProtocolException e) {
            errno = Errors.EINVAL;
        }
        if (errno == 0 && msize > 0 && reply.position() > msize) {
            errno = Errors.EMSGSIZE; // a link's text, say, on a connection with the smallest messages
        }
        if (errno != 0) {
            dropDonation();
            reply.begin(Protocol.RLERROR, tag);
            reply.put32(errno);
        }
        return reply.finish();
    }

    private int dispatch(int type, Packet in) throws ProtocolException {
        if (msize == 0 && type != Protocol.TVERSION) {
            return Errors.EPROTO;
        }
        if (type < Protocol.TWALKX) {
            return base.serve(type, in, reply);
        }
        return extended ? extension.serve(type, in, reply) : Errors.EOPNOTSUPP;
    }

    void dropDonation() {
        if (donation >= 0) {
            Files.close(donation);
            donation = -1;
        }
    }

    /** Reads fid[4]; null when there is no such fid. */
    Fid fid(Packet in) throws ProtocolException {
        return fids.get(in.get32());
    }

    /** Reads a location into {@code target}; returns an errno. */
    int location(Packet in, Location target) throws ProtocolException {
        Fid fid = fid(in);
        if (fid == null || fid.xattr != null) {
            return Errors.EBADF;
        }
        target.read(fid.node, in);
        return 0;
    }

    /** Whether a new fid may have this number. */
    boolean free(int number) {
        return number != Protocol.NOFID && fids.get(number) == null && !fids.full();
    }

    /** The errno for a number that is not {@link #free}. */
    int whyNotFree() {
        return fids.full() ? Errors.ENFILE : Errors.EBADF;
    }

    /** Binds {@code number} to the file of an O_PATH descriptor, which passes to the fid; stat was just called on it. */
    Fid bind(int number, int pathFd) {
        Attributes a = host.attributes();
        Fid fid = new Fid(new Node(pathFd, a.mode & Files.S_IFMT, a.dev, a.ino));
        fids.put(number, fid);
        return fid;
    }

    /** Makes room for the value of an extended attribute that a fid is to hold; null when fids hold too many already. */
    byte[] takeXattr(int size) {
        if (size > XATTR_LIMIT - xattrBytes) {
            return null;
        }
        xattrBytes += size;
        return new byte[size];
    }

    /** Ends a fid that was taken out of the table. */
    void close(Fid fid) {
        if (fid.xattr != null) {
            xattrBytes -= fid.xattr.length;
        }
        fid.close();
    }

    /** A new Tversion ends all that was. */
    void reset() {
        xattrBytes = 0;
        fids.closeAll();
    }

    void close() {
        fids.closeAll();
        root.release();
        first.free();
        second.free();
        host.free();
    }
}
