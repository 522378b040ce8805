package sentry.core.fs.proc;

import sentry.core.abi.ErrnoException;
import sentry.core.fs.pseudo.Text;
import sentry.core.task.Task;

/** /proc/PID/sched: what is known here of the figures that Linux's scheduler keeps. */
final class ScheduleText {
    private static final int NAME_WIDTH = 45;

    private ScheduleText() {}

    static void write(Subject subject, Text out) throws ErrnoException {
        Task task = subject.task();
        out.add(task.name()).add(" (").add(task.tid(subject.pids())).add(", #threads: ");
        out.add(Math.max(1, task.group().tasks().size())).add(")\n");
        out.add("-".repeat(67)).line();
        time(out, "se.exec_start", System.nanoTime() - task.kernel().bootNanos());
        time(out, "se.sum_exec_runtime", task.userNanos() + task.systemNanos());
        number(out, "nr_switches", task.voluntarySwitches());
        number(out, "nr_voluntary_switches", task.voluntarySwitches());
        number(out, "nr_involuntary_switches", 0);
        number(out, "policy", task.scheduling().policy());
        int realTime = task.scheduling().priority();
        number(out, "prio", realTime > 0 ? 99 - realTime : 120 + task.scheduling().nice());
    }

    /** Milliseconds with six places. */
    private static void time(Text out, String name, long nanos) {
        String millis = Long.toString(nanos / 1_000_000);
        out.addLeft(name, NAME_WIDTH).add(':').addRight(millis, 14).add('.').addZeros(nanos % 1_000_000, 6).line();
    }

    private static void number(Text out, String name, long value) {
        out.addLeft(name, NAME_WIDTH).add(':').addRight(value, 21).line();
    }
}
