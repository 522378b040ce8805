/**
 * Memory: the memory file, address spaces of programs (vmas and the pages behind them), faults, and the kernel's access
 * to program memory.
 *
 * <p>All anonymous and tmpfs memory of all programs is one sparse memory file, mapped once in the Sentry. A vma records
 * what the program asked for; pages behind private memory are recorded as runs of the memory file ({@code pma}), shared
 * copy-on-write after fork(2). The platform's address space is only a cache of both.
 *
 * <p>Lock order (outer first): a memory manager's lock, a file's mapping registry, the platform's own locks, the memory
 * file's lock. Two memory managers are locked together only by fork, parent first. Nothing in this package calls the
 * VFS with the memory manager's lock held except {@link sentry.core.memory.Mappable}.
 */
package sentry.core.memory;
