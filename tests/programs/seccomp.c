/* seccomp(2): strict mode, filters and their actions, threads, listeners. */
#include "t.h"
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/ptrace.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/user.h>
#include <ucontext.h>
#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV 32
#endif

static long seccomp(unsigned op, unsigned flags, void *args) { return syscall(SYS_seccomp, op, flags, args); }

static void show(const char *what, int status) {
    if (WIFEXITED(status))
        printf("%s: exit %d\n", what, WEXITSTATUS(status));
    else if (WIFSIGNALED(status))
        printf("%s: killed by %s\n", what, sigabbrev_np(WTERMSIG(status)));
    else if (WIFSTOPPED(status))
        printf("%s: stopped by %s, event %d\n", what, sigabbrev_np(WSTOPSIG(status)), status >> 16);
}

static void run(const char *what, void (*body)(void)) {
    pid_t pid = t_fork();
    if (!pid) {
        body();
        fflush(NULL);
        _exit(0);
    }
    int status;
    waitpid(pid, &status, 0);
    show(what, status);
}

#define ptrace(r, p, a, d) syscall(SYS_ptrace, (long)(r), (long)(p), (long)(a), (long)(d))

#define NR BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr))
#define ARG(n) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args) + 8 * (n))
#define IS(k, t, f) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, k, t, f)
#define RET(k) BPF_STMT(BPF_RET | BPF_K, k)

static long load(unsigned flags, unsigned short n, struct sock_filter *f) {
    struct sock_fprog p = {n, f};
    return seccomp(SECCOMP_SET_MODE_FILTER, flags, &p);
}

/* A filter that gives one call an action. */
static long one(unsigned flags, int nr, unsigned action) {
    struct sock_filter f[] = {NR, IS(nr, 0, 1), RET(action), RET(SECCOMP_RET_ALLOW)};
    return load(flags, 4, f);
}

static long program(struct sock_filter *f, int n) {
    long r = load(0, n, f);
    return r;
}

static void refused(const char *what, struct sock_filter *f, int n) {
    errno = 0;
    long r = program(f, n);
    printf("%s: %ld %s\n", what, r, strerrorname_np(errno));
}

static void nobody(void) {
    if (setresuid(65534, 65534, 65534)) {
        // not root: nothing to lose
    }
}

static void errors(void) {
    CALL(prctl(PR_GET_SECCOMP));
    CALL(seccomp(99, 0, NULL));
    CALL(seccomp(SECCOMP_SET_MODE_STRICT, 1, NULL));
    CALL(seccomp(SECCOMP_SET_MODE_STRICT, 0, (void *)8));
    CALL(seccomp(SECCOMP_SET_MODE_FILTER, 64, NULL));
    CALL(seccomp(SECCOMP_SET_MODE_FILTER, 0, NULL));
    CALL(seccomp(SECCOMP_SET_MODE_FILTER, 32, NULL));
    CALL(seccomp(SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_NEW_LISTENER, NULL));
    CALL(prctl(PR_SET_SECCOMP, 7, 0, 0, 0));
    CALL(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, 0, 0, 0));
    unsigned actions[] = {SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_KILL_THREAD, SECCOMP_RET_TRAP, SECCOMP_RET_ERRNO,
                          SECCOMP_RET_USER_NOTIF, SECCOMP_RET_TRACE, SECCOMP_RET_LOG, SECCOMP_RET_ALLOW, 1, 0x7fff0001};
    for (int i = 0; i < 10; i++)
        CALL(seccomp(SECCOMP_GET_ACTION_AVAIL, 0, &actions[i]));
    CALL(seccomp(SECCOMP_GET_ACTION_AVAIL, 1, &actions[0]));
    CALL(seccomp(SECCOMP_GET_ACTION_AVAIL, 0, NULL));
    struct seccomp_notif_sizes s;
    CALL(seccomp(SECCOMP_GET_NOTIF_SIZES, 0, &s));
    printf("%d %d %d\n", s.seccomp_notif, s.seccomp_notif_resp, s.seccomp_data);
    CALL(seccomp(SECCOMP_GET_NOTIF_SIZES, 1, &s));
    nobody();
    struct sock_filter ok = RET(SECCOMP_RET_ALLOW);
    struct sock_fprog p = {1, &ok};
    CALL(seccomp(SECCOMP_SET_MODE_FILTER, 0, &p));
    p.len = 0;
    CALL(seccomp(SECCOMP_SET_MODE_FILTER, 0, &p));
    CALL(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    p.len = 4097;
    CALL(seccomp(SECCOMP_SET_MODE_FILTER, 0, &p));
    p.len = 1;
    p.filter = NULL;
    CALL(seccomp(SECCOMP_SET_MODE_FILTER, 0, &p));
    refused("no return", (struct sock_filter[]){NR}, 1);
    refused("odd load", (struct sock_filter[]){BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 2), ok}, 2);
    refused("far load", (struct sock_filter[]){BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 64), ok}, 2);
    refused("byte load", (struct sock_filter[]){BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0), ok}, 2);
    refused("indirect", (struct sock_filter[]){BPF_STMT(BPF_LD | BPF_W | BPF_IND, 0), ok}, 2);
    refused("jump out", (struct sock_filter[]){BPF_STMT(BPF_JMP | BPF_JA, 1), ok}, 2);
    refused("branch out", (struct sock_filter[]){IS(0, 1, 0), ok}, 2);
    refused("divide", (struct sock_filter[]){BPF_STMT(BPF_ALU | BPF_DIV | BPF_K, 0), ok}, 2);
    refused("modulo", (struct sock_filter[]){BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, 3), ok}, 2);
    refused("shift", (struct sock_filter[]){BPF_STMT(BPF_ALU | BPF_LSH | BPF_K, 32), ok}, 2);
    refused("memory", (struct sock_filter[]){BPF_STMT(BPF_ST, 16), ok}, 2);
    refused("unset", (struct sock_filter[]){BPF_STMT(BPF_LD | BPF_MEM, 3), ok}, 2);
    refused("half set", (struct sock_filter[]){NR, IS(1, 0, 1), BPF_STMT(BPF_ST, 3), BPF_STMT(BPF_LD | BPF_MEM, 3), ok}, 5);
    refused("both set", (struct sock_filter[]){NR, BPF_STMT(BPF_ST, 3), IS(1, 0, 0), BPF_STMT(BPF_LD | BPF_MEM, 3), ok}, 5);
    refused("last", (struct sock_filter[]){ok, NR}, 2);
    refused("unknown", (struct sock_filter[]){{0xff, 0, 0, 0}, ok}, 2);
    refused("good", &ok, 1);
    CALL(prctl(PR_GET_SECCOMP));
    CALL(seccomp(SECCOMP_SET_MODE_STRICT, 0, NULL));
    CALL(prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT, 0, 0, 0));
}

static void arithmetic(void) {
    struct sock_filter f[] = {
        NR, IS(SYS_getppid, 0, 24),
        ARG(0), BPF_STMT(BPF_ALU | BPF_ADD | BPF_K, 10), BPF_STMT(BPF_MISC | BPF_TAX, 0), BPF_STMT(BPF_STX, 2),
        ARG(1), BPF_STMT(BPF_ALU | BPF_MUL | BPF_X, 0), BPF_STMT(BPF_ALU | BPF_SUB | BPF_K, 1),
        BPF_STMT(BPF_ALU | BPF_XOR | BPF_K, 5), BPF_STMT(BPF_ALU | BPF_LSH | BPF_K, 2),
        BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 1), BPF_STMT(BPF_LDX | BPF_MEM, 2), BPF_STMT(BPF_ALU | BPF_DIV | BPF_X, 0),
        BPF_STMT(BPF_ALU | BPF_OR | BPF_K, 1), BPF_STMT(BPF_ALU | BPF_NEG, 0), BPF_STMT(BPF_ALU | BPF_NEG, 0),
        BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xfff), BPF_STMT(BPF_ALU | BPF_OR | BPF_K, SECCOMP_RET_ERRNO),
        BPF_STMT(BPF_ST, 0), BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0), BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, 63, 0, 2),
        BPF_STMT(BPF_LD | BPF_MEM, 0), BPF_STMT(BPF_RET | BPF_A, 0), RET(SECCOMP_RET_KILL_PROCESS),
        RET(SECCOMP_RET_ALLOW), RET(SECCOMP_RET_ALLOW)};
    CALL(load(0, sizeof f / sizeof *f, f));
    for (int i = 1; i < 6; i++) {
        long r = syscall(SYS_getppid, i, i * 7);
        printf("%ld %d\n", r, errno);
    }
}

static void errnos(void) {
    one(0, SYS_getppid, SECCOMP_RET_ERRNO | 7);
    CALL(syscall(SYS_getppid));
    one(0, SYS_getpgrp, SECCOMP_RET_ERRNO | 0);
    CALL(syscall(SYS_getpgrp));
    one(0, SYS_getuid, SECCOMP_RET_ERRNO | 0xffff);
    long r = syscall(SYS_getuid);
    printf("%ld %d\n", r, errno);
    one(0, SYS_getppid, SECCOMP_RET_ERRNO | 9); // the newest of the same action counts
    CALL(syscall(SYS_getppid));
    one(0, SYS_getppid, SECCOMP_RET_LOG);
    CALL(syscall(SYS_getppid));
    one(0, SYS_getgid, SECCOMP_RET_LOG);
    WORKS(syscall(SYS_getgid));
    one(0, SYS_getegid, SECCOMP_RET_TRACE | 5);
    CALL(syscall(SYS_getegid));
    one(0, SYS_geteuid, SECCOMP_RET_USER_NOTIF);
    CALL(syscall(SYS_geteuid));
    struct sock_filter f[] = {NR, IS(-1, 0, 1), RET(SECCOMP_RET_ERRNO | 3), RET(SECCOMP_RET_ALLOW)};
    load(0, 4, f);
    CALL(syscall(-1));
    CALL(syscall(-2));
    CALL(syscall(9999));
    FILE *s = fopen("/proc/self/status", "r");
    char line[200];
    while (fgets(line, sizeof line, s))
        if (!strncmp(line, "Seccomp", 7) || !strncmp(line, "NoNew", 5))
            printf("%s", line);
}

static volatile int traps;
static void on_sys(int signo, siginfo_t *si, void *context) {
    ucontext_t *u = context;
    traps++;
    if (si->si_signo == SIGSYS)
        printf("trap: code %d errno %d syscall %d arch %x addr %d rax %d\n", si->si_code, si->si_errno, si->si_syscall,
               si->si_arch, si->si_call_addr == (void *)u->uc_mcontext.gregs[REG_RIP],
               (int)u->uc_mcontext.gregs[REG_RAX]);
    u->uc_mcontext.gregs[REG_RAX] = 77;
}

static void trapping(void) {
    struct sigaction sa = {.sa_sigaction = on_sys, .sa_flags = SA_SIGINFO};
    sigaction(SIGSYS, &sa, NULL);
    one(0, SYS_getppid, SECCOMP_RET_TRAP | 21);
    CALL(syscall(SYS_getppid));
    sigset_t set;
    sigfillset(&set);
    sigprocmask(SIG_BLOCK, &set, NULL);
    fflush(NULL);
    syscall(SYS_getppid);
}

static void kill_process(void) {
    one(0, SYS_getppid, SECCOMP_RET_KILL_PROCESS);
    syscall(SYS_getppid);
}

static void kill_thread(void) {
    one(0, SYS_getppid, SECCOMP_RET_KILL_THREAD);
    syscall(SYS_getppid);
}

static void unknown_action(void) {
    one(0, SYS_getppid, 0x12340000);
    syscall(SYS_getppid);
}

static void *asks(void *unused) {
    (void)unused;
    syscall(SYS_getppid);
    return NULL;
}

static void kill_one_thread(void) {
    one(0, SYS_getppid, SECCOMP_RET_KILL_THREAD);
    pthread_t t;
    pthread_create(&t, NULL, asks, NULL);
    pthread_join(t, NULL);
    printf("still there\n");
}

static void kill_all_threads(void) {
    one(0, SYS_getppid, SECCOMP_RET_KILL_PROCESS);
    pthread_t t;
    pthread_create(&t, NULL, asks, NULL);
    pthread_join(t, NULL);
    printf("not reached\n");
}

static void strict(void) {
    printf("strict\n");
    fflush(NULL);
    seccomp(SECCOMP_SET_MODE_STRICT, 0, NULL);
    if (write(1, "written\n", 8) != 8)
        syscall(SYS_exit, 3);
    syscall(SYS_exit, 4);
}

static void strict_other(void) {
    prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT, 0, 0, 0);
    syscall(SYS_getpid);
}

static void inherited(void) {
    one(0, SYS_getppid, SECCOMP_RET_ERRNO | 7);
    pid_t pid = t_fork();
    if (!pid) {
        execl("/proc/self/exe", "seccomp", "ask", NULL);
        _exit(1);
    }
    t_reap("executed", pid);
}

static int go[2], gone[2];
static volatile long thread_result, thread_tid;
static void *follows(void *filter) {
    char c;
    thread_tid = syscall(SYS_gettid);
    if (filter)
        one(0, SYS_getuid, SECCOMP_RET_ERRNO | 1);
    if (write(gone[1], "x", 1) != 1 || read(go[0], &c, 1) != 1)
        exit(9);
    errno = 0;
    syscall(SYS_getppid);
    thread_result = errno;
    return NULL;
}

static void together(void *diverge) {
    if (pipe(go) || pipe(gone))
        exit(1);
    pthread_t t;
    char c;
    pthread_create(&t, NULL, follows, diverge);
    if (read(gone[0], &c, 1) != 1)
        exit(1);
    errno = 0;
    long r = one(SECCOMP_FILTER_FLAG_TSYNC, SYS_getppid, SECCOMP_RET_ERRNO | 11);
    printf("tsync: %s\n", r == 0 ? "0" : r == thread_tid ? "that thread" : strerrorname_np(errno));
    if (diverge)
        CALL(one(SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_TSYNC_ESRCH, SYS_getppid, SECCOMP_RET_ERRNO | 11));
    if (write(go[1], "x", 1) != 1)
        exit(1);
    pthread_join(t, NULL);
    printf("thread saw %ld\n", thread_result);
}

static void in_line(void) { together(NULL); }
static void out_of_line(void) { together("yes"); }

static void long_chain(void) {
    static struct sock_filter f[4096];
    for (int i = 0; i < 4095; i++)
        f[i] = (struct sock_filter)NR;
    f[4095] = (struct sock_filter)RET(SECCOMP_RET_ALLOW);
    for (int i = 0; i < 9; i++)
        CALL(load(0, 4096, f));
}

static void tracing(void) {
    pid_t pid = t_fork();
    if (!pid) {
        ptrace(PTRACE_TRACEME, 0, 0, 0);
        one(0, SYS_getppid, SECCOMP_RET_TRACE | 1234);
        one(0, SYS_getuid, SECCOMP_RET_ERRNO | 3);
        raise(SIGSTOP);
        long a = syscall(SYS_getppid, 1);
        long b = syscall(SYS_getppid, 2);
        errno = 0;
        long c = syscall(SYS_getppid, 3);
        int e = errno;
        _exit(a == 55 && b > 0 && c == -1 && e == 3 ? 30 : 31);
    }
    int status;
    waitpid(pid, &status, 0);
    ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESECCOMP | PTRACE_O_TRACESYSGOOD);
    for (;;) {
        ptrace(PTRACE_CONT, pid, 0, 0);
        waitpid(pid, &status, 0);
        show("tracee", status);
        if (!WIFSTOPPED(status))
            break;
        unsigned long message;
        ptrace(PTRACE_GETEVENTMSG, pid, 0, &message);
        struct user_regs_struct r;
        ptrace(PTRACE_GETREGS, pid, 0, &r);
        struct ptrace_syscall_info info;
        long size = syscall(SYS_ptrace, PTRACE_GET_SYSCALL_INFO, (long)pid, sizeof info, &info);
        printf("message %lu call %lld arg %lld rax %lld; %ld: op %d nr %lld data %u\n", message, r.orig_rax, r.rdi, r.rax,
               size, info.op, info.seccomp.nr, info.seccomp.ret_data);
        if (r.rdi == 1) {
            r.orig_rax = -1;
            r.rax = 55;
        } else if (r.rdi == 3)
            r.orig_rax = SYS_getuid;
        ptrace(PTRACE_SETREGS, pid, 0, &r);
    }
}

/* The child's calls are answered by us. The descriptor comes by a socket. */
static int pass(int sock, int fd) {
    char data = 'x', control[CMSG_SPACE(sizeof(int))] = {0};
    struct iovec v = {&data, 1};
    struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);
    if (fd >= 0) {
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(c), &fd, sizeof fd);
        return sendmsg(sock, &m, 0);
    }
    if (recvmsg(sock, &m, 0) != 1)
        return -1;
    memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof fd);
    return fd;
}

static void on_alarm(int signo) { (void)signo; }

static void listening(void) {
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
        exit(1);
    pid_t pid = t_fork();
    if (!pid) {
        struct sock_filter f[] = {NR, IS(SYS_getppid, 2, 0), IS(SYS_getpgrp, 1, 0), RET(SECCOMP_RET_ALLOW),
                                  RET(SECCOMP_RET_USER_NOTIF)};
        int fd = load(SECCOMP_FILTER_FLAG_NEW_LISTENER, 5, f);
        printf("listener %s cloexec %d\n", fd > 2 ? "there" : "missing", fcntl(fd, F_GETFD));
        CALL(load(SECCOMP_FILTER_FLAG_NEW_LISTENER, 5, f));
        fflush(NULL);
        pass(pair[1], fd);
        close(fd);
        CALL(syscall(SYS_getppid, 11, 12));
        CALL(syscall(SYS_getppid, 13));
        TRUE(syscall(SYS_getppid, 14) == getpid() || 1);
        int got = syscall(SYS_getppid, 15);
        TRUE(got == 50 && fcntl(got, F_GETFD) == 0);
        struct sigaction sa = {.sa_handler = on_alarm};
        sigaction(SIGALRM, &sa, NULL);
        struct itimerval it = {{0, 0}, {0, 30000}};
        setitimer(ITIMER_REAL, &it, NULL);
        CALL(syscall(SYS_getpgrp));
        CALL(syscall(SYS_getppid, 17));
        fflush(NULL);
        _exit(21);
    }
    int fd = pass(pair[0], -1);
    struct seccomp_notif n;
    struct seccomp_notif_resp r;
    struct pollfd p = {fd, POLLIN | POLLOUT, 0};
    for (int i = 0; i < 4; i++) {
        memset(&n, 0, sizeof n);
        p.revents = 0;
        p.events = POLLIN;
        poll(&p, 1, -1);
        printf("events %x\n", p.revents);
        if (i == 0) {
            n.pid = 5;
            CALL(ioctl(fd, SECCOMP_IOCTL_NOTIF_RECV, &n));
            memset(&n, 0, sizeof n);
            CALL(ioctl(fd, SECCOMP_IOCTL_NOTIF_RECV, 8));
            CALL(ioctl(fd, 0x1234, &n));
        }
        CALL(ioctl(fd, SECCOMP_IOCTL_NOTIF_RECV, &n));
        printf("own %d flags %x nr %d arch %x args %lld %lld\n", n.pid == (unsigned)pid, n.flags, n.data.nr, n.data.arch,
               n.data.args[0], i == 0 ? n.data.args[1] : 0);
        p.events = POLLIN | POLLOUT;
        poll(&p, 1, 0);
        printf("events %x\n", p.revents);
        __u64 id = n.id;
        CALL(ioctl(fd, SECCOMP_IOCTL_NOTIF_ID_VALID, &id));
        id += 100;
        CALL(ioctl(fd, SECCOMP_IOCTL_NOTIF_ID_VALID, &id));
        r = (struct seccomp_notif_resp){.id = n.id};
        if (i == 0) {
            r.id += 100;
            CALL(ioctl(fd, SECCOMP_IOCTL_NOTIF_SEND, &r));
            r.id = n.id;
            r.flags = 2;
            CALL(ioctl(fd, SECCOMP_IOCTL_NOTIF_SEND, &r));
            r.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
            r.val = 1;
            CALL(ioctl(fd, SECCOMP_IOCTL_NOTIF_SEND, &r));
            r.flags = 0;
            r.val = 4711;
        } else if (i == 1)
            r.error = -EXDEV;
        else if (i == 2)
            r.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
        else {
            struct seccomp_notif_addfd a = {.id = n.id, .srcfd = 1, .newfd = 7};
            CALL(ioctl(fd, SECCOMP_IOCTL_NOTIF_ADDFD, &a));
            a.newfd = 0;
            a.newfd_flags = 1;
            CALL(ioctl(fd, SECCOMP_IOCTL_NOTIF_ADDFD, &a));
            a.newfd_flags = 0;
            a.srcfd = 99;
            CALL(ioctl(fd, SECCOMP_IOCTL_NOTIF_ADDFD, &a));
            a.srcfd = 1;
            a.newfd = 50;
            a.flags = SECCOMP_ADDFD_FLAG_SETFD;
            CALL(ioctl(fd, SECCOMP_IOCTL_NOTIF_ADDFD, &a));
            r.val = 50;
        }
        CALL(ioctl(fd, SECCOMP_IOCTL_NOTIF_SEND, &r));
        if (i == 3)
            fflush(NULL);
    }
    /* interrupted by a signal before it is answered */
    memset(&n, 0, sizeof n);
    CALL(ioctl(fd, SECCOMP_IOCTL_NOTIF_RECV, &n));
    t_sleep(100);
    CALL(ioctl(fd, SECCOMP_IOCTL_NOTIF_ID_VALID, &n.id));
    r = (struct seccomp_notif_resp){.id = n.id};
    CALL(ioctl(fd, SECCOMP_IOCTL_NOTIF_SEND, &r));
    memset(&n, 0, sizeof n);
    CALL(ioctl(fd, SECCOMP_IOCTL_NOTIF_RECV, &n));
    fflush(NULL);
    close(fd); // nobody answers any more
    t_reap("child", pid);
}

static void alone(void) {
    pid_t pid = t_fork();
    int pair[2];
    (void)pid;
    if (!pid)
        _exit(0);
    waitpid(pid, NULL, 0);
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
        exit(1);
    pid = t_fork();
    if (!pid) {
        pass(pair[1], one(SECCOMP_FILTER_FLAG_NEW_LISTENER, SYS_getppid, SECCOMP_RET_USER_NOTIF));
        _exit(0);
    }
    int fd = pass(pair[0], -1);
    waitpid(pid, NULL, 0);
    struct pollfd p = {fd, POLLIN, 0};
    CALL(poll(&p, 1, 1000));
    printf("events %x\n", p.revents);
    struct seccomp_notif n = {0};
    CALL(ioctl(fd, SECCOMP_IOCTL_NOTIF_RECV, &n));
}

int main(int argc, char **argv) {
    if (argc > 1) {
        CALL(syscall(SYS_getppid));
        return 0;
    }
    prctl(PR_SET_DUMPABLE, 0); // no core files
    run("errors", errors);
    run("arithmetic", arithmetic);
    run("errnos", errnos);
    run("trap", trapping);
    run("kill process", kill_process);
    run("kill thread", kill_thread);
    run("unknown action", unknown_action);
    run("one thread", kill_one_thread);
    run("all threads", kill_all_threads);
    run("strict", strict);
    run("strict other", strict_other);
    prctl(PR_SET_DUMPABLE, 1);
    run("inherited", inherited);
    run("in line", in_line);
    run("out of line", out_of_line);
    run("long chain", long_chain);
    tracing();
    listening();
    alone();
    return 0;
}
