package sentry.core.memory;

import sentry.core.abi.ErrnoException;

/**
 * The kernel's access to program memory, by program address. Every address is hostile: an access that the program
 * itself could not make (beyond its own protection keys) throws EFAULT. Pages are faulted in as needed.
 */
public interface UserMemory {
    byte getByte(long address) throws ErrnoException;

    short getShort(long address) throws ErrnoException;

    int getInt(long address) throws ErrnoException;

    long getLong(long address) throws ErrnoException;

    void putByte(long address, byte value) throws ErrnoException;

    void putShort(long address, short value) throws ErrnoException;

    void putInt(long address, int value) throws ErrnoException;

    void putLong(long address, long value) throws ErrnoException;

    /** Reads exactly {@code length} bytes, or throws EFAULT. */
    void read(long address, byte[] target, int offset, int length) throws ErrnoException;

    /** Writes exactly {@code length} bytes, or throws EFAULT; a part may have been written then. */
    void write(long address, byte[] source, int offset, int length) throws ErrnoException;

    /** Reads up to {@code length} bytes; returns how many were readable; EFAULT when none was. */
    int readSome(long address, byte[] target, int offset, int length) throws ErrnoException;

    /** Writes up to {@code length} bytes; returns how many were writable; EFAULT when none was. */
    int writeSome(long address, byte[] source, int offset, int length) throws ErrnoException;

    void fill(long address, long length, byte value) throws ErrnoException;

    /**
     * A NUL-terminated string as raw bytes (each char a byte), without its NUL.
     *
     * @param limit most bytes including the NUL
     * @return null when there is no NUL within {@code limit}
     */
    String readString(long address, int limit) throws ErrnoException;

    /** Atomic read of an aligned word. */
    int getIntVolatile(long address) throws ErrnoException;

    /** Atomic compare-and-exchange of an aligned word; returns what was there. */
    int compareAndExchangeInt(long address, int expected, int value) throws ErrnoException;
}
