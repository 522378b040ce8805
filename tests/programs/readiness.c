/* eventfd, poll, select and epoll: edge cases, wrong arguments, the masks of ppoll, pselect and epoll_pwait. */
#include "t.h"
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/timerfd.h>

#define BAD ((void *)8)

static volatile int handled;
static void handler(int signo) { handled++; }

static void eventfds(void) {
    uint64_t v;
    CALL(syscall(SYS_eventfd2, 0, 2));
    CALL(syscall(SYS_eventfd2, 0, -1));
    int fd = WORKS(eventfd(5, EFD_NONBLOCK | EFD_CLOEXEC));
    printf("%x %x\n", fcntl(fd, F_GETFL), fcntl(fd, F_GETFD));
    CALL(read(fd, &v, 7));
    CALL(read(fd, &v, 0));
    CALL(read(fd, BAD, 8));
    CALL(read(fd, &v, 100));
    printf("%lu\n", v);
    CALL(read(fd, &v, 8));
    v = 0;
    CALL(write(fd, &v, 8));
    CALL(read(fd, &v, 8));
    v = -1;
    CALL(write(fd, &v, 8));
    CALL(write(fd, &v, 7));
    CALL(write(fd, BAD, 8));
    v = -2;
    CALL(write(fd, &v, 8));
    struct pollfd p = {fd, POLLIN | POLLOUT, 0};
    CALL(poll(&p, 1, 0));
    printf("%x\n", p.revents);
    v = 1;
    CALL(write(fd, &v, 8));
    CALL(read(fd, &v, 8));
    printf("%lx\n", v);
    CALL(lseek(fd, 0, SEEK_SET));
    CALL(pread(fd, &v, 8, 0));
    CALL(pwrite(fd, &v, 8, 0));
    CALL(ioctl(fd, FIONREAD, &v));
    CALL(ftruncate(fd, 1));
    CALL(fsync(fd));
    close(fd);
    fd = eventfd(3, EFD_SEMAPHORE | EFD_NONBLOCK);
    for (int i = 0; i < 4; i++) {
        v = 0;
        CALL(read(fd, &v, 8));
        printf("%lu\n", v);
    }
    close(fd);
    fd = eventfd(0xffffffffu, 0);
    CALL(read(fd, &v, 8));
    printf("%lx\n", v);
    close(fd);
}

static void polls(void) {
    int p[2];
    pipe(p);
    struct pollfd f[3] = {{p[0], POLLIN, 7}, {-1, POLLIN, 7}, {p[1], POLLOUT, 7}};
    CALL(poll(f, 3, 0));
    printf("%x %x %x\n", f[0].revents, f[1].revents, f[2].revents);
    f[1].fd = 999;
    CALL(poll(f, 3, -1));
    printf("%x %x %x\n", f[0].revents, f[1].revents, f[2].revents);
    CALL(poll(BAD, 1, 0));
    CALL(poll(NULL, 0, 0));
    CALL(poll(NULL, 0, 5));
    CALL(poll(f, 100000000, 0));
    CALL(poll(f, -1, 0));
    struct rlimit r, small;
    getrlimit(RLIMIT_NOFILE, &r);
    small = r;
    small.rlim_cur = 2;
    setrlimit(RLIMIT_NOFILE, &small);
    CALL(poll(f, 3, 0));
    CALL(poll(f, 2, 0));
    setrlimit(RLIMIT_NOFILE, &r);
    struct timespec t = {0, 0}, bad = {0, -1};
    sigset_t mask;
    sigemptyset(&mask);
    CALL(syscall(SYS_ppoll, f, 1, &bad, NULL, 8));
    CALL(syscall(SYS_ppoll, f, 1, BAD, NULL, 8));
    CALL(syscall(SYS_ppoll, f, 1, &t, &mask, 4));
    CALL(syscall(SYS_ppoll, f, 1, &t, NULL, 4));
    CALL(syscall(SYS_ppoll, f, 1, &t, BAD, 8));
    CALL(syscall(SYS_ppoll, BAD, 1, &t, &mask, 8));
    t = (struct timespec){5, 0};
    write(p[1], "x", 1);
    CALL(syscall(SYS_ppoll, f, 1, &t, &mask, 8));
    TRUE(t.tv_sec == 4 && t.tv_nsec > 0);
    close(p[1]);
    read(p[0], &mask, 1);
    f[0].events = 0;
    CALL(poll(f, 1, 0));
    printf("%x\n", f[0].revents);
    f[0].events = POLLIN | POLLRDNORM | POLLPRI | POLLOUT | POLLRDHUP;
    CALL(poll(f, 1, 0));
    printf("%x\n", f[0].revents);
    close(p[0]);
    pipe(p);
    close(p[0]);
    f[0] = (struct pollfd){p[1], POLLIN | POLLOUT, 0};
    CALL(poll(f, 1, 0));
    printf("%x\n", f[0].revents);
    close(p[1]);
    int file = open("/etc/passwd", O_RDONLY);
    f[0] = (struct pollfd){file, POLLIN | POLLOUT | POLLPRI, 0};
    CALL(poll(f, 1, 0));
    printf("%x\n", f[0].revents);
    close(file);
    int s[2];
    socketpair(AF_UNIX, SOCK_STREAM, 0, s);
    f[0] = (struct pollfd){s[0], POLLIN | POLLOUT | POLLPRI | POLLRDHUP, 0};
    CALL(poll(f, 1, 0));
    printf("%x\n", f[0].revents);
    shutdown(s[1], SHUT_WR);
    CALL(poll(f, 1, 0));
    printf("%x\n", f[0].revents);
    close(s[1]);
    CALL(poll(f, 1, 0));
    printf("%x\n", f[0].revents);
    close(s[0]);
}

static void selects(void) {
    int p[2];
    pipe(p);
    fd_set r, w, e;
    struct timeval tv = {0, 0}, bad = {0, -1}, negative = {-1, 0}, much = {0, 3000000};
    FD_ZERO(&r);
    CALL(select(-1, &r, NULL, NULL, &tv));
    CALL(select(0, NULL, NULL, NULL, &tv));
    CALL(select(1 << 20, NULL, NULL, NULL, &tv));
    CALL(select(10, BAD, NULL, NULL, &tv));
    CALL(syscall(SYS_select, 10, NULL, NULL, NULL, BAD));
    CALL(syscall(SYS_select, 10, NULL, NULL, NULL, &bad));
    CALL(syscall(SYS_select, 10, NULL, NULL, NULL, &negative));
    FD_ZERO(&r); FD_ZERO(&w); FD_ZERO(&e);
    FD_SET(p[0], &r);
    FD_SET(p[1], &w);
    FD_SET(p[0], &e);
    CALL(select(p[1] + 1, &r, &w, &e, &much));
    printf("%d %d %d\n", !!FD_ISSET(p[0], &r), !!FD_ISSET(p[1], &w), !!FD_ISSET(p[0], &e));
    TRUE(much.tv_sec <= 3 && much.tv_sec >= 2);
    FD_ZERO(&r);
    FD_SET(500, &r);
    CALL(select(501, &r, NULL, NULL, &tv));
    CALL(select(500, &r, NULL, NULL, &tv)); /* the bit beyond is not looked at */
    printf("%d\n", !!FD_ISSET(500, &r));
    struct timespec t = {0, 0};
    struct {
        void *mask;
        size_t size;
    } m = {NULL, 8};
    sigset_t mask;
    sigemptyset(&mask);
    CALL(syscall(SYS_pselect6, 0, NULL, NULL, NULL, &t, &m));
    m.size = 4;
    CALL(syscall(SYS_pselect6, 0, NULL, NULL, NULL, &t, &m));
    m.mask = &mask;
    CALL(syscall(SYS_pselect6, 0, NULL, NULL, NULL, &t, &m));
    m.size = 8;
    m.mask = BAD;
    CALL(syscall(SYS_pselect6, 0, NULL, NULL, NULL, &t, &m));
    CALL(syscall(SYS_pselect6, 0, NULL, NULL, NULL, &t, BAD));
    t.tv_nsec = 1000000000;
    CALL(syscall(SYS_pselect6, 0, NULL, NULL, NULL, &t, NULL));
    close(p[0]);
    close(p[1]);
}

static void epolls(void) {
    CALL(syscall(SYS_epoll_create, 0));
    CALL(syscall(SYS_epoll_create, -1));
    CALL(syscall(SYS_epoll_create1, 1));
    int ep = WORKS(epoll_create1(EPOLL_CLOEXEC)), other = epoll_create1(0), p[2], file = open("/etc/passwd", O_RDONLY);
    printf("%x %x\n", fcntl(ep, F_GETFL), fcntl(ep, F_GETFD));
    pipe(p);
    struct epoll_event e = {EPOLLIN, {.u64 = 0x123456789abcdef0}}, out[4];
    CALL(epoll_ctl(-1, EPOLL_CTL_ADD, p[0], &e));
    CALL(epoll_ctl(ep, EPOLL_CTL_ADD, -1, &e));
    CALL(epoll_ctl(p[0], EPOLL_CTL_ADD, p[1], &e));
    CALL(epoll_ctl(ep, EPOLL_CTL_ADD, ep, &e));
    CALL(epoll_ctl(ep, EPOLL_CTL_ADD, file, &e));
    CALL(epoll_ctl(ep, EPOLL_CTL_ADD, p[0], NULL));
    CALL(epoll_ctl(ep, EPOLL_CTL_MOD, p[0], &e));
    CALL(epoll_ctl(ep, EPOLL_CTL_DEL, p[0], NULL));
    CALL(epoll_ctl(ep, 0, p[0], &e));
    CALL(epoll_ctl(ep, 99, p[0], &e));
    CALL(epoll_ctl(ep, 99, p[0], BAD));
    CALL(epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &e));
    CALL(epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &e));
    CALL(epoll_ctl(ep, EPOLL_CTL_ADD, other, &e));
    CALL(epoll_ctl(other, EPOLL_CTL_ADD, ep, &e));
    CALL(epoll_wait(ep, out, 0, 0));
    CALL(epoll_wait(ep, out, -1, 0));
    CALL(epoll_wait(ep, out, 0x7fffffff, 0));
    CALL(epoll_wait(ep, BAD, 1, 0));
    CALL(epoll_wait(p[0], out, 1, 0));
    CALL(epoll_wait(999, out, 1, 0));
    CALL(epoll_wait(ep, out, 1, 5));
    write(p[1], "x", 1);
    CALL(epoll_wait(ep, BAD, 1, 0));
    CALL(epoll_wait(ep, out, 4, -1));
    printf("%x %lx\n", out[0].events, out[0].data.u64);
    e.events = EPOLLIN | EPOLLET;
    CALL(epoll_ctl(ep, EPOLL_CTL_MOD, p[0], &e));
    CALL(epoll_wait(ep, out, 4, 0));
    CALL(epoll_wait(ep, out, 4, 0));
    write(p[1], "x", 1);
    CALL(epoll_wait(ep, out, 4, 0));
    e.events = EPOLLIN | EPOLLONESHOT;
    CALL(epoll_ctl(ep, EPOLL_CTL_MOD, p[0], &e));
    CALL(epoll_wait(ep, out, 4, 0));
    CALL(epoll_wait(ep, out, 4, 0));
    CALL(epoll_ctl(ep, EPOLL_CTL_MOD, p[0], &e));
    CALL(epoll_wait(ep, out, 4, 0));
    e.events = EPOLLIN | EPOLLEXCLUSIVE;
    CALL(epoll_ctl(ep, EPOLL_CTL_MOD, p[0], &e));
    CALL(epoll_ctl(ep, EPOLL_CTL_DEL, p[0], &e));
    CALL(epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &e));
    CALL(epoll_ctl(ep, EPOLL_CTL_MOD, p[0], &e));
    CALL(epoll_ctl(ep, EPOLL_CTL_DEL, p[0], BAD));
    e.events = EPOLLIN | EPOLLEXCLUSIVE | EPOLLONESHOT;
    CALL(epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &e));
    e.events = EPOLLIN | EPOLLEXCLUSIVE;
    CALL(epoll_ctl(ep, EPOLL_CTL_ADD, other, &e));
    sigset_t mask;
    sigemptyset(&mask);
    CALL(syscall(SYS_epoll_pwait, ep, out, 1, 0, &mask, 4));
    CALL(syscall(SYS_epoll_pwait, ep, out, 1, 0, BAD, 8));
    CALL(syscall(SYS_epoll_pwait, ep, out, 1, 0, NULL, 4));
    struct timespec t = {0, 1000000}, bad = {0, -1};
    CALL(syscall(441, ep, out, 1, &t, &mask, 8));
    CALL(syscall(441, ep, out, 1, &bad, &mask, 8));
    CALL(syscall(441, ep, out, 1, BAD, &mask, 8));
    CALL(syscall(441, ep, out, 1, &t, &mask, 4));
    CALL(read(ep, out, 12));
    CALL(write(ep, out, 12));
    CALL(lseek(ep, 0, SEEK_SET));
    /* A closed file is forgotten; a duplicate keeps it. */
    e.events = EPOLLIN;
    CALL(epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &e));
    int copy = dup(p[0]);
    close(p[0]);
    CALL(epoll_wait(ep, out, 4, 0));
    CALL(epoll_ctl(ep, EPOLL_CTL_DEL, p[0], &e));
    close(copy);
    CALL(epoll_wait(ep, out, 4, 0));
    close(p[1]);
    /* One that watches another one. */
    pipe(p);
    e.events = EPOLLIN;
    e.data.fd = 1;
    CALL(epoll_ctl(other, EPOLL_CTL_ADD, p[0], &e));
    struct pollfd f = {ep, POLLIN | POLLOUT, 0};
    CALL(poll(&f, 1, 0));
    write(p[1], "x", 1);
    CALL(poll(&f, 1, 0));
    printf("%x\n", f.revents);
    CALL(epoll_wait(ep, out, 4, 0));
    close(ep);
    int chain[8];
    for (int i = 0; i < 8; i++) {
        chain[i] = epoll_create1(0);
        if (i)
            printf("%d: ", i), CALL(epoll_ctl(chain[i], EPOLL_CTL_ADD, chain[i - 1], &e));
    }
    CALL(epoll_ctl(chain[0], EPOLL_CTL_ADD, chain[3], &e));
    for (int i = 0; i < 8; i++)
        close(chain[i]);
    close(other), close(file), close(p[0]), close(p[1]);
}

/* A blocked signal that is pending is delivered in the call whose mask lets it through, and only there. */
static void masks(void) {
    struct sigaction a = {.sa_handler = handler};
    sigaction(SIGUSR1, &a, NULL);
    sigset_t block, open, now;
    sigemptyset(&open);
    sigemptyset(&block);
    sigaddset(&block, SIGUSR1);
    sigprocmask(SIG_SETMASK, &block, NULL);
    int p[2], ep = epoll_create1(0);
    pipe(p);
    struct epoll_event e = {EPOLLIN}, out;
    epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &e);
    struct pollfd f = {p[0], POLLIN, 0};
    struct timespec t = {5, 0}, zero = {0, 0};
    fd_set r;
    for (int ready = 0; ready < 2; ready++) {
        printf("ready %d\n", ready);
        if (ready)
            write(p[1], "x", 1);
        raise(SIGUSR1);
        CALL(poll(&f, 1, 10));
        CALL(ppoll(&f, 1, &t, &block));
        if (ready == 0)
            printf("waited\n");
        printf("handled %d\n", handled);
        CALL(ppoll(&f, 1, &t, &open));
        printf("handled %d\n", handled);
        raise(SIGUSR1);
        CALL(ppoll(&f, 1, &zero, &open));
        printf("handled %d\n", handled);
        raise(SIGUSR1);
        FD_ZERO(&r);
        FD_SET(p[0], &r);
        CALL(pselect(p[0] + 1, &r, NULL, NULL, &t, &open));
        printf("handled %d\n", handled);
        raise(SIGUSR1);
        CALL(epoll_pwait(ep, &out, 1, 5000, &open));
        printf("handled %d\n", handled);
        raise(SIGUSR1);
        CALL(syscall(441, ep, &out, 1, &t, &open, 8));
        printf("handled %d\n", handled);
        sigprocmask(SIG_SETMASK, NULL, &now);
        printf("blocked %d open %d\n", sigismember(&now, SIGUSR1), sigismember(&now, SIGUSR2));
        sigprocmask(SIG_SETMASK, &open, NULL);
        sigprocmask(SIG_SETMASK, &block, NULL);
        printf("handled %d\n", handled);
        t = (struct timespec){0, 50000000};
    }
}

int main(void) {
    eventfds();
    polls();
    selects();
    epolls();
    masks();
    return 0;
}
