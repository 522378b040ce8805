package sentry.core.memory;

/** What a futex word is in all address spaces that can reach it. Reusable; filled by {@link MemoryManager#futexKey}. */
public final class FutexKey {
    /** The mapped file's identity, or the memory manager for private memory. Compared by equals. */
    public Object object;
    /** Offset in the file, or the address. */
    public long offset;

    public FutexKey() {}

    public FutexKey(Object object, long offset) {
        this.object = object;
        this.offset = offset;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof FutexKey k && k.offset == offset && k.object.equals(object);
    }

    @Override
    public int hashCode() {
        return Long.hashCode(offset * 0x9e3779b97f4a7c15L) ^ System.identityHashCode(object.getClass());
    }
}
