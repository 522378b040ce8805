package host.linux;

/** The host's random numbers: getrandom(2). */
public final class RandomBytes {
    private RandomBytes() {}

    /** Fills host memory. Returns how many bytes, at least 256 when as many were asked for, or a negated errno. */
    public static long fill(long address, long length) {
        return Syscall.call(318, address, length, 0);
    }
}
