package runsc.cli;

import host.linux.Syscall;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import runsc.cli.io.Output;

/**
 * Prints when each phase of the start was reached, when the environment has RUNSC_TRACE_START. If its value is a time
 * as {@code date +%s%N} prints it, times count from there; otherwise from the entry of this process's {@code main}. The
 * second figure is the processor time that the process has used, all its threads together.
 */
public final class Trace {
    /** CLOCK_REALTIME: one for all our processes, and that of date(1). */
    private static final int REALTIME = 0;
    /** CLOCK_PROCESS_CPUTIME_ID. */
    private static final int CPU = 2;

    private static long origin;
    private static boolean absolute;
    private static boolean enabled;
    private static String role = "cli";

    private Trace() {}

    static void start(List<String> environment) {
        String value = Environment.get(environment, "RUNSC_TRACE_START");
        if (value == null || value.isEmpty()) {
            return;
        }
        enabled = true;
        absolute = value.length() >= 16;
        origin = absolute ? Long.parseLong(value) : clock(REALTIME);
        mark("main");
    }

    private static String milliseconds(long nanos) {
        long tenths = nanos / 100_000;
        return tenths / 10 + "." + tenths % 10;
    }

    private static long clock(int id) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment time = arena.allocate(16, 8);
            Syscall.call(228, id, time.address());
            return time.get(ValueLayout.JAVA_LONG, 0) * 1_000_000_000 + time.get(ValueLayout.JAVA_LONG, 8);
        }
    }

    public static boolean enabled() {
        return enabled;
    }

    public static void role(String name) {
        role = name;
    }

    /** Notes that {@code phase} is reached. */
    public static void mark(String phase) {
        if (enabled) {
            Output.error("start: " + role + " " + milliseconds(clock(REALTIME) - origin) + " ms (cpu "
                    + milliseconds(clock(CPU)) + ") " + phase);
        }
    }
}
