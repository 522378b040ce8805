package sentry.core.vfs;

/** A file's attributes as stat(2) and statx(2) give them. Mutable so that callers can reuse one. */
public final class Stat {
    public long dev;
    public long ino;
    public int mode;
    public long nlink;
    public int uid;
    public int gid;
    public long rdev;
    public long size;
    public long blksize = 4096;
    /** In units of 512 bytes. */
    public long blocks;

    /** Nanoseconds since the epoch; they reach to the year 2262. */
    public long atime;

    public long mtime;
    public long ctime;
    /** Birth time; {@link #NO_TIME} when unknown. */
    public long btime = NO_TIME;

    public static final long NO_TIME = Long.MIN_VALUE;

    public Stat() {}
}
