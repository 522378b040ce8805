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
        int at = out.claim(SIZE);
        byte[] d = out.array();
        Packet.int32(d, at, mode);
        Packet.int32(d, at + 4, nlink);
        Packet.int32(d, at + 8, uid);
        Packet.int32(d, at + 12, gid);
        Packet.int32(d, at + 16, blksize);
        Packet.int32(d, at + 20, flags);
        Packet.int64(d, at + 24, dev);
        Packet.int64(d, at + 32, ino);
        Packet.int64(d, at + 40, rdev);
        Packet.int64(d, at + 48, size);
        Packet.int64(d, at + 56, blocks);
        Packet.int64(d, at + 64, atime);
        Packet.int64(d, at + 72, mtime);
        Packet.int64(d, at + 80, ctime);
        Packet.int64(d, at + 88, btime);
        Packet.int64(d, at + 96, mount);
    }

    /** Takes the fields over from a message; refuses types and sizes that no file has. */
    public void read(Packet in) throws ProtocolException {
        int at = in.skip(SIZE);
        byte[] d = in.array();
        mode = Packet.int32(d, at);
        nlink = Packet.int32(d, at + 4);
        uid = Packet.int32(d, at + 8);
        gid = Packet.int32(d, at + 12);
        blksize = Packet.int32(d, at + 16);
        flags = Packet.int32(d, at + 20);
        dev = Packet.int64(d, at + 24);
        ino = Packet.int64(d, at + 32);
        rdev = Packet.int64(d, at + 40);
        size = Packet.int64(d, at + 48);
        blocks = Packet.int64(d, at + 56);
        atime = Packet.int64(d, at + 64);
        mtime = Packet.int64(d, at + 72);
        ctime = Packet.int64(d, at + 80);
        btime = Packet.int64(d, at + 88);
        mount = Packet.int64(d, at + 96);
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
