package runsc.cli.control;

import host.linux.Errnos;
import host.linux.Files;
import host.linux.UnixSockets;
import java.io.IOException;
import java.util.Arrays;
import runsc.cli.io.WireWriter;

/**
 * Frames on a connected stream socket: u32 length of what follows, u8 version, u8 type, payload. Descriptors travel
 * with a frame's first byte. Sending is atomic between threads; receiving is for one thread.
 */
public final class Channel {
    /** Of the protocol; the two sides come from the same image, so a difference is an error. */
    public static final int VERSION = 1;
    /** Bytes before the payload. */
    public static final int HEADER = 6;
    /** Bytes of a frame on the control socket. */
    public static final int SMALL = 4096;
    /** Bytes of a frame that may carry argv and environment: twice what execve(2) takes. */
    public static final int LARGE = 8 << 20;

    private static final int[] NONE = {};
    private static final int ECONNRESET = 104;
    private final int fd;
    private boolean closed;

    public Channel(int fd) {
        this.fd = fd;
    }

    public int fd() {
        return fd;
    }

    /** Sends a frame; {@code payload} may be null. */
    public synchronized void send(MessageType type, WireWriter payload, int... descriptors) throws IOException {
        if (closed) {
            throw new IOException("the connection is closed");
        }
        int r = UnixSockets.send(fd, frame(type, payload), descriptors);
        if (r < 0) {
            throw new IOException("cannot send: " + Errnos.name(-r));
        }
    }

    /** A frame as it is sent; {@code payload} may be null. */
    public static byte[] frame(MessageType type, WireWriter payload) {
        byte[] body = payload == null ? new byte[0] : payload.toBytes();
        byte[] frame = new byte[HEADER + body.length];
        int length = body.length + 2;
        for (int i = 0; i < 4; i++) {
            frame[i] = (byte) (length >>> 8 * i);
        }
        frame[4] = VERSION;
        frame[5] = (byte) type.code();
        System.arraycopy(body, 0, frame, HEADER, body.length);
        return frame;
    }

    /** The next frame, or null at the end of the stream. */
    public Frame receive(int limit) throws IOException {
        byte[] head = new byte[HEADER];
        int[] descriptors = fill(head, NONE);
        if (descriptors == null) {
            return null;
        }
        boolean good = false;
        try {
            int length = 0;
            for (int i = 0; i < 4; i++) {
                length |= (head[i] & 0xff) << 8 * i;
            }
            if (length < 2 || length > limit) {
                throw new IOException("malformed message of " + Integer.toUnsignedString(length) + " bytes");
            }
            if (head[4] != VERSION) {
                throw new IOException("the other side speaks version " + head[4] + ", not " + VERSION);
            }
            MessageType type = MessageType.of(head[5] & 0xff);
            if (type == null) {
                throw new IOException("unknown message type " + head[5]);
            }
            byte[] body = new byte[length - 2];
            if (body.length > 0) {
                int[] more = fill(body, descriptors);
                if (more == null) {
                    throw new IOException("the connection ended within a message");
                }
                descriptors = more;
            }
            good = true;
            return new Frame(type, body, descriptors);
        } finally {
            if (!good) {
                for (int d : descriptors) {
                    Files.close(d);
                }
            }
        }
    }

    /** Fills {@code bytes}; returns the descriptors so far, or null when the stream ended before the first byte. */
    private int[] fill(byte[] bytes, int[] before) throws IOException {
        int[] descriptors = before;
        int done = 0;
        while (done < bytes.length) {
            UnixSockets.Received r = UnixSockets.receive(fd, bytes, done, bytes.length - done);
            if (r.count() == -ECONNRESET && done == 0) {
                return null; // it ended, and did not even read what we sent
            }
            if (r.count() < 0) {
                throw new IOException("cannot receive: " + Errnos.name(-r.count()));
            }
            if (r.count() == 0) {
                if (done == 0) {
                    return null;
                }
                throw new IOException("the connection ended within a message");
            }
            done += r.count();
            if (r.descriptors().length > 0) {
                int[] all = Arrays.copyOf(descriptors, descriptors.length + r.descriptors().length);
                System.arraycopy(r.descriptors(), 0, all, descriptors.length, r.descriptors().length);
                descriptors = all;
            }
        }
        return descriptors;
    }

    public synchronized void close() {
        if (!closed) {
            closed = true;
            Files.close(fd);
        }
    }
}
