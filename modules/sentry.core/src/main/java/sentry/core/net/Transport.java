package sentry.core.net;

/**
 * What carries bytes and datagrams between endpoints: the seam between sockets and a network. Sockets know addresses,
 * ports, options and readiness; a transport knows how to get there. So far the loopback alone.
 */
interface Transport {
    /**
     * Begins a connection from a socket in state SYN_SENT to its remote address. Ends in {@link TcpSocket#established},
     * {@link TcpSocket#refused} or {@link TcpSocket#timedOut}, at once or later. No lock is held.
     */
    void connect(TcpSocket client);

    /** The client does not want to connect any more. */
    void abandon(TcpSocket client);

    /**
     * Sends a datagram.
     *
     * @param from who hears of it when nobody takes it
     */
    void send(UdpSocket from, Datagram datagram, NetStack.Reach reach);
}
