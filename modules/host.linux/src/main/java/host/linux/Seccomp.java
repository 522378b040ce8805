package host.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** seccomp(2). */
public final class Seccomp {
    private static final int SET_MODE_FILTER = 1;
    private static final int FLAG_TSYNC = 1;
    private static final int INSTRUCTION = 8;

    private Seccomp() {}

    /**
     * Installs a filter over all threads of this process, for good. Needs no_new_privs, which the other threads get
     * with the filter.
     *
     * @param program an array of {@code struct sock_filter}
     */
    public static void filterAllThreads(byte[] program) throws HostException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment code = arena.allocate(program.length, 8);
            MemorySegment.copy(MemorySegment.ofArray(program), 0, code, 0, program.length);
            MemorySegment fprog = arena.allocate(16, 8);
            fprog.set(ValueLayout.JAVA_SHORT, 0, (short) (program.length / INSTRUCTION));
            fprog.set(ValueLayout.JAVA_LONG, 8, code.address());
            long r = Syscall.call(317, SET_MODE_FILTER, FLAG_TSYNC, fprog.address());
            if (r > 0) {
                throw new HostException("seccomp: thread " + r + " has a filter of its own", 3);
            }
            HostException.check("seccomp", r);
        }
    }
}
