package host.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Starts a program as a child of the calling thread, with the descriptors, privileges and namespaces that it shall have
 * and no others.
 *
 * <p>What the child does before execve(2) are {@link ChildCalls}. {@link java.lang.ProcessBuilder} would close the
 * descriptors that are to be inherited, and its reaper would wait for children that are not its own.
 *
 * <p>The child has an empty signal mask (Java threads block SIGQUIT, and masks are inherited), dies by SIGKILL with the
 * thread that called {@link #start} unless told otherwise, and never gains privileges by execve.
 */
public final class Spawn {
    /** Descriptors are parked from here on while the child gives them their numbers. */
    private static final int PARKED_FROM = 256;

    private static final int CLONE_NEWNS = 0x20000;
    private static final int CLONE_NEWUSER = 0x10000000;

    private static final int SYS_WRITE = 1;
    private static final int SYS_OPEN = 2;
    private static final int SYS_CLOSE = 3;
    private static final int SYS_RT_SIGPROCMASK = 14;
    private static final int SYS_DUP2 = 33;
    private static final int SYS_EXECVE = 59;
    private static final int SYS_FCNTL = 72;
    private static final int SYS_CHDIR = 80;
    private static final int SYS_SETSID = 112;
    private static final int SYS_PRCTL = 157;
    private static final int SYS_CAPSET = 126;
    private static final int SYS_SETRLIMIT = 160;
    private static final int SYS_MOUNT = 165;
    private static final int SYS_CLOSE_RANGE = 436;

    private static final int F_DUPFD_CLOEXEC = 1030;
    private static final int O_WRONLY = 1;
    private static final int MS_NOSUID_NODEV_NOEXEC = 2 | 4 | 8;
    private static final int MS_REC_PRIVATE = 0x4000 | 1 << 18;
    private static final int PR_SET_PDEATHSIG = 1;
    private static final int PR_CAPBSET_DROP = 24;
    private static final int PR_SET_NO_NEW_PRIVS = 38;
    private static final int PR_CAP_AMBIENT = 47;
    private static final int PR_CAP_AMBIENT_CLEAR_ALL = 4;

    /** A started child: its id, and a descriptor that stands for it (pidfd_open(2)), close-on-exec. */
    public record Child(int pid, int pidfd) {}

    private final byte[] program;
    private final byte[][] arguments;
    private final byte[][] environment;
    private int[] descriptors = {};
    private long namespaces;
    private boolean ownProc;
    private long keptCapabilities = -1;
    private boolean session;
    private boolean noCore;
    private boolean outlives;
    private byte[] directory;

    private Spawn(byte[] program, byte[][] arguments, byte[][] environment) {
        this.program = program;
        this.arguments = arguments;
        this.environment = environment;
    }

    /** Prepares {@code execve(program, arguments, environment)}; {@code arguments[0]} is the program's own name. */
    public static Spawn of(byte[] program, byte[][] arguments, byte[][] environment) {
        return new Spawn(program, arguments, environment);
    }

    /** The child's descriptors: it gets {@code descriptors[n]} as its number n, and nothing else. */
    public Spawn descriptors(int... descriptors) {
        this.descriptors = descriptors;
        return this;
    }

    /**
     * Namespaces for the child to be born in: CLONE_NEW* flags of clone(2). In a user namespace our own user and group are
     * the only ones, with their numbers, and the child has no capabilities; in a mount namespace nothing that is mounted
     * later is passed on, either way.
     */
    public Spawn namespaces(long flags) {
        this.namespaces = flags;
        return this;
    }

    /** Gives a child in new pid and mount namespaces, but in our user namespace, a /proc that shows itself alone. */
    public Spawn ownProc() {
        this.ownProc = true;
        return this;
    }

    /** Gives the child a session of its own, so that the keyboard's signals reach the caller alone. */
    public Spawn newSession() {
        this.session = true;
        return this;
    }

    /** Keeps the child from leaving a core file: its memory holds the program's. */
    public Spawn noCoreFile() {
        this.noCore = true;
        return this;
    }

    /**
     * Limits the child, for good, to the capabilities in {@code mask} (bit n is capability n of
     * linux/capability.h). Without this call it keeps the caller's. To be called by root only; others have none to
     * lose.
     */
    public Spawn capabilities(long mask) {
        this.keptCapabilities = mask;
        return this;
    }

    /** Lets the child live on when the calling thread ends. */
    public Spawn outlivingCaller() {
        this.outlives = true;
        return this;
    }

    public Spawn directory(byte[] directory) {
        this.directory = directory;
        return this;
    }

    /** @throws HostException when the child could not be made, or could not execute the program */
    public Child start() throws HostException {
        int[] parked = new int[descriptors.length];
        int count = 0;
        try (Arena arena = Arena.ofConfined()) {
            for (; count < parked.length; count++) {
                parked[count] = (int) HostException.check(
                        "dup", Syscall.call(SYS_FCNTL, descriptors[count], F_DUPFD_CLOEXEC, PARKED_FROM));
            }
            return start(arena, parked);
        } finally {
            for (int i = 0; i < count; i++) {
                Syscall.call(SYS_CLOSE, parked[i]);
            }
        }
    }

    private Child start(Arena arena, int[] parked) throws HostException {
        ChildCalls calls = new ChildCalls(arena);
        if (!outlives) {
            calls.add("prctl(PDEATHSIG)", SYS_PRCTL, PR_SET_PDEATHSIG, 9);
        }
        if (session) {
            calls.add("setsid", SYS_SETSID);
        }
        for (int i = 0; i < parked.length; i++) {
            calls.add("dup2", SYS_DUP2, parked[i], i);
        }
        calls.add("close_range", SYS_CLOSE_RANGE, parked.length, 0xffffffffL, 0);
        enterNamespaces(arena, calls, parked.length);
        if (directory != null) {
            calls.add("chdir", SYS_CHDIR, CString.of(arena, directory).address());
        }
        if (noCore) {
            calls.add("setrlimit(CORE)", SYS_SETRLIMIT, 4, arena.allocate(16, 8).address());
        }
        if ((namespaces & CLONE_NEWUSER) != 0) {
            limitCapabilities(arena, calls, 0);
        } else if (keptCapabilities != -1) {
            limitCapabilities(arena, calls, keptCapabilities);
        }
        calls.add("prctl(NO_NEW_PRIVS)", SYS_PRCTL, PR_SET_NO_NEW_PRIVS, 1, 0, 0);
        long emptyMask = arena.allocate(8, 8).address();
        calls.add("sigprocmask", SYS_RT_SIGPROCMASK, 2, emptyMask, 0, 8);
        calls.add(
                "execve",
                SYS_EXECVE,
                CString.of(arena, program).address(),
                CString.array(arena, arguments).address(),
                CString.array(arena, environment).address());
        return calls.run(namespaces);
    }

    /** @param free the lowest descriptor that is not open in the child */
    private void enterNamespaces(Arena arena, ChildCalls calls, int free) {
        if ((namespaces & CLONE_NEWUSER) != 0) {
            int user = Processes.effectiveUser();
            int group = Processes.effectiveGroup();
            write(calls, "/proc/self/uid_map", user + " " + user + " 1", free);
            write(calls, "/proc/self/setgroups", "deny", free); // or an unprivileged caller may not map a group
            write(calls, "/proc/self/gid_map", group + " " + group + " 1", free);
        }
        if ((namespaces & CLONE_NEWNS) != 0) {
            calls.add("mount(private)", SYS_MOUNT, 0, calls.string("/"), 0, MS_REC_PRIVATE, 0);
        }
        if (ownProc) {
            long proc = calls.string("proc");
            calls.add("mount(proc)", SYS_MOUNT, proc, calls.string("/proc"), proc, MS_NOSUID_NODEV_NOEXEC, 0);
        }
    }

    private static void write(ChildCalls calls, String file, String text, int descriptor) {
        calls.add(file, SYS_OPEN, calls.string(file), O_WRONLY);
        calls.add(file, SYS_WRITE, descriptor, calls.string(text), text.length());
        calls.add(file, SYS_CLOSE, descriptor);
    }

    /** Root regains by execve what the bounding set allows, so that is what has to go. */
    private static void limitCapabilities(Arena arena, ChildCalls calls, long kept) {
        int last = Processes.lastCapability();
        for (int c = 0; c <= last; c++) {
            if ((kept >>> c & 1) == 0) {
                calls.add("prctl(CAPBSET_DROP)", SYS_PRCTL, PR_CAPBSET_DROP, c);
            }
        }
        calls.add("prctl(CAP_AMBIENT)", SYS_PRCTL, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0);
        MemorySegment header = arena.allocate(8, 8);
        header.set(ValueLayout.JAVA_INT, 0, 0x20080522); // _LINUX_CAPABILITY_VERSION_3; pid 0 is the caller
        MemorySegment data = arena.allocate(24, 8);
        for (int half = 0; half < 2; half++) {
            int bits = (int) (kept >>> 32 * half) & (half == 0 ? -1 : (1 << Math.max(0, last - 31)) - 1);
            data.set(ValueLayout.JAVA_INT, 12L * half, bits);
            data.set(ValueLayout.JAVA_INT, 12L * half + 4, bits);
        }
        calls.add("capset", SYS_CAPSET, header.address(), data.address());
    }
}
