package sentry.core.fs.pseudo;

import java.util.Arrays;

/** Bytes under construction. Strings are raw bytes: each char is one. */
public final class Text {
    private byte[] bytes = new byte[512];
    private int length;

    public Text() {}

    public int length() {
        return length;
    }

    /** The bytes so far, in an array of their own. */
    public byte[] toBytes() {
        return Arrays.copyOf(bytes, length);
    }

    @SuppressWarnings("deprecation") // getBytes(int, ...) takes the low bytes, which is what raw-byte strings are
    public Text add(String s) {
        int n = s.length();
        room(n);
        s.getBytes(0, n, bytes, length);
        length += n;
        return this;
    }

    public Text add(char c) {
        room(1);
        bytes[length++] = (byte) c;
        return this;
    }

    public Text add(byte[] source, int from, int count) {
        room(count);
        System.arraycopy(source, from, bytes, length, count);
        length += count;
        return this;
    }

    public Text add(long value) {
        return add(Long.toString(value));
    }

    public Text addUnsigned(long value) {
        return add(Long.toUnsignedString(value));
    }

    /** A decimal number, blanks before it up to {@code width}. */
    public Text addRight(long value, int width) {
        return addRight(Long.toString(value), width);
    }

    public Text addRight(String s, int width) {
        for (int i = s.length(); i < width; i++) {
            add(' ');
        }
        return add(s);
    }

    /** {@code s} with blanks behind it up to {@code width}. */
    public Text addLeft(String s, int width) {
        add(s);
        for (int i = s.length(); i < width; i++) {
            add(' ');
        }
        return this;
    }

    /** A decimal number, zeros before it up to {@code width}. */
    public Text addZeros(long value, int width) {
        String s = Long.toString(value);
        for (int i = s.length(); i < width; i++) {
            add('0');
        }
        return add(s);
    }

    /** An unsigned hexadecimal number, zeros before it up to {@code width}. */
    public Text addHex(long value, int width) {
        String s = Long.toHexString(value);
        for (int i = s.length(); i < width; i++) {
            add('0');
        }
        return add(s);
    }

    public Text addOctal(long value, int width) {
        String s = Long.toOctalString(value);
        for (int i = s.length(); i < width; i++) {
            add('0');
        }
        return add(s);
    }

    /** {@code s} with the bytes in {@code escaped} and the backslash as three octal digits, as in /proc/mounts. */
    public Text addEscaped(String s, String escaped) {
        for (int i = 0; i < s.length(); i++) {
            char c = s.charAt(i);
            if (c == '\\' || escaped.indexOf(c) >= 0) {
                add('\\').addOctal(c & 0xff, 3);
            } else {
                add(c);
            }
        }
        return this;
    }

    public Text line() {
        return add('\n');
    }

    /** Blanks up to column {@code column}, counted from byte {@code start}. */
    public Text padTo(int start, int column) {
        while (length - start < column) {
            add(' ');
        }
        return this;
    }

    private void room(int more) {
        if (bytes.length - length < more) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
        }
    }
}
