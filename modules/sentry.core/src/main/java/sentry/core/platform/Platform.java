package sentry.core.platform;

/** Runs programs for the kernel. Thread-safe. */
public interface Platform extends AutoCloseable {
    String name();

    PlatformTraits traits();

    /** A new, empty address space. */
    AddressSpace newAddressSpace() throws PlatformException;

    /**
     * A context for one task, with zeroed registers and fresh floating-point state. It belongs to the first thread that
     * calls {@link Context#switchTo}, which must be a platform thread, until {@link Context#release}.
     */
    Context newContext() throws PlatformException;

    /**
     * The host system calls that the platform makes once the Sentry has given up its rights, for the Sentry's filter.
     */
    HostCall[] hostCalls();

    /**
     * Whether the platform has other processes map the memory file. If not, the kernel may put memory of its own in the
     * file's place, at the same address, before the first address space is made.
     */
    default boolean sharesMemoryFile() {
        return true;
    }

    /**
     * Says what to do when something from outside has killed what carries the programs as a whole. A task that runs in the
     * program learns of it by {@link Context.Exit#LOST}; one that sleeps in the kernel learns of it by this. The action is
     * run once, by a thread of the platform.
     */
    default void onLoss(Runnable action) {}

    /** Ends everything that still runs and gives all host resources back. */
    @Override
    void close();
}
