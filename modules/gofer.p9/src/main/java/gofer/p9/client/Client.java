package gofer.p9.client;

import gofer.p9.codec.Attributes;
import gofer.p9.codec.Packet;
import gofer.p9.codec.Protocol;
import gofer.p9.codec.ProtocolException;
import gofer.p9.codec.Qid;
import java.util.HashSet;
import java.util.Set;

/**
 * A connection to a 9P2000.L server, with a method for each request. Thread-safe. Every method may throw the server's
 * errno, and EIO when the connection is gone; methods whose name ends in x need {@link #extended}.
 *
 * <p>Strings are bytes: each char is one (ISO-8859-1).
 */
public final class Client implements AutoCloseable {
    private static final long NANOS = 1_000_000_000L;
    private static final int CLUNK_BATCH = 32;

    private final Transport transport;
    private final FidNumbers fidNumbers = new FidNumbers();
    private boolean extended;
    /** Fids to be clunked together, guarded by its monitor. */
    private final int[] unused = new int[CLUNK_BATCH];

    private int unusedCount;

    private Client(int socketFd) {
        transport = new Transport(socketFd);
    }

    /**
     * Takes over a connected unix stream socket and agrees on the version and on messages of at most {@code msize} bytes.
     *
     * @throws P9Error EPROTO when the server speaks no 9P2000.L, EIO when it hangs up
     */
    public static Client connect(int socketFd, int msize) throws P9Error {
        Client client = new Client(socketFd);
        boolean ok = false;
        try {
            client.negotiate(msize);
            ok = true;
            return client;
        } finally {
            if (!ok) {
                client.close();
            }
        }
    }

    private void negotiate(int msize) throws P9Error {
        int ask = Math.clamp(msize, Protocol.MIN_MSIZE, Protocol.MAX_MSIZE);
        Call call = transport.begin(Protocol.TVERSION);
        try {
            call.request.put32(ask);
            call.request.putString(Protocol.VERSION_X);
            Packet in = call.run();
            int agreed = in.get32();
            String version = in.getString();
            if (agreed < Protocol.MIN_MSIZE || agreed > ask) {
                throw call.malformed(null);
            }
            extended = version.equals(Protocol.VERSION_X);
            if (!extended && !version.equals(Protocol.VERSION_L)) {
                throw P9Error.of(71); // EPROTO
            }
            transport.msize(agreed);
        } catch (ProtocolException e) {
            throw call.malformed(e);
        } finally {
            call.end();
        }
    }

    /** Whether the server knows 9P2000.L.runsc.1. */
    public boolean extended() {
        return extended;
    }

    public int msize() {
        return transport.msize();
    }

    /** Whether the connection has ended; it never comes back. */
    public boolean isDead() {
        return transport.isDead();
    }

    /** How many requests were made so far. */
    public long requests() {
        return transport.begun();
    }

    /** A fid number that is not in use. Free again after {@link #clunk}, {@link #remove} or {@link #forgetFid}. */
    public int newFid() {
        return fidNumbers.take();
    }

    /** Gives back a number that was never bound, because the request failed. */
    public void forgetFid(int fid) {
        fidNumbers.give(fid);
    }

    /** Ends the connection. Calls in flight fail with EIO; nobody may call afterwards. */
    @Override
    public void close() {
        transport.close();
    }

    // 9P2000.L

    public Qid attach(int fid, String user, String tree) throws P9Error {
        Call call = transport.begin(Protocol.TATTACH);
        try {
            call.request.put32(fid);
            call.request.put32(Protocol.NOFID);
            call.request.putString(user);
            call.request.putString(tree);
            call.request.put32(0);
            return Qid.read(call.run());
        } catch (ProtocolException e) {
            throw call.malformed(e);
        } finally {
            call.end();
        }
    }

    /** Walks {@code names}, at most 16; {@code newFid} is bound only when as many qids come back. No name clones the fid. */
    public Qid[] walk(int fid, int newFid, String... names) throws P9Error {
        Call call = transport.begin(Protocol.TWALK);
        try {
            call.request.put32(fid);
            call.request.put32(newFid);
            call.request.put16(names.length);
            for (String name : names) {
                call.request.putString(name);
            }
            Packet in = call.run();
            int count = in.get16();
            if (count > names.length) {
                throw call.malformed(null);
            }
            Qid[] qids = new Qid[count];
            for (int i = 0; i < count; i++) {
                qids[i] = Qid.read(in);
            }
            return qids;
        } catch (ProtocolException e) {
            throw call.malformed(e);
        } finally {
            call.end();
        }
    }

    public void clunk(int fid) throws P9Error {
        fidOnly(Protocol.TCLUNK, fid);
        fidNumbers.give(fid);
    }

    /** Removes the file and clunks the fid, also when that fails. */
    public void remove(int fid) throws P9Error {
        try {
            fidOnly(Protocol.TREMOVE, fid);
        } finally {
            fidNumbers.give(fid);
        }
    }

    private void fidOnly(int type, int fid) throws P9Error {
        Call call = transport.begin(type);
        try {
            call.request.put32(fid);
            call.run();
        } finally {
            call.end();
        }
    }

    public FsStat statfs(int fid) throws P9Error {
        Call call = transport.begin(Protocol.TSTATFS);
        try {
            call.request.put32(fid);
            Packet in = call.run();
            int type = in.get32();
            int blockSize = in.get32();
            long blocks = in.get64();
            long free = in.get64();
            long available = in.get64();
            long files = in.get64();
            long filesFree = in.get64();
            long fsid = in.get64();
            return new FsStat(type, blockSize, blocks, free, available, files, filesFree, fsid, in.get32());
        } catch (ProtocolException e) {
            throw call.malformed(e);
        } finally {
            call.end();
        }
    }

    /** @param flags of open(2) */
    public Qid open(int fid, int flags) throws P9Error {
        Call call = transport.begin(Protocol.TLOPEN);
        try {
            call.request.put32(fid);
            call.request.put32(flags);
            return Qid.read(call.run());
        } catch (ProtocolException e) {
            throw call.malformed(e);
        } finally {
            call.end();
        }
    }

    /** Makes and opens a regular file; {@code fid}, a directory, becomes that file. */
    public Qid create(int fid, String name, int flags, int mode, int gid) throws P9Error {
        Call call = transport.begin(Protocol.TLCREATE);
        try {
            call.request.put32(fid);
            call.request.putString(name);
            call.request.put32(flags);
            call.request.put32(mode);
            call.request.put32(gid);
            return Qid.read(call.run());
        } catch (ProtocolException e) {
            throw call.malformed(e);
        } finally {
            call.end();
        }
    }

    public Qid symlink(int dir, String name, String target, int gid) throws P9Error {
        Call call = transport.begin(Protocol.TSYMLINK);
        try {
            call.request.put32(dir);
            call.request.putString(name);
            call.request.putString(target);
            call.request.put32(gid);
            return Qid.read(call.run());
        } catch (ProtocolException e) {
            throw call.malformed(e);
        } finally {
            call.end();
        }
    }

    public Qid mknod(int dir, String name, int mode, int major, int minor, int gid) throws P9Error {
        Call call = transport.begin(Protocol.TMKNOD);
        try {
            call.request.put32(dir);
            call.request.putString(name);
            call.request.put32(mode);
            call.request.put32(major);
            call.request.put32(minor);
            call.request.put32(gid);
            return Qid.read(call.run());
        } catch (ProtocolException e) {
            throw call.malformed(e);
        } finally {
            call.end();
        }
    }

    public Qid mkdir(int dir, String name, int mode, int gid) throws P9Error {
        Call call = transport.begin(Protocol.TMKDIR);
        try {
            call.request.put32(dir);
            call.request.putString(name);
            call.request.put32(mode);
            call.request.put32(gid);
            return Qid.read(call.run());
        } catch (ProtocolException e) {
            throw call.malformed(e);
        } finally {
            call.end();
        }
    }

    public void link(int dir, int fid, String name) throws P9Error {
        Call call = transport.begin(Protocol.TLINK);
        try {
            call.request.put32(dir);
            call.request.put32(fid);
            call.request.putString(name);
            call.run();
        } finally {
            call.end();
        }
    }

    public void rename(int fid, int newDir, String newName) throws P9Error {
        Call call = transport.begin(Protocol.TRENAME);
        try {
            call.request.put32(fid);
            call.request.put32(newDir);
            call.request.putString(newName);
            call.run();
        } finally {
            call.end();
        }
    }

    public void renameat(int oldDir, String oldName, int newDir, String newName) throws P9Error {
        Call call = transport.begin(Protocol.TRENAMEAT);
        try {
            call.request.put32(oldDir);
            call.request.putString(oldName);
            call.request.put32(newDir);
            call.request.putString(newName);
            call.run();
        } finally {
            call.end();
        }
    }

    /** @param flags AT_REMOVEDIR or 0 */
    public void unlinkat(int dir, String name, int flags) throws P9Error {
        Call call = transport.begin(Protocol.TUNLINKAT);
        try {
            call.request.put32(dir);
            call.request.putString(name);
            call.request.put32(flags);
            call.run();
        } finally {
            call.end();
        }
    }

    public String readlink(int fid) throws P9Error {
        Call call = transport.begin(Protocol.TREADLINK);
        try {
            call.request.put32(fid);
            return call.run().getString();
        } catch (ProtocolException e) {
            throw call.malformed(e);
        } finally {
            call.end();
        }
    }

    public FileStat getattr(int fid) throws P9Error {
        Call call = transport.begin(Protocol.TGETATTR);
        try {
            call.request.put32(fid);
            call.request.put64(Protocol.GETATTR_ALL);
            Packet in = call.run();
            long valid = in.get64();
            Qid qid = Qid.read(in);
            int mode = in.get32();
            int uid = in.get32();
            int gid = in.get32();
            long nlink = in.get64();
            long rdev = in.get64();
            long size = in.get64();
            long blksize = in.get64();
            long blocks = in.get64();
            long atime = getTime(in);
            long mtime = getTime(in);
            long ctime = getTime(in);
            long btime = getTime(in);
            return new FileStat(
                    valid, qid, mode, uid, gid, nlink, rdev, size, blksize, blocks, atime, mtime, ctime, btime);
        } catch (ProtocolException e) {
            throw call.malformed(e);
        } finally {
            call.end();
        }
    }

    private static long getTime(Packet in) throws ProtocolException {
        long seconds = in.get64();
        long nanos = in.get64();
        return seconds * NANOS + nanos; // a hostile time wraps; it is only a number
    }

    /**
     * @param valid SET_ bits
     * @param atime nanoseconds since the epoch, likewise mtime
     */
    public void setattr(int fid, int valid, int mode, int uid, int gid, long size, long atime, long mtime)
            throws P9Error {
        Call call = transport.begin(Protocol.TSETATTR);
        try {
            call.request.put32(fid);
            call.request.put32(valid);
            call.request.put32(mode);
            call.request.put32(uid);
            call.request.put32(gid);
            call.request.put64(size);
            call.request.put64(Math.floorDiv(atime, NANOS));
            call.request.put64(Math.floorMod(atime, NANOS));
            call.request.put64(Math.floorDiv(mtime, NANOS));
            call.request.put64(Math.floorMod(mtime, NANOS));
            call.run();
        } finally {
            call.end();
        }
    }

    /** Makes {@code newFid} read the attribute {@code name}, or the list of names when it is empty; returns its size. */
    public long xattrwalk(int fid, int newFid, String name) throws P9Error {
        Call call = transport.begin(Protocol.TXATTRWALK);
        try {
            call.request.put32(fid);
            call.request.put32(newFid);
            call.request.putString(name);
            return call.run().get64();
        } catch (ProtocolException e) {
            throw call.malformed(e);
        } finally {
            call.end();
        }
    }

    /** Makes {@code fid} take {@code size} bytes by {@link #write}, which become the attribute when it is clunked. */
    public void xattrcreate(int fid, String name, long size, int flags) throws P9Error {
        Call call = transport.begin(Protocol.TXATTRCREATE);
        try {
            call.request.put32(fid);
            call.request.putString(name);
            call.request.put64(size);
            call.request.put32(flags);
            call.run();
        } finally {
            call.end();
        }
    }

    /** Takes entries of Treaddir. */
    @FunctionalInterface
    public interface BaseEntrySink {
        /** @param type a DT_ value; {@code name} may be "." or ".." */
        void entry(Qid qid, long next, int type, String name);
    }

    /** Lists part of an open directory; returns how many entries came, 0 at its end. */
    public int readdir(int fid, long offset, int count, BaseEntrySink sink) throws P9Error {
        Call call = transport.begin(Protocol.TREADDIR);
        try {
            call.request.put32(fid);
            call.request.put64(offset);
            call.request.put32(count);
            Packet in = call.run();
            if (in.get32() != in.remaining()) {
                throw call.malformed(null);
            }
            int entries = 0;
            while (in.remaining() > 0) {
                Qid qid = Qid.read(in);
                long next = in.get64();
                int type = in.get8();
                sink.entry(qid, next, type, in.getString());
                entries++;
            }
            return entries;
        } catch (ProtocolException e) {
            throw call.malformed(e);
        } finally {
            call.end();
        }
    }

    /** Reads up to {@code length} bytes, as many as one message holds; 0 at the end. */
    public int read(int fid, long offset, byte[] target, int from, int length) throws P9Error {
        Call call = transport.begin(Protocol.TREAD);
        try {
            int count = Math.min(length, msize() - Protocol.HEADER - 4);
            call.request.put32(fid);
            call.request.put64(offset);
            call.request.put32(count);
            Packet in = call.run();
            int got = in.get32();
            if (got < 0 || got > count) {
                throw call.malformed(null);
            }
            int at = in.skip(got);
            System.arraycopy(in.array(), at, target, from, got);
            return got;
        } catch (ProtocolException e) {
            throw call.malformed(e);
        } finally {
            call.end();
        }
    }

    /** Writes up to {@code length} bytes, as many as one message holds; returns how many were written. */
    public int write(int fid, long offset, byte[] source, int from, int length) throws P9Error {
        Call call = transport.begin(Protocol.TWRITE);
        try {
            int count = Math.min(length, msize() - Protocol.HEADER - 16);
            call.request.put32(fid);
            call.request.put64(offset);
            call.request.put32(count);
            call.request.putBytes(source, from, count);
            int written = call.run().get32();
            if (written < 0 || written > count) {
                throw call.malformed(null);
            }
            return written;
        } catch (ProtocolException e) {
            throw call.malformed(e);
        } finally {
            call.end();
        }
    }

    public void fsync(int fid, boolean dataOnly) throws P9Error {
        Call call = transport.begin(Protocol.TFSYNC);
        try {
            call.request.put32(fid);
            call.request.put32(dataOnly ? 1 : 0);
            call.run();
        } finally {
            call.end();
        }
    }

    /**
     * Sets or removes a record lock without waiting.
     *
     * @param type F_RDLCK 0, F_WRLCK 1, F_UNLCK 2
     * @return a LOCK_ value
     */
    public int lock(int fid, int type, long start, long length, int process, String client) throws P9Error {
        Call call = transport.begin(Protocol.TLOCK);
        try {
            call.request.put32(fid);
            call.request.put8(type);
            call.request.put32(0);
            call.request.put64(start);
            call.request.put64(length);
            call.request.put32(process);
            call.request.putString(client);
            return call.run().get8();
        } catch (ProtocolException e) {
            throw call.malformed(e);
        } finally {
            call.end();
        }
    }

    /** Whether a lock of that type could be set now. */
    public boolean lockable(int fid, int type, long start, long length, int process, String client) throws P9Error {
        Call call = transport.begin(Protocol.TGETLOCK);
        try {
            call.request.put32(fid);
            call.request.put8(type);
            call.request.put64(start);
            call.request.put64(length);
            call.request.put32(process);
            call.request.putString(client);
            return call.run().get8() == 2;
        } catch (ProtocolException e) {
            throw call.malformed(e);
        } finally {
            call.end();
        }
    }

    /** Tells the server that nobody waits for {@code tag} any more; returns when it has said so too. */
    public void flush(int tag) throws P9Error {
        Call call = transport.begin(Protocol.TFLUSH);
        try {
            call.request.put16(tag);
            call.run();
        } finally {
            call.end();
        }
    }

    // 9P2000.L.runsc.1

    /**
     * Looks names up one below the other.
     *
     * @param newFid bound to the last when all are found, or NOFID
     * @param flags WALK_ bits
     */
    public Walked walkx(Place start, int newFid, int flags, String... names) throws P9Error {
        return walkx(start, newFid, flags, names, 0, names.length);
    }

    public Walked walkx(Place start, int newFid, int flags, String[] names, int from, int to) throws P9Error {
        Call call = transport.begin(Protocol.TWALKX);
        try {
            Packet out = call.request;
            start.write(out, null);
            out.put32(newFid);
            out.put32(flags);
            out.put16(to - from);
            for (int i = from; i < to; i++) {
                out.putString(names[i]);
            }
            Packet in = call.run();
            int errno = in.get32();
            int count = in.get16();
            int asked = to - from + ((flags & Protocol.WALK_SELF) != 0 ? 1 : 0);
            int most = asked + ((flags & Protocol.WALK_LINK) != 0 && errno == 0 ? Protocol.MAX_LINKS : 0);
            if (count > most || errno < 0 || errno > 4095 || errno == 0 && count < asked) {
                throw call.malformed(null);
            }
            Attributes[] attributes = new Attributes[count];
            String[] targets = new String[count];
            for (int i = 0; i < count; i++) {
                attributes[i] = new Attributes();
                targets[i] = entry(in, attributes[i]);
                if (i >= asked && !Packet.isName(targets[i - 1])) {
                    throw call.malformed(null); // more than was asked for, and no link led there
                }
            }
            int fd = -1;
            if (in.get8() == 1) {
                if (errno != 0 || count == 0 || !attributes[count - 1].isRegular()) {
                    throw call.malformed(null);
                }
                fd = call.takeFd();
            }
            return new Walked(errno, count, attributes, targets, fd);
        } catch (ProtocolException e) {
            throw call.malformed(e);
        } finally {
            call.end();
        }
    }

    /** attr target[s]: fills {@code into}; the target of a symbolic link, null for others. */
    private static String entry(Packet in, Attributes into) throws ProtocolException {
        into.read(in);
        if (!into.isSymlink()) {
            if (in.get16() != 0) {
                throw ProtocolException.malformed();
            }
            return null;
        }
        String target = in.getString();
        if (target.length() > 4095 || target.indexOf(0) >= 0) {
            throw ProtocolException.malformed();
        }
        return target;
    }

    /** Opens a regular file; {@code flags} are O_RDONLY, O_WRONLY or O_RDWR, and O_TRUNC. */
    public Opened openx(Place place, int newFid, int flags) throws P9Error {
        Call call = transport.begin(Protocol.TOPENX);
        try {
            place.write(call.request, null);
            call.request.put32(newFid);
            call.request.put32(flags);
            return opened(call);
        } catch (ProtocolException e) {
            throw call.malformed(e);
        } finally {
            call.end();
        }
    }

    /** Makes and opens a regular file that does not exist yet. */
    public Opened createx(Place dir, String name, int newFid, int flags, int mode, int uid, int gid) throws P9Error {
        Call call = transport.begin(Protocol.TCREATEX);
        try {
            dir.write(call.request, name);
            call.request.put32(newFid);
            call.request.put32(flags);
            call.request.put32(mode);
            call.request.put32(uid);
            call.request.put32(gid);
            return opened(call);
        } catch (ProtocolException e) {
            throw call.malformed(e);
        } finally {
            call.end();
        }
    }

    private static Opened opened(Call call) throws P9Error, ProtocolException {
        Packet in = call.run();
        Attributes attributes = new Attributes();
        attributes.read(in);
        if (!attributes.isRegular() || in.get8() != 1) {
            throw ProtocolException.malformed();
        }
        return new Opened(attributes, call.takeFd());
    }

    /** Makes a directory, fifo, socket or (with {@code target}) symbolic link. */
    public Attributes makex(Place dir, String name, int mode, long rdev, int uid, int gid, String target)
            throws P9Error {
        Call call = transport.begin(Protocol.TMAKEX);
        try {
            dir.write(call.request, name);
            call.request.put32(mode);
            call.request.put64(rdev);
            call.request.put32(uid);
            call.request.put32(gid);
            call.request.putString(target == null ? "" : target);
            return attributes(call);
        } catch (ProtocolException e) {
            throw call.malformed(e);
        } finally {
            call.end();
        }
    }

    private static Attributes attributes(Call call) throws P9Error, ProtocolException {
        Attributes attributes = new Attributes();
        attributes.read(call.run());
        return attributes;
    }

    /** Gives {@code file} another name; returns its attributes. */
    public Attributes linkx(Place file, Place dir, String name) throws P9Error {
        Call call = transport.begin(Protocol.TLINKX);
        try {
            file.write(call.request, null);
            dir.write(call.request, name);
            return attributes(call);
        } catch (ProtocolException e) {
            throw call.malformed(e);
        } finally {
            call.end();
        }
    }

    /**
     * Removes a name.
     *
     * @param newFid bound to the file that had it, or NOFID
     * @param flags AT_REMOVEDIR or 0
     */
    public void unlinkx(Place dir, String name, int newFid, int flags) throws P9Error {
        Call call = transport.begin(Protocol.TUNLINKX);
        try {
            dir.write(call.request, name);
            call.request.put32(newFid);
            call.request.put32(flags);
            call.run();
        } finally {
            call.end();
        }
    }

    /**
     * Renames.
     *
     * @param newFid bound to the file that is replaced, or NOFID
     * @param flags RENAME_NOREPLACE, RENAME_EXCHANGE
     */
    public void renamex(Place oldDir, String oldName, Place newDir, String newName, int newFid, int flags)
            throws P9Error {
        Call call = transport.begin(Protocol.TRENAMEX);
        try {
            oldDir.write(call.request, oldName);
            newDir.write(call.request, newName);
            call.request.put32(newFid);
            call.request.put32(flags);
            call.run();
        } finally {
            call.end();
        }
    }

    /** As {@link #setattr}; returns the attributes as they are then. */
    public Attributes setattrx(Place place, int valid, int mode, int uid, int gid, long size, long atime, long mtime)
            throws P9Error {
        Call call = transport.begin(Protocol.TSETATTRX);
        try {
            place.write(call.request, null);
            call.request.put32(valid);
            call.request.put32(mode);
            call.request.put32(uid);
            call.request.put32(gid);
            call.request.put64(size);
            call.request.put64(atime);
            call.request.put64(mtime);
            return attributes(call);
        } catch (ProtocolException e) {
            throw call.malformed(e);
        } finally {
            call.end();
        }
    }

    /** Lists part of a directory with attributes, as much as a message holds; returns whether that was its end. */
    public boolean readdirx(Place dir, long offset, EntrySink sink) throws P9Error {
        return readdirx(dir, offset, msize(), sink);
    }

    /**
     * Lists part of a directory with attributes.
     *
     * @param offset 0, or what the last entry that came said
     * @param bytes of the reply, at most; EINVAL when a single entry takes more
     * @return whether that was the end of the directory
     */
    public boolean readdirx(Place dir, long offset, int bytes, EntrySink sink) throws P9Error {
        Call call = transport.begin(Protocol.TREADDIRX);
        try {
            dir.write(call.request, null);
            call.request.put64(offset);
            call.request.put32(bytes);
            Packet in = call.run();
            boolean end = in.get8() != 0;
            int count = in.get16();
            if (count == 0 && !end) {
                throw call.malformed(null); // asking again would never end
            }
            for (int i = 0; i < count; i++) {
                long next = in.get64();
                String name = in.getName();
                Attributes attributes = new Attributes();
                String target = entry(in, attributes);
                sink.entry(name, next, attributes, target);
            }
            return end;
        } catch (ProtocolException e) {
            throw call.malformed(e);
        } finally {
            call.end();
        }
    }

    public byte[] getxattrx(Place place, String name) throws P9Error {
        Call call = transport.begin(Protocol.TGETXATTRX);
        try {
            place.write(call.request, null);
            call.request.putString(name);
            return value(call);
        } catch (ProtocolException e) {
            throw call.malformed(e);
        } finally {
            call.end();
        }
    }

    /** The names, each ended by a NUL. */
    public byte[] listxattrx(Place place) throws P9Error {
        Call call = transport.begin(Protocol.TLISTXATTRX);
        try {
            place.write(call.request, null);
            return value(call);
        } catch (ProtocolException e) {
            throw call.malformed(e);
        } finally {
            call.end();
        }
    }

    private static byte[] value(Call call) throws P9Error, ProtocolException {
        Packet in = call.run();
        int length = in.get32();
        int at = in.skip(length);
        byte[] value = new byte[length];
        System.arraycopy(in.array(), at, value, 0, length);
        return value;
    }

    public void setxattrx(Place place, String name, byte[] value, int flags) throws P9Error {
        Call call = transport.begin(Protocol.TSETXATTRX);
        try {
            place.write(call.request, null);
            call.request.putString(name);
            call.request.put32(flags);
            call.request.put32(value.length);
            call.request.putBytes(value, 0, value.length);
            call.run();
        } finally {
            call.end();
        }
    }

    public void removexattrx(Place place, String name) throws P9Error {
        Call call = transport.begin(Protocol.TREMOVEXATTRX);
        try {
            place.write(call.request, null);
            call.request.putString(name);
            call.run();
        } finally {
            call.end();
        }
    }

    /** The names in a directory of files that have extended attributes; E2BIG when they are very many. */
    public Set<String> scanxattrx(Place dir) throws P9Error {
        Call call = transport.begin(Protocol.TSCANXATTRX);
        try {
            dir.write(call.request, null);
            Packet in = call.run();
            int count = in.get16();
            HashSet<String> names = new HashSet<>();
            for (int i = 0; i < count; i++) {
                names.add(in.getName());
            }
            return names;
        } catch (ProtocolException e) {
            throw call.malformed(e);
        } finally {
            call.end();
        }
    }

    /** Clunks a fid some time soon, together with others, without waiting. */
    public void clunkLater(int fid) {
        Call call = null;
        synchronized (unused) {
            unused[unusedCount++] = fid;
            if (unusedCount == CLUNK_BATCH) {
                call = transport.begin(Protocol.TCLUNKX);
                call.request.put16(unusedCount);
                for (int i = 0; i < unusedCount; i++) {
                    call.request.put32(unused[i]);
                }
                unusedCount = 0;
            }
        }
        if (call != null) {
            int[] clunked = fidsOf(call);
            transport.detach(call);
            // Requests are served in order, so the numbers may be bound again by what is sent from now on.
            for (int number : clunked) {
                fidNumbers.give(number);
            }
        }
    }

    private static int[] fidsOf(Call call) {
        int[] fids = new int[CLUNK_BATCH];
        for (int i = 0; i < CLUNK_BATCH; i++) {
            fids[i] = Packet.int32(call.request.array(), Protocol.HEADER + 2 + 4 * i);
        }
        return fids;
    }
}
