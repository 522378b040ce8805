package sentry.core.fs.pseudo;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;

/** Arithmetic of lseek(2). */
public final class Positions {
    private static final int SEEK_SET = 0;
    private static final int SEEK_CUR = 1;
    private static final int SEEK_END = 2;

    private Positions() {}

    /**
     * The position that lseek(2) asks for.
     *
     * @param end where SEEK_END counts from; -1: that is an EINVAL
     */
    public static long seek(long position, long offset, int whence, long end) throws ErrnoException {
        long base =
                switch (whence) {
                    case SEEK_SET -> 0;
                    case SEEK_CUR -> position;
                    case SEEK_END -> end;
                    default -> -1;
                };
        if (base < 0) {
            throw Errno.EINVAL.error();
        }
        long to = base + offset;
        if (to < 0) {
            throw Errno.EINVAL.error(); // negative, or beyond the largest number
        }
        return to;
    }
}
