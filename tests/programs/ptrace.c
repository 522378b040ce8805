/* ptrace(2): what a tracer sees and can do. */
#include "t.h"
#include <elf.h>
#include <linux/ptrace.h>
#include <stddef.h>
#include <sys/user.h>

#define PT(req, pid, addr, data) syscall(SYS_ptrace, (long)(req), (long)(pid), (long)(addr), (long)(data))

static void show(const char *what, int status) {
    if (WIFEXITED(status))
        printf("%s: exit %d\n", what, WEXITSTATUS(status));
    else if (WIFSIGNALED(status))
        printf("%s: killed by %s\n", what, sigabbrev_np(WTERMSIG(status)));
    else if (WIFSTOPPED(status))
        printf("%s: stopped by %s%s, event %d\n", what, sigabbrev_np(WSTOPSIG(status) & 0x7f),
               WSTOPSIG(status) & 0x80 ? "|0x80" : "", status >> 16);
    else if (WIFCONTINUED(status))
        printf("%s: continued\n", what);
    else
        printf("%s: status %x\n", what, status);
}

static int waited(const char *what, pid_t pid) {
    int status = -1;
    pid_t got = waitpid(pid, &status, __WALL);
    if (got < 0)
        printf("%s: %s\n", what, strerrorname_np(errno));
    else
        show(what, status);
    return status;
}

static long peek_user(pid_t pid, long offset) {
    long value = -1;
    PT(PTRACE_PEEKUSR, pid, offset, &value);
    return value;
}

static pid_t traced_child(void (*body)(void)) {
    pid_t pid = t_fork();
    if (!pid) {
        PT(PTRACE_TRACEME, 0, 0, 0);
        raise(SIGSTOP);
        body();
        _exit(42);
    }
    waited("start", pid);
    return pid;
}

static volatile long variable = 5;

static void nothing(void) {}

static void errors(void) {
    long word;
    CALL(PT(PTRACE_CONT, 1234567, 0, 0));
    CALL(PT(PTRACE_ATTACH, 0, 0, 0));
    CALL(PT(PTRACE_ATTACH, getpid(), 0, 0));
    CALL(PT(PTRACE_SEIZE, getpid(), 1, 0));
    CALL(PT(PTRACE_SEIZE, getpid(), 0, 0x1000));
    pid_t other = t_fork();
    if (!other)
        for (;;)
            pause();
    CALL(PT(PTRACE_CONT, other, 0, 0));
    CALL(PT(PTRACE_KILL, other, 0, 0));
    CALL(PT(PTRACE_INTERRUPT, other, 0, 0));
    CALL(PT(PTRACE_SEIZE, other, 8, 0));
    CALL(PT(PTRACE_SEIZE, other, 0, 1 << 30));
    kill(other, SIGKILL);
    t_reap("other", other);

    pid_t pid = traced_child(nothing);
    CALL(PT(PTRACE_ATTACH, pid, 0, 0));
    CALL(PT(9999, pid, 0, 0));
    CALL(PT(PTRACE_CONT, pid, 0, 65));
    CALL(PT(PTRACE_CONT, pid, 0, -1));
    CALL(PT(PTRACE_PEEKUSR, pid, 3, &word));
    CALL(PT(PTRACE_PEEKUSR, pid, sizeof(struct user), &word));
    CALL(PT(PTRACE_PEEKUSR, pid, -8, &word));
    CALL(PT(PTRACE_PEEKUSR, pid, sizeof(struct user) - 8, &word));
    CALL(PT(PTRACE_PEEKUSR, pid, 0, 8));
    CALL(PT(PTRACE_POKEUSR, pid, offsetof(struct user, u_tsize), 0));
    CALL(PT(PTRACE_POKEUSR, pid, offsetof(struct user_regs_struct, cs), 0));
    CALL(PT(PTRACE_POKEUSR, pid, offsetof(struct user_regs_struct, ds), 8));
    CALL(PT(PTRACE_POKEUSR, pid, offsetof(struct user_regs_struct, fs_base), 1L << 47));
    CALL(PT(PTRACE_PEEKDATA, pid, 8, &word));
    CALL(PT(PTRACE_POKEDATA, pid, 8, 1));
    CALL(PT(PTRACE_PEEKDATA, pid, &variable, 8));
    CALL(PT(PTRACE_GETREGS, pid, 0, 8));
    CALL(PT(PTRACE_SETOPTIONS, pid, 0, 1 << 25));
    CALL(PT(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESYSGOOD));
    CALL(PT(PTRACE_LISTEN, pid, 0, 0));
    CALL(PT(PTRACE_INTERRUPT, pid, 0, 0));
    CALL(PT(PTRACE_GETSIGMASK, pid, 4, &word));
    CALL(PT(PTRACE_GETEVENTMSG, pid, 0, 8));
    CALL(PT(PTRACE_SETSIGINFO, pid, 0, 8));
    struct iovec v = {&word, 4};
    CALL(PT(PTRACE_GETREGSET, pid, NT_PRSTATUS, &v));
    v.iov_len = 8;
    CALL(PT(PTRACE_GETREGSET, pid, 77, &v));
    CALL(PT(PTRACE_GETREGSET, pid, NT_PRSTATUS, &v));
    printf("length %zu\n", v.iov_len);
    struct ptrace_peeksiginfo_args a = {0, 4, 1};
    CALL(PT(PTRACE_PEEKSIGINFO, pid, &a, &word));
    a = (struct ptrace_peeksiginfo_args){0, 0, -1};
    CALL(PT(PTRACE_PEEKSIGINFO, pid, &a, &word));
    CALL(PT(PTRACE_DETACH, pid, 0, 65));
    CALL(PT(PTRACE_CONT, pid, 0, 0));
    CALL(PT(PTRACE_GETREGS, pid, 0, &word));
    t_reap("child", pid);
    CALL(PT(PTRACE_CONT, pid, 0, 0));
    pid = t_fork();
    if (!pid) {
        CALL(PT(PTRACE_TRACEME, 0, 0, 0));
        CALL(PT(PTRACE_TRACEME, 0, 0, 0));
        fflush(NULL);
        _exit(0);
    }
    waited("twice", pid);
}

static void registers(void) {
    pid_t pid = traced_child(nothing);
    struct user_regs_struct r, r2;
    CALL(PT(PTRACE_GETREGS, pid, 0, &r));
    printf("cs %llx ss %llx orig_rax %lld rax %lld\n", r.cs, r.ss, r.orig_rax, r.rax);
    TRUE(peek_user(pid, offsetof(struct user_regs_struct, rip)) == (long)r.rip);
    TRUE(peek_user(pid, offsetof(struct user_regs_struct, fs_base)) == (long)r.fs_base);
    r.r15 = 0x1122334455667788;
    CALL(PT(PTRACE_SETREGS, pid, 0, &r));
    CALL(PT(PTRACE_POKEUSR, pid, offsetof(struct user_regs_struct, r14), 77));
    struct iovec v = {&r2, sizeof r2};
    CALL(PT(PTRACE_GETREGSET, pid, NT_PRSTATUS, &v));
    printf("r15 %llx r14 %llu length %zu\n", r2.r15, r2.r14, v.iov_len);
    CALL(PT(PTRACE_POKEUSR, pid, offsetof(struct user_regs_struct, eflags), -1L));
    printf("eflags %lx\n", peek_user(pid, offsetof(struct user_regs_struct, eflags)) & ~0x202L);
    CALL(PT(PTRACE_POKEUSR, pid, offsetof(struct user_regs_struct, eflags), 0x202));
    struct user_fpregs_struct f, g;
    CALL(PT(PTRACE_GETFPREGS, pid, 0, &f));
    printf("cwd %x mxcsr %x\n", f.cwd, f.mxcsr);
    f.xmm_space[4] = 0xdeadbeef;
    CALL(PT(PTRACE_SETFPREGS, pid, 0, &f));
    v = (struct iovec){&g, sizeof g};
    CALL(PT(PTRACE_GETREGSET, pid, NT_PRFPREG, &v));
    printf("xmm1 %x length %zu\n", g.xmm_space[4], v.iov_len);
    f.mxcsr = 0xffffffff;
    CALL(PT(PTRACE_SETFPREGS, pid, 0, &f));
    static char area[16384];
    v = (struct iovec){area, sizeof area};
    CALL(PT(PTRACE_GETREGSET, pid, NT_X86_XSTATE, &v));
    printf("xmm1 %x\n", *(unsigned *)(area + 160 + 16));
    size_t full = v.iov_len;
    CALL(PT(PTRACE_SETREGSET, pid, NT_X86_XSTATE, &v));
    v.iov_len = 64;
    CALL(PT(PTRACE_SETREGSET, pid, NT_X86_XSTATE, &v));
    v.iov_len = full;
    area[512 + 7] = 0x40;
    CALL(PT(PTRACE_SETREGSET, pid, NT_X86_XSTATE, &v));
    CALL(PT(PTRACE_KILL, pid, 0, 0));
    waited("killed", pid);
}

static void calls(void) {
    syscall(SYS_getppid);
    syscall(SYS_getuid);
    syscall(SYS_close, -7);
    _exit(syscall(SYS_getpgrp, 1, 2) == 99 ? 7 : 8);
}

static void system_calls(void) {
    pid_t pid = traced_child(calls);
    CALL(PT(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESYSGOOD));
    struct ptrace_syscall_info info;
    printf("info %ld op %d\n", PT(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info), info.op);
    for (int i = 0; i < 40; i++) {
        PT(PTRACE_SYSCALL, pid, 0, 0);
        int status = waited("syscall", pid);
        if (!WIFSTOPPED(status))
            return;
        memset(&info, 0, sizeof info);
        long n = PT(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info);
        long m = -1;
        PT(PTRACE_GETEVENTMSG, pid, 0, &m);
        siginfo_t si;
        PT(PTRACE_GETSIGINFO, pid, 0, &si);
        printf("size %ld op %d arch %x message %ld si %d code %x own %d\n", n, info.op, info.arch, m, si.si_signo,
               si.si_code, si.si_pid == pid);
        if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
            printf("  entry %lld rax %ld\n", info.entry.nr, peek_user(pid, offsetof(struct user_regs_struct, rax)));
            if (info.entry.nr == SYS_getuid) // skipped, with a result of ours
                PT(PTRACE_POKEUSR, pid, offsetof(struct user_regs_struct, orig_rax), -1);
            if (info.entry.nr == SYS_getpgrp)
                PT(PTRACE_POKEUSR, pid, offsetof(struct user_regs_struct, orig_rax), SYS_gettid);
        } else if (info.op == PTRACE_SYSCALL_INFO_EXIT) {
            printf("  exit error %d %lld\n", info.exit.is_error, info.exit.is_error ? (long long)info.exit.rval : 0);
            if (peek_user(pid, offsetof(struct user_regs_struct, orig_rax)) == SYS_gettid)
                PT(PTRACE_POKEUSR, pid, offsetof(struct user_regs_struct, rax), 99);
        }
    }
}

static void sleepy(void) { t_sleep(60); }

/* A traced call that waits is not restarted for nothing. */
static void sleeping(void) {
    pid_t pid = traced_child(sleepy);
    int stops = 0, status;
    do {
        PT(PTRACE_SYSCALL, pid, 0, 0);
        if (waitpid(pid, &status, 0) != pid)
            return;
        long nr = peek_user(pid, offsetof(struct user_regs_struct, orig_rax));
        stops += WIFSTOPPED(status) && (nr == SYS_nanosleep || nr == SYS_clock_nanosleep || nr == SYS_restart_syscall);
    } while (WIFSTOPPED(status) && stops < 1000);
    printf("%d stops\n", stops);
    show("sleeper", status);
}

static void emulated_calls(void) {
    long a = syscall(400, 11);
    long b = syscall(SYS_getpid);
    _exit(a == 33 && b == 44 ? 5 : 6);
}

static void emulation(void) {
    pid_t pid = traced_child(emulated_calls);
    PT(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESYSGOOD);
    CALL(PT(PTRACE_SYSEMU, pid, 0, 0));
    waited("first", pid);
    printf("nr %ld arg %ld\n", peek_user(pid, offsetof(struct user_regs_struct, orig_rax)),
           peek_user(pid, offsetof(struct user_regs_struct, rdi)));
    PT(PTRACE_POKEUSR, pid, offsetof(struct user_regs_struct, rax), 33);
    CALL(PT(PTRACE_SYSEMU, pid, 0, 0));
    waited("second", pid);
    printf("nr %ld\n", peek_user(pid, offsetof(struct user_regs_struct, orig_rax)));
    PT(PTRACE_POKEUSR, pid, offsetof(struct user_regs_struct, rax), 44);
    CALL(PT(PTRACE_CONT, pid, 0, 0));
    waited("end", pid);
}

static volatile int got;
static void handler(int signo) { got = signo; }

static void signalled(void) {
    signal(SIGUSR1, handler);
    signal(SIGUSR2, handler);
    raise(SIGUSR1);
    int first = got;
    got = 0;
    raise(SIGUSR1);
    int second = got;
    got = 0;
    signal(SIGHUP, SIG_IGN);
    raise(SIGHUP);
    _exit((first == SIGUSR2) + 2 * (second == 0) + 4 * (got == SIGUSR1));
}

static void signals(void) {
    pid_t pid = traced_child(signalled);
    siginfo_t si;
    CALL(PT(PTRACE_CONT, pid, 0, 0));
    waited("first", pid);
    PT(PTRACE_GETSIGINFO, pid, 0, &si);
    printf("signo %d code %d own %d\n", si.si_signo, si.si_code, si.si_pid == pid);
    CALL(PT(PTRACE_CONT, pid, 0, SIGUSR2));
    waited("second", pid);
    CALL(PT(PTRACE_CONT, pid, 0, 0));
    waited("ignored", pid);
    CALL(PT(PTRACE_CONT, pid, 0, SIGUSR1));
    waited("end", pid);

    pid = traced_child(nothing);
    unsigned long mask = 1UL << (SIGUSR1 - 1), seen = 0;
    CALL(PT(PTRACE_SETSIGMASK, pid, 8, &mask));
    CALL(PT(PTRACE_GETSIGMASK, pid, 8, &seen));
    printf("mask %lx\n", seen);
    union sigval v = {.sival_int = 5};
    sigqueue(pid, SIGRTMIN, v);
    v.sival_int = 6;
    sigqueue(pid, SIGRTMIN, v);
    siginfo_t list[4];
    struct ptrace_peeksiginfo_args a = {0, PTRACE_PEEKSIGINFO_SHARED, 4};
    CALL(PT(PTRACE_PEEKSIGINFO, pid, &a, list));
    printf("values %d %d\n", list[0].si_value.sival_int, list[1].si_value.sival_int);
    a.off = 1;
    CALL(PT(PTRACE_PEEKSIGINFO, pid, &a, list));
    printf("value %d\n", list[0].si_value.sival_int);
    a.flags = 0;
    CALL(PT(PTRACE_PEEKSIGINFO, pid, &a, list));
    CALL(PT(PTRACE_CONT, pid, 0, 0));
    waited("queued", pid);
    PT(PTRACE_GETSIGINFO, pid, 0, &si);
    printf("value %d\n", si.si_value.sival_int);
    CALL(PT(PTRACE_CONT, pid, 0, 0));
    waited("queued", pid);
    CALL(PT(PTRACE_CONT, pid, 0, SIGTERM));
    waited("end", pid);
}

__attribute__((noinline)) static int breakable(int n) {
    asm volatile("nop");
    return n + 1;
}

static void broken(void) { _exit(breakable(6) + (int)variable); }

static void breakpoints(void) {
    pid_t pid = traced_child(broken);
    long word;
    CALL(PT(PTRACE_PEEKTEXT, pid, breakable, &word));
    TRUE(!memcmp(&word, (void *)breakable, 8));
    CALL(PT(PTRACE_POKETEXT, pid, breakable, (word & ~0xffL) | 0xcc));
    CALL(PT(PTRACE_POKEDATA, pid, &variable, 20));
    CALL(PT(PTRACE_CONT, pid, 0, 0));
    waited("breakpoint", pid);
    siginfo_t si;
    PT(PTRACE_GETSIGINFO, pid, 0, &si);
    printf("code %x\n", si.si_code);
    TRUE(peek_user(pid, offsetof(struct user_regs_struct, rip)) == (long)breakable + 1);
    TRUE(*(unsigned char *)breakable == (word & 0xff)); // ours is another copy
    CALL(PT(PTRACE_POKETEXT, pid, breakable, word));
    CALL(PT(PTRACE_POKEUSR, pid, offsetof(struct user_regs_struct, rip), breakable));
    for (int i = 0; i < 3; i++) {
        PT(PTRACE_SINGLESTEP, pid, 0, 0);
        waited("step", pid);
        PT(PTRACE_GETSIGINFO, pid, 0, &si);
        printf("code %x moved %d\n", si.si_code,
               peek_user(pid, offsetof(struct user_regs_struct, rip)) != (long)breakable);
    }
    char path[64];
    sprintf(path, "/proc/%d/mem", pid);
    int fd = open(path, O_RDWR);
    char c = 0x55;
    TRUE(pread(fd, &c, 1, (long)breakable) == 1 && c == (char)word);
    TRUE(pwrite(fd, "\xcc", 1, (long)breakable) == 1);
    CALL(PT(PTRACE_PEEKTEXT, pid, breakable, &word));
    printf("byte %lx\n", word & 0xff);
    close(fd);
    CALL(PT(PTRACE_DETACH, pid, 0, 0));
    waited("end", pid);
}

static void family(void) {
    pid_t pid = fork();
    if (!pid)
        _exit(3);
    waitpid(pid, NULL, 0);
    pid = vfork();
    if (!pid)
        _exit(4);
    waitpid(pid, NULL, 0);
    execl("/proc/self/exe", "ptrace", "exit", NULL);
    _exit(1);
}

/* Follows the whole family; prints each one's own story. */
static void events(int seize) {
    printf("events, %s\n", seize ? "seized" : "traced");
    int options = PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC |
                  PTRACE_O_TRACEVFORKDONE | PTRACE_O_TRACEEXIT;
    pid_t pid;
    if (seize) {
        int go[2];
        if (pipe(go))
            exit(1);
        pid = t_fork();
        if (!pid) {
            char c;
            if (read(go[0], &c, 1) == 1)
                family();
            _exit(1);
        }
        CALL(PT(PTRACE_SEIZE, pid, 0, options));
        CALL(PT(PTRACE_INTERRUPT, pid, 0, 0));
        waited("interrupt", pid);
        if (write(go[1], "x", 1) != 1)
            exit(1);
        close(go[0]);
        close(go[1]);
    } else {
        pid = traced_child(family);
        CALL(PT(PTRACE_SETOPTIONS, pid, 0, options));
    }
    CALL(PT(PTRACE_CONT, pid, 0, 0));
    for (int i = 0; i < 100; i++) {
        int status = waited("parent", pid);
        if (!WIFSTOPPED(status))
            return;
        int event = status >> 16;
        long message = 0;
        PT(PTRACE_GETEVENTMSG, pid, 0, &message);
        if (event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_VFORK) {
            waited("  child", message);
            siginfo_t si;
            printf("  siginfo %s", PT(PTRACE_GETSIGINFO, message, 0, &si) ? "none" : "there");
            printf(" signo %d code %x\n", si.si_signo, si.si_code);
            PT(PTRACE_CONT, message, 0, 0);
            waited("  child", message);
            PT(PTRACE_CONT, message, 0, 0);
            waited("  child", message);
        } else if (event == PTRACE_EVENT_EXEC)
            printf("was %s\n", message == pid ? "itself" : "another");
        else if (event == PTRACE_EVENT_EXIT)
            printf("exits with %lx\n", message);
        PT(PTRACE_CONT, pid, 0, WSTOPSIG(status) == SIGCHLD ? SIGCHLD : 0);
    }
}

static void plain_exec(void) { execl("/proc/self/exe", "ptrace", "exit", NULL); }

static void exec_trap(void) {
    pid_t pid = traced_child(plain_exec);
    PT(PTRACE_CONT, pid, 0, 0);
    waited("exec", pid);
    siginfo_t si;
    PT(PTRACE_GETSIGINFO, pid, 0, &si);
    printf("code %d own %d\n", si.si_code, si.si_pid == pid);
    PT(PTRACE_CONT, pid, 0, 0);
    waited("end", pid);
}

static void pausing(void) {
    for (;;)
        pause();
}

static char state(pid_t pid) {
    char path[64], line[256];
    sprintf(path, "/proc/%d/status", pid);
    FILE *f = fopen(path, "r");
    char c = '?';
    while (f && fgets(line, sizeof line, f))
        sscanf(line, "State: %c", &c);
    if (f)
        fclose(f);
    return c;
}

static int tracer(pid_t pid) {
    char path[64], line[256];
    sprintf(path, "/proc/%d/status", pid);
    FILE *f = fopen(path, "r");
    int n = -1;
    while (f && fgets(line, sizeof line, f))
        sscanf(line, "TracerPid: %d", &n);
    if (f)
        fclose(f);
    return n;
}

static void attaching(void) {
    pid_t pid = t_fork();
    if (!pid)
        pausing();
    printf("tracer %d\n", tracer(pid));
    CALL(PT(PTRACE_ATTACH, pid, 0, 0));
    waited("attach", pid);
    TRUE(tracer(pid) == getpid());
    printf("state %c\n", state(pid));
    CALL(PT(PTRACE_DETACH, pid, 0, SIGTERM));
    waited("end", pid);

    /* group stops, the old way */
    pid = traced_child(pausing);
    CALL(PT(PTRACE_CONT, pid, 0, SIGSTOP));
    waited("group stop", pid);
    siginfo_t si;
    CALL(PT(PTRACE_GETSIGINFO, pid, 0, &si));
    CALL(PT(PTRACE_CONT, pid, 0, 0));
    kill(pid, SIGCONT);
    waited("continue", pid);
    CALL(PT(PTRACE_CONT, pid, 0, SIGCONT));
    kill(pid, SIGKILL);
    waited("end", pid);

    /* and the new one */
    pid = t_fork();
    if (!pid)
        pausing();
    CALL(PT(PTRACE_SEIZE, pid, 0, 0));
    CALL(PT(PTRACE_GETREGS, pid, 0, &si));
    kill(pid, SIGSTOP);
    waited("signal", pid);
    CALL(PT(PTRACE_LISTEN, pid, 0, 0));
    CALL(PT(PTRACE_CONT, pid, 0, SIGSTOP));
    waited("group stop", pid);
    CALL(PT(PTRACE_GETSIGINFO, pid, 0, &si));
    printf("code %x\n", si.si_code);
    CALL(PT(PTRACE_LISTEN, pid, 0, 0));
    CALL(PT(PTRACE_CONT, pid, 0, 0));
    int status;
    CALL(waitpid(pid, &status, WNOHANG));
    kill(pid, SIGCONT);
    waited("continued", pid);
    CALL(PT(PTRACE_GETSIGINFO, pid, 0, &si));
    printf("code %x\n", si.si_code);
    CALL(PT(PTRACE_CONT, pid, 0, 0));
    waited("signal", pid);
    CALL(PT(PTRACE_CONT, pid, 0, 0));
    CALL(PT(PTRACE_INTERRUPT, pid, 0, 0));
    waited("interrupted", pid);
    memset(&si, 0, sizeof si);
    CALL(waitid(P_PID, pid, &si, WSTOPPED | WNOHANG));
    printf("pid %d\n", si.si_pid);
    CALL(PT(PTRACE_INTERRUPT, pid, 0, 0));
    CALL(PT(PTRACE_CONT, pid, 0, 0));
    CALL(waitid(P_PID, pid, &si, WSTOPPED));
    printf("code %d status %x\n", si.si_code, si.si_status);
    CALL(PT(PTRACE_DETACH, pid, 0, 0));
    kill(pid, SIGTERM);
    waited("end", pid);

    /* a process that stopped before */
    pid = t_fork();
    if (!pid)
        pausing();
    kill(pid, SIGSTOP);
    waitpid(pid, &status, WUNTRACED);
    show("stopped", status);
    CALL(PT(PTRACE_SEIZE, pid, 0, 0));
    waited("seized", pid);
    CALL(PT(PTRACE_DETACH, pid, 0, 0));
    t_sleep(50);
    printf("state %c\n", state(pid));
    kill(pid, SIGKILL);
    waited("end", pid);
}

/* A grandchild traced by us, waited for by its parent. */
static void strangers(void) {
    int out[2], in[2];
    if (pipe(out) || pipe(in))
        exit(1);
    pid_t pid = t_fork();
    if (!pid) {
        pid_t child = fork();
        if (!child) {
            char c;
            if (read(in[0], &c, 1) != 1)
                _exit(1);
            _exit(9);
        }
        if (write(out[1], &child, sizeof child) != sizeof child)
            _exit(1);
        int status;
        pid_t got = waitpid(child, &status, 0);
        _exit(got == child && WIFEXITED(status) && WEXITSTATUS(status) == 9 ? 50 : 51);
    }
    pid_t grandchild;
    if (read(out[0], &grandchild, sizeof grandchild) != sizeof grandchild)
        exit(1);
    CALL(PT(PTRACE_ATTACH, grandchild, 0, 0));
    waited("grandchild", grandchild);
    int status;
    CALL(waitpid(pid, &status, WNOHANG));
    CALL(PT(PTRACE_CONT, grandchild, 0, 0));
    if (write(in[1], "x", 1) != 1)
        exit(1);
    t_sleep(50);
    CALL(waitpid(pid, &status, WNOHANG));
    waited("grandchild", grandchild);
    waited("child", pid);
}

static void tracer_ends(int options) {
    int out[2];
    if (pipe(out))
        exit(1);
    pid_t pid = t_fork();
    if (!pid) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        char c;
        close(out[1]);
        if (read(out[0], &c, 1) < 0)
            _exit(1);
        t_sleep(100);
        _exit(13);
    }
    pid_t t = t_fork();
    if (!t) {
        PT(PTRACE_SEIZE, pid, 0, options);
        PT(PTRACE_INTERRUPT, pid, 0, 0);
        waitpid(pid, NULL, 0);
        _exit(0);
    }
    close(out[0]);
    t_reap("tracer", t);
    close(out[1]);
    t_reap("tracee", pid);
}

int main(int argc, char **argv) {
    if (argc > 1)
        return 17;
    setvbuf(stdout, NULL, _IOLBF, 0);
    errors();
    registers();
    system_calls();
    sleeping();
    emulation();
    signals();
    breakpoints();
    events(0);
    events(1);
    exec_trap();
    attaching();
    strangers();
    tracer_ends(0);
    tracer_ends(PTRACE_O_EXITKILL);
    return 0;
}
