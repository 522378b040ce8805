package host.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Starts a program as a child of the calling thread, with the descriptors, privileges and namespaces that it shall have
 * and no others.
 *
 * <p>A JVM cannot fork: the child is made by clone(CLONE_VM|CLONE_VFORK) inside a page of machine code, where it works
 * through a table of system calls whose last is execve(2). The parent sleeps until then, and reads from the table what
 * became of each call. {@link java.lang.ProcessBuilder} would close the descriptors that are to be inherited, and its
 * reaper would wait for children that are not its own.
 *
 * <p>The child has an empty signal mask (Java threads block SIGQUIT, and masks are inherited), dies by SIGKILL with the
 * thread that called {@link #start} unless told otherwise, and never gains privileges by execve.
 */
public final class Spawn {
    private static final int CALL_SIZE = 64;
    private static final int MAX_CALLS = 256;
    /** Descriptors are parked from here on while the child gives them their numbers. */
    private static final int PARKED_FROM = 256;

    private static final int CLONE_VM = 0x100;
    private static final int CLONE_PIDFD = 0x1000;
    private static final int CLONE_VFORK = 0x4000;
    private static final int SIGCHLD = 17;

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
    private static final int SYS_CLOSE_RANGE = 436;

    private static final int F_DUPFD_CLOEXEC = 1030;
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

    /** Namespaces for the child to be born in: CLONE_NEW* flags of clone(2). */
    public Spawn namespaces(long flags) {
        this.namespaces = flags;
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
        Calls calls = new Calls(arena.allocate(CALL_SIZE * MAX_CALLS, 64));
        if (!outlives) {
            calls.add("prctl(PDEATHSIG)", SYS_PRCTL, PR_SET_PDEATHSIG, 9, 0, 0);
        }
        if (session) {
            calls.add("setsid", SYS_SETSID, 0, 0, 0, 0);
        }
        for (int i = 0; i < parked.length; i++) {
            calls.add("dup2", SYS_DUP2, parked[i], i, 0, 0);
        }
        calls.add("close_range", SYS_CLOSE_RANGE, parked.length, 0xffffffffL, 0, 0);
        if (directory != null) {
            calls.add("chdir", SYS_CHDIR, CString.of(arena, directory).address(), 0, 0, 0);
        }
        if (noCore) {
            calls.add("setrlimit(CORE)", SYS_SETRLIMIT, 4, arena.allocate(16, 8).address(), 0, 0);
        }
        if (keptCapabilities != -1) {
            limitCapabilities(arena, calls);
        }
        calls.add("prctl(NO_NEW_PRIVS)", SYS_PRCTL, PR_SET_NO_NEW_PRIVS, 1, 0, 0);
        long emptyMask = arena.allocate(8, 8).address();
        calls.add("sigprocmask", SYS_RT_SIGPROCMASK, 2, emptyMask, 0, 8);
        calls.add(
                "execve",
                SYS_EXECVE,
                CString.of(arena, program).address(),
                CString.array(arena, arguments).address(),
                CString.array(arena, environment).address(),
                0);

        MemorySegment stack = arena.allocate(8192, 16);
        MemorySegment scratch = arena.allocate(24, 8);
        scratch.set(ValueLayout.JAVA_LONG, 8, -1L);
        long flags = CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD | namespaces;
        long pid = HostException.check(
                "clone", Code.run(flags, stack.address() + 8192, calls.table.address(), scratch.address()));
        int pidfd = scratch.get(ValueLayout.JAVA_INT, 16);
        int failed = calls.failed();
        if (failed >= 0) {
            Processes.reap((int) pid);
            Syscall.call(SYS_CLOSE, pidfd);
            throw new HostException(calls.names[failed], (int) -calls.result(failed));
        }
        return new Child((int) pid, pidfd);
    }

    /** Root regains by execve what the bounding set allows, so that is what has to go. */
    private void limitCapabilities(Arena arena, Calls calls) {
        int last = Processes.lastCapability();
        for (int c = 0; c <= last; c++) {
            if ((keptCapabilities >>> c & 1) == 0) {
                calls.add("prctl(CAPBSET_DROP)", SYS_PRCTL, PR_CAPBSET_DROP, c, 0, 0);
            }
        }
        calls.add("prctl(CAP_AMBIENT)", SYS_PRCTL, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0);
        MemorySegment header = arena.allocate(8, 8);
        header.set(ValueLayout.JAVA_INT, 0, 0x20080522); // _LINUX_CAPABILITY_VERSION_3; pid 0 is the caller
        MemorySegment data = arena.allocate(24, 8);
        for (int half = 0; half < 2; half++) {
            int bits = (int) (keptCapabilities >>> 32 * half) & (half == 0 ? -1 : (1 << Math.max(0, last - 31)) - 1);
            data.set(ValueLayout.JAVA_INT, 12L * half, bits);
            data.set(ValueLayout.JAVA_INT, 12L * half + 4, bits);
        }
        calls.add("capset", SYS_CAPSET, header.address(), data.address(), 0, 0);
    }

    /** The child's table: number, six arguments, result; 64 bytes each. */
    private static final class Calls {
        final MemorySegment table;
        final String[] names = new String[MAX_CALLS];
        private int count;

        Calls(MemorySegment table) {
            this.table = table;
        }

        void add(String name, long nr, long a0, long a1, long a2, long a3) {
            long at = (long) CALL_SIZE * count;
            table.set(ValueLayout.JAVA_LONG, at, nr);
            table.set(ValueLayout.JAVA_LONG, at + 8, a0);
            table.set(ValueLayout.JAVA_LONG, at + 16, a1);
            table.set(ValueLayout.JAVA_LONG, at + 24, a2);
            table.set(ValueLayout.JAVA_LONG, at + 32, a3);
            names[count++] = name;
        }

        long result(int index) {
            return table.get(ValueLayout.JAVA_LONG, (long) CALL_SIZE * index + 56);
        }

        int failed() {
            for (int i = 0; i < count; i++) {
                if (Syscall.failed(result(i))) {
                    return i;
                }
            }
            return -1;
        }
    }

    /** The machine code; loaded with the first child. */
    private static final class Code {
        private static final byte[] CODE = {
            0x53, // push rbx
            0x41, 0x54, // push r12
            0x41, 0x55, // push r13
            0x41, 0x56, // push r14
            0x48, (byte) 0x89, (byte) 0xd3, // mov rbx, rdx      the table
            0x49, (byte) 0x89, (byte) 0xfc, // mov r12, rdi      clone's flags
            0x49, (byte) 0x89, (byte) 0xf5, // mov r13, rsi      the child's stack
            0x49, (byte) 0x89, (byte) 0xce, // mov r14, rcx      scratch: old mask, full mask, pidfd
            // No signal may run a Java handler in the child while it borrows our memory.
            (byte) 0xb8, 14, 0, 0, 0, // mov eax, SYS_rt_sigprocmask
            (byte) 0xbf, 2, 0, 0, 0, // mov edi, SIG_SETMASK
            0x49, (byte) 0x8d, 0x76, 0x08, // lea rsi, [r14+8]
            0x4c, (byte) 0x89, (byte) 0xf2, // mov rdx, r14
            0x41, (byte) 0xba, 8, 0, 0, 0, // mov r10d, 8
            0x0f, 0x05, // syscall
            (byte) 0xb8, 56, 0, 0, 0, // mov eax, SYS_clone
            0x4c, (byte) 0x89, (byte) 0xe7, // mov rdi, r12
            0x4c, (byte) 0x89, (byte) 0xee, // mov rsi, r13
            0x49, (byte) 0x8d, 0x56, 0x10, // lea rdx, [r14+16]
            0x45, 0x31, (byte) 0xd2, // xor r10d, r10d
            0x45, 0x31, (byte) 0xc0, // xor r8d, r8d
            0x0f, 0x05, // syscall
            0x48, (byte) 0x85, (byte) 0xc0, // test rax, rax
            0x74, 0x25, // jz child
            0x49, (byte) 0x89, (byte) 0xc5, // mov r13, rax
            (byte) 0xb8, 14, 0, 0, 0, // mov eax, SYS_rt_sigprocmask
            (byte) 0xbf, 2, 0, 0, 0, // mov edi, SIG_SETMASK
            0x4c, (byte) 0x89, (byte) 0xf6, // mov rsi, r14
            0x31, (byte) 0xd2, // xor edx, edx
            0x41, (byte) 0xba, 8, 0, 0, 0, // mov r10d, 8
            0x0f, 0x05, // syscall
            0x4c, (byte) 0x89, (byte) 0xe8, // mov rax, r13
            0x41, 0x5e, // pop r14
            0x41, 0x5d, // pop r13
            0x41, 0x5c, // pop r12
            0x5b, // pop rbx
            (byte) 0xc3, // ret
            // child:
            0x48, (byte) 0x8b, 0x03, // mov rax, [rbx]
            0x48, (byte) 0x8b, 0x7b, 0x08, // mov rdi, [rbx+8]
            0x48, (byte) 0x8b, 0x73, 0x10, // mov rsi, [rbx+16]
            0x48, (byte) 0x8b, 0x53, 0x18, // mov rdx, [rbx+24]
            0x4c, (byte) 0x8b, 0x53, 0x20, // mov r10, [rbx+32]
            0x4c, (byte) 0x8b, 0x43, 0x28, // mov r8, [rbx+40]
            0x4c, (byte) 0x8b, 0x4b, 0x30, // mov r9, [rbx+48]
            0x0f, 0x05, // syscall
            0x48, (byte) 0x89, 0x43, 0x38, // mov [rbx+56], rax
            0x48, 0x3d, 0x01, (byte) 0xf0, (byte) 0xff, (byte) 0xff, // cmp rax, -4095
            0x73, 0x06, // jae failed
            0x48, (byte) 0x83, (byte) 0xc3, 0x40, // add rbx, 64
            (byte) 0xeb, (byte) 0xd1, // jmp child
            // failed:
            (byte) 0xbf, 127, 0, 0, 0, // mov edi, 127
            (byte) 0xb8, (byte) 231, 0, 0, 0, // mov eax, SYS_exit_group
            0x0f, 0x05, // syscall
        };
        private static final CodePage PAGE = load();

        private static CodePage load() {
            try {
                return CodePage.of(CODE);
            } catch (HostException e) {
                throw new AssertionError(e);
            }
        }

        static long run(long flags, long stack, long table, long scratch) {
            return PAGE.call(0, flags, stack, table, scratch, 0, 0, 0);
        }
    }
}
