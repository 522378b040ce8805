package platform.kvm.memory;

final class PageTables {
    // Bits of an entry (Intel SDM, volume 3, "4-level paging").
    static final long PRESENT = 1;
    static final long WRITE = 2;
    static final long USER = 4;
    static final long ACCESSED = 0x20;
    static final long DIRTY = 0x40;
    /** In a page directory: the entry maps 2 MiB. */
    static final long LARGE = 0x80;
    static final long NO_EXECUTE = 1L << 63;
    static final long ADDRESS = 0x000f_ffff_ffff_f000L;
}
