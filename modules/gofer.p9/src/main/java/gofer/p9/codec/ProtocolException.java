package gofer.p9.codec;

/** The peer sent something that is not the protocol. One object, without a stack trace. */
public final class ProtocolException extends Exception {
    private static final long serialVersionUID = 1L;
    static final ProtocolException MALFORMED = new ProtocolException("malformed 9P message");

    private ProtocolException(String message) {
        super(message, null, false, false);
    }

    public static ProtocolException malformed() {
        return MALFORMED;
    }
}
