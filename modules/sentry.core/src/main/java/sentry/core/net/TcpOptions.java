package sentry.core.net;

import java.nio.charset.StandardCharsets;
import sentry.core.abi.Bytes;
import sentry.core.abi.Capability;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Tcp;
import sentry.core.task.Task;

/**
 * The options of level TCP (tcp(7)). Many rule what happens on a wire; the loopback has none, so they are kept for who
 * asks.
 */
final class TcpOptions {
    private static final byte[] CONGESTION = "cubic".getBytes(StandardCharsets.US_ASCII);
    private static final int TCP_CA_NAME_MAX = 16;
    /** The segment size that Linux shows for the loopback: half of the largest window. */
    private static final int LOOPBACK_MSS = 32741;
    private static final int DEFAULT_MSS = 536;
    private static final int INFO = 248;

    private final TcpSocket socket;
    private volatile boolean noDelay;
    private volatile boolean cork;
    private volatile boolean quickAck = true;
    private volatile boolean thin;
    private volatile boolean saveSyn;
    private volatile boolean fastOpenConnect;
    private volatile boolean fastOpenNoCookie;
    private volatile boolean inq;
    private volatile int maxSegment;
    private volatile int keepIdle = 7200;
    private volatile int keepInterval = 75;
    private volatile int keepCount = 9;
    private volatile int synCount = 6;
    private volatile int linger2 = 60;
    private volatile int deferAccept;
    private volatile int windowClamp;
    private volatile int userTimeout;
    private volatile int fastOpen;
    private volatile int notSentLow;
    private volatile int delay;
    private volatile byte[] congestion = CONGESTION;
    private volatile long since;

    TcpOptions(TcpSocket socket) {
        this.socket = socket;
    }

    void inherit(TcpOptions from) {
        noDelay = from.noDelay;
        cork = from.cork;
        maxSegment = from.maxSegment;
        keepIdle = from.keepIdle;
        keepInterval = from.keepInterval;
        keepCount = from.keepCount;
        linger2 = from.linger2;
        userTimeout = from.userTimeout;
        windowClamp = from.windowClamp;
        notSentLow = from.notSentLow;
        congestion = from.congestion;
        connected();
    }

    void connected() {
        since = System.nanoTime();
    }

    /** TCP_INQ: recvmsg(2) says how much is left. */
    boolean tellsLeft() {
        return inq;
    }

    /** TCP_USER_TIMEOUT; 0 for none. */
    long userTimeoutNanos() {
        return userTimeout * 1_000_000L;
    }

    private static int within(int value, int low, int high) throws ErrnoException {
        if (value < low || value > high) {
            throw Errno.EINVAL.error();
        }
        return value;
    }

    void set(Task task, int option, long address, int length) throws ErrnoException {
        switch (option) {
            case Tcp.TCP_CONGESTION -> {
                if (length < 1) {
                    throw Errno.EINVAL.error();
                }
                byte[] name = new byte[Math.min(length, TCP_CA_NAME_MAX - 1)];
                task.memory().read(address, name, 0, name.length);
                setCongestion(name);
                return;
            }
            case Tcp.TCP_ULP -> {
                if (length < 1) {
                    throw Errno.EINVAL.error();
                }
                throw Errno.ENOENT.error();
            }
            default -> {}
        }
        if (length < 4) {
            throw Errno.EINVAL.error();
        }
        int value = task.memory().getInt(address);
        switch (option) {
            case Tcp.TCP_NODELAY -> noDelay = value != 0;
            case Tcp.TCP_MAXSEG -> {
                if (value != 0) {
                    within(value, 88, 32767);
                }
                maxSegment = value;
            }
            case Tcp.TCP_CORK -> cork = value != 0;
            case Tcp.TCP_KEEPIDLE -> keepIdle = within(value, 1, 32767);
            case Tcp.TCP_KEEPINTVL -> keepInterval = within(value, 1, 32767);
            case Tcp.TCP_KEEPCNT -> keepCount = within(value, 1, 127);
            case Tcp.TCP_SYNCNT -> synCount = within(value, 1, 127);
            case Tcp.TCP_LINGER2 -> linger2 = value < 0 ? -1 : value > 120 ? 120 : value == 0 ? 60 : value;
            case Tcp.TCP_DEFER_ACCEPT -> deferAccept = rounded(value);
            case Tcp.TCP_WINDOW_CLAMP -> {
                if (value == 0 && socket.state() != TcpState.CLOSE) {
                    throw Errno.EINVAL.error();
                }
                windowClamp = value == 0 ? 0 : Math.max(value, 1152);
            }
            case Tcp.TCP_QUICKACK -> quickAck = (value & 1) != 0;
            case Tcp.TCP_USER_TIMEOUT -> userTimeout = within(value, 0, Integer.MAX_VALUE);
            case Tcp.TCP_FASTOPEN -> {
                within(value, 0, Integer.MAX_VALUE);
                if (socket.state() != TcpState.CLOSE && socket.state() != TcpState.LISTEN) {
                    throw Errno.EINVAL.error();
                }
                fastOpen = value;
            }
            case Tcp.TCP_FASTOPEN_CONNECT -> {
                within(value, 0, 1);
                if (socket.state() != TcpState.CLOSE) {
                    throw Errno.EINVAL.error();
                }
                fastOpenConnect = value != 0;
            }
            case Tcp.TCP_FASTOPEN_NO_COOKIE -> {
                within(value, 0, 1);
                if (socket.state() != TcpState.CLOSE && socket.state() != TcpState.LISTEN) {
                    throw Errno.EINVAL.error();
                }
                fastOpenNoCookie = value != 0;
            }
            case Tcp.TCP_TIMESTAMP -> throw Errno.EPERM.error(); // only while the connection is being repaired
            case Tcp.TCP_NOTSENT_LOWAT -> notSentLow = value;
            case Tcp.TCP_THIN_LINEAR_TIMEOUTS -> {
                within(value, 0, 1);
                thin = value != 0;
            }
            case Tcp.TCP_THIN_DUPACK -> within(value, 0, 1);
            case Tcp.TCP_SAVE_SYN -> saveSyn = within(value, 0, 2) != 0;
            case Tcp.TCP_INQ -> inq = within(value, 0, 1) != 0;
            case Tcp.TCP_TX_DELAY -> delay = value;
            case Tcp.TCP_REPAIR -> {
                if (!task.credentials().capableIn(socket.net().owner(), Capability.NET_ADMIN)) {
                    throw Errno.EPERM.error();
                }
                throw Errno.EINVAL.error();
            }
            default -> throw Errno.ENOPROTOOPT.error();
        }
    }

    /** Linux has the two that every kernel has; others are modules. */
    private void setCongestion(byte[] name) throws ErrnoException {
        int n = 0;
        while (n < name.length && name[n] != 0) {
            n++;
        }
        String wanted = new String(name, 0, n, StandardCharsets.ISO_8859_1);
        if (!wanted.equals("cubic") && !wanted.equals("reno")) {
            throw Errno.ENOENT.error();
        }
        congestion = wanted.getBytes(StandardCharsets.US_ASCII);
    }

    /** Seconds as Linux keeps them: a number of retransmissions, each twice as late as the one before. */
    private static int rounded(int seconds) {
        if (seconds <= 0) {
            return 0;
        }
        int period = 1;
        int step = 1;
        int count = 1;
        while (seconds > period && count < 255) {
            count++;
            step = Math.min(step << 1, 120);
            period += step;
        }
        return period;
    }

    int get(int option, byte[] out, int room) throws ErrnoException {
        boolean idle = socket.state() == TcpState.CLOSE || socket.state() == TcpState.LISTEN;
        int value;
        switch (option) {
            case Tcp.TCP_NODELAY -> value = noDelay ? 1 : 0;
            case Tcp.TCP_MAXSEG -> value = idle ? maxSegment != 0 ? maxSegment : DEFAULT_MSS : LOOPBACK_MSS;
            case Tcp.TCP_CORK -> value = cork ? 1 : 0;
            case Tcp.TCP_KEEPIDLE -> value = keepIdle;
            case Tcp.TCP_KEEPINTVL -> value = keepInterval;
            case Tcp.TCP_KEEPCNT -> value = keepCount;
            case Tcp.TCP_SYNCNT -> value = synCount;
            case Tcp.TCP_LINGER2 -> value = linger2;
            case Tcp.TCP_DEFER_ACCEPT -> value = deferAccept;
            case Tcp.TCP_WINDOW_CLAMP -> value = windowClamp;
            case Tcp.TCP_QUICKACK -> value = quickAck ? 1 : 0;
            case Tcp.TCP_USER_TIMEOUT -> value = userTimeout;
            case Tcp.TCP_FASTOPEN -> value = fastOpen;
            case Tcp.TCP_FASTOPEN_CONNECT -> value = fastOpenConnect ? 1 : 0;
            case Tcp.TCP_FASTOPEN_NO_COOKIE -> value = fastOpenNoCookie ? 1 : 0;
            case Tcp.TCP_TIMESTAMP -> value = (int) (System.nanoTime() / 1_000_000);
            case Tcp.TCP_NOTSENT_LOWAT -> value = notSentLow;
            case Tcp.TCP_THIN_LINEAR_TIMEOUTS -> value = thin ? 1 : 0;
            case Tcp.TCP_THIN_DUPACK, Tcp.TCP_REPAIR -> value = 0;
            case Tcp.TCP_SAVE_SYN -> value = saveSyn ? 1 : 0;
            case Tcp.TCP_SAVED_SYN, Tcp.TCP_ULP, Tcp.TCP_CC_INFO -> {
                return 0;
            }
            case Tcp.TCP_INQ -> value = inq ? 1 : 0;
            case Tcp.TCP_TX_DELAY -> value = delay;
            case Tcp.TCP_INFO -> {
                return info(out, room);
            }
            case Tcp.TCP_CONGESTION -> {
                int n = Math.min(room, TCP_CA_NAME_MAX);
                java.util.Arrays.fill(out, 0, TCP_CA_NAME_MAX, (byte) 0);
                System.arraycopy(congestion, 0, out, 0, congestion.length);
                return n;
            }
            default -> throw Errno.ENOPROTOOPT.error();
        }
        Bytes.putInt(out, 0, value);
        return Math.min(4, room);
    }

    /** struct tcp_info, as far as a connection without a wire has such facts. */
    private int info(byte[] b, int room) {
        java.util.Arrays.fill(b, 0, INFO, (byte) 0);
        TcpState state = socket.state();
        b[0] = (byte) state.number();
        boolean connected = state != TcpState.CLOSE && state != TcpState.LISTEN;
        if (connected) {
            b[5] = 7; // time stamps, selective acknowledgements, window scaling
            b[6] = 0x77;
        }
        Bytes.putInt(b, 8, connected ? 201_000 : 1_000_000); // rto, microseconds
        Bytes.putInt(b, 12, connected ? 40_000 : 0);
        Bytes.putInt(b, 16, connected ? 32768 : DEFAULT_MSS); // snd_mss
        Bytes.putInt(b, 20, DEFAULT_MSS);
        if (state == TcpState.LISTEN) {
            Bytes.putInt(b, 24, socket.receiveQueue()); // unacked: connections that wait
            Bytes.putInt(b, 28, socket.backlog());
        }
        int millis = (int) ((System.nanoTime() - since) / 1_000_000);
        Bytes.putInt(b, 44, connected ? millis : 0);
        Bytes.putInt(b, 52, connected ? millis : 0);
        Bytes.putInt(b, 56, connected ? millis : 0);
        Bytes.putInt(b, 60, 65535); // pmtu
        Bytes.putInt(b, 64, 65483);
        Bytes.putInt(b, 68, connected ? 30 : 0); // rtt
        Bytes.putInt(b, 72, connected ? 15 : 250_000);
        Bytes.putInt(b, 76, 0x7fffffff);
        Bytes.putInt(b, 80, 10);
        Bytes.putInt(b, 84, connected ? LOOPBACK_MSS : DEFAULT_MSS);
        Bytes.putInt(b, 88, 3);
        Bytes.putInt(b, 96, 65483);
        return Math.min(INFO, room);
    }
}
