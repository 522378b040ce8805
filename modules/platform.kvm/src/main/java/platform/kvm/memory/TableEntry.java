package platform.kvm.memory;

/** Bits of a page-table entry (Intel SDM, volume 3, "4-level paging"). */
public final class TableEntry {
    public static final long PRESENT = 1;
    public static final long WRITE = 2;
    public static final long USER = 4;
    public static final long ACCESSED = 0x20;
    public static final long DIRTY = 0x40;
    /** In a page directory: the entry maps 2 MiB. */
    public static final long LARGE = 0x80;

    public static final long NO_EXECUTE = 1L << 63;
    public static final long ADDRESS = 0x000f_ffff_ffff_f000L;

    private TableEntry() {}
}
