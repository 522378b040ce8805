package sentry.core.socket;

import sentry.core.vfs.FileDescription;

/** What came with received bytes. One object per call. */
public final class Received {
    /** Descriptors' files, each with a reference for the receiver. */
    public FileDescription[] files = Message.NO_FILES;

    public Peer from = Peer.NONE;
    /** The sender's address; null for streams and for a sender without one. */
    public byte[] address;
    /** Whether part of a datagram was cut off. */
    public boolean truncated;
    /** A datagram's whole length. */
    public long fullLength;
    /** Whether a datagram was there at all, even an empty one. */
    public boolean any;

    public Received() {}
}
