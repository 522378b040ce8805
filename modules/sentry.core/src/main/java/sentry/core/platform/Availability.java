package sentry.core.platform;

/** Whether a platform can run on this machine. */
public sealed interface Availability {
    /**
     * @param preference how well it runs here: the usable platform with the highest is taken by default
     * @param description one line for the user: what it runs on here, and what that means
     */
    record Usable(int preference, String description) implements Availability {}

    /** @param reason one line for the user: what is missing, and what would help */
    record Unusable(String reason) implements Availability {}
}
