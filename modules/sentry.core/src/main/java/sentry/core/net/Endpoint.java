package sentry.core.net;

import sentry.core.abi.Bytes;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Inet;
import sentry.core.abi.Sockets;

/**
 * An address and a port.
 *
 * @param high upper half of the address as {@link Ip} has it
 * @param low lower half
 * @param port 0 to 65535
 * @param scope interface of a link-local address, else 0
 */
public record Endpoint(long high, long low, int port, int scope) {
    static final Endpoint ANY_4 = new Endpoint(0, Ip.ANY_4, 0, 0);
    static final Endpoint ANY_6 = new Endpoint(0, 0, 0, 0);

    Endpoint(long high, long low, int port) {
        this(high, low, port, 0);
    }

    boolean isV4() {
        return Ip.isV4(high, low);
    }

    boolean isAny() {
        return Ip.isAny(high, low);
    }

    boolean isMulticast() {
        return Ip.isMulticast(high, low);
    }

    Endpoint withPort(int value) {
        return new Endpoint(high, low, value, scope);
    }

    boolean sameAddress(Endpoint other) {
        return high == other.high && low == other.low;
    }

    /**
     * Reads struct sockaddr_in or sockaddr_in6.
     *
     * @throws ErrnoException EINVAL when it is too short, EAFNOSUPPORT for another family
     */
    static Endpoint read(byte[] b, int length, boolean v6) throws ErrnoException {
        if (length < (v6 ? Inet.ADDRESS_6_OLD : Inet.ADDRESS_4)) {
            throw Errno.EINVAL.error();
        }
        if (Bytes.getShort(b, 0) != (v6 ? Sockets.AF_INET6 : Sockets.AF_INET)) {
            throw Errno.EAFNOSUPPORT.error();
        }
        return parse(b, length, v6);
    }

    /** The same without a look at the family. */
    static Endpoint parse(byte[] b, int length, boolean v6) {
        int port = Bytes.getNetShort(b, 2);
        if (!v6) {
            return new Endpoint(0, Ip.ofV4(Bytes.getNetInt(b, 4)), port, 0);
        }
        int scope = length >= Inet.ADDRESS_6 ? Bytes.getInt(b, 24) : 0;
        long high = Bytes.getNetLong(b, 8);
        return new Endpoint(high, Bytes.getNetLong(b, 16), port, Ip.isLinkLocal6(high) ? scope : 0);
    }

    /** Writes the sockaddr; returns its length. */
    int write(byte[] out, boolean v6) {
        java.util.Arrays.fill(out, 0, v6 ? Inet.ADDRESS_6 : Inet.ADDRESS_4, (byte) 0);
        Bytes.putNetShort(out, 2, port);
        if (v6) {
            Bytes.putShort(out, 0, Sockets.AF_INET6);
            Ip.put(out, 8, high, low);
            Bytes.putInt(out, 24, scope);
            return Inet.ADDRESS_6;
        }
        Bytes.putShort(out, 0, Sockets.AF_INET);
        Ip.putV4(out, 4, low);
        return Inet.ADDRESS_4;
    }
}
