package runsc.cli.io;

import java.util.Arrays;
import java.util.List;

/** Writes our messages: little-endian integers, byte strings with their length before them, lists with their count. */
public final class WireWriter {
    private byte[] bytes = new byte[256];
    private int size;

    public WireWriter u8(int value) {
        room(1);
        bytes[size++] = (byte) value;
        return this;
    }

    public WireWriter u32(int value) {
        room(4);
        for (int i = 0; i < 4; i++) {
            bytes[size++] = (byte) (value >>> 8 * i);
        }
        return this;
    }

    public WireWriter u64(long value) {
        return u32((int) value).u32((int) (value >>> 32));
    }

    public WireWriter truth(boolean value) {
        return u8(value ? 1 : 0);
    }

    /** A byte string; null is kept apart from the empty one. */
    public WireWriter string(String byteString) {
        if (byteString == null) {
            return u32(-1);
        }
        int length = byteString.length();
        u32(length);
        room(length);
        for (int i = 0; i < length; i++) {
            bytes[size++] = (byte) byteString.charAt(i);
        }
        return this;
    }

    public WireWriter strings(List<String> list) {
        u32(list.size());
        for (String s : list) {
            string(s);
        }
        return this;
    }

    public byte[] toBytes() {
        return Arrays.copyOf(bytes, size);
    }

    private void room(int count) {
        if (bytes.length - size < count) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, Math.addExact(size, count)));
        }
    }
}
