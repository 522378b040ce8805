package gofer.p9.client;

import gofer.p9.codec.Qid;

/**
 * What Tgetattr of the base protocol tells. Times in nanoseconds since the epoch.
 *
 * @param valid GETATTR_ bits of the fields that the server filled in
 */
public record FileStat(
        long valid,
        Qid qid,
        int mode,
        int uid,
        int gid,
        long nlink,
        long rdev,
        long size,
        long blksize,
        long blocks,
        long atime,
        long mtime,
        long ctime,
        long btime) {}
