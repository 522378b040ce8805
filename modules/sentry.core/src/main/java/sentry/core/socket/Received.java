package sentry.core.socket;

import sentry.core.vfs.FileDescription;

/** What came with received bytes. One per thread, used again. */
public final class Received {
    /** Descriptors' files, each with a reference for the receiver. */
    public FileDescription[] files = Message.NO_FILES;

    public Peer from = Peer.NONE;
    /** The sender's address in the Unix domain; null for streams and for a sender without one. */
    public byte[] address;
    /** The datagram, for families that keep more of it; null for streams. */
    public Object packet;
    /** Whether part of a datagram was cut off. */
    public boolean truncated;
    /** A datagram's whole length. */
    public long fullLength;
    /** Whether a message was there at all, even an empty one. */
    public boolean any;
    /** MSG_ flags for msg_flags beside MSG_TRUNC. */
    public int flags;
    /** When a datagram came: CLOCK_REALTIME nanoseconds, 0 when that is not known. */
    public long time;

    public Received() {}

    /** As new. */
    public Received reset() {
        files = Message.NO_FILES;
        from = Peer.NONE;
        address = null;
        packet = null;
        truncated = false;
        fullLength = 0;
        any = false;
        flags = 0;
        time = 0;
        return this;
    }

    public void dropFiles() {
        for (FileDescription f : files) {
            f.release();
        }
        files = Message.NO_FILES;
    }
}
