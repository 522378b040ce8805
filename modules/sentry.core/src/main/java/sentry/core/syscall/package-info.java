/**
 * The seam through which system calls come into the kernel.
 *
 * <p>A {@link sentry.core.syscall.SyscallModule} is found by {@link java.util.ServiceLoader} and contributes handlers by
 * architecture and number. Modules are applied in ascending {@link sentry.core.syscall.SyscallModule#order}; a later
 * one may replace or wrap what an earlier one put there. The built-in table of module {@code sentry.syscalls} comes in
 * by the same door, with order 0.
 *
 * <p>The finished {@link sentry.core.syscall.SyscallTable} is immutable: a call costs an array load and an interface
 * call. Handlers are called without any lock held.
 */
package sentry.core.syscall;
