package sentry.core.syscall;

import sentry.core.arch.Arch;

/** Contributes system calls; found by {@link java.util.ServiceLoader}. */
public interface SyscallModule {
    /** A short name for logs and {@code runsc syscalls}. */
    String name();

    /** Modules are applied in ascending order; the built-in table has 0. */
    int order();

    /** Puts this module's handlers for {@code arch} into {@code table}. Called once for each architecture. */
    void install(Arch arch, SyscallTable.Builder table);
}
