package host.linux;

/** wait4(2) and the layout of its status word. */
public final class Wait {
    public static final int NR_WAIT4 = 61;

    public static final int WNOHANG = 1;
    /** Children of every kind: also threads, and those that do not end with SIGCHLD. */
    public static final int WALL = 0x40000000;

    private Wait() {}

    /** @param status host address of an int */
    public static long wait4(int pid, long status, int options) {
        long r;
        do {
            r = Syscall.call(NR_WAIT4, pid, status, options, 0, 0, 0);
        } while (r == -4); // EINTR: a signal for the Sentry, not the child's business
        return r;
    }

    public static boolean stopped(int status) {
        return (status & 0xff) == 0x7f;
    }

    public static int stopSignal(int status) {
        return status >> 8 & 0xff;
    }

    /** A PTRACE_EVENT number, or 0. */
    public static int event(int status) {
        return status >>> 16;
    }
}
