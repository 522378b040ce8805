/* What of signals and timers threads share, children inherit and new programs keep. */
#include "t.h"
#include <pthread.h>
#include <sys/timerfd.h>
#include <ucontext.h>

static volatile int handled_by[65], handled;
static volatile pid_t worker_tid;
static volatile int stop;

static void handler(int signo) {
    handled++;
    handled_by[signo] = gettid();
}

static void set(int signo, void *h, int flags) {
    struct sigaction a = {.sa_handler = h, .sa_flags = flags};
    sigaction(signo, &a, NULL);
}

static sigset_t of(int signo) {
    sigset_t s;
    sigemptyset(&s);
    if (signo)
        sigaddset(&s, signo);
    return s;
}

static void *worker(void *arg) {
    sigset_t m;
    pthread_sigmask(SIG_SETMASK, NULL, &m);
    printf("a thread inherits the mask: %d %d\n", sigismember(&m, SIGUSR1), sigismember(&m, SIGUSR2));
    sigpending(&m);
    printf("what is pending for the process: %d, for the other thread: %d\n", sigismember(&m, SIGUSR1), sigismember(&m, SIGUSR2));
    stack_t s;
    sigaltstack(NULL, &s);
    printf("its alternate stack: flags %x\n", s.ss_flags);
    m = of(0);
    pthread_sigmask(SIG_SETMASK, &m, NULL); /* takes the process's SIGUSR1 */
    worker_tid = gettid();
    printf("SIGUSR1 taken by it: %d, SIGUSR2 taken: %d\n", handled_by[SIGUSR1] == gettid(), handled_by[SIGUSR2]);
    fflush(stdout);
    worker_tid = gettid();
    while (!stop)
        usleep(1000);
    return NULL;
}

static void threads(void) {
    pthread_t t;
    sigset_t both = of(SIGUSR1), one;
    sigaddset(&both, SIGUSR2);
    static char space[65536];
    stack_t s = {.ss_sp = space, .ss_size = sizeof space}, off = {.ss_flags = SS_DISABLE};
    sigaltstack(&s, NULL);
    set(SIGUSR1, handler, 0);
    set(SIGUSR2, handler, 0);
    pthread_sigmask(SIG_SETMASK, &both, NULL);
    kill(getpid(), SIGUSR1);
    raise(SIGUSR2); /* for this thread alone */
    pthread_create(&t, NULL, worker, NULL);
    while (!worker_tid)
        usleep(1000);
    while (handled_by[SIGUSR1] == 0)
        usleep(1000);
    /* A signal of the process goes to who does not block it. */
    for (int i = 0; i < 3; i++) {
        handled_by[SIGUSR1] = 0;
        kill(getpid(), SIGUSR1);
        while (!handled_by[SIGUSR1])
            usleep(1000);
        printf("by the worker: %d\n", handled_by[SIGUSR1] == worker_tid);
    }
    one = of(SIGUSR1);
    pthread_sigmask(SIG_SETMASK, &one, NULL);
    printf("SIGUSR2 by us: %d\n", handled_by[SIGUSR2] == gettid());
    handled_by[SIGUSR2] = 0;
    kill(getpid(), SIGUSR2);
    printf("at once by the first thread: %d\n", handled_by[SIGUSR2] == gettid());
    pthread_kill(t, SIGUSR2);
    while (handled_by[SIGUSR2] != worker_tid)
        usleep(1000);
    printf("pthread_kill by the worker\n");
    stop = 1;
    pthread_join(t, NULL);
    sigset_t none = of(0);
    pthread_sigmask(SIG_SETMASK, &none, NULL);
    sigaltstack(&off, NULL);
}

static void forks(void) {
    set(SIGUSR1, handler, 0);
    sigset_t m = of(SIGUSR1), p;
    sigprocmask(SIG_SETMASK, &m, NULL);
    raise(SIGUSR1);
    alarm(100);
    struct itimerval it = {{0, 0}, {50, 0}}, got;
    setitimer(ITIMER_VIRTUAL, &it, NULL);
    timer_t t;
    struct sigevent e = {.sigev_notify = SIGEV_NONE};
    timer_create(CLOCK_MONOTONIC, &e, &t);
    pid_t pid = t_fork();
    if (!pid) {
        sigpending(&p);
        sigset_t now;
        sigprocmask(SIG_SETMASK, NULL, &now);
        struct sigaction a;
        sigaction(SIGUSR1, NULL, &a);
        printf("child: pending %d masked %d handler %d alarm %d\n", sigismember(&p, SIGUSR1), sigismember(&now, SIGUSR1),
               a.sa_handler == handler, alarm(0));
        getitimer(ITIMER_VIRTUAL, &got);
        printf("virtual %ld\n", got.it_value.tv_sec);
        struct itimerspec s;
        CALL(timer_gettime(t, &s));
        fflush(stdout);
        _exit(0);
    }
    t_reap("child", pid);
    timer_delete(t);
    TRUE(alarm(0) > 90);
    m = of(0);
    handled = 0;
    sigprocmask(SIG_SETMASK, &m, NULL);
    printf("handled %d\n", handled);
}

/* After execve(2), as another program. */
static int executed(void) {
    sigset_t p, m;
    sigpending(&p);
    sigprocmask(SIG_SETMASK, NULL, &m);
    printf("pending %d %d masked %d %d\n", sigismember(&p, SIGUSR1), sigismember(&p, SIGRTMIN + 1), sigismember(&m, SIGUSR1),
           sigismember(&m, SIGTERM));
    int list[] = {SIGUSR1, SIGUSR2, SIGHUP, SIGCHLD, SIGINT};
    for (int i = 0; i < 5; i++) {
        struct sigaction a;
        sigaction(list[i], NULL, &a);
        printf("%s: %s flags %lx mask %lx\n", sigabbrev_np(list[i]),
               a.sa_handler == SIG_DFL ? "default" : a.sa_handler == SIG_IGN ? "ignored" : "handler",
               (long)a.sa_flags & 0xffffffff & ~0x04000000, *(long *)&a.sa_mask);
    }
    stack_t s;
    sigaltstack(NULL, &s);
    printf("stack flags %x\n", s.ss_flags);
    struct itimerval it;
    getitimer(ITIMER_REAL, &it);
    printf("timer %d\n", it.it_value.tv_sec >= 90 && it.it_value.tv_sec <= 100);
    struct itimerspec spec;
    CALL(syscall(SYS_timer_gettime, atoi(getenv("T_TIMER")), &spec));
    siginfo_t info;
    struct timespec now = {0, 0};
    sigset_t rt = of(SIGRTMIN + 1);
    for (int i = 0; i < 2; i++) {
        int got = sigtimedwait(&rt, &info, &now);
        printf("queued: %d value %d\n", got == SIGRTMIN + 1, info.si_value.sival_int);
    }
    return 0;
}

static void execs(const char *self) {
    pid_t pid = t_fork();
    if (!pid) {
        static char space[65536];
        stack_t s = {.ss_sp = space, .ss_size = sizeof space};
        sigaltstack(&s, NULL);
        struct sigaction a = {.sa_handler = handler, .sa_flags = SA_RESTART | SA_NODEFER};
        sigaddset(&a.sa_mask, SIGINT);
        sigaction(SIGUSR1, &a, NULL);
        sigaction(SIGUSR2, &a, NULL);
        set(SIGHUP, SIG_IGN, SA_RESTART);
        set(SIGCHLD, SIG_IGN, SA_NOCLDWAIT);
        set(SIGINT, SIG_DFL, SA_RESTART);
        sigset_t m = of(SIGUSR1);
        sigaddset(&m, SIGRTMIN + 1);
        sigprocmask(SIG_SETMASK, &m, NULL);
        raise(SIGUSR1);
        union sigval v;
        for (v.sival_int = 1; v.sival_int < 3; v.sival_int++)
            sigqueue(getpid(), SIGRTMIN + 1, v);
        alarm(100);
        int id;
        struct sigevent e = {.sigev_notify = SIGEV_NONE};
        syscall(SYS_timer_create, CLOCK_MONOTONIC, &e, &id);
        char text[20];
        snprintf(text, sizeof text, "%d", id);
        setenv("T_TIMER", text, 1);
        execl(self, self, "executed", NULL);
        _exit(99);
    }
    t_reap("executed", pid);
}

/* Stops and continuations among what is pending. */
static void stops(void) {
    pid_t pid = t_fork();
    if (!pid) {
        setpgid(0, 0);
        sigset_t m = of(SIGTSTP), p;
        sigaddset(&m, SIGCONT);
        sigprocmask(SIG_SETMASK, &m, NULL);
        raise(SIGTSTP);
        raise(SIGCONT); /* takes the stop away */
        sigpending(&p);
        printf("stop %d continuation %d\n", sigismember(&p, SIGTSTP), sigismember(&p, SIGCONT));
        raise(SIGTSTP);
        sigpending(&p);
        printf("stop %d continuation %d\n", sigismember(&p, SIGTSTP), sigismember(&p, SIGCONT));
        fflush(stdout);
        _exit(0);
    }
    t_reap("stops", pid);
    pid = t_fork();
    if (!pid) {
        set(SIGCONT, handler, 0);
        raise(SIGSTOP);
        printf("continued, handled %d\n", handled);
        fflush(stdout);
        _exit(handled);
    }
    handled = 0;
    int status;
    waitpid(pid, &status, WUNTRACED);
    printf("%d %d\n", WIFSTOPPED(status), WSTOPSIG(status));
    CALL(waitpid(pid, &status, WUNTRACED | WNOHANG));
    kill(pid, SIGTERM); /* waits for the continuation, */
    CALL(waitpid(pid, &status, WNOHANG));
    kill(pid, SIGCONT);
    waitpid(pid, &status, 0);
    printf("%d %d\n", WIFSIGNALED(status), WTERMSIG(status));
    pid = t_fork();
    if (!pid) {
        raise(SIGSTOP);
        _exit(0);
    }
    waitpid(pid, &status, WUNTRACED);
    kill(pid, SIGKILL); /* this one does not */
    t_reap("killed while stopped", pid);
    /* Of a group of its own, which is not orphaned while we are there. */
    int stopping[] = {SIGTSTP, SIGTTIN, SIGTTOU};
    for (int i = 0; i < 3; i++) {
        sigset_t go = of(SIGUSR1);
        sigprocmask(SIG_BLOCK, &go, NULL);
        pid = t_fork();
        if (!pid) {
            int got;
            setpgid(0, 0);
            raise(stopping[i]);
            sigwait(&go, &got); /* or it might have ended before anybody has seen it continued */
            _exit(i);
        }
        waitpid(pid, &status, WUNTRACED);
        printf("%d %s\n", WIFSTOPPED(status), sigabbrev_np(WSTOPSIG(status)));
        kill(pid, SIGCONT);
        waitpid(pid, &status, WCONTINUED);
        printf("%d\n", WIFCONTINUED(status));
        kill(pid, SIGUSR1);
        t_reap("then", pid);
        sigprocmask(SIG_UNBLOCK, &go, NULL);
    }
    /* An orphaned group is not stopped by the keyboard. */
    pid = t_fork();
    if (!pid) {
        setsid();
        raise(SIGTSTP);
        _exit(7);
    }
    t_reap("orphaned", pid);
}

static void timer_threads(void) {
    /* A timer that fires often counts what it could not send. */
    sigset_t m = of(SIGRTMIN);
    sigprocmask(SIG_SETMASK, &m, NULL);
    int id;
    struct sigevent e = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN};
    struct itimerspec s = {{0, 100000}, {0, 100000}}, off = {0};
    syscall(SYS_timer_create, CLOCK_MONOTONIC, &e, &id);
    syscall(SYS_timer_settime, id, 0, &s, NULL);
    t_sleep(50);
    siginfo_t info;
    struct timespec now = {0, 0};
    printf("%d\n", sigtimedwait(&m, &info, &now) == SIGRTMIN);
    syscall(SYS_timer_settime, id, 0, &off, NULL);
    TRUE(info.si_overrun >= 300 && info.si_overrun < 100000);
    syscall(SYS_timer_delete, id);
    while (sigtimedwait(&m, &info, &now) > 0)
        ; /* what is pending may outlive its timer */
    /* As many timers as may be pending signals. */
    struct rlimit old, none = {0, 0};
    getrlimit(RLIMIT_SIGPENDING, &old);
    none.rlim_max = old.rlim_max;
    setrlimit(RLIMIT_SIGPENDING, &none);
    CALL(syscall(SYS_timer_create, CLOCK_MONOTONIC, &e, &id));
    setrlimit(RLIMIT_SIGPENDING, &old);
    m = of(0);
    sigprocmask(SIG_SETMASK, &m, NULL);
    /* Absolute time in the past fires at once; on the wall clock, too. */
    int clocks[] = {CLOCK_MONOTONIC, CLOCK_REALTIME, CLOCK_BOOTTIME};
    set(SIGUSR1, handler, 0);
    e.sigev_signo = SIGUSR1;
    for (int i = 0; i < 3; i++) {
        handled = 0;
        struct itimerspec past = {{0, 0}, {0, 1}};
        syscall(SYS_timer_create, clocks[i], &e, &id);
        syscall(SYS_timer_settime, id, TIMER_ABSTIME, &past, NULL);
        for (int k = 0; k < 1000 && !handled; k++)
            usleep(1000);
        printf("fired %d\n", handled);
        syscall(SYS_timer_delete, id);
    }
    /* CPU limit: SIGXCPU. */
    pid_t pid = t_fork();
    if (!pid) {
        struct rlimit r = {1, 2};
        set(SIGXCPU, SIG_DFL, 0);
        struct rlimit no = {0, 0};
        setrlimit(RLIMIT_CORE, &no);
        setrlimit(RLIMIT_CPU, &r);
        for (;;)
            ;
    }
    t_reap("CPU limit", pid);
}

int main(int argc, char **argv) {
    if (argc > 1)
        return executed();
    pid_t self = t_fork(); /* not as process 1 */
    if (self) {
        t_reap("all", self);
        return 0;
    }
    threads();
    forks();
    execs(argv[0]);
    stops();
    timer_threads();
    fflush(stdout);
    _exit(0);
}
