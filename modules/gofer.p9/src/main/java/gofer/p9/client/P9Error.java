package gofer.p9.client;

import host.linux.Errnos;

/** A request failed: the server's errno, or EIO when the connection is gone. One object per errno; no stack trace. */
public final class P9Error extends Exception {
    private static final long serialVersionUID = 1L;
    private static final int MAX_ERRNO = 4095;
    private static final P9Error[] KNOWN = new P9Error[134];

    static final int EIO = 5;
    static final int EMFILE = 24;
    static final int ENAMETOOLONG = 36;
    static final int EOPNOTSUPP = 95;

    private final int errno;

    private P9Error(int errno) {
        super(Errnos.name(errno), null, false, false);
        this.errno = errno;
    }

    /** The error for {@code errno}; EIO for a number that is none. */
    public static P9Error of(int errno) {
        if (errno <= 0 || errno > MAX_ERRNO) {
            return of(EIO);
        }
        if (errno >= KNOWN.length) {
            return new P9Error(errno);
        }
        P9Error error = KNOWN[errno];
        if (error == null) {
            error = new P9Error(errno);
            KNOWN[errno] = error; // a race makes two alike
        }
        return error;
    }

    public int errno() {
        return errno;
    }
}
