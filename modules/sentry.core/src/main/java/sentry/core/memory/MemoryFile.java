package sentry.core.memory;

import sentry.core.abi.ErrnoException;

/** The one file behind all program memory. */
public final class MemoryFile {
    public MemoryFile() {}

    public int fd() {
        throw new UnsupportedOperationException();
    }

    /** Host address of the file's byte {@code offset}. */
    public long address(long offset) {
        throw new UnsupportedOperationException();
    }

    /** Bytes mapped in the Sentry. */
    public long size() {
        throw new UnsupportedOperationException();
    }

    /** A run of {@code length} zeroed bytes (a multiple of the page size) with one reference; ENOMEM when full. */
    public long allocate(long length) throws ErrnoException {
        throw new UnsupportedOperationException();
    }

    /** Adds a reference to each page of the range. */
    public void retain(long offset, long length) {
        throw new UnsupportedOperationException();
    }

    /** Drops a reference of each page; pages without one go back to the host. */
    public void release(long offset, long length) {
        throw new UnsupportedOperationException();
    }
}
