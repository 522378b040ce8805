package runsc.cli.boot.seccomp;

/** What may be done with one host system call. Several rules for a number are alternatives. */
public sealed interface Rule {
    int nr();

    /** Always allowed. */
    record Allow(int nr) implements Rule {}

    /** Allowed when the low 32 bits of argument {@code argument} are one of {@code values}. */
    record Only(int nr, int argument, int... values) implements Rule {}

    /** Allowed when of the low 32 bits of argument {@code argument} those in {@code mask} are {@code value}. */
    record Masked(int nr, int argument, int mask, int value) implements Rule {}

    /** Not made, but answered with an error. */
    record Refuse(int nr, int errno) implements Rule {}
}
