package sentry.core.tty;

/** struct winsize (tty_ioctl(4)); each number has 16 bits. */
public record WindowSize(int rows, int columns, int xPixels, int yPixels) {
    static final int SIZE = 8;
    public static final WindowSize UNKNOWN = new WindowSize(0, 0, 0, 0);

    static WindowSize parse(byte[] in) {
        return new WindowSize(u16(in, 0), u16(in, 2), u16(in, 4), u16(in, 6));
    }

    byte[] bytes() {
        byte[] out = new byte[SIZE];
        put(out, 0, rows);
        put(out, 2, columns);
        put(out, 4, xPixels);
        put(out, 6, yPixels);
        return out;
    }

    private static int u16(byte[] in, int at) {
        return in[at] & 0xff | (in[at + 1] & 0xff) << 8;
    }

    private static void put(byte[] out, int at, int value) {
        out[at] = (byte) value;
        out[at + 1] = (byte) (value >> 8);
    }
}
