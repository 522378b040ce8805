package sentry.core.net;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import sentry.core.abi.Bytes;

/** A network interface (netdevice(7)). Thread-safe. */
public final class NetDevice {
    public static final int IFF_UP = 1;
    public static final int IFF_LOOPBACK = 8;
    public static final int IFF_RUNNING = 0x40;
    public static final int IFF_LOWER_UP = 0x10000;

    /** An address of the interface; {@code bits} is the length of its prefix in the address's own version. */
    public record Address(long high, long low, int bits) {
        public boolean isV4() {
            return Ip.isV4(high, low);
        }

        /** Reads one in network order. */
        public static Address of(byte[] b, int at, boolean v4, int bits) {
            return v4
                    ? new Address(0, Ip.ofV4(Bytes.getNetInt(b, at)), bits)
                    : new Address(Bytes.getNetLong(b, at), Bytes.getNetLong(b, at + 8), bits);
        }

        private static byte[] v4(long low) {
            byte[] b = new byte[4];
            Ip.putV4(b, 0, low);
            return b;
        }

        /** In network order: 4 or 16 bytes. */
        public byte[] bytes() {
            if (isV4()) {
                return v4(low);
            }
            byte[] b = new byte[16];
            Ip.put(b, 0, high, low);
            return b;
        }

        /** The first address of an IPv4 prefix, in network order. */
        public byte[] network() {
            return v4(bits == 0 ? 0 : low & -1L << 32 - bits);
        }

        /** The last one, which is for all. */
        public byte[] last() {
            return v4(broadcast());
        }

        /** Whether {@code h}, {@code l} is in the prefix. */
        boolean covers(long h, long l) {
            if (isV4() != Ip.isV4(h, l)) {
                return false;
            }
            if (isV4()) {
                return bits == 0 || ((low ^ l) & 0xffffffffL) >>> 32 - bits == 0;
            }
            if (bits <= 64) {
                return bits == 0 || (high ^ h) >>> 64 - bits == 0;
            }
            return high == h && (low ^ l) >>> 128 - bits == 0;
        }

        /** The prefix's broadcast address. */
        long broadcast() {
            return bits >= 31 ? -1 : low | (1L << 32 - bits) - 1;
        }
    }

    private final int index;
    private final String name;
    private volatile boolean up;
    private volatile int mtu = 65536;
    private volatile int queueLength = 1000;
    private volatile List<Address> addresses = List.of();
    private final AtomicLong packets = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();

    NetDevice(int index, String name) {
        this.index = index;
        this.name = name;
    }

    public int index() {
        return index;
    }

    public String name() {
        return name;
    }

    public boolean up() {
        return up;
    }

    public int mtu() {
        return mtu;
    }

    public void setMtu(int value) {
        mtu = value;
    }

    public int queueLength() {
        return queueLength;
    }

    public void setQueueLength(int value) {
        queueLength = value;
    }

    public List<Address> addresses() {
        return addresses;
    }

    /** IFF_ flags. */
    public int flags() {
        return IFF_LOOPBACK | (up ? IFF_UP | IFF_RUNNING | IFF_LOWER_UP : 0);
    }

    /** Brings it up, with a loopback's addresses, or down. */
    public synchronized void setUp(boolean on) {
        if (on == up) {
            return;
        }
        if (on) {
            if (find(0, Ip.LOOPBACK_4) == null) {
                add(new Address(0, Ip.LOOPBACK_4, 8));
            }
            if (find(0, 1) == null) {
                add(new Address(0, 1, 128));
            }
        } else {
            ArrayList<Address> left = new ArrayList<>(addresses);
            left.removeIf(a -> !a.isV4()); // Linux forgets those of IPv6
            addresses = List.copyOf(left);
        }
        up = on;
    }

    /** The address with exactly these bits, or null. */
    public Address find(long high, long low) {
        for (Address a : addresses) {
            if (a.high == high && a.low == low) {
                return a;
            }
        }
        return null;
    }

    /** Adds an address; false when it is there. */
    public synchronized boolean add(Address address) {
        if (find(address.high, address.low) != null) {
            return false;
        }
        ArrayList<Address> more = new ArrayList<>(addresses);
        more.add(address);
        addresses = List.copyOf(more);
        return true;
    }

    /** Takes an address away; false when it was not there. */
    public synchronized boolean remove(long high, long low) {
        ArrayList<Address> left = new ArrayList<>(addresses);
        boolean found = left.removeIf(a -> a.high == high && a.low == low);
        addresses = List.copyOf(left);
        return found;
    }

    /** Counts what went through. */
    void count(long length) {
        packets.getAndIncrement();
        bytes.getAndAdd(length);
    }

    public long packets() {
        return packets.get();
    }

    public long bytes() {
        return bytes.get();
    }
}
