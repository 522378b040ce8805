package sentry.core.fs.proc;

import java.util.Arrays;
import sentry.core.abi.Capability;
import sentry.core.abi.Clock;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.fs.pseudo.Text;
import sentry.core.task.Task;
import sentry.core.task.TimeNamespace;

/** The text of /proc/PID/timens_offsets (time_namespaces(7)): the offsets for the children. */
final class TimeOffsetsText {
    private static final long NANOS_PER_SECOND = 1_000_000_000L;
    private static final int PAGE_SIZE = 4096;

    private TimeOffsetsText() {}

    static void write(TimeNamespace ns, Text out) {
        line(out, "monotonic", ns.offset(Clock.CLOCK_MONOTONIC));
        line(out, "boottime", ns.offset(Clock.CLOCK_BOOTTIME));
    }

    private static void line(Text out, String clock, long offset) {
        out.addLeft(clock, 10).add(' ').addRight(Math.floorDiv(offset, NANOS_PER_SECOND), 10).add(' ');
        out.addRight(Math.floorMod(offset, NANOS_PER_SECOND), 9).line();
    }

    /** One or two lines of a clock, seconds and nanoseconds. */
    static void store(TimeNamespace ns, Task writer, String text) throws ErrnoException {
        if (text.length() >= PAGE_SIZE) {
            throw Errno.EINVAL.error();
        }
        int end = text.indexOf('\0');
        String[] lines = (end < 0 ? text : text.substring(0, end)).split("\n");
        if (lines.length > 2) {
            throw Errno.EINVAL.error();
        }
        TimeNamespace.Change[] changes = new TimeNamespace.Change[lines.length];
        for (int i = 0; i < lines.length; i++) {
            changes[i] = change(lines[i]);
        }
        if (writer != null && !writer.credentials().capableIn(ns.owner(), Capability.SYS_TIME)) {
            throw Errno.EPERM.error();
        }
        long now = System.nanoTime(); // of both: they differ by suspensions only
        long[] nows = new long[changes.length];
        Arrays.fill(nows, now);
        ns.set(changes, nows);
    }

    private static TimeNamespace.Change change(String line) throws ErrnoException {
        String[] words = line.strip().split("[ \t]+");
        if (words.length != 3) {
            throw Errno.EINVAL.error();
        }
        int clock = switch (words[0]) {
            case "monotonic", "1" -> Clock.CLOCK_MONOTONIC;
            case "boottime", "7" -> Clock.CLOCK_BOOTTIME;
            default -> throw Errno.EINVAL.error();
        };
        try {
            long nanos = Long.parseLong(words[2]);
            if (nanos < 0 || nanos >= NANOS_PER_SECOND) {
                throw Errno.EINVAL.error();
            }
            return new TimeNamespace.Change(clock, Long.parseLong(words[1]), nanos);
        } catch (NumberFormatException e) {
            throw Errno.EINVAL.error();
        }
    }
}
