package sentry.core.net;

import sentry.core.abi.Errno;
import sentry.core.kernel.Kernel;
import sentry.core.task.Task;
import sentry.core.time.KernelTimer;

/** The transport of a network that has only itself: what is sent is there at once. */
final class Loopback implements Transport {
    /** How long a connection is asked for (net.ipv4.tcp_syn_retries 6: 127 s). */
    private static final long CONNECT_NANOS = 127_000_000_000L;

    private final NetStack stack;

    Loopback(NetStack stack) {
        this.stack = stack;
    }

    @Override
    public void connect(TcpSocket client) {
        stack.loopback().count(0);
        for (;;) {
            InetSocket found = stack.tcp().listener(client.remote(), client.local(), stack.loopback().index());
            if (!(found instanceof TcpSocket listener)) {
                if (client.local().equals(client.remote())) {
                    // It meets its own request: a connection with itself (RFC 9293, simultaneous open).
                    client.established(new LoopbackLink(client, stack.loopback()));
                } else {
                    client.refused(Errno.ECONNREFUSED);
                }
                return;
            }
            switch (listener.offer(client)) {
                case TAKEN -> {
                    return;
                }
                case LATER -> {
                    giveUpLater(client);
                    return;
                }
                case REFUSED -> {
                    // It ended meanwhile: look again.
                }
            }
        }
    }

    private static void giveUpLater(TcpSocket client) {
        Task by = Kernel.current();
        if (by == null) {
            return;
        }
        long patience = client.tcp.userTimeoutNanos();
        by.kernel().timers().arm(new KernelTimer() {
            @Override
            protected void expired() {
                TcpSocket at = client.waitsAt();
                if (at != null) {
                    at.forget(client);
                    client.timedOut();
                }
            }
        }, System.nanoTime() + (patience > 0 ? patience : CONNECT_NANOS));
    }

    @Override
    public void abandon(TcpSocket client) {
        TcpSocket at = client.waitsAt();
        if (at != null) {
            at.forget(client);
        }
    }

    @Override
    public void send(UdpSocket from, Datagram d, NetStack.Reach reach) {
        stack.loopback().count(d.length());
        switch (reach) {
            case LOCAL -> {
                InetSocket found = stack.udp().receiver(d.to(), d.from(), stack.loopback().index());
                if (found instanceof UdpSocket to) {
                    to.deliver(d);
                } else {
                    from.unreachable(d);
                }
            }
            case MULTICAST, BROADCAST -> {
                for (Binding b : stack.udp().at(d.to().port())) {
                    if (b.socket instanceof UdpSocket to && to.hears(d, b)) {
                        to.deliver(d);
                    }
                }
            }
            case NONE -> {}
        }
    }
}
