package sentry.core.platform;

/**
 * What a platform can and cannot do.
 *
 * @param minAddress lowest address that a program may map
 * @param maxAddress end (exclusive) of the addresses that a program may map
 * @param exactFaultAccess a {@link Fault}'s access is what the processor said; otherwise it is a guess, and the same
 *     fault may come back
 * @param fpStateSize bytes of the XSAVE area
 * @param faultsByHost a mapped page is filled by the host's own page faults, so the kernel may map a large range at
 *     once for nothing
 */
public record PlatformTraits(
        long minAddress, long maxAddress, boolean exactFaultAccess, int fpStateSize, boolean faultsByHost) {}
