/* Time namespaces: offsets of the clocks, when they can be set, who is inside. */
#include "t.h"
#include <linux/futex.h>
#include <sys/sysinfo.h>
#include <sys/timerfd.h>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif

static long now(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return t.tv_sec;
}

static long called(clockid_t clock) {
    struct timespec t;
    syscall(SYS_clock_gettime, clock, &t);
    return t.tv_sec;
}

static void set(const char *text) {
    int fd = open("/proc/self/timens_offsets", O_WRONLY);
    errno = 0;
    long r = write(fd, text, strlen(text));
    printf("write '%.40s': %ld %s\n", text, r, r < 0 ? strerrorname_np(errno) : "");
    close(fd);
}

static void show(const char *path) {
    char text[4096];
    int fd = open(path, O_RDONLY);
    long n = read(fd, text, sizeof text - 1);
    printf("%s: %ld\n%.*s", path, n, (int)(n > 0 ? n : 0), text);
    close(fd);
}

static void link_of(const char *a, const char *b) {
    char x[100] = "", y[100] = "";
    (void)!readlink(a, x, 99);
    (void)!readlink(b, y, 99);
    printf("%s %s %s, %.5s\n", a, strcmp(x, y) ? "is not" : "is", b, x);
}

static void near(const char *what, long a, long b) { printf("%s: %s\n", what, labs(a - b) <= 3 ? "as expected" : "far"); }

static long mono0, boot0, real0;
static struct sysinfo info0;

static void inside(void) {
    near("monotonic", now(CLOCK_MONOTONIC), mono0 + 100000);
    near("monotonic by call", called(CLOCK_MONOTONIC), mono0 + 100000);
    near("coarse", now(CLOCK_MONOTONIC_COARSE), mono0 + 100000);
    near("raw against monotonic", now(CLOCK_MONOTONIC_RAW) - mono0 > 90000, 1);
    near("boottime", now(CLOCK_BOOTTIME), boot0 + 200000);
    near("boottime by call", called(CLOCK_BOOTTIME), boot0 + 200000);
    near("realtime", now(CLOCK_REALTIME), real0);
    struct sysinfo info;
    sysinfo(&info);
    near("sysinfo", info.uptime, info0.uptime + 200000);
    double up = 0;
    FILE *f = fopen("/proc/uptime", "r");
    (void)!fscanf(f, "%lf", &up);
    fclose(f);
    near("/proc/uptime", (long)up, info.uptime);
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    t.tv_nsec += 50000000;
    if (t.tv_nsec >= 1000000000) {
        t.tv_nsec -= 1000000000;
        t.tv_sec++;
    }
    long before = t_millis();
    CALL(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL));
    long took = t_millis() - before;
    printf("slept %s\n", took >= 45 && took < 3000 ? "right" : "wrong");
    int fd = timerfd_create(CLOCK_BOOTTIME, 0);
    struct itimerspec s = {0}, left;
    clock_gettime(CLOCK_BOOTTIME, &s.it_value);
    s.it_value.tv_sec += 50;
    CALL(timerfd_settime(fd, TFD_TIMER_ABSTIME, &s, NULL));
    timerfd_gettime(fd, &left);
    near("timerfd", left.it_value.tv_sec, 50);
    timer_t timer;
    struct sigevent e = {.sigev_notify = SIGEV_NONE};
    timer_create(CLOCK_MONOTONIC, &e, &timer);
    clock_gettime(CLOCK_MONOTONIC, &s.it_value);
    s.it_value.tv_sec += 70;
    CALL(timer_settime(timer, TIMER_ABSTIME, &s, NULL));
    timer_gettime(timer, &left);
    near("timer", left.it_value.tv_sec, 70);
    int word = 0;
    clock_gettime(CLOCK_MONOTONIC, &t);
    t.tv_sec += 1;
    before = t_millis();
    CALL(syscall(SYS_futex, &word, FUTEX_WAIT_BITSET, 0, &t, NULL, FUTEX_BITSET_MATCH_ANY));
    took = t_millis() - before;
    printf("waited %s\n", took >= 900 && took < 4000 ? "right" : "wrong");
}

int main(int argc, char **argv) {
    setvbuf(stdout, NULL, _IONBF, 0);
    if (argc > 1) {
        mono0 = atol(argv[1]);
        near("after exec", now(CLOCK_MONOTONIC), mono0 + 100000);
        link_of("/proc/self/ns/time", "/proc/self/ns/time_for_children");
        return 0;
    }
    link_of("/proc/self/ns/time", "/proc/self/ns/time_for_children");
    show("/proc/self/timens_offsets");
    set("monotonic 1 0\n");
    mono0 = now(CLOCK_MONOTONIC);
    boot0 = now(CLOCK_BOOTTIME);
    real0 = now(CLOCK_REALTIME);
    sysinfo(&info0);
    int old = open("/proc/self/ns/time", O_RDONLY);
    CALL(unshare(CLONE_NEWTIME));
    link_of("/proc/self/ns/time", "/proc/self/ns/time_for_children");
    show("/proc/self/timens_offsets");
    set("");
    set("monotonic\n");
    set("monotonic 1\n");
    set("monotonic 1 -1\n");
    set("monotonic 1 1000000000\n");
    set("realtime 1 0\n");
    set("0 1 0\n");
    set("monotonic x 0\n");
    set("monotonic -100000000000 0\n");
    set("monotonic 9223372036854775807 0\n");
    set("boottime 5000000000 0\n");
    set("1 1 5\n7 2 6\n");
    show("/proc/self/timens_offsets");
    set("monotonic -1 500000000\n");
    show("/proc/self/timens_offsets");
    set("monotonic    100000   0\nboottime 200000 0");
    show("/proc/self/timens_offsets");
    near("not for oneself", now(CLOCK_MONOTONIC), mono0);
    near("not for oneself by call", called(CLOCK_MONOTONIC), mono0);
    pid_t pid = t_fork();
    if (!pid) {
        link_of("/proc/self/ns/time", "/proc/self/ns/time_for_children");
        inside();
        _exit(0);
    }
    t_reap("child", pid);
    set("monotonic 5 0\n");
    char start[30];
    snprintf(start, sizeof start, "%ld", mono0);
    pid = t_fork();
    if (!pid) {
        execl("/proc/self/exe", "timens", start, NULL);
        _exit(1);
    }
    t_reap("exec", pid);
    pid = t_fork();
    if (!pid) {
        near("before setns", now(CLOCK_MONOTONIC), mono0 + 100000);
        CALL(setns(old, CLONE_NEWUTS));
        CALL(setns(old, CLONE_NEWTIME));
        near("after setns", now(CLOCK_MONOTONIC), mono0);
        near("after setns by call", called(CLOCK_MONOTONIC), mono0);
        link_of("/proc/self/ns/time", "/proc/self/ns/time_for_children");
        _exit(0);
    }
    t_reap("setns", pid);
    CALL(setns(old, 0));
    link_of("/proc/self/ns/time", "/proc/self/ns/time_for_children");
    pid = t_fork();
    if (!pid) {
        CALL(setresuid(65534, 65534, 65534));
        CALL(unshare(CLONE_NEWTIME));
        CALL(setns(old, 0));
        CALL(unshare(CLONE_NEWUSER | CLONE_NEWTIME));
        set("monotonic 1 0\n");
        _exit(0);
    }
    t_reap("user", pid);
    return 0;
}
