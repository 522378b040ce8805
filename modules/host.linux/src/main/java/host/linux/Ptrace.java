package host.linux;

/** ptrace(2) requests, options and events, of linux/ptrace.h and asm/ptrace-abi.h (amd64). */
public final class Ptrace {
    public static final int NR = 101;

    public static final int PEEKUSER = 3;
    public static final int POKEUSER = 6;
    public static final int CONT = 7;
    public static final int GETREGS = 12;
    public static final int SETREGS = 13;
    public static final int DETACH = 17;
    public static final int SYSEMU = 31;
    public static final int SYSEMU_SINGLESTEP = 32;
    public static final int GETSIGINFO = 0x4202;
    public static final int GETREGSET = 0x4204;
    public static final int SETREGSET = 0x4205;
    public static final int SEIZE = 0x4206;
    public static final int INTERRUPT = 0x4207;
    public static final int GET_RSEQ_CONFIGURATION = 0x420f;

    public static final int O_TRACESYSGOOD = 1;
    public static final int O_EXITKILL = 1 << 20;

    /** {@code status >> 16} of a stop that PTRACE_INTERRUPT or a group stop caused. */
    public static final int EVENT_STOP = 128;

    /** Register set number of the XSAVE area (elf.h). */
    public static final int NT_X86_XSTATE = 0x202;

    /** Where struct user has DR0 (sys/user.h); DR1 to DR7 follow, 8 bytes each. */
    public static final int USER_DEBUG = 848;

    private Ptrace() {}

    /** The thread that calls must be the one that attached to {@code tid}. */
    public static long request(int request, int tid, long address, long data) {
        return Syscall.call(NR, request, tid, address, data, 0, 0);
    }
}
