package host.linux;

import java.io.IOException;

/** A host system call failed where that is not part of normal operation. */
public final class HostException extends IOException {
    private static final long serialVersionUID = 1L;
    private final int errno;

    public HostException(String what, int errno) {
        super(what + ": " + Errnos.name(errno));
        this.errno = errno;
    }

    public int errno() {
        return errno;
    }

    /** Returns {@code result}, or throws when it is a negated errno. */
    public static long check(String what, long result) throws HostException {
        if (Syscall.failed(result)) {
            throw new HostException(what, (int) -result);
        }
        return result;
    }
}
