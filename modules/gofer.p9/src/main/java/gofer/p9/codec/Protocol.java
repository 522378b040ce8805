package gofer.p9.codec;

/** Numbers of the protocol: message types, special values, limits and flags. */
public final class Protocol {
    public static final String VERSION_L = "9P2000.L";
    public static final String VERSION_X = "9P2000.L.runsc.1";
    public static final String VERSION_UNKNOWN = "unknown";

    public static final int NOTAG = 0xffff;
    public static final int NOFID = -1;
    /** size[4] type[1] tag[2]. */
    public static final int HEADER = 7;
    /** Names in one Twalk. */
    public static final int MAX_WALK = 16;
    /** Names in a location or a Twalkx. */
    public static final int MAX_NAMES = 2048;

    public static final int NAME_MAX = 255;
    /** Bytes of a location's path, slashes counted. */
    public static final int PATH_LIMIT = 32768;
    /** The message size that our client asks for: below the default socket buffer, so that a send does not stall. */
    public static final int DEFAULT_MSIZE = 128 << 10;

    public static final int MIN_MSIZE = 4096;
    public static final int MAX_MSIZE = 1 << 20;

    public static final int RLERROR = 7;
    public static final int TSTATFS = 8;
    public static final int TLOPEN = 12;
    public static final int TLCREATE = 14;
    public static final int TSYMLINK = 16;
    public static final int TMKNOD = 18;
    public static final int TRENAME = 20;
    public static final int TREADLINK = 22;
    public static final int TGETATTR = 24;
    public static final int TSETATTR = 26;
    public static final int TXATTRWALK = 30;
    public static final int TXATTRCREATE = 32;
    public static final int TREADDIR = 40;
    public static final int TFSYNC = 50;
    public static final int TLOCK = 52;
    public static final int TGETLOCK = 54;
    public static final int TLINK = 70;
    public static final int TMKDIR = 72;
    public static final int TRENAMEAT = 74;
    public static final int TUNLINKAT = 76;
    public static final int TVERSION = 100;
    public static final int TAUTH = 102;
    public static final int TATTACH = 104;
    public static final int TFLUSH = 108;
    public static final int TWALK = 110;
    public static final int TREAD = 116;
    public static final int TWRITE = 118;
    public static final int TCLUNK = 120;
    public static final int TREMOVE = 122;

    public static final int TWALKX = 200;
    public static final int TOPENX = 202;
    public static final int TCREATEX = 204;
    public static final int TMAKEX = 206;
    public static final int TLINKX = 208;
    public static final int TUNLINKX = 210;
    public static final int TRENAMEX = 212;
    public static final int TSETATTRX = 214;
    public static final int TREADDIRX = 216;
    public static final int TGETXATTRX = 218;
    public static final int TSETXATTRX = 220;
    public static final int TLISTXATTRX = 222;
    public static final int TREMOVEXATTRX = 224;
    public static final int TCLUNKX = 226;
    public static final int TALLOCATEX = 228;
    public static final int TSCANXATTRX = 230;

    /** Twalkx: the first attributes are those of the location itself. */
    public static final int WALK_SELF = 1;
    /** Twalkx: when the last name is a regular file, donate a descriptor open for reading. */
    public static final int WALK_OPEN = 2;
    /**
     * Twalkx without a new fid: when the last name is a symbolic link to a name in the same directory, tell of that too, and
     * so on; WALK_OPEN is about the last of them.
     */
    public static final int WALK_LINK = 4;
    /** Links that WALK_LINK follows at most. */
    public static final int MAX_LINKS = 8;

    /** Tsetattr and Tsetattrx: which fields count. */
    public static final int SET_MODE = 1;

    public static final int SET_UID = 2;
    public static final int SET_GID = 4;
    public static final int SET_SIZE = 8;
    public static final int SET_ATIME = 0x10;
    public static final int SET_MTIME = 0x20;
    public static final int SET_CTIME = 0x40;
    /** Together with SET_ATIME or SET_MTIME: the given time, not the current one. */
    public static final int SET_ATIME_SET = 0x80;

    public static final int SET_MTIME_SET = 0x100;

    /** Tgetattr: everything up to blocks, and all. */
    public static final long GETATTR_BASIC = 0x7ff;

    public static final long GETATTR_ALL = 0x3fff;

    public static final int QID_DIRECTORY = 0x80;
    public static final int QID_SYMLINK = 0x02;

    /** Rlock. */
    public static final int LOCK_SUCCESS = 0;

    public static final int LOCK_BLOCKED = 1;
    public static final int LOCK_ERROR = 2;

    private Protocol() {}
}
