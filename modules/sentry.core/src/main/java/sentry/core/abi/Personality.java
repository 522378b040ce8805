package sentry.core.abi;

/** personality(2): what of it has an effect here. */
public final class Personality {
    public static final int ADDR_NO_RANDOMIZE = 0x0040000;
    public static final int MMAP_PAGE_ZERO = 0x0100000;
    public static final int ADDR_COMPAT_LAYOUT = 0x0200000;
    public static final int READ_IMPLIES_EXEC = 0x0400000;

    /** What a program with more rights than its caller does not take over. */
    public static final int CLEARED_ON_SETID =
            ADDR_NO_RANDOMIZE | MMAP_PAGE_ZERO | ADDR_COMPAT_LAYOUT | READ_IMPLIES_EXEC;

    private Personality() {}
}
