// usage: sysemu CPU SECONDS
// The floor under the ptrace platform: a tracee calls getpid(2) in a loop under PTRACE_SYSEMU, the tracer waits, reads the
// registers, sets the result and writes them back. Both on one CPU; CPU -1 leaves them to the host.
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#ifndef PTRACE_SYSEMU
#define PTRACE_SYSEMU 31
#endif
enum { BLOCK = 100, MAX = 1000000 };
static double block[MAX];

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e9 + t.tv_nsec;
}

static void pin(int cpu) {
    if (cpu < 0) return;
    cpu_set_t s;
    CPU_ZERO(&s);
    CPU_SET(cpu, &s);
    sched_setaffinity(0, sizeof s, &s);
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv) {
    int cpu = argc > 1 ? atoi(argv[1]) : 0;
    double seconds = argc > 2 ? atof(argv[2]) : 3;
    pid_t child = fork();
    if (child == 0) {
        pin(cpu);
        ptrace(PTRACE_TRACEME, 0, 0, 0);
        raise(SIGSTOP);
        for (;;) syscall(SYS_getpid);
    }
    int status, n = 0;
    waitpid(child, &status, 0);
    ptrace(PTRACE_SETOPTIONS, child, 0, PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD);
    pin(cpu);
    struct user_regs_struct r;
    double start = now(), at = start;
    while (at - start < seconds * 1e9 && n < MAX) {
        for (int i = 0; i < BLOCK; i++) {
            ptrace(PTRACE_SYSEMU, child, 0, 0);
            waitpid(child, &status, __WALL);
            ptrace(PTRACE_GETREGS, child, 0, &r);
            r.rax = 4242;
            ptrace(PTRACE_SETREGS, child, 0, &r);
        }
        double end = now();
        block[n++] = (end - at) / BLOCK;
        at = end;
    }
    qsort(block, n, sizeof *block, compare);
    printf("C, cpu %d: mean %.0f  median %.0f  best %.0f ns\n", cpu, (at - start) / n / BLOCK, block[n / 2], block[0]);
    kill(child, SIGKILL);
    return 0;
}
