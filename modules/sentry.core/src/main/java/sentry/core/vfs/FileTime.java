package sentry.core.vfs;

import java.time.Clock;
import java.time.Instant;

/** The time that files are stamped with. */
public final class FileTime {
    private static final Clock CLOCK = Clock.systemUTC();

    private FileTime() {}

    /** Nanoseconds since the epoch. */
    public static long now() {
        Instant i = CLOCK.instant();
        return i.getEpochSecond() * 1_000_000_000L + i.getNano();
    }
}
