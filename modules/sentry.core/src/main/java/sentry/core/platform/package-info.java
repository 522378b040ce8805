/**
 * The seam between the kernel and what runs the program: intercepting system calls, switching contexts, mapping memory.
 *
 * <p>A platform is found by {@link java.util.ServiceLoader} as a {@link sentry.core.platform.PlatformProvider}. The
 * kernel knows none by name: it asks {@link sentry.core.platform.PlatformTraits} instead. Nothing here says how the
 * program runs: under ptrace, as a guest of KVM, or as threads that trap themselves.
 *
 * <p>Lock order: a platform may take its own locks inside any call of this package and must not call back into the
 * kernel while it holds them. The kernel calls {@link sentry.core.platform.AddressSpace} with its memory-manager lock
 * held, {@link sentry.core.platform.Context#switchTo} with no lock held, and
 * {@link sentry.core.platform.Context#interrupt} with any.
 */
package sentry.core.platform;
