/* Clocks, sleeping and timers. */
#include "t.h"
#include <sys/times.h>

static long now(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return t.tv_sec * 1000000000 + t.tv_nsec;
}

static volatile int alarms;
static void alarmed(int signo) { alarms++; }

static void monotone(clockid_t clock, const char *name) {
    long last = now(clock);
    int back = 0;
    for (int i = 0; i < 100000; i++) {
        long t = now(clock);
        back += t < last;
        last = t;
    }
    printf("%s went back %d times\n", name, back);
}

int main(void) {
    struct timespec t, left;
    struct timeval tv;
    monotone(CLOCK_MONOTONIC, "monotonic");
    monotone(CLOCK_REALTIME, "realtime");
    monotone(CLOCK_MONOTONIC_RAW, "raw");
    gettimeofday(&tv, NULL);
    TRUE(labs(tv.tv_sec - time(NULL)) <= 1);
    clock_gettime(CLOCK_REALTIME, &t);
    TRUE(labs(t.tv_sec - tv.tv_sec) <= 1);
    /* The vDSO and the system call agree. */
    struct timespec a, b, c;
    clock_gettime(CLOCK_MONOTONIC, &a);
    syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &b);
    clock_gettime(CLOCK_MONOTONIC, &c);
    long na = a.tv_sec * 1000000000 + a.tv_nsec, nb = b.tv_sec * 1000000000 + b.tv_nsec,
         nc = c.tv_sec * 1000000000 + c.tv_nsec;
    TRUE(na <= nb && nb <= nc && nc - na < 1000000000);
    clock_gettime(CLOCK_REALTIME, &a);
    syscall(SYS_clock_gettime, CLOCK_REALTIME, &b);
    clock_gettime(CLOCK_REALTIME, &c);
    na = a.tv_sec * 1000000000 + a.tv_nsec, nb = b.tv_sec * 1000000000 + b.tv_nsec,
    nc = c.tv_sec * 1000000000 + c.tv_nsec;
    TRUE(na <= nb && nb <= nc);
    TRUE(labs(now(CLOCK_REALTIME_COARSE) - now(CLOCK_REALTIME)) < 100000000);
    TRUE(labs(now(CLOCK_MONOTONIC_COARSE) - now(CLOCK_MONOTONIC)) < 100000000);
    TRUE(now(CLOCK_BOOTTIME) >= 0);
    CALL(clock_gettime(77, &t));
    CALL(syscall(SYS_clock_gettime, CLOCK_MONOTONIC, (void *)8));
    CALL(clock_getres(CLOCK_MONOTONIC, &t));
    printf("resolution %ld.%09ld\n", t.tv_sec, t.tv_nsec);

    int lengths[] = {0, 1, 10, 50, 120};
    for (int i = 0; i < 5; i++) {
        long start = now(CLOCK_MONOTONIC);
        t.tv_sec = 0;
        t.tv_nsec = lengths[i] * 1000000L;
        nanosleep(&t, NULL);
        long took = now(CLOCK_MONOTONIC) - start;
        printf("slept %d ms: long enough %d, not too long %d\n", lengths[i], took >= lengths[i] * 1000000L,
               took < lengths[i] * 1000000L + 500000000);
    }
    t.tv_nsec = 1000000000;
    CALL(nanosleep(&t, NULL));
    t.tv_sec = -1;
    t.tv_nsec = 0;
    CALL(nanosleep(&t, NULL));
    CALL(nanosleep((void *)8, NULL));
    long until = now(CLOCK_MONOTONIC) + 40000000;
    t.tv_sec = until / 1000000000;
    t.tv_nsec = until % 1000000000;
    CALL(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL));
    TRUE(now(CLOCK_MONOTONIC) >= until);
    CALL(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL));
    printf("%s\n", strerrorname_np(clock_nanosleep(77, 0, &t, NULL)));

    signal(SIGALRM, alarmed);
    CALL(alarm(10));
    CALL(alarm(0));
    struct itimerval it = {{0, 20000}, {0, 20000}}, old;
    CALL(setitimer(ITIMER_REAL, &it, NULL));
    while (alarms < 3)
        pause();
    getitimer(ITIMER_REAL, &old);
    printf("interval %ld\n", old.it_interval.tv_usec);
    memset(&it, 0, sizeof it);
    CALL(setitimer(ITIMER_REAL, &it, &old));
    CALL(setitimer(77, &it, NULL));
    it.it_value.tv_usec = 1000000;
    CALL(setitimer(ITIMER_REAL, &it, NULL));

    timer_t timer;
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM};
    alarms = 0;
    CALL(timer_create(CLOCK_MONOTONIC, &event, &timer));
    struct itimerspec spec = {{0, 0}, {0, 20000000}}, was;
    CALL(timer_settime(timer, 0, &spec, NULL));
    while (!alarms)
        pause();
    CALL(timer_gettime(timer, &was));
    printf("left %ld\n", was.it_value.tv_nsec);
    CALL(timer_delete(timer));
    CALL(timer_delete(timer));

    long cpu = now(CLOCK_PROCESS_CPUTIME_ID);
    struct rusage before, after;
    getrusage(RUSAGE_SELF, &before);
    volatile long sum = 0;
    long start = now(CLOCK_MONOTONIC);
    while (now(CLOCK_MONOTONIC) - start < 200000000)
        for (int i = 0; i < 10000; i++)
            sum += i;
    long used = now(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    TRUE(used > 20000000 && used < 1000000000);
    TRUE(now(CLOCK_THREAD_CPUTIME_ID) > 0);
    getrusage(RUSAGE_SELF, &after);
    TRUE(after.ru_utime.tv_sec * 1000000 + after.ru_utime.tv_usec + after.ru_stime.tv_sec * 1000000 +
             after.ru_stime.tv_usec >
         before.ru_utime.tv_sec * 1000000 + before.ru_utime.tv_usec);
    struct tms tms;
    TRUE(times(&tms) != -1 && tms.tms_utime + tms.tms_stime > 0);
    printf("ticks %ld\n", sysconf(_SC_CLK_TCK));
    return 0;
}
