/* Where signals come from: what the siginfo says for each source, by handler, sigtimedwait and signalfd. */
#include "t.h"
#include <linux/futex.h>
#include <pthread.h>
#include <sys/signalfd.h>
#include <sys/socket.h>

static siginfo_t wait_for(int signo) {
    sigset_t set;
    siginfo_t info;
    struct timespec limit = {5, 0};
    sigemptyset(&set);
    sigaddset(&set, signo);
    memset(&info, 0x77, sizeof info);
    if (sigtimedwait(&set, &info, &limit) != signo)
        printf("no %s: %s\n", sigabbrev_np(signo), strerrorname_np(errno)), memset(&info, 0, sizeof info);
    return info;
}

static void show(const char *what, siginfo_t i) {
    printf("%s: signo %d code %d errno %d pid %d uid %d", what, i.si_signo, i.si_code, i.si_errno,
           i.si_pid == getpid() ? -1 : i.si_pid != 0, i.si_uid == getuid());
    int sum = 0;
    for (int k = 48; k < 128; k++)
        sum |= ((char *)&i)[k];
    printf(" rest %d\n", sum);
}

static void show_child(const char *what, pid_t child, siginfo_t i) {
    printf("%s: code %d status %d pid %d uid %d\n", what, i.si_code, i.si_status, i.si_pid == child, i.si_uid == getuid());
}

static void children(void) {
    pid_t c = t_fork();
    if (!c)
        _exit(7);
    show_child("exit", c, wait_for(SIGCHLD));
    t_reap("child", c);
    c = t_fork();
    if (!c) {
        signal(SIGTERM, SIG_DFL);
        sigset_t none;
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        for (;;)
            pause();
    }
    kill(c, SIGSTOP);
    show_child("stop", c, wait_for(SIGCHLD));
    kill(c, SIGCONT);
    show_child("continue", c, wait_for(SIGCHLD));
    kill(c, SIGTERM);
    show_child("kill", c, wait_for(SIGCHLD));
    t_reap("child", c);
    struct rlimit none = {0, 0};
    c = t_fork();
    if (!c) {
        setrlimit(RLIMIT_CORE, &none);
        abort();
    }
    show_child("abort", c, wait_for(SIGCHLD));
    t_reap("child", c);
    /* SA_NOCLDSTOP: no word of stops. */
    struct sigaction a = {.sa_handler = SIG_DFL, .sa_flags = SA_NOCLDSTOP};
    sigaction(SIGCHLD, &a, NULL);
    c = t_fork();
    if (!c) {
        for (;;)
            pause();
    }
    kill(c, SIGSTOP);
    int status;
    waitpid(c, &status, WUNTRACED);
    printf("stopped %d by %d\n", WIFSTOPPED(status), WSTOPSIG(status));
    kill(c, SIGCONT);
    waitpid(c, &status, WCONTINUED);
    printf("continued %d\n", WIFCONTINUED(status));
    sigset_t pending;
    sigpending(&pending);
    printf("SIGCHLD pending %d\n", sigismember(&pending, SIGCHLD));
    kill(c, SIGKILL);
    show_child("kill", c, wait_for(SIGCHLD));
    t_reap("child", c);
    /* SA_NOCLDWAIT: no zombie, but a signal. */
    a.sa_flags = SA_NOCLDWAIT;
    sigaction(SIGCHLD, &a, NULL);
    c = t_fork();
    if (!c)
        _exit(9);
    show_child("no zombie", c, wait_for(SIGCHLD));
    CALL(waitpid(c, &status, 0));
    /* Ignored: neither. */
    a.sa_handler = SIG_IGN;
    a.sa_flags = 0;
    sigaction(SIGCHLD, &a, NULL);
    c = t_fork();
    if (!c)
        _exit(9);
    CALL(waitpid(c, &status, 0));
    sigpending(&pending);
    printf("SIGCHLD pending %d\n", sigismember(&pending, SIGCHLD));
    a.sa_handler = SIG_DFL;
    sigaction(SIGCHLD, &a, NULL);
}

static void *tgkill_self(void *arg) {
    syscall(SYS_tgkill, getpid(), gettid(), SIGUSR2);
    show("tgkill", wait_for(SIGUSR2));
    union sigval v = {.sival_ptr = (void *)0x1122334455667788};
    printf("%d\n", pthread_sigqueue(pthread_self(), SIGRTMIN + 1, v));
    siginfo_t i = wait_for(SIGRTMIN + 1);
    show("pthread_sigqueue", i);
    printf("%p\n", i.si_value.sival_ptr);
    return NULL;
}

static void senders(void) {
    kill(getpid(), SIGUSR1);
    show("kill", wait_for(SIGUSR1));
    raise(SIGUSR1);
    show("raise", wait_for(SIGUSR1));
    syscall(SYS_tkill, gettid(), SIGRTMIN);
    show("tkill", wait_for(SIGRTMIN));
    union sigval v = {.sival_int = -5};
    sigqueue(getpid(), SIGUSR1, v);
    siginfo_t i = wait_for(SIGUSR1);
    show("sigqueue", i);
    printf("%d\n", i.si_int);
    pthread_t t;
    pthread_create(&t, NULL, tgkill_self, NULL);
    pthread_join(t, NULL);
    pid_t c = t_fork();
    if (!c) {
        kill(getppid(), SIGUSR1);
        _exit(0);
    }
    i = wait_for(SIGUSR1);
    show("a child's kill", i);
    TRUE(i.si_pid == c);
    wait_for(SIGCHLD);
    t_reap("child", c);
}

static void timers(void) {
    alarm(1);
    show("alarm", wait_for(SIGALRM));
    struct itimerval it = {{0, 0}, {0, 1000}};
    setitimer(ITIMER_REAL, &it, NULL);
    show("itimer", wait_for(SIGALRM));
    setitimer(ITIMER_VIRTUAL, &it, NULL);
    sigset_t pending;
    for (volatile long n = 0; n < 4000000000; n++)
        if (n % 1000000 == 0 && !sigpending(&pending) && sigismember(&pending, SIGVTALRM))
            break;
    show("virtual", wait_for(SIGVTALRM));
    setitimer(ITIMER_PROF, &it, NULL);
    for (volatile long n = 0; n < 4000000000; n++)
        if (n % 1000000 == 0 && !sigpending(&pending) && sigismember(&pending, SIGPROF))
            break;
    show("prof", wait_for(SIGPROF));
    timer_t t;
    int id;
    struct sigevent e = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN + 2, .sigev_value.sival_ptr = (void *)0x123456789abc};
    struct itimerspec s = {{0, 0}, {0, 1000000}};
    syscall(SYS_timer_create, CLOCK_MONOTONIC, &e, &id);
    syscall(SYS_timer_settime, id, 0, &s, NULL);
    siginfo_t i = wait_for(SIGRTMIN + 2);
    printf("timer: code %d id %d overrun %d value %p\n", i.si_code, i.si_timerid == id, i.si_overrun, i.si_value.sival_ptr);
    CALL(syscall(SYS_timer_getoverrun, id));
    s.it_interval.tv_nsec = 1000000;
    syscall(SYS_timer_settime, id, 0, &s, NULL);
    t_sleep(50);
    i = wait_for(SIGRTMIN + 2);
    TRUE(i.si_overrun >= 30 && i.si_overrun < 100000);
    TRUE(syscall(SYS_timer_getoverrun, id) == i.si_overrun);
    syscall(SYS_timer_delete, id);
    struct timespec now = {0, 0};
    sigset_t rest;
    sigemptyset(&rest);
    sigaddset(&rest, SIGRTMIN + 2);
    while (sigtimedwait(&rest, NULL, &now) > 0)
        ;
    /* Without a sigevent: SIGALRM with the timer's id. */
    syscall(SYS_timer_create, CLOCK_REALTIME, NULL, &id);
    s.it_interval.tv_nsec = 0;
    syscall(SYS_timer_settime, id, 0, &s, NULL);
    i = wait_for(SIGALRM);
    printf("timer: code %d id %d value %d\n", i.si_code, i.si_timerid == id, i.si_value.sival_int == id);
    syscall(SYS_timer_delete, id);
    /* To one thread. */
    e.sigev_notify = SIGEV_THREAD_ID;
    e._sigev_un._tid = gettid();
    syscall(SYS_timer_create, CLOCK_MONOTONIC, &e, &id);
    syscall(SYS_timer_settime, id, 0, &s, NULL);
    i = wait_for(SIGRTMIN + 2);
    printf("thread's timer: code %d\n", i.si_code);
    syscall(SYS_timer_delete, id);
    /* CPU time. */
    e.sigev_notify = SIGEV_SIGNAL;
    int clocks[] = {CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID};
    for (int k = 0; k < 2; k++) {
        syscall(SYS_timer_create, clocks[k], &e, &id);
        syscall(SYS_timer_settime, id, 0, &s, NULL);
        for (volatile long n = 0; n < 4000000000; n++)
            if (n % 1000000 == 0 && !sigpending(&pending) && sigismember(&pending, SIGRTMIN + 2))
                break;
        i = wait_for(SIGRTMIN + 2);
        printf("CPU timer: code %d overrun %d\n", i.si_code, i.si_overrun);
        syscall(SYS_timer_delete, id);
    }
}

static void files(void) {
    int p[2];
    char c;
    pipe(p);
    fcntl(p[0], F_SETOWN, getpid());
    printf("owner %d\n", fcntl(p[0], F_GETOWN) == getpid());
    CALL(fcntl(p[0], F_GETSIG));
    fcntl(p[0], F_SETFL, O_ASYNC);
    write(p[1], "x", 1);
    show("SIGIO", wait_for(SIGIO));
    read(p[0], &c, 1);
    CALL(fcntl(p[0], F_SETSIG, SIGRTMIN + 3));
    CALL(fcntl(p[0], F_GETSIG));
    write(p[1], "x", 1);
    siginfo_t i = wait_for(SIGRTMIN + 3);
    printf("F_SETSIG: code %d band %lx fd %d\n", i.si_code, i.si_band, i.si_fd == p[0]);
    CALL(fcntl(p[0], F_SETSIG, 65));
    CALL(fcntl(p[0], F_SETSIG, -1));
    CALL(fcntl(p[0], F_SETSIG, 0));
    close(p[1]);
    wait_for(SIGIO);
    close(p[0]);
    int s[2];
    socketpair(AF_UNIX, SOCK_STREAM, 0, s);
    struct f_owner_ex o = {F_OWNER_TID, gettid()};
    CALL(fcntl(s[0], F_SETOWN_EX, &o));
    memset(&o, 0, sizeof o);
    CALL(fcntl(s[0], F_GETOWN_EX, &o));
    printf("%d %d\n", o.type, o.pid == gettid());
    fcntl(s[0], F_SETFL, O_ASYNC | O_NONBLOCK);
    fcntl(s[0], F_SETSIG, SIGRTMIN + 3);
    write(s[1], "x", 1);
    i = wait_for(SIGRTMIN + 3);
    printf("socket: code %d band %lx fd %d\n", i.si_code, i.si_band, i.si_fd == s[0]);
    close(s[1]);
    i = wait_for(SIGRTMIN + 3);
    printf("closed: code %d band %lx fd %d\n", i.si_code, i.si_band, i.si_fd == s[0]);
    close(s[0]);
    pipe(p);
    close(p[0]);
    CALL(write(p[1], "x", 1));
    show("SIGPIPE", wait_for(SIGPIPE));
    close(p[1]);
}

static void by_fd(void) {
    sigset_t all;
    sigfillset(&all);
    int fd = signalfd(-1, &all, SFD_NONBLOCK);
    struct signalfd_siginfo s;
    kill(getpid(), SIGUSR1);
    memset(&s, 0x55, sizeof s);
    CALL(read(fd, &s, sizeof s));
    printf("%d %d %d %d %d %d %d\n", s.ssi_signo, s.ssi_code, s.ssi_pid == getpid(), s.ssi_uid == getuid(), s.ssi_fd, s.ssi_tid,
           s.ssi_status);
    pid_t c = t_fork();
    if (!c)
        _exit(3);
    struct pollfd p = {fd, POLLIN, 0};
    CALL(poll(&p, 1, 5000));
    CALL(read(fd, &s, sizeof s));
    printf("%d %d %d %d %d\n", s.ssi_signo, s.ssi_code, s.ssi_pid == c, s.ssi_uid == getuid(), s.ssi_status);
    t_reap("child", c);
    int id;
    struct sigevent e = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR2, .sigev_value.sival_int = 99};
    struct itimerspec t = {{0, 0}, {0, 1000000}};
    syscall(SYS_timer_create, CLOCK_MONOTONIC, &e, &id);
    syscall(SYS_timer_settime, id, 0, &t, NULL);
    CALL(poll(&p, 1, 5000));
    CALL(read(fd, &s, sizeof s));
    printf("%d %d %d %d %d %d\n", s.ssi_signo, s.ssi_code, s.ssi_tid == id, s.ssi_overrun, s.ssi_int, s.ssi_pid);
    syscall(SYS_timer_delete, id);
    /* Several at once, lowest first; real-time ones in order. */
    union sigval v;
    for (int k = 0; k < 3; k++) {
        v.sival_int = k;
        sigqueue(getpid(), SIGRTMIN, v);
    }
    kill(getpid(), SIGTERM);
    kill(getpid(), SIGHUP);
    struct signalfd_siginfo many[10];
    long n = read(fd, many, sizeof many) / sizeof s;
    for (int k = 0; k < n; k++)
        printf("%d/%d ", many[k].ssi_signo, many[k].ssi_int);
    printf("\n");
    CALL(read(fd, &s, sizeof s));
    close(fd);
}

int main(void) {
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    senders();
    children();
    timers();
    files();
    by_fd();
    return 0;
}
