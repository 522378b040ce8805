package host.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Signal numbers that the host's own processes exchange, and the calls to send and arrange them. */
public final class Signals {
    public static final int NR_RT_SIGACTION = 13;
    public static final int NR_RT_SIGPROCMASK = 14;
    public static final int NR_TGKILL = 234;

    public static final int SIGILL = 4;
    public static final int SIGTRAP = 5;
    public static final int SIGBUS = 7;
    public static final int SIGFPE = 8;
    public static final int SIGKILL = 9;
    public static final int SIGSEGV = 11;
    public static final int SIGCHLD = 17;
    public static final int SIGSYS = 31;

    private Signals() {}

    public static long tgkill(int tgid, int tid, int signal) {
        return Syscall.call(NR_TGKILL, tgid, tid, signal);
    }

    /**
     * Has SIGCHLD sent for the end of a child only, not for each of its stops, and children kept for wait4(2) also when
     * the process was started with the signal ignored. A handler stays as it is.
     */
    public static void quietChildren() throws HostException {
        long ignore = 1; // SIG_IGN
        long noStops = 1; // SA_NOCLDSTOP
        try (Arena arena = Arena.ofConfined()) {
            // struct sigaction as the kernel has it: handler, flags, restorer, mask
            MemorySegment action = arena.allocate(32, 8);
            HostException.check("rt_sigaction", Syscall.call(NR_RT_SIGACTION, SIGCHLD, 0, action.address(), 8));
            if (action.get(ValueLayout.JAVA_LONG, 0) == ignore) {
                action.set(ValueLayout.JAVA_LONG, 0, 0);
            }
            action.set(ValueLayout.JAVA_LONG, 8, action.get(ValueLayout.JAVA_LONG, 8) | noStops);
            HostException.check("rt_sigaction", Syscall.call(NR_RT_SIGACTION, SIGCHLD, action.address(), 0, 8));
        }
    }
}
