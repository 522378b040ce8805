package runsc.cli.state;

/** Points in time as RFC 3339 has them. java.time's formatters take milliseconds when first used. */
public final class Timestamp {
    private static final long DAY_MS = 86_400_000;

    private Timestamp() {}

    /** Now, in UTC, to the millisecond. */
    public static String now() {
        return of(System.currentTimeMillis());
    }

    /** @param millis since the epoch, not before it */
    static String of(long millis) {
        long days = millis / DAY_MS;
        int rest = (int) (millis % DAY_MS);
        // Days since 0000-03-01 in eras of 400 years, so that leap days come last.
        long z = days + 719_468;
        long era = z / 146_097;
        long dayOfEra = z % 146_097;
        long yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365;
        long dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
        long month = (5 * dayOfYear + 2) / 153; // 0 is March
        long day = dayOfYear - (153 * month + 2) / 5 + 1;
        long calendarMonth = month < 10 ? month + 3 : month - 9;
        long year = yearOfEra + era * 400 + (calendarMonth <= 2 ? 1 : 0);
        StringBuilder s = new StringBuilder(24);
        pad(s, year, 4).append('-');
        pad(s, calendarMonth, 2).append('-');
        pad(s, day, 2).append('T');
        pad(s, rest / 3_600_000, 2).append(':');
        pad(s, rest / 60_000 % 60, 2).append(':');
        pad(s, rest / 1000 % 60, 2).append('.');
        return pad(s, rest % 1000, 3).append('Z').toString();
    }

    private static StringBuilder pad(StringBuilder s, long value, int width) {
        String digits = Long.toString(value);
        for (int i = digits.length(); i < width; i++) {
            s.append('0');
        }
        return s.append(digits);
    }
}
