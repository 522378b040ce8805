package runsc.cli;

/** The command cannot do what it was asked for. The message is one line for the user. */
public final class RunscException extends Exception {
    private static final long serialVersionUID = 1L;
    /** The exit code of our own errors, as opposed to the program's. */
    public static final int EXIT_CODE = 128;

    public RunscException(String message) {
        super(message, null, false, false);
    }

    public RunscException(String message, Throwable cause) {
        super(message, cause);
    }
}
