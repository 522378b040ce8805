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

    /** A time of a program; what does not fit (years before 1678 and after 2261) is taken for the nearest that does. */
    public static long of(long seconds, long nanos) {
        long limit = Long.MAX_VALUE / 1_000_000_000L - 1;
        return Math.clamp(seconds, -limit, limit) * 1_000_000_000L + nanos;
    }
}
