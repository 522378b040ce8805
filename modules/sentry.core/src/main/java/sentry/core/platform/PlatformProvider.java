package sentry.core.platform;

/** Makes a {@link Platform}; found by {@link java.util.ServiceLoader}. */
public interface PlatformProvider {
    /** The name for {@code --platform}. */
    String name();

    /** Among the platforms that are usable, the one with the highest preference is chosen by default. */
    int preference();

    /** Finds out whether this machine can run the platform, cheaply and without a side effect that stays. */
    Availability probe();

    /**
     * Starts the platform. Called once, before the Sentry gives up its rights; whatever the platform needs of the host
     * later it opens, forks or allocates here. It owns {@code config}'s descriptors only as far as it says there.
     */
    Platform open(PlatformConfig config) throws PlatformException;
}
