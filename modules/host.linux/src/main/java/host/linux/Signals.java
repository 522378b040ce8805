package host.linux;

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
}
