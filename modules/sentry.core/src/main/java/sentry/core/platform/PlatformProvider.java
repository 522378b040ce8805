package sentry.core.platform;

/** Makes a {@link Platform}; found by {@link java.util.ServiceLoader}. */
public interface PlatformProvider {
    /** The name for {@code --platform}. */
    String name();

    /**
     * The highest preference that {@link #probe} may find. Platforms are probed in this order, and one that cannot be
     * better than what was found usable already is not probed at all.
     */
    int preference();

    /**
     * Finds out whether this machine can run the platform, and how well. Without a side effect that stays, and cheaply
     * (some ten microseconds), because sandboxes start with it; {@link #open} may still find that it cannot.
     */
    Availability probe();

    /**
     * As {@link #probe}, but tries out all that {@link #open} relies on, and may take its time: for the user who asks.
     */
    default Availability examine() {
        return probe();
    }

    /**
     * Starts the platform. Called once, before the Sentry gives up its rights; whatever the platform needs of the host
     * later it opens, forks or allocates here. When it fails nothing stays behind, for another platform may be opened
     * in its place. It owns {@code config}'s descriptors only as far as it says there.
     */
    Platform open(PlatformConfig config) throws PlatformException;
}
