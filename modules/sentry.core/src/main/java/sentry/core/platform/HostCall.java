package sentry.core.platform;

/**
 * A host system call that the Sentry's seccomp filter lets pass for a platform.
 *
 * @param nr its number
 * @param argument index of the argument that is restricted to {@code allowed}, or -1 for no restriction
 * @param allowed the low 32 bits that the argument may have
 */
public record HostCall(int nr, int argument, int... allowed) {
    public static HostCall any(int nr) {
        return new HostCall(nr, -1);
    }

    public static HostCall only(int nr, int argument, int... allowed) {
        return new HostCall(nr, argument, allowed);
    }
}
