package host.linux;

/** What the host's kernel told this process at its start (getauxval(3)). */
public final class HostAuxv {
    private static final long GETAUXVAL = NativeCode.libc("getauxval");

    private HostAuxv() {}

    /** The entry's value; 0 when there is none. */
    public static long get(int type) {
        return NativeCode.call(GETAUXVAL, type, 0, 0, 0, 0, 0, 0);
    }
}
