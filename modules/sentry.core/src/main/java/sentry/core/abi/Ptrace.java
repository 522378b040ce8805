package sentry.core.abi;

/** Requests, options and events of ptrace(2) (linux/ptrace.h, asm/ptrace-abi.h, linux/elf.h). */
public final class Ptrace {
    public static final int TRACEME = 0;
    public static final int PEEKTEXT = 1;
    public static final int PEEKDATA = 2;
    public static final int PEEKUSER = 3;
    public static final int POKETEXT = 4;
    public static final int POKEDATA = 5;
    public static final int POKEUSER = 6;
    public static final int CONT = 7;
    public static final int KILL = 8;
    public static final int SINGLESTEP = 9;
    public static final int GETREGS = 12;
    public static final int SETREGS = 13;
    public static final int GETFPREGS = 14;
    public static final int SETFPREGS = 15;
    public static final int ATTACH = 16;
    public static final int DETACH = 17;
    public static final int OLDSETOPTIONS = 21;
    public static final int SYSCALL = 24;
    public static final int GET_THREAD_AREA = 25;
    public static final int SET_THREAD_AREA = 26;
    public static final int ARCH_PRCTL = 30;
    public static final int SYSEMU = 31;
    public static final int SYSEMU_SINGLESTEP = 32;
    public static final int SETOPTIONS = 0x4200;
    public static final int GETEVENTMSG = 0x4201;
    public static final int GETSIGINFO = 0x4202;
    public static final int SETSIGINFO = 0x4203;
    public static final int GETREGSET = 0x4204;
    public static final int SETREGSET = 0x4205;
    public static final int SEIZE = 0x4206;
    public static final int INTERRUPT = 0x4207;
    public static final int LISTEN = 0x4208;
    public static final int PEEKSIGINFO = 0x4209;
    public static final int GETSIGMASK = 0x420a;
    public static final int SETSIGMASK = 0x420b;
    public static final int SECCOMP_GET_FILTER = 0x420c;
    public static final int SECCOMP_GET_METADATA = 0x420d;
    public static final int GET_SYSCALL_INFO = 0x420e;
    public static final int GET_RSEQ_CONFIGURATION = 0x420f;

    public static final int PEEKSIGINFO_SHARED = 1;

    public static final int O_TRACESYSGOOD = 1;
    public static final int O_TRACEFORK = 1 << 1;
    public static final int O_TRACEVFORK = 1 << 2;
    public static final int O_TRACECLONE = 1 << 3;
    public static final int O_TRACEEXEC = 1 << 4;
    public static final int O_TRACEVFORKDONE = 1 << 5;
    public static final int O_TRACEEXIT = 1 << 6;
    public static final int O_TRACESECCOMP = 1 << 7;
    public static final int O_EXITKILL = 1 << 20;
    public static final int O_SUSPEND_SECCOMP = 1 << 21;
    public static final int O_MASK = 0xff | O_EXITKILL | O_SUSPEND_SECCOMP;

    /** An event's option is {@code 1 << event}. */
    public static final int EVENT_FORK = 1;

    public static final int EVENT_VFORK = 2;
    public static final int EVENT_CLONE = 3;
    public static final int EVENT_EXEC = 4;
    public static final int EVENT_VFORK_DONE = 5;
    public static final int EVENT_EXIT = 6;
    public static final int EVENT_SECCOMP = 7;
    public static final int EVENT_STOP = 128;

    public static final int EVENTMSG_SYSCALL_ENTRY = 1;
    public static final int EVENTMSG_SYSCALL_EXIT = 2;

    public static final int SYSCALL_INFO_NONE = 0;
    public static final int SYSCALL_INFO_ENTRY = 1;
    public static final int SYSCALL_INFO_EXIT = 2;
    public static final int SYSCALL_INFO_SECCOMP = 3;

    public static final int NT_PRSTATUS = 1;
    public static final int NT_PRFPREG = 2;
    public static final int NT_X86_XSTATE = 0x202;

    /** Size of the kernel's struct user and the place of its debug registers (asm/user_64.h). */
    public static final int USER_SIZE = 928;

    public static final int USER_DEBUG = 848;

    /** AUDIT_ARCH_X86_64 (linux/audit.h). */
    public static final int AUDIT_ARCH = 0xc000003e;

    private Ptrace() {}
}
