package runsc.cli.io;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads what {@link WireWriter} wrote. The sender is not trusted: whatever the bytes are, the worst is an exception.
 */
public final class WireReader {
    private final byte[] bytes;
    private int at;

    public WireReader(byte[] bytes) {
        this.bytes = bytes;
    }

    public int u8() throws IOException {
        need(1);
        return bytes[at++] & 0xff;
    }

    public int u32() throws IOException {
        need(4);
        int value = 0;
        for (int i = 0; i < 4; i++) {
            value |= (bytes[at++] & 0xff) << 8 * i;
        }
        return value;
    }

    public long u64() throws IOException {
        long low = u32() & 0xffffffffL;
        return low | (long) u32() << 32;
    }

    public boolean truth() throws IOException {
        int value = u8();
        if (value > 1) {
            throw new IOException("malformed message: a truth value of " + value);
        }
        return value == 1;
    }

    public String string() throws IOException {
        int length = u32();
        if (length == -1) {
            return null;
        }
        need(length);
        String s = new String(bytes, at, length, StandardCharsets.ISO_8859_1);
        at += length;
        return s;
    }

    public List<String> strings() throws IOException {
        int count = count(4);
        List<String> list = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            list.add(string());
        }
        return list;
    }

    /** The count of a list whose elements take at least {@code least} bytes each. */
    public int count(int least) throws IOException {
        int count = u32();
        if (count < 0 || count > (bytes.length - at) / least) {
            throw new IOException("malformed message: a list of " + Integer.toUnsignedString(count));
        }
        return count;
    }

    /** Nothing may be left over. */
    public void end() throws IOException {
        if (at != bytes.length) {
            throw new IOException("malformed message: " + (bytes.length - at) + " bytes too many");
        }
    }

    private void need(int count) throws IOException {
        if (count < 0 || count > bytes.length - at) {
            throw new IOException("malformed message: too short");
        }
    }
}
