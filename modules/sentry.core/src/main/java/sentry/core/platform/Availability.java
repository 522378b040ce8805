package sentry.core.platform;

/** Whether a platform can run on this machine. */
public sealed interface Availability {
    record Usable() implements Availability {}

    /** @param reason one line for the user: what is missing, and what would help */
    record Unusable(String reason) implements Availability {}
}
