package sentry.core.abi;

/** Carries an {@link Errno} out of a failing operation. One preallocated object for each errno; no stack trace. */
public final class ErrnoException extends Exception {
    private static final long serialVersionUID = 1L;
    private final transient Errno errno;

    ErrnoException(Errno errno) {
        super(errno.name(), null, false, false);
        this.errno = errno;
    }

    public Errno errno() {
        return errno;
    }
}
