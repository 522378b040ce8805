/* Signals: handlers, masks, pending sets, siginfo, alternate stacks, restarting. */
#include "t.h"
#include <ucontext.h>

static volatile int count, last_signo, last_code, last_pid_ok, last_value;
static volatile int nested, deepest, raised;

static void plain(int signo) {
    count++;
    last_signo = signo;
}

static void detailed(int signo, siginfo_t *info, void *context) {
    count++;
    last_signo = signo;
    last_code = info->si_code;
    last_pid_ok = info->si_pid == getpid();
    last_value = info->si_value.sival_int;
}

static void set(int signo, void (*handler)(int), int flags) {
    struct sigaction a = {.sa_handler = handler, .sa_flags = flags};
    sigaction(signo, &a, NULL);
}

static void sources(void) {
    struct sigaction a = {.sa_sigaction = detailed, .sa_flags = SA_SIGINFO};
    sigaction(SIGUSR1, &a, NULL);
    sigaction(SIGRTMIN, &a, NULL);
    kill(getpid(), SIGUSR1);
    printf("kill: code %d own %d\n", last_code, last_pid_ok);
    raise(SIGUSR1);
    printf("raise: code %d own %d\n", last_code, last_pid_ok);
    union sigval v = {.sival_int = 77};
    sigqueue(getpid(), SIGRTMIN, v);
    printf("sigqueue: code %d own %d value %d\n", last_code, last_pid_ok, last_value);
    printf("count %d\n", count);
    CALL(kill(getpid(), 65));
    CALL(kill(getpid(), 0));
    CALL(kill(99999999, 0));
    CALL(sigaction(SIGKILL, &a, NULL));
    CALL(sigaction(SIGSTOP, &a, NULL));
    CALL(sigaction(65, &a, NULL));
    struct sigaction old;
    sigaction(SIGUSR1, NULL, &old);
    TRUE(old.sa_sigaction == detailed && (old.sa_flags & SA_SIGINFO));
}

static void masks(void) {
    sigset_t block, old, pending;
    count = 0;
    set(SIGUSR1, plain, 0);
    set(SIGUSR2, plain, 0);
    sigemptyset(&block);
    sigaddset(&block, SIGUSR1);
    sigaddset(&block, SIGRTMIN);
    set(SIGRTMIN, plain, 0);
    CALL(sigprocmask(SIG_BLOCK, &block, &old));
    kill(getpid(), SIGUSR1);
    kill(getpid(), SIGUSR1);
    kill(getpid(), SIGRTMIN);
    kill(getpid(), SIGRTMIN);
    kill(getpid(), SIGRTMIN);
    printf("blocked: %d\n", count);
    sigpending(&pending);
    printf("pending: %d %d %d\n", sigismember(&pending, SIGUSR1), sigismember(&pending, SIGUSR2),
           sigismember(&pending, SIGRTMIN));
    CALL(sigprocmask(SIG_SETMASK, &old, NULL));
    printf("delivered: %d\n", count); /* standard signals merge, real-time ones queue */
    CALL(sigprocmask(77, &old, NULL));
    sigfillset(&block);
    sigprocmask(SIG_BLOCK, &block, NULL);
    sigprocmask(SIG_BLOCK, NULL, &block);
    printf("can be blocked: KILL %d STOP %d TERM %d\n", sigismember(&block, SIGKILL), sigismember(&block, SIGSTOP),
           sigismember(&block, SIGTERM));
    count = 0;
    kill(getpid(), SIGUSR2);
    sigset_t wait_for;
    sigfillset(&wait_for);
    sigdelset(&wait_for, SIGUSR2);
    CALL(sigsuspend(&wait_for));
    printf("suspended until %d\n", last_signo);
    sigemptyset(&wait_for);
    sigaddset(&wait_for, SIGUSR1);
    sigaddset(&wait_for, SIGRTMIN);
    union sigval v = {.sival_int = 5};
    sigqueue(getpid(), SIGRTMIN, v);
    kill(getpid(), SIGUSR1);
    siginfo_t info;
    struct timespec none = {0, 0}, soon = {0, 30000000};
    printf("%d\n", sigtimedwait(&wait_for, &info, &none) == SIGUSR1);
    printf("%d\n", sigtimedwait(&wait_for, &info, &none) == SIGRTMIN);
    printf("value %d code %d\n", info.si_value.sival_int, info.si_code);
    CALL(sigtimedwait(&wait_for, &info, &soon));
    printf("handlers ran %d\n", count);
    sigprocmask(SIG_SETMASK, &old, NULL);
}

static void nest(int signo) {
    nested++;
    if (nested > deepest)
        deepest = nested;
    if (raised++ < 2)
        raise(signo);
    nested--;
}

static void order(int signo) { printf("in %s\n", sigabbrev_np(signo)); }

static void flags(void) {
    deepest = 0;
    set(SIGUSR1, nest, 0);
    raise(SIGUSR1);
    printf("deferred: deepest %d\n", deepest);
    deepest = 0;
    raised = 0;
    set(SIGUSR1, nest, SA_NODEFER);
    raise(SIGUSR1);
    printf("not deferred: deepest %d\n", deepest);
    set(SIGUSR1, plain, SA_RESETHAND);
    raise(SIGUSR1);
    struct sigaction a;
    sigaction(SIGUSR1, NULL, &a);
    TRUE(a.sa_handler == SIG_DFL);
    struct sigaction m = {.sa_handler = order};
    sigaddset(&m.sa_mask, SIGUSR2);
    sigaction(SIGUSR1, &m, NULL);
    set(SIGUSR2, order, 0);
    sigset_t both, old;
    sigemptyset(&both);
    sigaddset(&both, SIGUSR1);
    sigaddset(&both, SIGUSR2);
    sigprocmask(SIG_BLOCK, &both, &old);
    raise(SIGUSR2);
    raise(SIGUSR1);
    sigprocmask(SIG_SETMASK, &old, NULL);
    set(SIGUSR1, SIG_IGN, 0);
    raise(SIGUSR1);
    printf("ignored\n");
}

static char *stack_low, *stack_high;
static volatile int on_stack, ss_flags;

static void where(int signo) {
    char here;
    on_stack = &here > stack_low && &here < stack_high;
    stack_t s;
    sigaltstack(NULL, &s);
    ss_flags = s.ss_flags;
}

static void overflow_handler(int signo, siginfo_t *info, void *context) {
    printf("overflow: %s code %d\n", sigabbrev_np(signo), info->si_code);
    fflush(stdout);
    _exit(3);
}

static int recurse(int n) {
    volatile char page[4096];
    page[n & 4095] = n;
    return recurse(n + 1) + page[0];
}

static void stacks(void) {
    stack_low = malloc(65536);
    stack_high = stack_low + 65536;
    stack_t s = {.ss_sp = stack_low, .ss_size = 65536}, old;
    CALL(sigaltstack(&s, &old));
    printf("old flags %d\n", old.ss_flags);
    set(SIGUSR1, where, SA_ONSTACK);
    raise(SIGUSR1);
    printf("on stack %d flags %d\n", on_stack, ss_flags);
    set(SIGUSR1, where, 0);
    raise(SIGUSR1);
    printf("on stack %d flags %d\n", on_stack, ss_flags);
    s.ss_size = 100;
    CALL(sigaltstack(&s, NULL));
    s.ss_flags = 77;
    CALL(sigaltstack(&s, NULL));
    pid_t pid = t_fork();
    if (!pid) {
        struct sigaction a = {.sa_sigaction = overflow_handler, .sa_flags = SA_SIGINFO | SA_ONSTACK};
        sigaction(SIGSEGV, &a, NULL);
        struct rlimit l = {1 << 20, 1 << 20};
        setrlimit(RLIMIT_STACK, &l);
        _exit(recurse(0));
    }
    t_reap("stack overflow", pid);
    s.ss_flags = SS_DISABLE;
    CALL(sigaltstack(&s, NULL));
}

static void interrupted(int restart) {
    int p[2];
    char c = 0;
    pipe(p);
    count = 0;
    set(SIGUSR1, plain, restart ? SA_RESTART : 0);
    pid_t parent = getpid();
    pid_t pid = t_fork();
    if (!pid) {
        t_sleep(50);
        kill(parent, SIGUSR1);
        t_sleep(50);
        write(p[1], "z", 1);
        _exit(0);
    }
    long r = read(p[0], &c, 1);
    printf("restart %d: read %ld %s, handler ran %d\n", restart, r, r < 0 ? strerrorname_np(errno) : "", count);
    t_reap("helper", pid);
    close(p[0]);
    close(p[1]);
}

static void sleeping(void) {
    set(SIGALRM, plain, SA_RESTART);
    struct itimerval it = {{0, 0}, {0, 400000}};
    struct timespec t = {2, 0}, left = {9, 9};
    setitimer(ITIMER_REAL, &it, NULL);
    CALL(nanosleep(&t, &left));
    TRUE(left.tv_sec == 1 && left.tv_nsec > 1000000);
    setitimer(ITIMER_REAL, &it, NULL);
    CALL(poll(NULL, 0, 5000));
    setitimer(ITIMER_REAL, &it, NULL);
    CALL(pause());
    /* A stop and a continue do not end a sleep. */
    pid_t pid = t_fork();
    if (!pid) {
        long start = t_millis();
        int r = usleep(300000);
        _exit(r == 0 && t_millis() - start >= 300 ? 0 : 1);
    }
    t_sleep(50);
    kill(pid, SIGSTOP);
    t_sleep(50);
    kill(pid, SIGCONT);
    t_reap("sleeper", pid);
}

static void defaults(void) {
    int list[] = {SIGTERM, SIGKILL, SIGABRT, SIGSEGV, SIGHUP, SIGQUIT, SIGPIPE, SIGALRM, SIGUSR2, SIGSYS, SIGRTMAX};
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    for (unsigned i = 0; i < sizeof list / sizeof *list; i++) {
        pid_t pid = t_fork();
        if (!pid) {
            signal(list[i], SIG_DFL);
            raise(list[i]);
            _exit(0);
        }
        int status;
        waitpid(pid, &status, 0);
        printf("%d: signalled %d by itself %d\n", i, WIFSIGNALED(status), WTERMSIG(status) == list[i]);
    }
    int ignored[] = {SIGCHLD, SIGURG, SIGWINCH, SIGCONT};
    for (int i = 0; i < 4; i++) {
        pid_t pid = t_fork();
        if (!pid) {
            signal(ignored[i], SIG_DFL);
            raise(ignored[i]);
            _exit(5);
        }
        t_reap("ignored", pid);
    }
    pid_t pid = t_fork();
    if (!pid) {
        int *volatile p = (int *)8;
        signal(SIGSEGV, SIG_IGN); /* a fault cannot be ignored */
        *p = 1;
        _exit(0);
    }
    t_reap("fault", pid);
    pid = t_fork();
    if (!pid) {
        __asm__ volatile("ud2");
        _exit(0);
    }
    t_reap("ud2", pid);
    pid = t_fork();
    if (!pid) {
        volatile int zero = 0;
        _exit(1 / zero);
    }
    t_reap("division", pid);
    pid = t_fork();
    if (!pid)
        abort();
    t_reap("abort", pid);
}

static void fpe(int signo, siginfo_t *info, void *context) {
    ucontext_t *u = context;
    printf("%s code %d at rip: %d\n", sigabbrev_np(signo), info->si_code,
           info->si_addr == (void *)u->uc_mcontext.gregs[REG_RIP]);
    u->uc_mcontext.gregs[REG_RIP] += 2; /* over the two bytes of the instruction */
}

static void contexts(void) {
    struct sigaction a = {.sa_sigaction = fpe, .sa_flags = SA_SIGINFO};
    sigaction(SIGFPE, &a, NULL);
    sigaction(SIGILL, &a, NULL);
    int q = 1, zero = 0, rest;
    __asm__ volatile("cltd; idivl %3" : "=a"(q), "=&d"(rest) : "a"(7), "r"(zero));
    printf("went on with %d\n", q);
    __asm__ volatile("ud2");
    printf("went on\n");
    a.sa_sigaction = detailed;
    sigaction(SIGTRAP, &a, NULL);
    last_code = 0;
    __asm__ volatile("int3");
    printf("int3: %s code %d\n", sigabbrev_np(last_signo), last_code);
}

int main(void) {
    sources();
    masks();
    flags();
    stacks();
    interrupted(0);
    interrupted(1);
    sleeping();
    defaults();
    contexts();
    return 0;
}
