package sentry.core.log;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The kernel's log. Loading a logging library costs tens of milliseconds, so that happens with the first line written,
 * and nothing is written unless {@link #enable} was called; callers on hot paths ask {@link #enabled} first.
 */
public final class Log {
    private static volatile boolean enabled;

    private Log() {}

    private static final class Holder {
        static final Logger LOGGER = LoggerFactory.getLogger("sentry");
    }

    /** Turns the log on; also loads the library, so that nothing is loaded once the Sentry is locked down. */
    public static void enable() {
        enabled = true;
        Holder.LOGGER.isDebugEnabled();
    }

    public static boolean enabled() {
        return enabled;
    }

    public static void debug(String message) {
        if (enabled) {
            Holder.LOGGER.debug(message);
        }
    }

    public static void info(String message) {
        if (enabled) {
            Holder.LOGGER.info(message);
        }
    }

    public static void warn(String message) {
        if (enabled) {
            Holder.LOGGER.warn(message);
        }
    }

    public static void warn(String message, Throwable cause) {
        if (enabled) {
            Holder.LOGGER.warn(message, cause);
        }
    }

    public static void error(String message, Throwable cause) {
        if (enabled) {
            Holder.LOGGER.error(message, cause);
        }
    }
}
