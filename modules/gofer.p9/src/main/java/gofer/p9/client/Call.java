package gofer.p9.client;

import gofer.p9.codec.Packet;
import gofer.p9.codec.Protocol;
import gofer.p9.codec.ProtocolException;
import host.linux.Files;

/**
 * One request and its reply. Belongs to one thread from {@link Transport#begin} to {@link #end}; reused.
 *
 * <p>The leader writes {@link #reply}, {@link #fd} and {@link #errno} and then {@link #done}; the owner reads them after it
 * saw {@code done}.
 */
final class Call {
    final int tag;
    final Packet request = new Packet(512);
    final Packet reply = new Packet(512);
    /** The owner, to be unparked. */
    Thread thread;

    int type;
    /** Nobody waits: the leader puts the call back into the pool. */
    boolean detached;
    /** The donated descriptor, or -1; -EMFILE when it was lost. */
    int fd = -1;

    int errno;
    volatile boolean done;
    private final Transport transport;

    Call(Transport transport, int tag) {
        this.transport = transport;
        this.tag = tag;
    }

    /** Sends the request and waits; returns the reply with its cursor at the body. */
    Packet run() throws P9Error {
        transport.run(this);
        if (errno != 0) {
            throw P9Error.of(errno);
        }
        return reply;
    }

    /** Takes the donated descriptor over. */
    int takeFd() throws P9Error {
        int taken = fd;
        fd = -1;
        if (taken < 0) {
            throw P9Error.of(taken == -P9Error.EMFILE ? P9Error.EMFILE : P9Error.EIO);
        }
        return taken;
    }

    /** The reply does not make sense: ends the connection. */
    P9Error malformed(ProtocolException cause) {
        transport.kill();
        return P9Error.of(P9Error.EIO);
    }

    /** Gives the call back; a descriptor that nobody took is closed. */
    void end() {
        dropFd();
        transport.release(this);
    }

    void dropFd() {
        if (fd >= 0) {
            Files.close(fd);
        }
        fd = -1;
    }

    /** The type of reply that this call expects. */
    int replyType() {
        return type + 1;
    }

    boolean donates() {
        return type == Protocol.TOPENX || type == Protocol.TCREATEX || type == Protocol.TWALKX;
    }
}
