package runsc.cli.state;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Instant;
import java.time.format.DateTimeFormatterBuilder;
import org.junit.jupiter.api.Test;

class TimestampTest {
    @Test
    void agreesWithTheCalendar() {
        var format = new DateTimeFormatterBuilder().appendInstant(3).toFormatter();
        long day = 86_400_000L;
        for (long t = 0; t < 200 * 366 * day; t += 7 * day / 5 + 1_234_567) {
            assertEquals(format.format(Instant.ofEpochMilli(t)), Timestamp.of(t));
        }
        assertEquals("2000-02-29T23:59:59.999Z", Timestamp.of(951_868_799_999L));
        assertEquals("1970-01-01T00:00:00.000Z", Timestamp.of(0));
    }
}
