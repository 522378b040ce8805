package sentry.core.socket;

import sentry.core.abi.Sockets;
import sentry.core.vfs.FileDescription;

/** A message to be sent, but for its bytes: where to, and what goes along. One per thread, used again. */
public final class Outgoing {
    /** Plain bytes to the peer. Never changed. */
    public static final Outgoing PLAIN = new Outgoing();

    /** struct sockaddr of msg_name. */
    public final byte[] name = new byte[Sockets.ADDRESS];
    /** Its length; 0: none given. */
    public int nameLength;
    /** SCM_RIGHTS: each with a reference that this message owns. */
    public FileDescription[] files = Message.NO_FILES;
    /** SCM_CREDENTIALS: what the sender wants to be known as, checked; null when he says nothing. */
    public Peer says;

    /** What the family found for the name. */
    public Object target;
    /** IP_TTL or IPV6_HOPLIMIT for this datagram; -1: the socket's. */
    public int ttl = -1;
    /** IP_TOS or IPV6_TCLASS for this datagram; -1: the socket's. */
    public int tos = -1;
    /** IP_PKTINFO: the interface to leave by; 0: any. */
    public int device;
    /** IP_PKTINFO: whether a source address was given, and which, as in {@code sentry.core.net.Ip}. */
    public boolean hasSource;

    public long sourceHigh;
    public long sourceLow;

    public Outgoing() {}

    /** As new. */
    public Outgoing reset() {
        nameLength = 0;
        files = Message.NO_FILES;
        says = null;
        target = null;
        ttl = -1;
        tos = -1;
        device = 0;
        hasSource = false;
        return this;
    }

    public void dropFiles() {
        for (FileDescription f : files) {
            f.release();
        }
        files = Message.NO_FILES;
    }
}
