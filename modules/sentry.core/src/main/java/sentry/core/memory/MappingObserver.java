package sentry.core.memory;

/** Told when a mapped file loses pages: truncation, hole punching, or moved host memory. */
public interface MappingObserver {
    /** The file's bytes in {@code [offset, offset + length)} are not where they were; host mappings of them must go. */
    void invalidate(Mappable file, long offset, long length);

    /** Whether {@code file} is mapped shared, and so that it may be written now or after mprotect(2). */
    boolean mapsWritable(Mappable file);
}
