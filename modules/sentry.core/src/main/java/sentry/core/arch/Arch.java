package sentry.core.arch;

/** A processor architecture together with its system call numbering. */
public enum Arch {
    AMD64
}
