package sentry.core.net;

import java.util.ArrayDeque;
import sentry.core.abi.Bytes;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Inet;
import sentry.core.abi.Sockets;
import sentry.core.socket.Ancillary;
import sentry.core.socket.Received;
import sentry.core.vfs.IoBuffer;

/** What IP_RECVERR keeps of errors: the datagram, and struct sock_extended_err (ip(7)). Thread-safe. */
final class ErrorQueue {
    private static final int SO_EE_ORIGIN_ICMP = 2;
    private static final int SO_EE_ORIGIN_ICMP6 = 3;
    private static final int ICMP_DEST_UNREACH = 3;
    private static final int ICMP_PORT_UNREACH = 3;
    private static final int ICMPV6_DEST_UNREACH = 1;
    private static final int ICMPV6_PORT_UNREACH = 4;
    private static final int MOST = 64;

    /** @param about the datagram that met the error */
    record Entry(Datagram about, Errno errno) {
        /** Puts struct sock_extended_err and the address of who said so. */
        void ancillary(Ancillary out, boolean v6Socket) {
            boolean v4 = about.to().isV4();
            byte[] b = new byte[16 + (v4 ? Inet.ADDRESS_4 : Inet.ADDRESS_6)];
            Bytes.putInt(b, 0, errno.number());
            b[4] = (byte) (v4 ? SO_EE_ORIGIN_ICMP : SO_EE_ORIGIN_ICMP6);
            b[5] = (byte) (v4 ? ICMP_DEST_UNREACH : ICMPV6_DEST_UNREACH);
            b[6] = (byte) (v4 ? ICMP_PORT_UNREACH : ICMPV6_PORT_UNREACH);
            byte[] offender = new byte[Inet.ADDRESS_6];
            int n = about.to().withPort(0).write(offender, !v4);
            System.arraycopy(offender, 0, b, 16, n);
            if (v4 && !v6Socket) {
                out.add(Inet.IPPROTO_IP, Inet.IP_RECVERR, b, b.length);
            } else {
                out.add(Inet.IPPROTO_IPV6, Inet.IPV6_RECVERR, b, b.length);
            }
        }
    }

    private final ArrayDeque<Entry> entries = new ArrayDeque<>(0);

    static Entry refused(Datagram d) {
        return new Entry(d, Errno.ECONNREFUSED);
    }

    synchronized void add(Entry e) {
        if (entries.size() < MOST) {
            entries.add(e);
        }
    }

    synchronized void clear() {
        entries.clear();
    }

    synchronized boolean isEmpty() {
        return entries.isEmpty();
    }

    synchronized long receive(IoBuffer target, Received with) throws ErrnoException {
        Entry e = entries.poll();
        if (e == null) {
            throw Errno.EAGAIN.error();
        }
        int want = (int) Math.min(e.about.length(), target.remaining());
        if (want > 0) {
            target.put(e.about.data(), 0, want);
        }
        with.any = true;
        with.packet = e;
        with.truncated = want < e.about.length();
        with.flags |= Sockets.MSG_ERRQUEUE;
        return want;
    }
}
