package sentry.core.net;

import sentry.core.abi.ErrnoException;
import sentry.core.vfs.IoBuffer;

/** A stream to a socket in the same network: bytes go straight into its receive buffer. */
final class LoopbackLink implements StreamLink {
    private final TcpSocket other;
    private final NetDevice device;

    LoopbackLink(TcpSocket other, NetDevice device) {
        this.other = other;
        this.device = device;
    }

    @Override
    public long send(IoBuffer source, int capacity, boolean urgent) throws ErrnoException {
        long n = other.deliver(source, capacity, urgent);
        if (n > 0) {
            device.count(n);
        }
        return n;
    }

    @Override
    public int room(int capacity) {
        return other.roomFor(capacity);
    }

    @Override
    public int pending() {
        return other.unread();
    }

    @Override
    public void finish() {
        other.finished();
    }

    @Override
    public void reset() {
        other.reset();
    }

    @Override
    public void consumed() {
        other.roomMade();
    }
}
