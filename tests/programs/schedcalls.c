/* Scheduling: policies, priorities, attributes, CPU sets, I/O priorities; and what wrong arguments give. */
#include "t.h"
#include <sys/syscall.h>

struct attr {
    uint32_t size, policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime, deadline, period;
    uint32_t util_min, util_max;
};

static void policies(void) {
    struct sched_param p = {0};
    int list[] = {SCHED_OTHER, SCHED_FIFO, SCHED_RR, SCHED_BATCH, 4, SCHED_IDLE, 6, 8, -1, 100};
    for (int i = 0; i < 10; i++) {
        printf("policy %d\n", list[i]);
        CALL(sched_get_priority_max(list[i]));
        CALL(sched_get_priority_min(list[i]));
        for (int prio = -1; prio < 101; prio += prio == -1 || prio == 0 || prio == 99 ? 1 : 98) {
            p.sched_priority = prio;
            printf("priority %d ", prio);
            if (list[i] == SCHED_FIFO || list[i] == SCHED_RR)
                if (prio > 0 && prio < 100)
                    continue;
            CALL(sched_setscheduler(0, list[i], &p));
            CALL(sched_getscheduler(0));
            p.sched_priority = 77;
            CALL(sched_getparam(0, &p));
            printf("%d\n", p.sched_priority);
        }
    }
    p.sched_priority = 0;
    CALL(sched_setscheduler(0, SCHED_OTHER, &p));
    CALL(sched_setscheduler(-1, SCHED_OTHER, &p));
    CALL(sched_setscheduler(99999999, SCHED_OTHER, &p));
    CALL(sched_setscheduler(0, SCHED_OTHER, NULL));
    CALL(sched_setscheduler(0, SCHED_OTHER, (void *)8));
    CALL(sched_setscheduler(0, SCHED_OTHER | 0x40000000, &p));
    CALL(sched_getscheduler(0) == 0x40000000);
    pid_t pid = t_fork();
    if (!pid)
        _exit(sched_getscheduler(0));
    t_reap("reset on fork", pid);
    CALL(sched_setscheduler(0, SCHED_OTHER, &p));
    CALL(sched_setparam(-1, &p));
    CALL(sched_setparam(0, NULL));
    CALL(sched_setparam(0, (void *)8));
    CALL(sched_setparam(99999999, &p));
    p.sched_priority = 1;
    CALL(sched_setparam(0, &p));
    CALL(sched_getparam(-1, &p));
    CALL(sched_getparam(0, NULL));
    CALL(sched_getparam(0, (void *)8));
    CALL(sched_getparam(99999999, &p));
    CALL(sched_getscheduler(-1));
    CALL(sched_getscheduler(99999999));
    struct timespec ts;
    CALL(sched_rr_get_interval(-1, &ts));
    CALL(sched_rr_get_interval(99999999, &ts));
    CALL(syscall(SYS_sched_rr_get_interval, 0, 8));
    CALL(sched_rr_get_interval(0, &ts));
    CALL(sched_yield());
}

static void realtime(void) {
    struct sched_param p = {.sched_priority = 10};
    struct timespec ts;
    CALL(sched_setscheduler(0, SCHED_RR, &p));
    CALL(sched_getscheduler(0));
    p.sched_priority = 0;
    CALL(sched_getparam(0, &p));
    printf("%d\n", p.sched_priority);
    CALL(sched_rr_get_interval(0, &ts));
    printf("%ld.%09ld\n", (long)ts.tv_sec, ts.tv_nsec);
    p.sched_priority = 20;
    CALL(sched_setscheduler(0, SCHED_FIFO, &p));
    CALL(sched_rr_get_interval(0, &ts));
    printf("%ld.%09ld\n", (long)ts.tv_sec, ts.tv_nsec);
    p.sched_priority = 0;
    CALL(sched_setparam(0, &p));
    p.sched_priority = 5;
    CALL(sched_setparam(0, &p));
    p.sched_priority = 0;
    CALL(sched_setscheduler(0, SCHED_OTHER, &p));
}

static void attrs(void) {
    struct attr a;
    memset(&a, 0x55, sizeof a);
    CALL(syscall(SYS_sched_getattr, 0, &a, sizeof a, 0));
    printf("size %u policy %u flags %lu nice %d priority %u\n", a.size, a.policy, (long)a.flags, a.nice, a.priority);
    CALL(syscall(SYS_sched_getattr, 0, &a, 48, 0));
    printf("size %u\n", a.size);
    CALL(syscall(SYS_sched_getattr, 0, &a, 47, 0));
    CALL(syscall(SYS_sched_getattr, 0, &a, 4097, 0));
    CALL(syscall(SYS_sched_getattr, 0, &a, 48, 1));
    CALL(syscall(SYS_sched_getattr, 0, NULL, 48, 0));
    CALL(syscall(SYS_sched_getattr, 0, 8, 48, 0));
    CALL(syscall(SYS_sched_getattr, -1, &a, 48, 0));
    CALL(syscall(SYS_sched_getattr, 99999999, &a, 48, 0));
    CALL(syscall(SYS_sched_setattr, 0, NULL, 0));
    CALL(syscall(SYS_sched_setattr, 0, 8, 0));
    CALL(syscall(SYS_sched_setattr, 0, &a, 1));
    CALL(syscall(SYS_sched_setattr, -1, &a, 0));
    memset(&a, 0, sizeof a);
    a.size = 48;
    CALL(syscall(SYS_sched_setattr, 99999999, &a, 0));
    a.size = 47;
    CALL(syscall(SYS_sched_setattr, 0, &a, 0));
    printf("size %u\n", a.size);
    a.size = 4097;
    CALL(syscall(SYS_sched_setattr, 0, &a, 0));
    printf("size %u\n", a.size);
    a.size = 48;
    a.nice = 5;
    CALL(syscall(SYS_sched_setattr, 0, &a, 0));
    CALL(getpriority(PRIO_PROCESS, 0));
    a.nice = 77;
    CALL(syscall(SYS_sched_setattr, 0, &a, 0));
    CALL(getpriority(PRIO_PROCESS, 0));
    a.nice = 0;
    a.flags = 0x100;
    CALL(syscall(SYS_sched_setattr, 0, &a, 0));
    a.flags = 1;
    CALL(syscall(SYS_sched_setattr, 0, &a, 0));
    CALL(syscall(SYS_sched_getattr, 0, &a, 48, 0));
    printf("flags %lu nice %d\n", (long)a.flags, a.nice);
    a.size = 48;
    a.flags = 8; /* keep the policy */
    a.policy = 77;
    CALL(syscall(SYS_sched_setattr, 0, &a, 0));
    a.flags = 0;
    CALL(syscall(SYS_sched_setattr, 0, &a, 0));
    a.policy = SCHED_BATCH;
    a.priority = 3;
    CALL(syscall(SYS_sched_setattr, 0, &a, 0));
    a.priority = 0;
    a.nice = 7;
    CALL(syscall(SYS_sched_setattr, 0, &a, 0));
    CALL(syscall(SYS_sched_getattr, 0, &a, 48, 0));
    printf("policy %u flags %lu nice %d\n", a.policy, (long)a.flags, a.nice);
    a.size = 48;
    a.policy = -1;
    CALL(syscall(SYS_sched_setattr, 0, &a, 0));
    a.policy = SCHED_FIFO;
    a.priority = 3;
    a.flags = 0;
    CALL(syscall(SYS_sched_setattr, 0, &a, 0));
    CALL(syscall(SYS_sched_getattr, 0, &a, 48, 0));
    printf("policy %u flags %lu nice %d priority %u\n", a.policy, (long)a.flags, a.nice, a.priority);
    memset(&a, 0, sizeof a);
    CALL(syscall(SYS_sched_setattr, 0, &a, 0));
    char big[200] = {0};
    *(int *)big = 150;
    CALL(syscall(SYS_sched_setattr, 0, big, 0));
    *(int *)big = 150;
    big[149] = 1;
    CALL(syscall(SYS_sched_setattr, 0, big, 0));
    printf("size %u\n", *(int *)big);
}

static void nice_values(void) {
    CALL(getpriority(PRIO_PROCESS, 0));
    CALL(getpriority(3, 0));
    CALL(getpriority(-1, 0));
    CALL(getpriority(PRIO_PROCESS, -1));
    CALL(getpriority(PRIO_PROCESS, 99999999));
    CALL(getpriority(PRIO_PGRP, 99999999));
    CALL(getpriority(PRIO_USER, 99999999));
    CALL(setpriority(PRIO_PROCESS, 0, 30));
    CALL(syscall(SYS_getpriority, PRIO_PROCESS, 0));
    CALL(setpriority(PRIO_PROCESS, 0, -30));
    CALL(syscall(SYS_getpriority, PRIO_PROCESS, 0));
    CALL(setpriority(PRIO_PROCESS, getpid(), 3));
    CALL(setpriority(3, 0, 3));
    CALL(setpriority(PRIO_PROCESS, 99999999, 3));
    CALL(setpriority(PRIO_PGRP, 99999999, 3));
    CALL(setpriority(PRIO_USER, 99999999, 3));
    setpgid(0, 0);
    CALL(setpriority(PRIO_PGRP, 0, 4));
    CALL(getpriority(PRIO_PGRP, 0));
    CALL(nice(2));
    CALL(getpriority(PRIO_PROCESS, 0));
    pid_t pid = t_fork();
    if (!pid)
        _exit(getpriority(PRIO_PROCESS, 0));
    t_reap("child's nice value", pid);
    pid = t_fork();
    if (!pid) {
        setresuid(1000, 1000, 1000);
        CALL(setpriority(PRIO_PROCESS, 0, 5));
        CALL(setpriority(PRIO_PROCESS, 0, 6));
        CALL(setpriority(PRIO_PROCESS, 0, 8));
        CALL(setpriority(PRIO_PROCESS, getppid(), 9));
        CALL(setpriority(PRIO_USER, 0, 9));
        CALL(getpriority(PRIO_USER, 0));
        struct rlimit r = {25, 25};
        CALL(setrlimit(RLIMIT_NICE, &r));
        struct sched_param p = {.sched_priority = 1};
        CALL(sched_setscheduler(0, SCHED_FIFO, &p));
        p.sched_priority = 0;
        CALL(sched_setscheduler(0, SCHED_IDLE, &p));
        CALL(sched_setscheduler(0, SCHED_BATCH, &p));
        CALL(sched_setscheduler(0, SCHED_OTHER, &p));
        CALL(sched_setscheduler(0, SCHED_OTHER | 0x40000000, &p));
        CALL(sched_setscheduler(0, SCHED_OTHER, &p));
        CALL(sched_setscheduler(getppid(), SCHED_OTHER, &p));
        cpu_set_t cpus;
        sched_getaffinity(0, sizeof cpus, &cpus);
        CALL(sched_setaffinity(getppid(), sizeof cpus, &cpus));
        CALL(syscall(SYS_ioprio_set, 1, getppid(), 2 << 13 | 4));
        CALL(syscall(SYS_ioprio_set, 1, 0, 1 << 13 | 4));
        CALL(syscall(SYS_ioprio_get, 1, getppid()));
        fflush(stdout);
        _exit(0);
    }
    t_reap("a user", pid);
}

static void *affine(void *arg) {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(0, &one);
    CALL(sched_setaffinity(0, sizeof one, &one));
    CALL(sched_getaffinity(0, sizeof one, &one));
    printf("%d\n", CPU_COUNT(&one));
    unsigned cpu;
    syscall(SYS_getcpu, &cpu, NULL, NULL);
    printf("on cpu %u\n", cpu);
    return NULL;
}

#include <pthread.h>
static void affinity(void) {
    cpu_set_t cpus;
    int n = sysconf(_SC_NPROCESSORS_CONF);
    CALL(sched_getaffinity(0, sizeof cpus, &cpus));
    TRUE(CPU_COUNT(&cpus) == n);
    CALL(syscall(SYS_sched_getaffinity, 0, 0, &cpus));
    CALL(syscall(SYS_sched_getaffinity, 0, 7, &cpus));
    CALL(syscall(SYS_sched_getaffinity, 0, 12, &cpus));
    CALL(syscall(SYS_sched_getaffinity, 0, 8, 8));
    CALL(syscall(SYS_sched_getaffinity, -1, 8, &cpus));
    CALL(syscall(SYS_sched_getaffinity, 99999999, 8, &cpus));
    CALL(syscall(SYS_sched_setaffinity, -1, 8, &cpus));
    CALL(syscall(SYS_sched_setaffinity, 99999999, 8, &cpus));
    CALL(syscall(SYS_sched_setaffinity, 0, 8, 8));
    CALL(syscall(SYS_sched_setaffinity, 0, 0, &cpus));
    CALL(syscall(SYS_sched_setaffinity, 0, 1, &cpus));
    CALL(syscall(SYS_sched_setaffinity, 0, 12, &cpus));
    CPU_ZERO(&cpus);
    CPU_SET(500, &cpus);
    CALL(sched_setaffinity(0, sizeof cpus, &cpus));
    CPU_SET(0, &cpus);
    CALL(sched_setaffinity(0, sizeof cpus, &cpus));
    CALL(sched_getaffinity(0, sizeof cpus, &cpus));
    printf("%d\n", CPU_COUNT(&cpus));
    pid_t pid = t_fork();
    if (!pid) {
        sched_getaffinity(0, sizeof cpus, &cpus);
        _exit(CPU_COUNT(&cpus));
    }
    t_reap("inherited", pid);
    memset(&cpus, 0xff, sizeof cpus);
    CALL(sched_setaffinity(0, sizeof cpus, &cpus));
    pthread_t t;
    pthread_create(&t, NULL, affine, NULL);
    pthread_join(t, NULL);
    sched_getaffinity(0, sizeof cpus, &cpus);
    TRUE(CPU_COUNT(&cpus) == n);
    CALL(syscall(SYS_getcpu, 8, NULL, NULL));
    CALL(syscall(SYS_getcpu, NULL, 8, NULL));
    CALL(syscall(SYS_getcpu, NULL, NULL, NULL));
    CALL(syscall(SYS_getcpu, NULL, NULL, 8));
}

static void ioprio(void) {
    CALL(syscall(SYS_ioprio_get, 0, 0));
    CALL(syscall(SYS_ioprio_get, 1, 0));
    CALL(syscall(SYS_ioprio_get, 2, 0));
    CALL(syscall(SYS_ioprio_get, 4, 0));
    CALL(syscall(SYS_ioprio_get, 1, 99999999));
    CALL(syscall(SYS_ioprio_get, 2, 99999999));
    CALL(syscall(SYS_ioprio_get, 3, 99999999));
    for (int class = 0; class < 6; class ++)
        for (int level = 0; level < 8; level += 3) {
            printf("class %d level %d ", class, level);
            CALL(syscall(SYS_ioprio_set, 1, 0, class << 13 | level));
            CALL(syscall(SYS_ioprio_get, 1, 0));
        }
    CALL(syscall(SYS_ioprio_set, 4, 0, 2 << 13));
    CALL(syscall(SYS_ioprio_set, 0, 0, 2 << 13));
    CALL(syscall(SYS_ioprio_set, 1, 99999999, 2 << 13));
    CALL(syscall(SYS_ioprio_set, 2, 99999999, 2 << 13));
    CALL(syscall(SYS_ioprio_set, 3, 99999999, 2 << 13));
    CALL(syscall(SYS_ioprio_set, 2, 0, 2 << 13 | 2));
    CALL(syscall(SYS_ioprio_get, 2, 0));
    pid_t pid = t_fork();
    if (!pid)
        _exit(syscall(SYS_ioprio_get, 1, 0) & 0xff);
    t_reap("inherited", pid);
}

int main(void) {
    setvbuf(stdout, NULL, _IONBF, 0);
    policies();
    realtime();
    attrs();
    nice_values();
    affinity();
    ioprio();
    return 0;
}
