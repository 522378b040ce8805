package runsc.cli;

import java.util.List;
import runsc.cli.io.Output;

/**
 * Prints when each phase of the start was reached, when the environment has RUNSC_TRACE_START. If its value is a time
 * as {@code date +%s%N} prints it, times count from there; otherwise from the entry of this process's {@code main}.
 */
public final class Trace {
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
        origin = absolute ? Long.parseLong(value) : System.nanoTime();
        mark("main");
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
            long now = absolute ? System.currentTimeMillis() * 1_000_000 : System.nanoTime();
            long micros = (now - origin) / 1000;
            Output.error("start: " + role + " " + micros / 1000 + "." + micros % 1000 / 100 + " ms " + phase);
        }
    }
}
