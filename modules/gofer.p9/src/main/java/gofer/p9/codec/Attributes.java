package gofer.p9.codec;

/**
 * A file's attributes as the extension carries them, 104 bytes: mode[4] nlink[4] uid[4] gid[4] blksize[4] flags[4]
 * dev[8] ino[8] rdev[8] size[8] blocks[8] atime[8] mtime[8] ctime[8] btime[8] mnt[8].
 *
 * <p>Mutable, so that one object serves many messages. The source of the fields is statx(2).
 */
public final class Attributes {
    public static final int SIZE = 104;
    /** A time that the host does not know. */
    public static final long NO_TIME = Long.MIN_VALUE;

    /** Type and permission bits (st_mode). */
    public int mode;

    public int nlink;
    public int uid;
    public int gid;
    public int blksize;
    /** STATX_ATTR_ bits below 2^32. */
    public int flags;
    /** Device numbers as makedev(3) makes them. */
    public long dev;

    public long ino;
    public long rdev;
    /** Bytes; never negative. */
    public long size;
    /** In units of 512 bytes. */
    public long blocks;
    /** Times in nanoseconds since the epoch. */
    public long atime;

    public long mtime;
    public long ctime;
    public long btime;
    /** The host's mount (STATX_MNT_ID), 0 when unknown. */
    public long mount;

    public Attributes() {}

    public void write(Packet out) {
        out.put32(mode);
        out.put32(nlink);
        out.put32(uid);
        out.put32(gid);
        out.put32(blksize);
        out.put32(flags);
        out.put64(dev);
        out.put64(ino);
        out.put64(rdev);
        out.put64(size);
        out.put64(blocks);
        out.put64(atime);
        out.put64(mtime);
        out.put64(ctime);
        out.put64(btime);
        out.put64(mount);
    }

    /** Takes the fields over from a message; refuses types and sizes that no file has. */
    public void read(Packet in) throws ProtocolException {
        mode = in.get32();
        nlink = in.get32();
        uid = in.get32();
        gid = in.get32();
        blksize = in.get32();
        flags = in.get32();
        dev = in.get64();
        ino = in.get64();
        rdev = in.get64();
        size = in.get64();
        blocks = in.get64();
        atime = in.get64();
        mtime = in.get64();
        ctime = in.get64();
        btime = in.get64();
        mount = in.get64();
        if ((mode & ~0xffff) != 0 || !knownType(mode & 0xf000) || size < 0 || blocks < 0 || blksize < 0) {
            throw ProtocolException.malformed();
        }
    }

    public boolean isDirectory() {
        return (mode & 0xf000) == 0x4000;
    }

    public boolean isRegular() {
        return (mode & 0xf000) == 0x8000;
    }

    public boolean isSymlink() {
        return (mode & 0xf000) == 0xa000;
    }

    private static boolean knownType(int type) {
        return switch (type) {
            case 0x1000, 0x2000, 0x4000, 0x6000, 0x8000, 0xa000, 0xc000 -> true;
            default -> false;
        };
    }
}
