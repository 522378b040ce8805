/* poll, select, epoll and eventfd. */
#include "t.h"
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/select.h>

static const char *events(int e) {
    static char b[100];
    b[0] = 0;
    if (e & POLLIN) strcat(b, " IN");
    if (e & POLLOUT) strcat(b, " OUT");
    if (e & POLLERR) strcat(b, " ERR");
    if (e & POLLHUP) strcat(b, " HUP");
    if (e & POLLNVAL) strcat(b, " NVAL");
    return b;
}

static void one(const char *what, int fd, int want) {
    struct pollfd p = {fd, want, 0};
    int r = poll(&p, 1, 0);
    printf("%s: %d%s\n", what, r, events(p.revents));
}

static void polls(void) {
    int p[2];
    char b[70000];
    pipe2(p, O_NONBLOCK);
    one("empty, read end", p[0], POLLIN);
    one("empty, write end", p[1], POLLOUT);
    write(p[1], "x", 1);
    one("one byte", p[0], POLLIN);
    while (write(p[1], b, 4096) > 0)
        ;
    one("full", p[1], POLLOUT);
    while (read(p[0], b, sizeof b) > 0)
        ;
    close(p[1]);
    one("writer gone", p[0], POLLIN);
    close(p[0]);
    pipe(p);
    close(p[0]);
    one("reader gone", p[1], POLLOUT);
    close(p[1]);
    one("closed", p[1], POLLIN);
    one("negative", -1, POLLIN);
    int fd = open("/etc/passwd", O_RDONLY);
    one("file", fd, POLLIN | POLLOUT);
    close(fd);
    long start = t_millis();
    CALL(poll(NULL, 0, 50));
    long took = t_millis() - start;
    TRUE(took >= 50 && took < 1000);
    pipe(p);
    pid_t pid = t_fork();
    if (!pid) {
        t_sleep(50);
        write(p[1], "x", 1);
        _exit(0);
    }
    struct pollfd both[2] = {{p[0], POLLIN, 0}, {-1, POLLIN, 0}};
    CALL(poll(both, 2, 5000));
    printf("revents%s\n", events(both[0].revents));
    t_reap("child", pid);
    CALL(poll((void *)8, 1, 0));
    fd_set r, w;
    FD_ZERO(&r);
    FD_ZERO(&w);
    FD_SET(p[0], &r);
    FD_SET(p[1], &w);
    struct timeval tv = {1, 0};
    CALL(select(p[1] + 1, &r, &w, NULL, &tv));
    printf("%d %d\n", FD_ISSET(p[0], &r), FD_ISSET(p[1], &w));
    FD_ZERO(&r);
    close(50);
    FD_SET(50, &r);
    CALL(select(51, &r, NULL, NULL, &tv));
    CALL(select(-1, NULL, NULL, NULL, &tv));
    tv.tv_sec = 0;
    tv.tv_usec = 20000;
    CALL(select(0, NULL, NULL, NULL, &tv));
    printf("left %ld.%ld\n", tv.tv_sec, tv.tv_usec);
    close(p[0]);
    close(p[1]);
}

static void wait_for(int ep, int timeout) {
    struct epoll_event e[8];
    int n = epoll_wait(ep, e, 8, timeout);
    if (n < 0)
        printf("epoll_wait: %s\n", strerrorname_np(errno));
    printf("epoll: %d", n);
    for (int i = 0; i < n; i++)
        printf(" [%ld%s]", (long)e[i].data.u64, events(e[i].events));
    printf("\n");
}

static void epolls(void) {
    CALL(epoll_create1(77));
    CALL(epoll_create(0));
    int ep = WORKS(epoll_create1(EPOLL_CLOEXEC));
    int p[2];
    char b[10];
    pipe2(p, O_NONBLOCK);
    struct epoll_event e = {EPOLLIN, {.u64 = 1}};
    CALL(epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &e));
    CALL(epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &e));
    CALL(epoll_ctl(ep, EPOLL_CTL_MOD, p[1], &e));
    CALL(epoll_ctl(ep, EPOLL_CTL_ADD, 99, &e));
    CALL(epoll_ctl(ep, EPOLL_CTL_ADD, ep, &e));
    CALL(epoll_ctl(ep, 77, p[0], &e));
    int file = open("/etc/passwd", O_RDONLY);
    CALL(epoll_ctl(ep, EPOLL_CTL_ADD, file, &e));
    CALL(epoll_ctl(file, EPOLL_CTL_ADD, p[0], &e));
    wait_for(ep, 0);
    write(p[1], "ab", 2);
    wait_for(ep, 0);
    wait_for(ep, 0); /* level: again */
    e.events = EPOLLIN | EPOLLET;
    CALL(epoll_ctl(ep, EPOLL_CTL_MOD, p[0], &e));
    wait_for(ep, 0);
    wait_for(ep, 0); /* edge: not again */
    write(p[1], "c", 1);
    wait_for(ep, 0);
    e.events = EPOLLIN | EPOLLONESHOT;
    epoll_ctl(ep, EPOLL_CTL_MOD, p[0], &e);
    wait_for(ep, 0);
    write(p[1], "d", 1);
    wait_for(ep, 0);
    epoll_ctl(ep, EPOLL_CTL_MOD, p[0], &e);
    wait_for(ep, 0);
    read(p[0], b, 10);
    e.events = EPOLLOUT;
    e.data.u64 = 2;
    epoll_ctl(ep, EPOLL_CTL_ADD, p[1], &e);
    wait_for(ep, 0);
    close(p[1]); /* leaves the set */
    wait_for(ep, 0);
    e.events = 0;
    e.data.u64 = 3;
    epoll_ctl(ep, EPOLL_CTL_MOD, p[0], &e);
    wait_for(ep, 0); /* HUP is told unasked */
    CALL(epoll_ctl(ep, EPOLL_CTL_DEL, p[0], NULL));
    CALL(epoll_ctl(ep, EPOLL_CTL_DEL, p[0], NULL));
    wait_for(ep, 0);
    long start = t_millis();
    wait_for(ep, 50);
    TRUE(t_millis() - start >= 50);
    struct epoll_event out;
    CALL(epoll_wait(ep, &out, 0, 0));
    CALL(epoll_wait(99, &out, 1, 0));

    int inner = epoll_create1(0);
    pipe(p);
    e.events = EPOLLIN;
    e.data.u64 = 4;
    epoll_ctl(inner, EPOLL_CTL_ADD, p[0], &e);
    e.data.u64 = 5;
    CALL(epoll_ctl(ep, EPOLL_CTL_ADD, inner, &e));
    e.data.u64 = 6;
    CALL(epoll_ctl(inner, EPOLL_CTL_ADD, ep, &e));
    wait_for(ep, 0);
    write(p[1], "x", 1);
    wait_for(ep, 0);
    wait_for(inner, 0);
    one("epoll in poll", ep, POLLIN);
    read(p[0], b, 10);
    pid_t pid = t_fork();
    if (!pid) {
        t_sleep(40);
        write(p[1], "y", 1);
        _exit(0);
    }
    t_reap("child", pid);
    wait_for(ep, 5000);
}

static void eventfds(void) {
    uint64_t v;
    int fd = WORKS(eventfd(3, EFD_NONBLOCK));
    CALL(read(fd, &v, 8));
    printf("value %ld\n", (long)v);
    CALL(read(fd, &v, 8));
    CALL(read(fd, &v, 4));
    v = 5;
    CALL(write(fd, &v, 8));
    CALL(write(fd, &v, 8));
    CALL(read(fd, &v, 8));
    printf("value %ld\n", (long)v);
    v = UINT64_MAX;
    CALL(write(fd, &v, 8));
    v--;
    CALL(write(fd, &v, 8));
    one("full", fd, POLLIN | POLLOUT);
    v = 1;
    CALL(write(fd, &v, 8));
    CALL(write(fd, &v, 4));
    close(fd);
    fd = WORKS(eventfd(2, EFD_SEMAPHORE | EFD_NONBLOCK));
    CALL(read(fd, &v, 8));
    printf("value %ld\n", (long)v);
    CALL(read(fd, &v, 8));
    CALL(read(fd, &v, 8));
    one("semaphore at 0", fd, POLLIN | POLLOUT);
    CALL(eventfd(0, 77));
    close(fd);
    fd = eventfd(0, 0);
    pid_t pid = t_fork();
    if (!pid) {
        t_sleep(30);
        v = 7;
        write(fd, &v, 8);
        _exit(0);
    }
    CALL(read(fd, &v, 8)); /* sleeps */
    printf("value %ld\n", (long)v);
    t_reap("child", pid);
}

int main(void) {
    polls();
    epolls();
    eventfds();
    return 0;
}
