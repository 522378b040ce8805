/* Which wrong argument counts first, where calls of tasks, signals and time have two. */
#include "t.h"
#include <sys/timerfd.h>

#define BAD ((void *)8)

int main(void) {
    setvbuf(stdout, NULL, _IONBF, 0);
    static unsigned char page[4096];
    siginfo_t info;
    memset(&info, 0xff, sizeof info);
    CALL(syscall(SYS_rt_tgsigqueueinfo, 0, 0, 0, NULL));
    CALL(syscall(SYS_rt_tgsigqueueinfo, 0, 0, 0, &info));
    CALL(syscall(SYS_waitid, 65, 0, &info, WEXITED, NULL));
    CALL(info.si_signo);
    CALL(info.si_pid);
    CALL(syscall(SYS_waitid, 65, 0, BAD, WEXITED, NULL));
    CALL(syscall(SYS_waitid, P_ALL, 0, BAD, 0, NULL));
    CALL(syscall(SYS_waitid, P_PIDFD, 999, BAD, WEXITED, NULL));
    memset(&info, 0xff, sizeof info);
    CALL(syscall(SYS_waitid, P_ALL, 0, &info, WEXITED, NULL));
    CALL(info.si_code);
    CALL(syscall(SYS_waitid, P_ALL, 0, BAD, WEXITED, NULL));

    stack_t none, own = {page, 0, 5000}, out;
    memset(&none, 0, sizeof none); /* what it was before: whether Linux sees no change depends on who started us */
    none.ss_sp = page;
    CALL(sigaltstack(&none, NULL));
    CALL(sigaltstack(&own, NULL));
    CALL(sigaltstack(&none, NULL));
    CALL(sigaltstack(&own, &out));
    CALL(out.ss_size);

    timer_t timer;
    struct sigevent event;
    memset(&event, 0, sizeof event);
    int clocks[] = {0, 1, 2, 4, 5, 6, 7, 8, 9, 10, 12, -1, 100};
    for (int i = 0; i < sizeof clocks / sizeof *clocks; i++) {
        printf("clock %d\n", clocks[i]);
        CALL(syscall(SYS_timer_create, clocks[i], BAD, NULL));
        CALL(syscall(SYS_timer_create, clocks[i], &event, NULL));
        CALL(syscall(SYS_timer_create, clocks[i], NULL, BAD));
        CALL(syscall(SYS_clock_nanosleep, clocks[i], 0, BAD, NULL));
        struct timespec wrong = {0, -1};
        CALL(syscall(SYS_clock_nanosleep, clocks[i], 0, &wrong, NULL));
        if (clocks[i] != CLOCK_REALTIME)
            CALL(syscall(SYS_clock_settime, clocks[i], BAD));
    }
    struct itimerspec spec;
    memset(&spec, 0, sizeof spec);
    CALL(syscall(SYS_timerfd_settime, 999, -1, BAD, NULL));
    CALL(syscall(SYS_timerfd_settime, 999, -1, &spec, NULL));
    CALL(syscall(SYS_timerfd_settime, 999, 0, &spec, NULL));
    spec.it_value.tv_nsec = -1;
    CALL(syscall(SYS_timerfd_settime, 999, 0, &spec, NULL));
    CALL(syscall(SYS_prlimit64, 0, 99, BAD, NULL));
    CALL(syscall(SYS_prlimit64, 999999999, 99, NULL, NULL));
    CALL(syscall(SYS_prlimit64, 0, 99, NULL, NULL));
    CALL(syscall(SYS_prlimit64, 0, 0, NULL, BAD));

    CALL(syscall(SYS_execveat, -1, BAD, NULL, NULL, 1));
    CALL(syscall(SYS_execveat, -1, "", NULL, NULL, 1));
    CALL(syscall(SYS_execveat, -1, "/bin/true", BAD, NULL, 1));
    CALL(syscall(SYS_execveat, -1, "x", BAD, NULL, 0));

    CALL(syscall(SYS_getrandom, -1L, 0, 0));
    CALL(syscall(SYS_getrandom, 8, 0, 0));
    CALL(syscall(SYS_getrandom, -1L, 0, 77));
    CALL(syscall(SYS_process_vm_readv, getpid(), NULL, 0, -1L, -1L, 0));
    CALL(syscall(SYS_process_vm_readv, getpid(), NULL, 0, -1L, -1L, 1));
    CALL(syscall(SYS_process_vm_readv, 999999999, NULL, 0, NULL, 0, 0));
    struct iovec v = {page, -1L};
    CALL(syscall(SYS_process_madvise, 999, &v, 1, 4, 0));
    v.iov_len = 10;
    CALL(syscall(SYS_process_madvise, 999, &v, 1, 4, 0));
    CALL(syscall(SYS_process_madvise, 999, &v, 1, 4, 1));
    return 0;
}
