package sentry.core.memory;

import sentry.core.abi.ErrnoException;

/**
 * What a file offers to mmap(2): host memory, given as ranges of a host file that the platform can map.
 *
 * <p>Thread-safe. Called with a memory manager's lock held.
 */
public interface Mappable {
    /** A run of the host file {@code fd}. */
    record Run(int fd, long offset, long length) {}

    /**
     * Where the file's bytes from {@code offset} on live. The run is at least one page and at most {@code length} long;
     * both are multiples of the page size.
     *
     * @param write whether the mapping will be written through; holes are then filled
     * @return null past the end of the file: the access is a SIGBUS
     */
    Run run(long offset, long length, boolean write) throws ErrnoException;

    /** The file's size in bytes. */
    long size() throws ErrnoException;

    /**
     * Reads from the file for the kernel, as far as it goes: used for program memory that shows the file and is not
     * backed by the memory file. Returns bytes read.
     */
    int read(long offset, byte[] target, int from, int length) throws ErrnoException;

    /** Writes through a shared mapping on the kernel's behalf. Returns bytes written. */
    int write(long offset, byte[] source, int from, int length) throws ErrnoException;

    /** {@code mm} maps part of the file and must be told, by {@link MemoryManager#invalidate}, when pages go away. */
    void addMapping(MappingObserver observer);

    void removeMapping(MappingObserver observer);

    /** Whether shared mappings made from now on must not be writable (F_SEAL_WRITE and F_SEAL_FUTURE_WRITE). */
    default boolean writeSealed() {
        return false;
    }

    /** Identity of the file for shared futexes and /proc/PID/maps; equal for equal files. */
    Object identity();
}
