package sentry.core.platform;

/**
 * The host's side of one program address space: which page shows what. The kernel's own record of it (vmas and the
 * pages behind them) is the truth; this is a cache of it that may be emptied at any time, so losing a mapping costs a
 * fault and nothing else.
 *
 * <p>Changes may be queued. They are in force, for all contexts that run in this address space, when {@link #commit}
 * returns; the calling thread must be the one of a {@link Context} that last ran in this address space, or hold one
 * that is about to. Between the call and the commit a program may see either state.
 *
 * <p>All addresses, lengths and offsets are multiples of the page size, and within the platform's limits.
 */
public interface AddressSpace {
    int READ = 1;
    int WRITE = 2;
    int EXECUTE = 4;

    /**
     * Shows {@code [offset, offset + length)} of the host file {@code fd} at {@code address}, shared, in place of
     * whatever is there.
     *
     * @param populate whether the pages should be filled now rather than by the program's first touch
     */
    void map(long address, long length, int fd, long offset, int protection, boolean populate);

    /** Removes what is mapped in the range; unmapped parts are no error. */
    void unmap(long address, long length);

    /** Changes the protection of what is mapped in the range; unmapped parts are no error. */
    void protect(long address, long length, int protection);

    /** Brings queued changes into force. {@code by} is the calling task's context. */
    void commit(Context by) throws PlatformException;

    /**
     * A new address space that shows exactly what this one shows, changes queued so far included. {@code by} is the
     * calling task's context, which last ran here.
     */
    AddressSpace fork(Context by) throws PlatformException;

    /**
     * A hint that the next new context will run in this address space beside {@code by}: clone(2) with CLONE_VM. Called
     * by the parent's thread, so that the child's first switch finds what it needs.
     */
    void prepareContext(Context by) throws PlatformException;

    /**
     * CPU time that the host has given to programs in this address space, nanoseconds, what it took to run them included;
     * -1 when the platform does not know. It never falls. From any thread.
     */
    default long cpuNanos() {
        return -1;
    }

    /**
     * Gives the address space up. The kernel calls it once, when the last context that ran in it has been released or
     * runs elsewhere; {@code by} is the calling task's context, or null.
     */
    void release(Context by);
}
