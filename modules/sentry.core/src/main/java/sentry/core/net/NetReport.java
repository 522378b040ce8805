package sentry.core.net;

import sentry.core.fs.pseudo.Text;
import sentry.core.socket.UnixSocket;

/** The tables of /proc/net about one network (proc(5)). */
public final class NetReport {
    /** Lines of tcp and udp have these widths, blanks filling up. */
    private static final int WIDTH_4 = 149;

    private static final int WIDTH_6 = 0;

    private NetReport() {}

    private static void address(Text out, Endpoint e, boolean v6) {
        Endpoint shown = e;
        if (v6) {
            hex(out, (int) (shown.high() >>> 32));
            hex(out, (int) shown.high());
            hex(out, (int) (shown.low() >>> 32));
        }
        hex(out, (int) shown.low());
        out.add(':').add(upper(shown.port(), 4));
    }

    /** A word of an address in network order as this machine would print it. */
    private static void hex(Text out, int word) {
        out.add(upper(Integer.reverseBytes(word) & 0xffffffffL, 8));
    }

    private static String upper(long value, int width) {
        String s = Long.toHexString(value).toUpperCase(java.util.Locale.ROOT);
        return "0".repeat(width - s.length()) + s;
    }

    private static void line(
            Text out, int number, Endpoint local, Endpoint remote, boolean v6, int state, long sends, long receives, int uid,
            long ino, String rest, int width) {
        int start = out.length();
        out.addRight(number, 4).add(": ");
        address(out, local, v6);
        out.add(' ');
        address(out, remote == null ? v6 ? Endpoint.ANY_6 : Endpoint.ANY_4 : remote, v6);
        out.add(' ').add(upper(state, 2)).add(' ').add(upper(sends, 8)).add(':').add(upper(receives, 8));
        out.add(" 00:00000000 00000000 ").addRight(uid, 5).add("        0 ").add(ino).add(' ').add(rest);
        out.padTo(start, width).line();
    }

    /** tcp and tcp6. */
    public static void tcp(NetStack stack, boolean v6, Text out) {
        out.add(v6
                ? "  sl  local_address                         remote_address                        st tx_queue rx_queue tr "
                        + "tm->when retrnsmt   uid  timeout inode\n"
                : "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode"
                        + "                                                     \n");
        int n = 0;
        for (Binding b : stack.tcp().all()) {
            if (b.socket.v6() != v6 || !(b.socket instanceof TcpSocket s)) {
                continue;
            }
            TcpState state = b.timeWait ? TcpState.TIME_WAIT : s.state();
            if (state == TcpState.CLOSE) {
                continue; // only those that listen or are connected are in Linux's tables
            }
            Endpoint local = b.remote == null ? b.local : s.local();
            boolean over = b.expires != 0;
            line(out, n++, local, b.remote, v6, state.number(), 0, over ? 0 : s.receiveQueue(), over ? 0 : s.owningUid(),
                    over ? 0 : s.ino(), "1 0000000000000000 100 0 0 10 0", v6 ? WIDTH_6 : WIDTH_4);
        }
    }

    /** udp and udp6. */
    public static void udp(NetStack stack, boolean v6, Text out) {
        out.add(v6
                ? "  sl  local_address                         remote_address                        st tx_queue rx_queue tr "
                        + "tm->when retrnsmt   uid  timeout inode ref pointer drops\n"
                : "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref "
                        + "pointer drops            \n");
        for (Binding b : stack.udp().all()) {
            if (b.socket.v6() == v6 && b.socket instanceof UdpSocket s) {
                int state = s.remote() == null ? TcpState.CLOSE.number() : TcpState.ESTABLISHED.number();
                line(out, b.local.port() & 0x7ff, s.local(), s.remote(), v6, state, 0, s.receiveQueue(), s.owningUid(),
                        s.ino(), "2 0000000000000000 " + s.dropped(), v6 ? WIDTH_6 : 127);
            }
        }
    }

    /** raw, raw6, icmp and icmp6. */
    public static void raw(NetStack stack, boolean v6, boolean ping, Text out) {
        out.add(v6
                ? "  sl  local_address                         remote_address                        st tx_queue rx_queue tr "
                        + "tm->when retrnsmt   uid  timeout inode ref pointer drops\n"
                : "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref "
                        + "pointer drops\n");
        for (RawSocket s : stack.raw().all()) {
            if (s.v6() == v6 && ping == (s.type() == sentry.core.abi.Sockets.SOCK_DGRAM)) {
                line(out, s.protocol(), s.local().withPort(s.protocol()), s.remote(), v6, TcpState.CLOSE.number(), 0, 0,
                        s.owningUid(), s.ino(), "2 0000000000000000 0", 0);
            }
        }
    }

    /** unix. */
    public static void unix(NetStack stack, Text out) {
        out.add("Num       RefCount Protocol Flags    Type St Inode Path\n");
        for (UnixSocket s : stack.unixSockets()) {
            out.add("0000000000000000: 00000002 00000000 ").add(s.listening() ? "00010000 " : "00000000 ");
            out.addZeros(s.type(), 4).add(s.listening() || !s.isConnected() ? " 01 " : " 03 ").addRight(s.ino(), 5);
            byte[] name = s.address();
            if (name.length > 0) {
                out.add(' ');
                int n = name[0] != 0 && name[name.length - 1] == 0 ? name.length - 1 : name.length;
                for (int i = 0; i < n; i++) {
                    out.add(name[i] == 0 ? '@' : (char) (name[i] & 0xff));
                }
            }
            out.line();
        }
    }

    /** dev. */
    public static void devices(NetStack stack, Text out) {
        out.add("Inter-|   Receive                                                |  Transmit\n");
        out.add(" face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls "
                + "carrier compressed\n");
        for (NetDevice d : stack.devices()) {
            out.addRight(d.name(), 6).add(": ").addRight(d.bytes(), 7).add(' ').addRight(d.packets(), 7);
            out.add("    0    0    0     0          0         0 ").addRight(d.bytes(), 8).add(' ').addRight(d.packets(), 7);
            out.add("    0    0    0     0       0          0\n");
        }
    }

    /** if_inet6. */
    public static void addresses6(NetStack stack, Text out) {
        for (NetDevice d : stack.devices()) {
            for (NetDevice.Address a : d.addresses()) {
                if (!a.isV4()) {
                    out.addHex(a.high(), 16).addHex(a.low(), 16).add(' ').addHex(d.index(), 2).add(' ').addHex(a.bits(), 2);
                    out.add(" 10 80 ").addRight(d.name(), 8).line();
                }
            }
        }
    }

    /** ipv6_route: the ways to our own addresses. */
    public static void routes6(NetStack stack, Text out) {
        String zero = "0".repeat(32);
        for (NetDevice d : stack.devices()) {
            for (NetDevice.Address a : d.addresses()) {
                if (!a.isV4() && d.up()) {
                    for (String tail : new String[] {"00000100 00000001 00000000 00000001", "00000000 00000002 00000000 80200001"}) {
                        out.addHex(a.high(), 16).addHex(a.low(), 16).add(" 80 ").add(zero).add(" 00 ").add(zero).add(' ');
                        out.add(tail).add(' ').addRight(d.name(), 8).line();
                    }
                }
            }
        }
    }

    /** sockstat. */
    public static void counts(NetStack stack, Text out) {
        int tcp = 0;
        int waits = 0;
        for (Binding b : stack.tcp().all()) {
            if (b.timeWait) {
                waits++;
            } else if (!b.socket.v6()) {
                tcp++;
            }
        }
        int udp = 0;
        for (Binding b : stack.udp().all()) {
            udp += b.socket.v6() ? 0 : 1;
        }
        int raw = stack.raw().all().size();
        out.add("sockets: used ").add(tcp + udp + raw + stack.unixSockets().size()).line();
        out.add("TCP: inuse ").add(tcp).add(" orphan 0 tw ").add(waits).add(" alloc ").add(tcp).add(" mem 0\n");
        out.add("UDP: inuse ").add(udp).add(" mem 0\nUDPLITE: inuse 0\nRAW: inuse ").add(raw);
        out.add("\nFRAG: inuse 0 memory 0\n");
    }
}
