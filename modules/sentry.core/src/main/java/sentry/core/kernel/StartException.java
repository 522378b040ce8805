package sentry.core.kernel;

import sentry.core.abi.ErrnoException;

/** A container cannot be started. The message is one line for the user. */
public final class StartException extends Exception {
    private static final long serialVersionUID = 1L;

    public StartException(String message) {
        super(message);
    }

    public StartException(String what, ErrnoException cause) {
        super(what + ": " + cause.errno().message(), cause);
    }
}
