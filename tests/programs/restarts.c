/* What a signal does to each call that sleeps: restarted or EINTR, with SA_RESTART and without, and after stop and continue. */
#include "t.h"
#include <linux/futex.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/select.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/un.h>

static volatile int handled;
static int p[2], s[2], ep, ev, tfd, sfd, listener, locked, word;
static pid_t me, child;

static void handler(int signo) { handled++; }

/* In a helper: waits until the process sleeps, does something to it, and ends the call by giving it what it waits for. */
enum { SIGNAL, STOP };
static int what;

static void release(void) {
    char c = 'x';
    uint64_t one = 1;
    write(p[1], &c, 1);
    send(s[1], &c, 1, MSG_DONTWAIT);
    write(ev, &one, 8);
    syscall(SYS_futex, &word, FUTEX_WAKE, 100, NULL, NULL, 0);
}

static pid_t helper(void) {
    pid_t pid = t_fork();
    if (pid)
        return pid;
    t_sleep(30);
    t_asleep(me);
    if (what == SIGNAL)
        kill(me, SIGUSR1);
    else {
        kill(me, SIGSTOP);
        t_sleep(30);
        kill(me, SIGCONT);
    }
    t_sleep(60);
    release();
    _exit(0);
}

static long timed_out_after(long limit, long start) { return t_millis() - start >= limit - 1; }

#define TRY(x)                                                                                                  \
    do {                                                                                                        \
        handled = 0;                                                                                            \
        errno = 0;                                                                                              \
        pid_t h = helper();                                                                                     \
        long start = t_millis();                                                                                \
        long r = (long)(x);                                                                                     \
        int e = errno;                                                                                          \
        waitpid(h, NULL, 0);                                                                                    \
        char drain[64];                                                                                         \
        fcntl(p[0], F_SETFL, O_NONBLOCK);                                                                       \
        while (read(p[0], drain, 64) > 0)                                                                       \
            ;                                                                                                   \
        fcntl(p[0], F_SETFL, 0);                                                                                \
        while (recv(s[0], drain, 64, MSG_DONTWAIT) > 0)                                                         \
            ;                                                                                                   \
        fcntl(ev, F_SETFL, O_NONBLOCK);                                                                         \
        read(ev, drain, 8);                                                                                     \
        fcntl(ev, F_SETFL, 0);                                                                                  \
        printf("%s = %ld %s, handled %d\n", #x, r, r < 0 ? strerrorname_np(e) : "", handled);                   \
    } while (0)

static void all(void) {
    char b[64];
    uint64_t n;
    struct iovec v = {b, 1};
    struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1};
    struct pollfd f = {p[0], POLLIN, 0};
    struct epoll_event e;
    struct timespec t, left, limit = {0, 600000000};
    struct timeval tv;
    fd_set set;
    sigset_t none;
    sigemptyset(&none);
    struct itimerspec its = {{0, 0}, {0, 600000000}};
    TRY(read(p[0], b, 1));
    TRY(readv(p[0], &v, 1));
    TRY(recv(s[0], b, 1, 0));
    TRY(recvmsg(s[0], &m, 0));
    TRY(read(s[0], b, 1));
    TRY(read(ev, &n, 8));
    timerfd_settime(tfd, 0, &its, NULL);
    TRY(read(tfd, &n, 8));
    TRY(poll(&f, 1, 1000));
    TRY(poll(&f, 1, -1));
    TRY(syscall(SYS_ppoll, &f, 1, NULL, NULL, 8));
    TRY(syscall(SYS_ppoll, &f, 1, NULL, &none, 8));
    FD_ZERO(&set); FD_SET(p[0], &set);
    TRY(select(p[0] + 1, &set, NULL, NULL, NULL));
    FD_ZERO(&set); FD_SET(p[0], &set); tv = (struct timeval){5, 0};
    TRY(select(p[0] + 1, &set, NULL, NULL, &tv));
    FD_ZERO(&set); FD_SET(p[0], &set);
    TRY(pselect(p[0] + 1, &set, NULL, NULL, NULL, &none));
    TRY(epoll_wait(ep, &e, 1, 1000));
    TRY(epoll_wait(ep, &e, 1, -1));
    TRY(epoll_pwait(ep, &e, 1, -1, &none));
    t = (struct timespec){0, 600000000};
    TRY(nanosleep(&t, &left));
    t = (struct timespec){0, 600000000};
    TRY(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &t, &left));
    clock_gettime(CLOCK_MONOTONIC, &t);
    t.tv_nsec += 600000000;
    if (t.tv_nsec >= 1000000000)
        t.tv_sec++, t.tv_nsec -= 1000000000;
    TRY(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL));
    TRY(syscall(SYS_futex, &word, FUTEX_WAIT, 0, &limit, NULL, 0));
    clock_gettime(CLOCK_MONOTONIC, &t);
    t.tv_nsec += 600000000;
    if (t.tv_nsec >= 1000000000)
        t.tv_sec++, t.tv_nsec -= 1000000000;
    TRY(syscall(SYS_futex, &word, FUTEX_WAIT_BITSET, 0, &t, NULL, -1));
    sigset_t usr2;
    sigemptyset(&usr2);
    sigaddset(&usr2, SIGUSR2);
    limit.tv_nsec = 600000000;
    TRY(sigtimedwait(&usr2, NULL, &limit));
    TRY(waitid(P_PID, child, NULL, WEXITED | WNOWAIT | WNOHANG));
    struct timeval rcv = {0, 600000};
    setsockopt(s[0], SOL_SOCKET, SO_RCVTIMEO, &rcv, sizeof rcv);
    TRY(recv(s[0], b, 1, 0));
    rcv.tv_usec = 0;
    setsockopt(s[0], SOL_SOCKET, SO_RCVTIMEO, &rcv, sizeof rcv);
}

/* Those that only a signal or a child ends. */
static void others(void) {
    int status;
    sigset_t none;
    sigemptyset(&none);
    if (what == SIGNAL) {
        TRY(pause());
        TRY(sigsuspend(&none));
    }
    pid_t c = t_fork();
    if (!c) {
        t_sleep(250);
        _exit(3);
    }
    long r;
    TRY(r = waitpid(c, &status, 0) > 0 ? 1 : -1);
    waitpid(c, &status, 0);
    c = t_fork();
    if (!c) {
        int fd = open("lock", O_RDWR);
        flock(fd, LOCK_EX);
        kill(me, SIGUSR2);
        t_sleep(250);
        _exit(0);
    }
    sigset_t usr2;
    sigemptyset(&usr2);
    sigaddset(&usr2, SIGUSR2);
    int got;
    sigwait(&usr2, &got);
    TRY(flock(locked, LOCK_EX));
    flock(locked, LOCK_UN);
    waitpid(c, &status, 0);
    c = t_fork();
    if (!c) {
        int fd = open("lock", O_RDWR);
        struct flock l = {.l_type = F_WRLCK};
        fcntl(fd, F_SETLK, &l);
        kill(me, SIGUSR2);
        t_sleep(250);
        _exit(0);
    }
    sigwait(&usr2, &got);
    struct flock l = {.l_type = F_WRLCK};
    TRY(fcntl(locked, F_SETLKW, &l));
    l.l_type = F_UNLCK;
    fcntl(locked, F_SETLK, &l);
    waitpid(c, &status, 0);
    c = t_fork();
    if (!c) {
        t_sleep(250);
        int fd = socket(AF_UNIX, SOCK_STREAM, 0);
        struct sockaddr_un a = {AF_UNIX, "listener"};
        connect(fd, (void *)&a, sizeof a);
        _exit(0);
    }
    int fd;
    TRY((fd = accept(listener, NULL, NULL)) >= 0 ? 1 : -1);
    if (fd < 0)
        fd = accept(listener, NULL, NULL);
    close(fd);
    waitpid(c, &status, 0);
    mkfifo("fifo", 0600);
    c = t_fork();
    if (!c) {
        t_sleep(250);
        fd = open("fifo", O_WRONLY);
        _exit(0);
    }
    TRY((fd = open("fifo", O_RDONLY)) >= 0 ? 1 : -1);
    if (fd < 0)
        fd = open("fifo", O_RDONLY);
    close(fd);
    waitpid(c, &status, 0);
    unlink("fifo");
}

static void install(int flags) {
    struct sigaction a = {.sa_handler = handler, .sa_flags = flags};
    sigaction(SIGUSR1, &a, NULL);
}

int main(void) {
    t_enter();
    /* Not as process 1, which cannot be stopped. */
    pid_t self = t_fork();
    if (self) {
        t_reap("all", self);
        t_leave();
        return 0;
    }
    me = getpid();
    pipe(p);
    socketpair(AF_UNIX, SOCK_STREAM, 0, s);
    ev = eventfd(0, 0);
    tfd = timerfd_create(CLOCK_MONOTONIC, 0);
    ep = epoll_create1(0);
    struct epoll_event e = {EPOLLIN};
    epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &e);
    locked = open("lock", O_RDWR | O_CREAT, 0600);
    listener = socket(AF_UNIX, SOCK_STREAM, 0);
    struct sockaddr_un a = {AF_UNIX, "listener"};
    bind(listener, (void *)&a, sizeof a);
    listen(listener, 5);
    sigset_t usr2;
    sigemptyset(&usr2);
    sigaddset(&usr2, SIGUSR2);
    sigprocmask(SIG_BLOCK, &usr2, NULL);
    child = t_fork();
    if (!child) {
        for (;;)
            pause();
    }
    printf("without SA_RESTART\n");
    install(0);
    all();
    others();
    printf("with SA_RESTART\n");
    install(SA_RESTART);
    all();
    others();
    printf("stopped and continued\n");
    what = STOP;
    all();
    others();
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    fflush(stdout);
    _exit(0);
}
