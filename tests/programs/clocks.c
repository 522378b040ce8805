/* The clocks that the vDSO reads agree with those of the system calls, and never go back. */
#include "t.h"
#include <sys/auxv.h>

static long nanos(struct timespec t) { return t.tv_sec * 1000000000L + t.tv_nsec; }

static long call(int clock) {
    struct timespec t;
    syscall(SYS_clock_gettime, clock, &t);
    return nanos(t);
}

static long quick(int clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return nanos(t);
}

int main(void) {
    static const int clocks[] = {CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_MONOTONIC_RAW, CLOCK_BOOTTIME, CLOCK_TAI};
    TRUE(getauxval(AT_SYSINFO_EHDR) != 0);
    quick(CLOCK_MONOTONIC);
    t_sleep(20);
    for (int round = 0; round < 6; round++) {
        for (int i = 0; i < 5; i++) {
            long before = call(clocks[i]), between = quick(clocks[i]), after = call(clocks[i]);
            /* Half a microsecond is what two readings of one counter may differ by. */
            if (between < before - 500 || after < between - 500)
                printf("clock %d: %ld %ld\n", clocks[i], between - before, after - between);
        }
        long last = quick(CLOCK_MONOTONIC);
        for (int i = 0; i < 300000; i++) {
            long now = quick(CLOCK_MONOTONIC);
            if (now < last) {
                printf("back by %ld\n", last - now);
                break;
            }
            last = now;
        }
        t_sleep(50);
    }
    struct timespec t;
    struct timeval v;
    CALL(clock_getres(CLOCK_MONOTONIC, &t));
    printf("%ld\n", nanos(t));
    CALL(clock_getres(CLOCK_MONOTONIC_COARSE, NULL));
    CALL(clock_gettime(77, &t));
    CALL(gettimeofday(&v, NULL));
    long now = quick(CLOCK_REALTIME) / 1000000000L;
    TRUE(now - v.tv_sec <= 1 && now - time(NULL) <= 1 && v.tv_usec < 1000000);
    long coarse = quick(CLOCK_MONOTONIC_COARSE), fine = quick(CLOCK_MONOTONIC);
    TRUE(coarse <= fine && fine - coarse < 100000000);
    unsigned cpu = 99999;
    TRUE(sched_getcpu() >= 0 && syscall(SYS_getcpu, &cpu, NULL, NULL) == 0 && cpu < 4096);
    return 0;
}
