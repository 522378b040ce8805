package sentry.core.net;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.concurrent.ThreadLocalRandom;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;

/**
 * Who has which port, for one protocol of one network. Changes are guarded by the monitor, a leaf; look-ups read arrays that
 * are replaced as a whole.
 */
final class PortTable {
    private static final Binding[] NONE = {};

    private static final class Bucket {
        /** Bound by hand or for connect(2). */
        volatile Binding[] bound = NONE;
        /** Of accepted connections, guarded by the table. */
        Binding accepted;

        boolean isEmpty() {
            return bound.length == 0 && accepted == null;
        }
    }

    private final NetSettings settings;
    private final boolean stream;
    /** By upper, then lower byte of the port. */
    private final Bucket[][] buckets = new Bucket[256][];
    private int spin;

    PortTable(NetSettings settings, boolean stream) {
        this.settings = settings;
        this.stream = stream;
    }

    private Bucket bucket(int port) {
        Bucket[] row = buckets[port >>> 8];
        return row == null ? null : row[port & 255];
    }

    private Bucket make(int port) {
        Bucket[] row = buckets[port >>> 8];
        if (row == null) {
            row = buckets[port >>> 8] = new Bucket[256];
        }
        Bucket b = row[port & 255];
        if (b == null) {
            b = row[port & 255] = new Bucket();
        }
        return b;
    }

    /**
     * Gives {@code socket} a port at an address.
     *
     * @param address its port 0: any free one
     * @throws ErrnoException EADDRINUSE
     */
    synchronized Binding bind(InetSocket socket, Endpoint address) throws ErrnoException {
        if (address.port() != 0) {
            if (conflicts(socket, address)) {
                throw Errno.EADDRINUSE.error();
            }
            return add(new Binding(socket, address, false));
        }
        int low = settings.portLow;
        int count = settings.portHigh - low + 1;
        int start = ThreadLocalRandom.current().nextInt(count);
        for (int i = 0; i < count; i++) {
            int port = low + (start + i) % count;
            Bucket b = bucket(port);
            if (b == null || settled(b).isEmpty()) {
                return add(new Binding(socket, address.withPort(port), false));
            }
        }
        for (int i = 0; i < count; i++) {
            Endpoint at = address.withPort(low + (start + i) % count);
            if (!conflicts(socket, at)) {
                return add(new Binding(socket, at, false));
            }
        }
        throw Errno.EADDRINUSE.error();
    }

    /**
     * Gives {@code socket} a port for a connection.
     *
     * @throws ErrnoException EADDRNOTAVAIL when no port is left for it
     */
    synchronized Binding bindFor(InetSocket socket, Endpoint local, Endpoint remote) throws ErrnoException {
        int low = settings.portLow;
        int count = settings.portHigh - low + 1;
        int start = ThreadLocalRandom.current().nextInt(count);
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < count; i++) {
                int port = low + (start + i) % count;
                Bucket b = bucket(port);
                Endpoint at = local.withPort(port);
                if (b == null || settled(b).isEmpty() || round == 1 && shares(b, at, remote)) {
                    Binding made = new Binding(socket, at, false);
                    made.remote = remote;
                    return add(made);
                }
            }
        }
        throw Errno.EADDRNOTAVAIL.error();
    }

    /** Whether a port that only connections have may carry one more, to {@code remote}. */
    private static boolean shares(Bucket b, Endpoint local, Endpoint remote) {
        for (Binding o : b.bound) {
            if (o.remote == null || o.socket.boundByHand() || o.local.sameAddress(local) && o.remote.equals(remote) && !o.timeWait) {
                return false;
            }
        }
        return b.accepted == null;
    }

    /** Marks a bound socket's port as connected to {@code remote}; EADDRNOTAVAIL when there is such a connection. */
    synchronized void connect(Binding mine, Endpoint local, Endpoint remote) throws ErrnoException {
        Bucket b = bucket(mine.local.port());
        for (Binding o : settled(b).bound) {
            requireOther(o, mine, local, remote);
        }
        for (Binding o = b.accepted; o != null; o = o.next) {
            requireOther(o, mine, local, remote);
        }
        mine.remote = remote;
    }

    private static void requireOther(Binding o, Binding mine, Endpoint local, Endpoint remote) throws ErrnoException {
        if (o != mine
                && !o.timeWait
                && remote.equals(o.remote)
                && o.socket.local().sameAddress(local)) {
            throw Errno.EADDRNOTAVAIL.error();
        }
    }

    /** Notes a connection that {@code socket}'s listener accepted. */
    synchronized Binding accepted(InetSocket socket, Endpoint local, Endpoint remote) {
        Binding made = new Binding(socket, local, true);
        made.remote = remote;
        Bucket b = make(local.port());
        made.next = b.accepted;
        if (b.accepted != null) {
            b.accepted.previous = made;
        }
        b.accepted = made;
        return made;
    }

    private Binding add(Binding made) {
        Bucket b = make(made.local.port());
        Binding[] more = Arrays.copyOf(b.bound, b.bound.length + 1);
        more[more.length - 1] = made;
        b.bound = more;
        return made;
    }

    /** The same port with another address or another end; null: with none. */
    synchronized Binding replace(Binding old, Endpoint local, Endpoint remote) {
        remove(old);
        Binding made = new Binding(old.socket, local, false);
        made.remote = remote;
        return add(made);
    }

    synchronized void remove(Binding gone) {
        Bucket b = bucket(gone.local.port());
        if (b == null) {
            return;
        }
        if (gone.accepted) {
            unlink(b, gone);
            return;
        }
        Binding[] old = b.bound;
        for (int i = 0; i < old.length; i++) {
            if (old[i] == gone) {
                Binding[] less = new Binding[old.length - 1];
                System.arraycopy(old, 0, less, 0, i);
                System.arraycopy(old, i + 1, less, i, less.length - i);
                b.bound = less.length == 0 ? NONE : less;
                return;
            }
        }
    }

    private static void unlink(Bucket b, Binding gone) {
        if (gone.previous != null) {
            gone.previous.next = gone.next;
        } else if (b.accepted == gone) {
            b.accepted = gone.next;
        } else {
            return; // it is out already
        }
        if (gone.next != null) {
            gone.next.previous = gone.previous;
        }
        gone.next = null;
        gone.previous = null;
    }

    /** Takes the bindings out whose time is over. */
    private Bucket settled(Bucket b) {
        for (Binding o : b.bound) {
            if (o.over()) {
                remove(o);
            }
        }
        for (Binding o = b.accepted; o != null; ) {
            Binding next = o.next;
            if (o.over()) {
                unlink(b, o);
            }
            o = next;
        }
        return b;
    }

    /** listen(2): EADDRINUSE when somebody else listens there. */
    synchronized void listen(Binding mine) throws ErrnoException {
        mine.listening = true;
        if (conflicts(mine.socket, mine.local)) {
            mine.listening = false;
            throw Errno.EADDRINUSE.error();
        }
    }

    private boolean conflicts(InetSocket socket, Endpoint at) {
        Bucket b = bucket(at.port());
        if (b == null) {
            return false;
        }
        settled(b);
        for (Binding o : b.bound) {
            if (conflicts(socket, at, o)) {
                return true;
            }
        }
        for (Binding o = b.accepted; o != null; o = o.next) {
            if (conflicts(socket, at, o)) {
                return true;
            }
        }
        return false;
    }

    private boolean conflicts(InetSocket socket, Endpoint at, Binding o) {
        if (o.socket == socket) {
            return false;
        }
        int device = socket.options().device();
        if (device != 0 && o.device() != 0 && device != o.device()) {
            return false;
        }
        if (socket.options().has(sentry.core.abi.Sockets.SO_REUSEADDR) && o.reuse() && !(stream && o.listening)) {
            return false;
        }
        if (socket.options().has(sentry.core.abi.Sockets.SO_REUSEPORT)
                && o.reusePort()
                && (o.timeWait || o.uid == socket.owningUid())) {
            return false;
        }
        return o.overlaps(at, socket.v6Only());
    }

    /** The listener for connections to {@code to}, or null. Those of one group (SO_REUSEPORT) take turns. */
    InetSocket listener(Endpoint to, Endpoint from, int device) {
        Bucket b = bucket(to.port());
        return b == null ? null : best(b.bound, to, from, device, true);
    }

    /** The socket for a datagram to {@code to}, or null. */
    InetSocket receiver(Endpoint to, Endpoint from, int device) {
        Bucket b = bucket(to.port());
        return b == null ? null : best(b.bound, to, from, device, false);
    }

    private InetSocket best(Binding[] all, Endpoint to, Endpoint from, int device, boolean listening) {
        Binding best = null;
        int high = 0;
        int group = 0;
        for (Binding o : all) {
            if (o.expires != 0 || listening && !o.listening) {
                continue;
            }
            int score = o.score(to, from, device);
            if (score > high || score == high && best != null && !(best.reusePort() && o.reusePort())) {
                if (score > high || !listening) {
                    best = o; // of equals the latest has it
                }
                high = score;
                group = 1;
            } else if (score == high && best != null) {
                group++;
            }
        }
        if (group > 1 && best.remote == null) {
            int turn = Math.floorMod(listening ? spin++ : 31 * from.port() + (int) from.low(), group);
            for (Binding o : all) {
                if (o.expires == 0 && (!listening || o.listening) && o.score(to, from, device) == high && turn-- == 0) {
                    return o.socket;
                }
            }
        }
        return best == null ? null : best.socket;
    }

    /** The bindings of a port as they are now, for datagrams to many. */
    Binding[] at(int port) {
        Bucket b = bucket(port);
        return b == null ? NONE : b.bound;
    }

    /** All that there is, for /proc/net. */
    synchronized ArrayList<Binding> all() {
        ArrayList<Binding> all = new ArrayList<>();
        for (Bucket[] row : buckets) {
            if (row == null) {
                continue;
            }
            for (Bucket b : row) {
                if (b != null) {
                    all.addAll(Arrays.asList(settled(b).bound));
                    for (Binding o = b.accepted; o != null; o = o.next) {
                        all.add(o);
                    }
                }
            }
        }
        return all;
    }
}
