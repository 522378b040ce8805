package host.linux;

/** Random bytes of the host's kernel (getrandom(2)). Thread-safe. */
public final class Entropy {
    private static final int SIZE = 256;
    private static final NativeArea AREA = NativeArea.allocate(SIZE);
    private static int left;

    private Entropy() {}

    /** 64 random bits. */
    public static synchronized long nextLong() {
        if (left < 8) {
            // Up to 256 bytes are never interrupted and never short once the host has booted.
            long n = Syscall.call(318, AREA.address(), SIZE, 0);
            if (n != SIZE) {
                throw new AssertionError("getrandom: " + n);
            }
            left = SIZE;
        }
        left -= 8;
        long value = Memory.getLong(AREA.address() + left);
        Memory.putLong(AREA.address() + left, 0);
        return value;
    }
}
