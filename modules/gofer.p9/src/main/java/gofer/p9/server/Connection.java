package gofer.p9.server;

import gofer.p9.codec.Packet;
import gofer.p9.codec.Protocol;
import host.linux.Files;
import host.linux.HostException;
import host.linux.Memory;
import host.linux.MessageHeader;
import host.linux.NativeArea;
import host.linux.Sockets;

/**
 * One connection: receives requests, has them served in turn, sends the replies. Used by one thread.
 *
 * <p>The receive buffer holds what one recvmsg brought; a request that is there whole is served from it without another
 * call.
 */
final class Connection implements Runnable {
    private static final int EINTR = 4;

    private final int socket;
    private final Session session;
    private final MessageHeader header = new MessageHeader();
    private NativeArea receive = NativeArea.allocate(Protocol.DEFAULT_MSIZE);
    private NativeArea send = NativeArea.allocate(Protocol.DEFAULT_MSIZE);
    private final Packet request = new Packet(Protocol.MIN_MSIZE);
    /** Bytes received and not yet served: [begin, end) of the receive buffer. */
    private int begin;

    private int end;

    Connection(Export export, int procFd, String ownDescriptors) throws HostException {
        socket = export.socketFd();
        Host host = new Host(procFd, ownDescriptors);
        int result = host.stat(export.rootDirFd());
        if (result < 0) {
            throw new HostException("root of a served tree", -result);
        }
        int type = host.attributes().mode & Files.S_IFMT;
        Node root = new Node(export.rootDirFd(), type, host.attributes().dev, host.attributes().ino);
        session = new Session(host, root, export.readOnly());
    }

    @Override
    public void run() {
        try {
            while (serveOne()) {
                // until the peer goes away or breaks the framing
            }
        } finally {
            close();
        }
    }

    private boolean serveOne() {
        if (!fill(Protocol.HEADER)) {
            return false;
        }
        int size = Memory.getInt(receive.address() + begin);
        int largest = session.msize == 0 ? Protocol.DEFAULT_MSIZE : session.msize;
        if (size < Protocol.HEADER || size > largest) {
            return false; // not a frame: nothing after it can be trusted
        }
        if (!fill(size)) {
            return false;
        }
        request.reserve(size);
        Memory.copy(receive.address() + begin, request.array(), 0, size);
        begin += size;
        request.window(0, size);
        byte[] d = request.array();
        int type = d[4] & 0xff;
        int tag = d[5] & 0xff | (d[6] & 0xff) << 8;
        int length = session.serve(type, tag, request);
        return sendReply(length);
    }

    /** Makes sure that {@code size} bytes from {@link #begin} on are there; false at the end of the connection. */
    private boolean fill(int size) {
        while (end - begin < size) {
            if (begin == end) {
                begin = 0;
                end = 0;
            } else if (receive.size() - begin < size) {
                makeRoom(size);
            }
            long got = header.receive(socket, receive.address() + end, receive.size() - end, 0);
            if (got == -EINTR) {
                continue;
            }
            if (got <= 0) {
                return false;
            }
            end += (int) got;
        }
        return true;
    }

    /** Moves the rest of the buffer to its front, or into a larger buffer. */
    private void makeRoom(int size) {
        NativeArea to = size > receive.size() ? NativeArea.allocate(size) : receive;
        Memory.copy(receive.address() + begin, to.address(), end - begin);
        if (to != receive) {
            receive.close();
            receive = to;
        }
        end -= begin;
        begin = 0;
    }

    private boolean sendReply(int length) {
        if (length > send.size()) {
            send.close();
            send = NativeArea.allocate(length);
        }
        Memory.copy(session.reply.array(), 0, send.address(), length);
        int done = 0;
        while (done < length) {
            long sent = session.donation >= 0
                    ? header.sendWithFd(
                            socket, send.address() + done, length - done, session.donation, Sockets.MSG_NOSIGNAL)
                    : header.send(socket, send.address() + done, length - done, Sockets.MSG_NOSIGNAL);
            if (sent == -EINTR) {
                continue;
            }
            if (sent <= 0) {
                return false;
            }
            session.dropDonation(); // it went with the first byte
            done += (int) sent;
        }
        return true;
    }

    private void close() {
        session.dropDonation();
        session.close();
        header.close();
        receive.close();
        send.close();
        Files.close(socket);
    }
}
