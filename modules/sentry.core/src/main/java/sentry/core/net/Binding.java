package sentry.core.net;

import sentry.core.abi.Sockets;

/** A port that a socket has, or that its end keeps for a while. Guarded by the {@link PortTable}; volatile for readers. */
final class Binding {
    final InetSocket socket;
    final int uid;
    /** As it was bound; ANY for all addresses. */
    final Endpoint local;
    final boolean v6Only;
    /** The other end of a connection, null when there is none. */
    volatile Endpoint remote;
    volatile boolean listening;
    /** When the port is free again, as System.nanoTime(), of a socket that is closed; 0 while the socket lives. */
    volatile long expires;
    /** The connection is over and waits for stray packets: TIME_WAIT. */
    volatile boolean timeWait;
    /** One of a connection that a listener accepted. */
    final boolean accepted;

    // Of accepted connections: neighbours in their bucket.
    Binding next;
    Binding previous;

    Binding(InetSocket socket, Endpoint local, boolean accepted) {
        this.socket = socket;
        this.uid = socket.owningUid();
        this.local = local;
        this.v6Only = socket.v6Only();
        this.accepted = accepted;
    }

    boolean reuse() {
        return socket.options().has(Sockets.SO_REUSEADDR);
    }

    boolean reusePort() {
        return socket.options().has(Sockets.SO_REUSEPORT);
    }

    int device() {
        return socket.options().device();
    }

    boolean over() {
        return expires != 0 && System.nanoTime() - expires >= 0;
    }

    /** Whether both could be meant by one destination address (Linux: inet_rcv_saddr_equal). */
    boolean overlaps(Endpoint address, boolean v6OnlyThere) {
        return covers(local, v6Only, address, v6OnlyThere) || covers(address, v6OnlyThere, local, v6Only);
    }

    private static boolean covers(Endpoint a, boolean aOnly6, Endpoint b, boolean bOnly6) {
        if (a.sameAddress(b)) {
            return true;
        }
        if (Ip.isAny6(a.high(), a.low())) {
            return !aOnly6 || !b.isV4();
        }
        return a.isAny() && b.isV4();
    }

    /**
     * How well a packet to {@code to} from {@code from} suits: negative not at all, else the higher the better (Linux:
     * compute_score).
     */
    int score(Endpoint to, Endpoint from, int device) {
        int score = 1;
        if (local.isV4() && !to.isV4() || to.isV4() && v6Only) {
            return -1;
        }
        if (local.isV4() == to.isV4() && to.isV4()) {
            score++; // a socket of IPv4 itself rather than one of both
        }
        if (!local.isAny()) {
            if (!local.sameAddress(to)) {
                return -1;
            }
            score += 8;
        }
        Endpoint r = remote;
        if (r != null) {
            if (r.port() != from.port() || !r.sameAddress(from)) {
                return -1;
            }
            score += 8;
        }
        int mine = device();
        if (mine != 0) {
            if (mine != device) {
                return -1;
            }
            score += 4;
        }
        return score;
    }
}
