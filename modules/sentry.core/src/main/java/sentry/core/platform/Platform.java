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

    /** Ends everything that still runs and gives all host resources back. */
    @Override
    void close();
}
