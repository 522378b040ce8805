/* Clocks and timers: the errors of wrong arguments, and what a setting reads back as. */
#include "t.h"
#include <sys/timerfd.h>
#include <sys/timex.h>

#define BAD ((void *)8)

static int clocks[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 15, 16, 17, 100, 0x7fffffff};

static void reading(void) {
    struct timespec t;
    for (unsigned i = 0; i < sizeof clocks / sizeof *clocks; i++) {
        printf("clock %d\n", clocks[i]);
        t.tv_sec = t.tv_nsec = -7;
        if (clocks[i] != 8 && clocks[i] != 9) { /* there may be a hardware clock or not */
            CALL(syscall(SYS_clock_gettime, clocks[i], &t));
            CALL(syscall(SYS_clock_gettime, clocks[i], BAD));
            CALL(syscall(SYS_clock_getres, clocks[i], NULL));
            CALL(syscall(SYS_clock_getres, clocks[i], BAD));
            if (CALL(syscall(SYS_clock_getres, clocks[i], &t)) == 0)
                printf("%ld.%09ld\n", t.tv_sec, t.tv_nsec);
        }
        t.tv_sec = 0;
        t.tv_nsec = 1;
        if (clocks[i] != 2 && clocks[i] != 8 && clocks[i] != 9)
            CALL(syscall(SYS_clock_nanosleep, clocks[i], 0, &t, NULL));
        if (clocks[i] != 0)
            CALL(syscall(SYS_clock_settime, clocks[i], &t));
        CALL(syscall(SYS_clock_settime, clocks[i], BAD));
    }
    /* CPU clocks of processes and threads. */
    int me = getpid(), cpu[] = {~me << 3, ~me << 3 | 1, ~me << 3 | 2, ~me << 3 | 3, ~me << 3 | 4, ~me << 3 | 5,
                                ~me << 3 | 6, ~me << 3 | 7, ~0 << 3 | 2, ~0 << 3 | 6, ~99999999 << 3 | 2, -1};
    for (unsigned i = 0; i < sizeof cpu / sizeof *cpu; i++) {
        printf("cpu clock %d\n", i);
        CALL(syscall(SYS_clock_gettime, cpu[i], &t));
        CALL(syscall(SYS_clock_gettime, cpu[i], BAD));
        if (CALL(syscall(SYS_clock_getres, cpu[i], &t)) == 0)
            printf("%ld.%09ld\n", t.tv_sec, t.tv_nsec);
        t.tv_sec = 0;
        t.tv_nsec = 1;
        CALL(syscall(SYS_clock_settime, cpu[i], &t));
        timer_t timer;
        int id = -1;
        if (CALL(syscall(SYS_timer_create, cpu[i], NULL, &id)) == 0)
            CALL(syscall(SYS_timer_delete, id));
    }
}

static void sleeping(void) {
    struct timespec t = {0, 0}, bad[] = {{0, -1}, {0, 1000000000}, {-1, 0}, {-1, 5}, {0, LONG_MAX}, {LONG_MIN, 0}};
    for (int i = 0; i < 6; i++) {
        printf("%d\n", i);
        CALL(syscall(SYS_nanosleep, &bad[i], NULL));
        CALL(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &bad[i], NULL));
        CALL(syscall(SYS_clock_nanosleep, CLOCK_REALTIME, TIMER_ABSTIME, &bad[i], NULL));
        CALL(syscall(SYS_clock_nanosleep, 77, 0, &bad[i], NULL));
        CALL(syscall(SYS_clock_nanosleep, CLOCK_THREAD_CPUTIME_ID, 0, &bad[i], NULL));
        CALL(syscall(SYS_ppoll, NULL, 0, &bad[i], NULL, 8));
        CALL(syscall(SYS_pselect6, 0, NULL, NULL, NULL, &bad[i], NULL));
        CALL(syscall(SYS_futex, &t, 0, 0, &bad[i], NULL, 0));
        CALL(syscall(SYS_futex, &t, 9, 0, &bad[i], NULL, -1));
    }
    CALL(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, BAD, NULL));
    CALL(syscall(SYS_clock_nanosleep, 77, 0, BAD, NULL));
    CALL(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 7, &t, NULL)); /* other flags do nothing */
    CALL(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &t, BAD));
    CALL(syscall(SYS_nanosleep, BAD, NULL));
    CALL(syscall(SYS_nanosleep, &t, BAD));
    struct timespec mine;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &mine);
    CALL(syscall(SYS_clock_nanosleep, CLOCK_PROCESS_CPUTIME_ID, TIMER_ABSTIME, &t, NULL));
}

static void setting(void) {
    struct timeval v = {1, 2000000};
    struct timezone z = {0, 0};
    struct timespec t = {0, 1000000000};
    CALL(syscall(SYS_settimeofday, BAD, NULL));
    CALL(syscall(SYS_settimeofday, NULL, BAD));
    CALL(syscall(SYS_settimeofday, &v, NULL));
    v.tv_usec = -1;
    CALL(syscall(SYS_settimeofday, &v, NULL));
    CALL(syscall(SYS_clock_settime, CLOCK_REALTIME, &t));
    t.tv_nsec = -1;
    CALL(syscall(SYS_clock_settime, CLOCK_REALTIME, &t));
    CALL(syscall(SYS_gettimeofday, BAD, NULL));
    CALL(syscall(SYS_gettimeofday, NULL, BAD));
    CALL(syscall(SYS_gettimeofday, NULL, NULL));
    CALL(syscall(SYS_time, BAD));
    CALL(syscall(SYS_times, BAD));
    TRUE(syscall(SYS_times, NULL) != 0);
    struct timex x;
    memset(&x, 0, sizeof x);
    int state = syscall(SYS_adjtimex, &x);
    TRUE(state >= 0 && state <= 5);
    TRUE(x.tick >= 9000 && x.tick <= 11000 && labs(x.time.tv_sec - time(NULL)) <= 1);
    CALL(syscall(SYS_adjtimex, BAD));
    memset(&x, 0, sizeof x);
    state = syscall(SYS_clock_adjtime, CLOCK_REALTIME, &x);
    TRUE(state >= 0 && state <= 5);
    TRUE(x.tick >= 9000 && x.tick <= 11000 && labs(x.time.tv_sec - time(NULL)) <= 1);
    int others[] = {1, 2, 3, 4, 5, 6, 7, 11, 77, -1, ~0 << 3 | 2};
    for (int i = 0; i < 11; i++) {
        memset(&x, 0, sizeof x);
        printf("%d: ", others[i]), CALL(syscall(SYS_clock_adjtime, others[i], &x));
    }
    CALL(syscall(SYS_clock_adjtime, CLOCK_REALTIME, BAD));
    CALL(syscall(SYS_clock_adjtime, 77, BAD));
}

static void intervals(void) {
    struct itimerval v = {{0, 0}, {0, 0}}, old;
    int which[] = {0, 1, 2, 3, -1};
    for (int i = 0; i < 5; i++) {
        printf("itimer %d\n", which[i]);
        CALL(syscall(SYS_getitimer, which[i], &old));
        CALL(syscall(SYS_getitimer, which[i], BAD));
        CALL(syscall(SYS_setitimer, which[i], BAD, NULL));
        CALL(syscall(SYS_setitimer, which[i], NULL, &old));
        v.it_value = (struct timeval){1000, 500000};
        v.it_interval = (struct timeval){77, 123456};
        CALL(syscall(SYS_setitimer, which[i], &v, BAD));
        if (CALL(syscall(SYS_getitimer, which[i], &old)) == 0)
            printf("interval %ld.%06ld left %d\n", old.it_interval.tv_sec, old.it_interval.tv_usec,
                   old.it_value.tv_sec == 1000 || old.it_value.tv_sec == 999);
        v.it_value = (struct timeval){0, 0};
        if (CALL(syscall(SYS_setitimer, which[i], &v, &old)) == 0)
            printf("interval %ld.%06ld left %d\n", old.it_interval.tv_sec, old.it_interval.tv_usec,
                   old.it_value.tv_sec == 1000 || old.it_value.tv_sec == 999);
        if (CALL(syscall(SYS_getitimer, which[i], &old)) == 0)
            printf("interval %ld.%06ld value %ld.%06ld\n", old.it_interval.tv_sec, old.it_interval.tv_usec,
                   old.it_value.tv_sec, old.it_value.tv_usec);
        struct itimerval bad[] = {{{0, 0}, {0, 1000000}}, {{0, 0}, {-1, 0}}, {{0, 1000000}, {0, 0}}, {{-1, 0}, {0, 0}},
                                  {{0, -1}, {0, 0}}};
        for (int j = 0; j < 5; j++)
            CALL(syscall(SYS_setitimer, which[i], &bad[j], NULL));
    }
    CALL(alarm(0));
    CALL(alarm(1000));
    CALL(alarm(0));
    CALL(alarm(0xffffffffu));
    TRUE(alarm(0) >= 1000000);
    v.it_value = (struct timeval){0, 400000};
    setitimer(ITIMER_REAL, &v, NULL);
    CALL(alarm(0));
    v.it_value = (struct timeval){5, 600000};
    setitimer(ITIMER_REAL, &v, NULL);
    CALL(alarm(0));
}

static void posix(void) {
    int id = -1;
    struct sigevent e;
    memset(&e, 0, sizeof e);
    for (unsigned i = 0; i < sizeof clocks / sizeof *clocks; i++) {
        if (clocks[i] == 8 || clocks[i] == 9)
            continue;
        printf("clock %d: ", clocks[i]);
        if (CALL(syscall(SYS_timer_create, clocks[i], NULL, &id)) == 0)
            syscall(SYS_timer_delete, id);
    }
    CALL(syscall(SYS_timer_create, CLOCK_MONOTONIC, BAD, &id));
    CALL(syscall(SYS_timer_create, CLOCK_MONOTONIC, NULL, BAD));
    CALL(syscall(SYS_timer_create, 77, BAD, BAD));
    int kinds[] = {0, 1, 2, 3, 4, 5, 6, 8, -1}, signals[] = {0, 1, 9, 19, 64, 65, -1};
    for (int i = 0; i < 9; i++)
        for (int j = 0; j < 7; j++) {
            e.sigev_notify = kinds[i];
            e.sigev_signo = signals[j];
            e._sigev_un._tid = gettid();
            printf("notify %d signal %d: ", kinds[i], signals[j]);
            if (CALL(syscall(SYS_timer_create, CLOCK_MONOTONIC, &e, &id)) == 0)
                syscall(SYS_timer_delete, id);
        }
    e.sigev_notify = SIGEV_THREAD_ID;
    e.sigev_signo = 10;
    int tids[] = {0, -1, 99999999, getppid()};
    for (int i = 0; i < 4; i++) {
        e._sigev_un._tid = tids[i];
        CALL(syscall(SYS_timer_create, CLOCK_MONOTONIC, &e, &id));
    }
    e.sigev_notify = SIGEV_SIGNAL;
    CALL(syscall(SYS_timer_create, CLOCK_MONOTONIC, &e, &id));
    int gone[] = {-1, id + 1000000, 0x7fffffff};
    struct itimerspec s = {{0, 0}, {0, 0}}, old;
    for (int i = 0; i < 3; i++) {
        CALL(syscall(SYS_timer_settime, gone[i], 0, &s, NULL));
        CALL(syscall(SYS_timer_settime, gone[i], 0, NULL, NULL));
        CALL(syscall(SYS_timer_settime, gone[i], 0, BAD, NULL));
        CALL(syscall(SYS_timer_gettime, gone[i], &old));
        CALL(syscall(SYS_timer_gettime, gone[i], BAD));
        CALL(syscall(SYS_timer_getoverrun, gone[i]));
        CALL(syscall(SYS_timer_delete, gone[i]));
    }
    CALL(syscall(SYS_timer_settime, id, 0, NULL, NULL));
    CALL(syscall(SYS_timer_settime, id, 0, BAD, NULL));
    CALL(syscall(SYS_timer_gettime, id, BAD));
    struct itimerspec bad[] = {{{0, 0}, {0, 1000000000}}, {{0, 0}, {-1, 0}}, {{0, 1000000000}, {0, 0}}, {{-1, 0}, {0, 0}},
                               {{0, -1}, {0, 0}}};
    for (int j = 0; j < 5; j++)
        CALL(syscall(SYS_timer_settime, id, 0, &bad[j], NULL));
    s.it_value.tv_sec = 1000;
    s.it_interval.tv_nsec = 5;
    CALL(syscall(SYS_timer_settime, id, 0x10, &s, BAD)); /* armed all the same */
    CALL(syscall(SYS_timer_gettime, id, &old));
    printf("%ld.%09ld %d\n", old.it_interval.tv_sec, old.it_interval.tv_nsec, old.it_value.tv_sec == 999);
    s.it_value.tv_sec = 0;
    s.it_interval.tv_nsec = 7;
    CALL(syscall(SYS_timer_settime, id, 0, &s, &old));
    printf("%ld.%09ld %d\n", old.it_interval.tv_sec, old.it_interval.tv_nsec, old.it_value.tv_sec == 999);
    CALL(syscall(SYS_timer_gettime, id, &old));
    printf("%ld.%09ld %ld.%09ld\n", old.it_interval.tv_sec, old.it_interval.tv_nsec, old.it_value.tv_sec,
           old.it_value.tv_nsec);
    CALL(syscall(SYS_timer_delete, id));
    e.sigev_notify = SIGEV_NONE;
    CALL(syscall(SYS_timer_create, CLOCK_MONOTONIC, &e, &id));
    /* One that nobody is told of counts to zero. */
    s.it_interval.tv_nsec = 0;
    s.it_value.tv_nsec = 10000000;
    CALL(syscall(SYS_timer_settime, id, 0, &s, &old));
    t_sleep(50);
    CALL(syscall(SYS_timer_gettime, id, &old));
    printf("%ld.%09ld %ld.%09ld\n", old.it_interval.tv_sec, old.it_interval.tv_nsec, old.it_value.tv_sec,
           old.it_value.tv_nsec);
    s.it_interval.tv_nsec = 1000000;
    CALL(syscall(SYS_timer_settime, id, 0, &s, &old));
    t_sleep(50);
    CALL(syscall(SYS_timer_gettime, id, &old));
    printf("%ld.%09ld %d\n", old.it_interval.tv_sec, old.it_interval.tv_nsec,
           old.it_value.tv_sec == 0 && old.it_value.tv_nsec > 0 && old.it_value.tv_nsec <= 1000000);
    CALL(syscall(SYS_timer_getoverrun, id));
    CALL(syscall(SYS_timer_delete, id));
    CALL(syscall(SYS_timer_delete, id));
}

static void fds(void) {
    for (unsigned i = 0; i < sizeof clocks / sizeof *clocks; i++)
        if (clocks[i] != 8 && clocks[i] != 9) {
            printf("clock %d: ", clocks[i]);
            int fd = WORKS(syscall(SYS_timerfd_create, clocks[i], 0));
            if (fd >= 0)
                close(fd);
        }
    CALL(syscall(SYS_timerfd_create, CLOCK_MONOTONIC, 1));
    CALL(syscall(SYS_timerfd_create, CLOCK_MONOTONIC, -1));
    CALL(syscall(SYS_timerfd_create, CLOCK_PROCESS_CPUTIME_ID, 0));
    int fd = WORKS(timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC));
    printf("%x %x\n", fcntl(fd, F_GETFL), fcntl(fd, F_GETFD));
    struct itimerspec s = {{0, 0}, {0, 0}}, old;
    long ticks;
    CALL(syscall(SYS_timerfd_settime, fd, 0, NULL, NULL));
    CALL(syscall(SYS_timerfd_settime, fd, 0, BAD, NULL));
    CALL(syscall(SYS_timerfd_settime, 999, 0, BAD, NULL));
    CALL(syscall(SYS_timerfd_settime, 999, 0, &s, NULL));
    CALL(syscall(SYS_timerfd_settime, 999, 4, &s, NULL));
    CALL(syscall(SYS_timerfd_settime, 0, 0, &s, NULL));
    CALL(syscall(SYS_timerfd_settime, fd, 4, &s, NULL));
    CALL(syscall(SYS_timerfd_settime, fd, -1, &s, NULL));
    CALL(syscall(SYS_timerfd_gettime, fd, BAD));
    CALL(syscall(SYS_timerfd_gettime, 999, &old));
    CALL(syscall(SYS_timerfd_gettime, 0, &old));
    struct itimerspec bad[] = {{{0, 0}, {0, 1000000000}}, {{0, 0}, {-1, 0}}, {{0, 1000000000}, {0, 0}}, {{-1, 0}, {0, 0}},
                               {{0, -1}, {0, 0}}};
    for (int j = 0; j < 5; j++)
        CALL(syscall(SYS_timerfd_settime, fd, 0, &bad[j], NULL));
    CALL(read(fd, &ticks, 8));
    CALL(read(fd, &ticks, 7));
    CALL(read(fd, BAD, 8));
    CALL(write(fd, &ticks, 8));
    CALL(lseek(fd, 0, SEEK_SET));
    CALL(pread(fd, &ticks, 8, 0));
    s.it_value.tv_sec = 1;
    CALL(timerfd_settime(fd, TFD_TIMER_ABSTIME, &s, BAD));
    CALL(timerfd_settime(fd, TFD_TIMER_ABSTIME, &s, &old));
    printf("%ld.%09ld\n", old.it_value.tv_sec, old.it_value.tv_nsec);
    CALL(timerfd_gettime(fd, &old));
    printf("%ld.%09ld\n", old.it_value.tv_sec, old.it_value.tv_nsec);
    struct pollfd p = {fd, POLLIN | POLLOUT, 0};
    t_sleep(5);
    CALL(poll(&p, 1, 0));
    printf("%x\n", p.revents);
    CALL(read(fd, &ticks, 100));
    printf("%ld\n", ticks);
    CALL(read(fd, &ticks, 8));
    /* Cancelled by a change of the clock, which does not come. */
    clock_gettime(CLOCK_REALTIME, &s.it_value);
    s.it_value.tv_sec += 1000;
    CALL(timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &s, NULL));
    CALL(read(fd, &ticks, 8));
    CALL(timerfd_settime(fd, TFD_TIMER_CANCEL_ON_SET, &s, NULL)); /* means nothing without the other */
    CALL(timerfd_settime(fd, 0, &s, NULL));
    CALL(ioctl(fd, FIONREAD, &ticks));
    ticks = 5;
    CALL(ioctl(fd, 0x40085400, &ticks)); /* TFD_IOC_SET_TICKS */
    CALL(read(fd, &ticks, 8));
    printf("%ld\n", ticks);
    ticks = 0;
    CALL(ioctl(fd, 0x40085400, &ticks));
    /* Setting the timer again forgets the ticks. */
    s.it_value = (struct timespec){0, 1000000};
    CALL(timerfd_settime(fd, 0, &s, NULL));
    t_sleep(20);
    s.it_value = (struct timespec){1000, 0};
    CALL(timerfd_settime(fd, 0, &s, &old));
    printf("%ld.%09ld\n", old.it_value.tv_sec, old.it_value.tv_nsec);
    CALL(read(fd, &ticks, 8));
    s.it_value = (struct timespec){0, 1000000};
    s.it_interval = (struct timespec){0, 2000000};
    CALL(timerfd_settime(fd, 0, &s, &old));
    t_sleep(30);
    CALL(read(fd, &ticks, 8));
    TRUE(ticks >= 14 && ticks < 1000);
    /* An interval alone does not arm it. */
    s.it_value = (struct timespec){0, 0};
    CALL(timerfd_settime(fd, 0, &s, &old));
    CALL(timerfd_gettime(fd, &old));
    printf("%ld.%09ld %ld.%09ld\n", old.it_value.tv_sec, old.it_value.tv_nsec, old.it_interval.tv_sec,
           old.it_interval.tv_nsec);
    close(fd);
    fd = timerfd_create(CLOCK_MONOTONIC, 0);
    s.it_value = (struct timespec){0, 20000000};
    s.it_interval = (struct timespec){0, 0};
    long start = t_millis();
    CALL(timerfd_settime(fd, 0, &s, &old));
    CALL(read(fd, &ticks, 8));
    TRUE(t_millis() - start >= 19);
    CALL(timerfd_settime(fd, TFD_TIMER_CANCEL_ON_SET | TFD_TIMER_ABSTIME, &s, &old));
    close(fd);
}

/* Alarms are for who may wake the machine. */
static void alarms(void) {
    CALL(syscall(SYS_timerfd_create, CLOCK_REALTIME_ALARM, 1));
    pid_t pid = t_fork();
    if (!pid) {
        setuid(1000);
        CALL(syscall(SYS_timerfd_create, CLOCK_REALTIME_ALARM, 0));
        CALL(syscall(SYS_timerfd_create, CLOCK_BOOTTIME_ALARM, 0));
        fflush(stdout);
        _exit(0);
    }
    t_reap("child", pid);
}

int main(void) {
    alarms();
    reading();
    sleeping();
    setting();
    intervals();
    posix();
    fds();
    return 0;
}
