package sentry.core.vfs;

/** What statfs(2) tells; sizes in blocks of {@code blockSize}. */
public record StatFs(
        long type, long blockSize, long blocks, long free, long available, long files, long filesFree, int nameMax) {}
