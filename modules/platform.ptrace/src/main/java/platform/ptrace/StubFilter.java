package platform.ptrace;

import host.linux.Sched;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The seccomp filter of stub processes. Under PTRACE_SYSEMU a program's calls never get as far as the filter; it is the
 * second wall, for the day that a stub runs on its own when it should not. Only what {@link StubCode} and the injected
 * calls need is let through, anything else kills the process.
 *
 * <p>Layout of struct sock_filter and seccomp_data: linux/filter.h, linux/seccomp.h.
 */
final class StubFilter {
    private static final int LOAD = 0x20; // BPF_LD | BPF_W | BPF_ABS
    private static final int JUMP_EQUAL = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
    private static final int RETURN = 0x06; // BPF_RET | BPF_K
    private static final int ALLOW = 0x7fff0000;
    private static final int TRAP = 0x00030000;
    private static final int KILL_PROCESS = 0x80000000;
    private static final int ARCH_X86_64 = 0xc000003e;

    private static final int DATA_NR = 0;
    private static final int DATA_ARCH = 4;
    private static final int DATA_ARGS = 16;

    static final int MAP_SHARED_FIXED = 0x11;
    static final int MAP_POPULATE = 0x8000;

    private final ByteBuffer out = ByteBuffer.allocate(64 * 8).order(ByteOrder.LITTLE_ENDIAN);

    /** The filter program; its length is a multiple of 8. */
    static byte[] program() {
        StubFilter f = new StubFilter();
        f.op(LOAD, 0, 0, DATA_ARCH);
        f.op(JUMP_EQUAL, 1, 0, ARCH_X86_64);
        f.op(RETURN, 0, 0, KILL_PROCESS);
        f.op(LOAD, 0, 0, DATA_NR);
        f.allow(34); // pause
        f.allow(11); // munmap
        f.allow(10); // mprotect
        f.allow(110); // getppid
        f.allow(60); // exit
        f.allow(231); // exit_group
        f.allow(9, 3, MAP_SHARED_FIXED, MAP_SHARED_FIXED | MAP_POPULATE); // mmap: of shared descriptors only
        f.allow(Sched.NR_CLONE, 0, StubCode.PROCESS_FLAGS, StubCode.THREAD_FLAGS);
        f.allow(157, 0, 1); // prctl(PR_SET_PDEATHSIG)
        // A call of the vsyscall page is emulated by the host in its page fault, past PTRACE_SYSEMU, where only this
        // filter stops it. See PtraceContext.
        f.trap(96); // gettimeofday
        f.trap(201); // time
        f.trap(309); // getcpu
        f.op(RETURN, 0, 0, KILL_PROCESS);
        byte[] program = new byte[f.out.position()];
        f.out.flip().get(program);
        return program;
    }

    private void op(int code, int ifTrue, int ifFalse, int k) {
        out.putShort((short) code).put((byte) ifTrue).put((byte) ifFalse).putInt(k);
    }

    private void allow(int nr) {
        op(JUMP_EQUAL, 0, 1, nr);
        op(RETURN, 0, 0, ALLOW);
    }

    private void trap(int nr) {
        op(JUMP_EQUAL, 0, 1, nr);
        op(RETURN, 0, 0, TRAP);
    }

    /** Leaves the call's number in the accumulator when it is not {@code nr}. */
    private void allow(int nr, int argument, int... values) {
        op(JUMP_EQUAL, 0, 2 + 2 * values.length, nr);
        op(LOAD, 0, 0, DATA_ARGS + 8 * argument);
        for (int value : values) {
            op(JUMP_EQUAL, 0, 1, value);
            op(RETURN, 0, 0, ALLOW);
        }
        op(RETURN, 0, 0, KILL_PROCESS);
    }
}
