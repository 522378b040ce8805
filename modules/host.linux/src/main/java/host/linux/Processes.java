package host.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Other processes and our own end: sys/wait.h, signal.h, pidfd_open(2), prctl(2). */
public final class Processes {
    public static final int NR_PIDFD_OPEN = 434;

    private static final int WNOHANG = 1;
    private static final int WALL = 0x40000000;
    private static final int PR_CAPBSET_READ = 23;
    private static final int EINTR = 4;

    private Processes() {}

    public static int pid() {
        return (int) Syscall.call(39);
    }

    public static int effectiveUser() {
        return (int) Syscall.call(107);
    }

    public static int effectiveGroup() {
        return (int) Syscall.call(108);
    }

    /** Our supplementary groups. */
    public static int[] groups() {
        int count = (int) Syscall.call(115, 0, 0);
        int[] groups = new int[Math.max(0, count)];
        if (count > 0) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment list = arena.allocate(4L * count, 4);
                Syscall.call(115, count, list.address());
                MemorySegment.copy(list, 0, MemorySegment.ofArray(groups), 0, 4L * count);
            }
        }
        return groups;
    }

    /** Our umask. It can only be read by setting it, so no other thread may be making files. */
    public static int umask() {
        int mask = (int) Syscall.call(95, 0);
        Syscall.call(95, mask);
        return mask;
    }

    /**
     * Waits for the child and returns its wait status, as wait4(2) has it; -1 when it is not, or no more, our child.
     */
    public static int reap(int pid) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment status = arena.allocate(4, 4);
            long r;
            do {
                r = Syscall.call(61, pid, status.address(), WALL, 0);
            } while (r == -EINTR);
            return r == pid ? status.get(ValueLayout.JAVA_INT, 0) : -1;
        }
    }

    /** As {@link #reap}, but returns at once; {@link Integer#MIN_VALUE} when the child still lives. */
    public static int reapIfEnded(int pid) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment status = arena.allocate(4, 4);
            long r = Syscall.call(61, pid, status.address(), WALL | WNOHANG, 0);
            return r == pid ? status.get(ValueLayout.JAVA_INT, 0) : r == 0 ? Integer.MIN_VALUE : -1;
        }
    }

    /** Whether a wait status is that of a process that was ended by a signal. */
    public static boolean signaled(int status) {
        return (status & 0x7f) != 0;
    }

    public static int signal(int status) {
        return status & 0x7f;
    }

    public static int exitCode(int status) {
        return status >>> 8 & 0xff;
    }

    /** A descriptor that stands for a process, or a negated errno (ESRCH: there is none). */
    public static int pidfd(int pid) {
        return (int) Syscall.call(NR_PIDFD_OPEN, pid, 0);
    }

    /** Sends a signal to the process behind a pidfd; returns 0 or a negated errno. */
    public static int signal(int pidfd, int signal) {
        return (int) Syscall.call(424, pidfd, signal, 0, 0);
    }

    /** Ends this process now: no shutdown hooks, no waiting for the virtual machine to tidy up. */
    public static void exit(int code) {
        Syscall.call(231, code);
        throw new AssertionError("exit_group returned");
    }

    /** The highest capability number that the host knows. */
    public static int lastCapability() {
        int last = 40;
        while (last > 0 && Syscall.failed(Syscall.call(157, PR_CAPBSET_READ, last))) {
            last--;
        }
        while (last < 63 && !Syscall.failed(Syscall.call(157, PR_CAPBSET_READ, last + 1))) {
            last++;
        }
        return last;
    }

    /** Gives this thread, and thereby what it starts later, no way to gain privileges. */
    public static void noNewPrivileges() throws HostException {
        HostException.check("prctl(NO_NEW_PRIVS)", Syscall.call(157, 38, 1, 0, 0, 0));
    }

    /**
     * How late, in nanoseconds, the host may wake the calling thread, and those that it starts from now on, from a timed
     * sleep (PR_SET_TIMERSLACK). Ordinary threads have 50 microseconds.
     */
    public static void timerSlack(long nanos) {
        Syscall.call(157, 29, nanos, 0, 0, 0);
    }

    /** Names the calling thread: at most 15 bytes, for ps(1) and /proc. */
    public static void nameThread(String name) {
        try (Arena arena = Arena.ofConfined()) {
            Syscall.call(157, 15, CString.of(arena, name).address(), 0, 0, 0);
        }
    }
}
