package sentry.core.net;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import sentry.core.socket.UnixSocket;

/**
 * The network of one namespace: its interfaces, which addresses it reaches, its ports and settings. So far its only
 * interface is the loopback.
 */
public final class NetStack {
    /** What an address means here. */
    enum Reach {
        /** One of ours. */
        LOCAL,
        BROADCAST,
        MULTICAST,
        /** There is no route. */
        NONE
    }

    private final NetDevice loopback = new NetDevice(1, "lo");
    private final List<NetDevice> devices = List.of(loopback);
    private final Transport transport = new Loopback(this);
    private PortTable tcp;
    private PortTable udp;
    private RawTable raw;
    private Map<String, UnixSocket> unixNames;
    private Map<Long, Object> netlinkPorts;
    private java.util.Set<UnixSocket> unixSockets;
    /** Multicast groups, with how many sockets are in each. */
    private final Map<Endpoint, Integer> groups = new java.util.HashMap<>(0);

    private final NetSettings settings = new NetSettings();

    /** With a loopback interface that is down, as Linux has it. */
    public NetStack() {}

    public NetSettings settings() {
        return settings;
    }

    public NetDevice loopback() {
        return loopback;
    }

    public List<NetDevice> devices() {
        return devices;
    }

    /** The interface with that index, or null. */
    public NetDevice device(int index) {
        return index == 1 ? loopback : null;
    }

    /** The interface with that name, or null. */
    public NetDevice device(String name) {
        return name.equals("lo") ? loopback : null;
    }

    /** The interface with that address, or null. */
    NetDevice deviceOf(long high, long low) {
        return loopback.up() && (loopback.find(high, low) != null || reach(high, low, 0) == Reach.LOCAL) ? loopback : null;
    }

    /** One socket more or less is in a multicast group. */
    synchronized void joins(long high, long low, int by) {
        groups.merge(new Endpoint(high, low, 0), by, (a, b) -> a + b == 0 ? null : a + b);
    }

    /** Whether any socket is in the group. */
    synchronized boolean joined(Endpoint group) {
        return groups.containsKey(new Endpoint(group.high(), group.low(), 0));
    }

    /** All Unix sockets, for /proc/net/unix. */
    public synchronized java.util.Set<UnixSocket> unixSockets() {
        if (unixSockets == null) {
            unixSockets = ConcurrentHashMap.newKeySet();
        }
        return unixSockets;
    }

    /** Netlink sockets of this network by protocol and port. */
    public synchronized Map<Long, Object> netlinkPorts() {
        if (netlinkPorts == null) {
            netlinkPorts = new ConcurrentHashMap<>();
        }
        return netlinkPorts;
    }

    /** The address that packets to {@code to} come from, in network order; null when there is no way. */
    public byte[] sourceOf(NetDevice.Address to) {
        if (reach(to.high(), to.low(), 0) != Reach.LOCAL) {
            return null;
        }
        Endpoint e = source(new Endpoint(to.high(), to.low(), 0));
        return new NetDevice.Address(e.high(), e.low(), 0).bytes();
    }

    /** What carries data from here to an address that is reached. */
    Transport transport() {
        return transport;
    }

    synchronized PortTable tcp() {
        if (tcp == null) {
            tcp = new PortTable(settings, true);
        }
        return tcp;
    }

    synchronized PortTable udp() {
        if (udp == null) {
            udp = new PortTable(settings, false);
        }
        return udp;
    }

    synchronized RawTable raw() {
        if (raw == null) {
            raw = new RawTable();
        }
        return raw;
    }

    /** Names of the abstract namespace of Unix sockets, raw bytes. */
    public synchronized Map<String, UnixSocket> unixNames() {
        if (unixNames == null) {
            unixNames = new ConcurrentHashMap<>();
        }
        return unixNames;
    }

    /** Whether it is an address of this network, to which a socket may be bound. */
    boolean isLocal(long high, long low) {
        return reach(high, low, 0) == Reach.LOCAL;
    }

    /** @param device the interface to leave by; 0: any */
    Reach reach(long high, long low, int device) {
        if (!loopback.up()) {
            return Reach.NONE;
        }
        for (NetDevice.Address a : loopback.addresses()) {
            if (a.high() == high && a.low() == low) {
                return Reach.LOCAL;
            }
            if (a.isV4() && a.covers(high, low)) {
                return low == a.broadcast() ? Reach.BROADCAST : Reach.LOCAL;
            }
        }
        if (device != 0) {
            if (Ip.isMulticast(high, low)) {
                return Reach.MULTICAST;
            }
            if (Ip.isLimitedBroadcast(high, low)) {
                return Reach.BROADCAST;
            }
        }
        return Reach.NONE;
    }

    /** The address that packets to a local address come from. */
    Endpoint source(Endpoint to) {
        for (NetDevice.Address a : loopback.addresses()) {
            if (a.high() == to.high() && a.low() == to.low()) {
                return new Endpoint(a.high(), a.low(), 0);
            }
        }
        for (NetDevice.Address a : loopback.addresses()) {
            if (a.covers(to.high(), to.low())) {
                return new Endpoint(a.high(), a.low(), 0);
            }
        }
        return to.isV4() ? new Endpoint(0, Ip.LOOPBACK_4, 0) : new Endpoint(0, 1, 0);
    }
}
