package sentry.core.net;

import sentry.core.abi.ErrnoException;
import sentry.core.vfs.IoBuffer;

/**
 * A connected stream as the socket at one end sees it. What comes from the other end arrives at {@link TcpSocket#deliver},
 * {@link TcpSocket#finished}, {@link TcpSocket#reset} and {@link TcpSocket#roomMade}. Called without the socket's monitor.
 */
interface StreamLink {
    /**
     * Takes bytes to be sent.
     *
     * @param capacity bytes that may be on their way, the receiver's buffer not counted
     * @param urgent whether the last of them is urgent
     * @return how many, or FileDescription.WOULD_BLOCK
     */
    long send(IoBuffer source, int capacity, boolean urgent) throws ErrnoException;

    /** Bytes that may be sent now; 0 or less: none. */
    int room(int capacity);

    /** Bytes that the other end's program has not read. */
    int pending();

    /** There will be no more bytes (FIN). */
    void finish();

    /** Ends the connection at once (RST). */
    void reset();

    /** The receiver has taken bytes away. */
    void consumed();
}
