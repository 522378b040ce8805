package gofer.p9.codec;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * One message in a byte array, with a cursor.
 *
 * <p>Reading: every get checks the message's end and throws {@link ProtocolException} beyond it. Writing: the array
 * grows as needed; callers that must stay below a limit compare {@link #position}. Numbers are put together byte by byte,
 * which the JIT merges into single accesses and which the interpreter, that serves the first messages, runs well.
 */
public final class Packet {
    private byte[] data;
    private int position;
    private int limit;
    private int start;
    private int nameLength;

    public Packet(int capacity) {
        data = new byte[capacity];
    }

    /** The array behind the message; valid until the next put. */
    public byte[] array() {
        return data;
    }

    public int position() {
        return position;
    }

    public void position(int value) {
        position = value;
    }

    /** Bytes left to read. */
    public int remaining() {
        return limit - position;
    }

    // Writing.

    /** Begins a message; its size is filled in by {@link #finish}. */
    public Packet begin(int type, int tag) {
        position = 0;
        put32(0);
        put8(type);
        put16(tag);
        return this;
    }

    /** Writes the size and returns it. */
    public int finish() {
        int size = position;
        position = 0;
        put32(size);
        position = size;
        limit = size;
        return size;
    }

    public void put8(int value) {
        ensure(1);
        data[position++] = (byte) value;
    }

    public void put16(int value) {
        ensure(2);
        byte[] d = data;
        int p = position;
        d[p] = (byte) value;
        d[p + 1] = (byte) (value >>> 8);
        position = p + 2;
    }

    public void put32(int value) {
        int at = claim(4); // may change the array
        int32(data, at, value);
    }

    public void put64(long value) {
        int at = claim(8);
        int64(data, at, value);
    }

    /** Moves over {@code length} bytes, for the caller to write, and returns where they begin in the array. */
    public int claim(int length) {
        ensure(length);
        int at = position;
        position = at + length;
        return at;
    }

    /** Writes over the 32 bits at {@code at}, which were written before. */
    public void set32(int at, int value) {
        int32(data, at, value);
    }

    public void set16(int at, int value) {
        data[at] = (byte) value;
        data[at + 1] = (byte) (value >>> 8);
    }

    public void set8(int at, int value) {
        data[at] = (byte) value;
    }

    public void putBytes(byte[] source, int offset, int length) {
        ensure(length);
        System.arraycopy(source, offset, data, position, length);
        position += length;
    }

    /** A string whose chars are bytes; at most 65535 of them. */
    @SuppressWarnings("deprecation") // getBytes(int, int, byte[], int) is exactly this copy, without an allocation
    public void putString(String text) {
        int length = text.length();
        if (length > 0xffff) {
            throw new IllegalArgumentException("string of " + length + " bytes");
        }
        put16(length);
        ensure(length);
        text.getBytes(0, length, data, position);
        position += length;
    }

    public void putString(byte[] source, int offset, int length) {
        put16(length);
        putBytes(source, offset, length);
    }

    /** Makes room for {@code length} bytes behind the cursor without moving it. */
    public void ensure(int length) {
        if (data.length - position < length) {
            data = Arrays.copyOf(data, Math.max(data.length * 2, position + length));
        }
    }

    // Reading.

    /** Takes a received message over: copies it from {@code source} and puts the cursor behind the header. */
    public void load(byte[] source, int offset, int length) {
        if (data.length < length) {
            data = new byte[Math.max(length, data.length * 2)];
        }
        System.arraycopy(source, offset, data, 0, length);
        window(0, length);
    }

    /** Makes the array at least {@code length} bytes long, for a receive into {@link #array}; the content is lost. */
    public void reserve(int length) {
        if (data.length < length) {
            data = new byte[Math.max(length, data.length * 2)];
        }
    }

    /** Reads from the {@code length} bytes at {@code offset} of the array, which are a whole message. */
    public void window(int offset, int length) {
        start = offset;
        position = offset + Protocol.HEADER;
        limit = offset + length;
    }

    /** Where the message that is being read begins in the array. */
    public int start() {
        return start;
    }

    public int get8() throws ProtocolException {
        need(1);
        return data[position++] & 0xff;
    }

    public int get16() throws ProtocolException {
        need(2);
        byte[] d = data;
        int p = position;
        position = p + 2;
        return d[p] & 0xff | (d[p + 1] & 0xff) << 8;
    }

    public int get32() throws ProtocolException {
        need(4);
        int p = position;
        position = p + 4;
        return int32(data, p);
    }

    public long get64() throws ProtocolException {
        need(8);
        int p = position;
        position = p + 8;
        return int64(data, p);
    }

    /** A string of any bytes. */
    public String getString() throws ProtocolException {
        int length = get16();
        need(length);
        String text = new String(data, position, length, StandardCharsets.ISO_8859_1);
        position += length;
        return text;
    }

    /** A file name; throws when it cannot be one. */
    public String getName() throws ProtocolException {
        int at = position;
        String name = getString();
        checkName(data, at + 2, name.length());
        return name;
    }

    /** Moves behind a string and returns its length; its bytes end at the cursor. */
    public int skipString() throws ProtocolException {
        int length = get16();
        need(length);
        position += length;
        return length;
    }

    /** Moves behind a file name and returns its length; its bytes end at the cursor. */
    public int skipName() throws ProtocolException {
        int length = skipString();
        checkName(data, position - length, length);
        nameLength = length;
        return length;
    }

    /** Checks that {@code count} file names follow, without moving, so that reading them cannot fail half-way. */
    public void checkNames(int count) throws ProtocolException {
        int here = position;
        for (int i = 0; i < count; i++) {
            skipName();
        }
        position = here;
    }

    /** Length of the name that {@link #skipName} passed last. */
    public int nameLength() {
        return nameLength;
    }

    /** Moves behind {@code length} bytes and returns where they begin in the array. */
    public int skip(int length) throws ProtocolException {
        need(length);
        int at = position;
        position += length;
        return at;
    }

    /** The little-endian number at {@code at} of {@code d}, which has room for it. */
    public static int int32(byte[] d, int at) {
        return d[at] & 0xff | (d[at + 1] & 0xff) << 8 | (d[at + 2] & 0xff) << 16 | d[at + 3] << 24;
    }

    public static long int64(byte[] d, int at) {
        return int32(d, at) & 0xffffffffL | (long) int32(d, at + 4) << 32;
    }

    /** Writes the little-endian number at {@code at} of {@code d}, which has room for it. */
    public static void int32(byte[] d, int at, int value) {
        d[at] = (byte) value;
        d[at + 1] = (byte) (value >>> 8);
        d[at + 2] = (byte) (value >>> 16);
        d[at + 3] = (byte) (value >>> 24);
    }

    public static void int64(byte[] d, int at, long value) {
        int32(d, at, (int) value);
        int32(d, at + 4, (int) (value >>> 32));
    }

    private void need(int length) throws ProtocolException {
        if (length < 0 || limit - position < length) {
            throw ProtocolException.malformed();
        }
    }

    /** Whether {@code text} can be a file name; null cannot. */
    public static boolean isName(String text) {
        return text != null
                && !text.isEmpty()
                && text.length() <= Protocol.NAME_MAX
                && !text.equals(".")
                && !text.equals("..")
                && text.indexOf('/') < 0
                && text.indexOf(0) < 0;
    }

    private static void checkName(byte[] d, int at, int length) throws ProtocolException {
        if (length == 0 || length > Protocol.NAME_MAX) {
            throw ProtocolException.malformed();
        }
        if (d[at] == '.' && (length == 1 || length == 2 && d[at + 1] == '.')) {
            throw ProtocolException.malformed();
        }
        for (int i = at; i < at + length; i++) {
            if (d[i] == '/' || d[i] == 0) {
                throw ProtocolException.malformed();
            }
        }
    }
}
