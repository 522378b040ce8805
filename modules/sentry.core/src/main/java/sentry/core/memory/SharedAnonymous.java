package sentry.core.memory;

import host.linux.Memory;
import java.util.TreeMap;
import sentry.core.abi.ErrnoException;

/**
 * Shared memory without a name: mmap(2) with MAP_SHARED and MAP_ANONYMOUS. Its memory is given back with its last
 * mapping. Small ones are one run of the memory file; large ones get chunks as they are touched.
 *
 * <p>Guarded by its monitor, which is taken inside a memory manager's lock.
 */
public final class SharedAnonymous implements Mappable {
    private static final long WHOLE = 1L << 26;
    private static final long CHUNK = 1L << 21;

    private final MemoryFile file;
    private final long size;
    /** Offset here to offset in the memory file, by start of chunk. */
    private final TreeMap<Long, Long> chunks = new TreeMap<>();

    private int mappings;

    public SharedAnonymous(MemoryFile file, long size) {
        this.file = file;
        this.size = size;
    }

    @Override
    public synchronized Run run(long offset, long length, boolean write) throws ErrnoException {
        if (offset >= size) {
            return null;
        }
        long unit = size <= WHOLE ? size : CHUNK;
        long start = size <= WHOLE ? 0 : offset & -CHUNK;
        Long at = chunks.get(start);
        if (at == null) {
            at = file.allocate(Math.min(unit, size - start));
            chunks.put(start, at);
        }
        long within = offset - start;
        return new Run(file.fd(), at + within, Math.min(length, Math.min(unit, size - start) - within));
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public int read(long offset, byte[] target, int from, int length) throws ErrnoException {
        Run r = run(offset, length, false);
        if (r == null) {
            return 0;
        }
        Memory.copy(file.address(r.offset()), target, from, (int) r.length());
        return (int) r.length();
    }

    @Override
    public int write(long offset, byte[] source, int from, int length) throws ErrnoException {
        Run r = run(offset, length, true);
        if (r == null) {
            return 0;
        }
        Memory.copy(source, from, file.address(r.offset()), (int) r.length());
        return (int) r.length();
    }

    /** Zeroes a range and gives its memory back (MADV_REMOVE). */
    synchronized void clear(long offset, long length) {
        long unit = size <= WHOLE ? size : CHUNK;
        for (long at = offset; at < offset + length; ) {
            long start = size <= WHOLE ? 0 : at & -CHUNK;
            long end = Math.min(offset + length, start + unit);
            Long place = chunks.get(start);
            if (place != null) {
                file.clear(place + (at - start), end - at);
            }
            at = end;
        }
    }

    /** Bytes that take up memory. */
    public synchronized long resident() {
        long sum = 0;
        for (java.util.Map.Entry<Long, Long> c : chunks.entrySet()) {
            long length = Math.min(size <= WHOLE ? size : CHUNK, size - c.getKey());
            sum += file.resident(c.getValue(), length, null);
        }
        return sum;
    }

    @Override
    public synchronized void addMapping(MappingObserver observer) {
        mappings++;
    }

    @Override
    public synchronized void removeMapping(MappingObserver observer) {
        if (--mappings == 0) {
            chunks.forEach((start, at) -> file.release(at, Math.min(size <= WHOLE ? size : CHUNK, size - start)));
            chunks.clear();
        }
    }

    @Override
    public Object identity() {
        return this;
    }
}
