package runsc.cli.launch;

import java.util.Locale;

/** Signals by name, as kill(1) has them. */
public final class SignalNames {
    private static final String[] NAMES = {
        "0", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM",
        "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF",
        "WINCH", "IO", "PWR", "SYS",
    };
    private static final int LAST = 64;
    private static final int RTMIN = 34;

    private SignalNames() {}

    public static String name(int signal) {
        return signal > 0 && signal < NAMES.length ? "SIG" + NAMES[signal] : "signal " + signal;
    }

    /** The number of a signal given as a number, or by name with or without SIG; -1 when there is none. */
    public static int number(String text) {
        String name = text.toUpperCase(Locale.ROOT);
        if (name.startsWith("SIG")) {
            name = name.substring(3);
        }
        for (int i = 1; i < NAMES.length; i++) {
            if (NAMES[i].equals(name)) {
                return i;
            }
        }
        switch (name) {
            case "POLL":
                return 29;
            case "IOT":
                return 6;
            case "CLD":
                return 17;
            default:
                break;
        }
        int base = 0;
        if (name.startsWith("RTMIN")) {
            base = RTMIN;
            name = name.substring(5);
        } else if (name.startsWith("RTMAX")) {
            base = LAST;
            name = name.substring(5);
        }
        if (base != 0 && name.isEmpty()) {
            return base;
        }
        try {
            int number = base + Integer.parseInt(name);
            return number >= (base == 0 ? 0 : RTMIN) && number <= LAST ? number : -1;
        } catch (NumberFormatException e) {
            return -1;
        }
    }
}
