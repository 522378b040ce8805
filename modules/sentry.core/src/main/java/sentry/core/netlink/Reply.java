package sentry.core.netlink;

import java.util.Arrays;
import sentry.core.abi.Bytes;
import sentry.core.abi.Netlink;

/** Messages to a program under construction: headers, fixed parts, attributes, all at multiples of four. */
final class Reply {
    private byte[] bytes = new byte[1024];
    private int length;
    /** Where the message that is being made begins. */
    private int start;

    private void room(int more) {
        if (bytes.length - length < more) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + more));
        }
    }

    /** Begins a message; what follows goes into it until {@link #end}. */
    Reply begin(int type, int flags, int sequence, int port) {
        start = length;
        room(Netlink.HEADER);
        Bytes.putInt(bytes, length, 0);
        Bytes.putShort(bytes, length + 4, type);
        Bytes.putShort(bytes, length + 6, flags);
        Bytes.putInt(bytes, length + 8, sequence);
        Bytes.putInt(bytes, length + 12, port);
        length += Netlink.HEADER;
        return this;
    }

    Reply end() {
        Bytes.putInt(bytes, start, length - start);
        return this;
    }

    /** Gives up the message that was begun. */
    void drop() {
        length = start;
    }

    Reply put8(int value) {
        room(1);
        bytes[length++] = (byte) value;
        return this;
    }

    Reply put16(int value) {
        room(2);
        Bytes.putShort(bytes, length, value);
        length += 2;
        return this;
    }

    Reply put32(int value) {
        room(4);
        Bytes.putInt(bytes, length, value);
        length += 4;
        return this;
    }

    Reply put(byte[] data, int at, int n) {
        room(n + 4);
        System.arraycopy(data, at, bytes, length, n);
        length += n;
        while ((length & 3) != 0) {
            bytes[length++] = 0;
        }
        return this;
    }

    /** An attribute: length 2, type 2, data. */
    Reply attribute(int type, byte[] data) {
        put16(4 + data.length);
        put16(type);
        return put(data, 0, data.length);
    }

    Reply attribute32(int type, int value) {
        put16(8);
        put16(type);
        return put32(value);
    }

    Reply attribute8(int type, int value) {
        return attribute(type, new byte[] {(byte) value});
    }

    /** A string with its NUL. */
    Reply attribute(int type, String value) {
        byte[] b = new byte[value.length() + 1];
        for (int i = 0; i < value.length(); i++) {
            b[i] = (byte) value.charAt(i);
        }
        return attribute(type, b);
    }

    boolean isEmpty() {
        return length == 0;
    }

    byte[] toBytes() {
        return Arrays.copyOf(bytes, length);
    }
}
