package gofer.p9.client;

/** What Tstatfs tells; sizes in blocks of {@code blockSize}. */
public record FsStat(
        int type, int blockSize, long blocks, long free, long available, long files, long filesFree, long fsid, int nameMax) {}
