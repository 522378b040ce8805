package sentry.core.net;

/** States of a connection (RFC 9293), in the order of Linux's numbers, which begin with 1. */
enum TcpState {
    ESTABLISHED,
    SYN_SENT,
    SYN_RECV,
    FIN_WAIT1,
    FIN_WAIT2,
    TIME_WAIT,
    CLOSE,
    CLOSE_WAIT,
    LAST_ACK,
    LISTEN,
    CLOSING;

    /** As /proc/net/tcp and struct tcp_info have it. */
    int number() {
        return ordinal() + 1;
    }

    /** Whether bytes may be sent. */
    boolean sends() {
        return this == ESTABLISHED || this == CLOSE_WAIT;
    }
}
