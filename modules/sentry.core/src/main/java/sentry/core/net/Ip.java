package sentry.core.net;

import sentry.core.abi.Bytes;

/**
 * Addresses of both versions as two longs in host order: an IPv4 address is the IPv6 address ::ffff:a.b.c.d that stands
 * for it (RFC 4291), so that sockets of both families meet in one table.
 */
public final class Ip {
    private static final long V4 = 0xffff_0000_0000L;
    /** 0.0.0.0. */
    static final long ANY_4 = V4;

    static final long LOOPBACK_4 = V4 | 0x7f000001L;

    private Ip() {}

    static boolean isV4(long high, long low) {
        return high == 0 && low >>> 32 == 0xffff;
    }

    /** The low half for an IPv4 address. */
    static long ofV4(int address) {
        return V4 | address & 0xffffffffL;
    }

    /** :: or 0.0.0.0. */
    static boolean isAny(long high, long low) {
        return high == 0 && (low == 0 || low == ANY_4);
    }

    /** :: alone. */
    static boolean isAny6(long high, long low) {
        return (high | low) == 0;
    }

    static boolean isMulticast(long high, long low) {
        return isV4(high, low) ? (low >>> 28 & 0xf) == 0xe : high >>> 56 == 0xff;
    }

    /** fe80::/10. */
    static boolean isLinkLocal6(long high) {
        return high >>> 54 == 0x3fa;
    }

    /** 255.255.255.255. */
    static boolean isLimitedBroadcast(long high, long low) {
        return high == 0 && low == (V4 | 0xffffffffL);
    }

    /** Puts an IPv4 address in network order. */
    static void putV4(byte[] b, int at, long low) {
        Bytes.putNetInt(b, at, (int) low);
    }

    /** Puts all 16 bytes in network order. */
    static void put(byte[] b, int at, long high, long low) {
        Bytes.putNetLong(b, at, high);
        Bytes.putNetLong(b, at + 8, low);
    }

}
