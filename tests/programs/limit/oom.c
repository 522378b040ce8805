/* Under a memory limit of 128 MiB: who is killed. A small process, one that asked to be first, one that takes all. */
#include "t.h"
#include <sys/sysinfo.h>

static void take(long megabytes) {
    char *p = mmap(NULL, megabytes << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        _exit(9);
    memset(p, 1, megabytes << 20);
}

int main(void) {
    struct sysinfo s;
    char line[100];
    sysinfo(&s);
    FILE *f = fopen("/proc/meminfo", "r");
    fgets(line, sizeof line, f);
    printf("%lu MiB, %lu MiB\n", s.totalram * s.mem_unit >> 20, strtoul(line + 9, NULL, 10) >> 10);
    pid_t small = t_fork();
    if (small == 0) {
        take(20);
        pause();
    }
    pid_t adjusted = t_fork();
    if (adjusted == 0) {
        int fd = open("/proc/self/oom_score_adj", O_WRONLY);
        write(fd, "900", 3);
        take(10);
        pause();
    }
    pid_t large = t_fork();
    if (large == 0) {
        t_sleep(300); /* the others are to be there */
        for (;;)
            take(1);
    }
    for (int i = 0; i < 2; i++) {
        int status;
        pid_t p = wait(&status);
        printf("%s: %s\n", p == small ? "small" : p == adjusted ? "adjusted" : "large", sigabbrev_np(WTERMSIG(status)));
    }
    kill(small, SIGKILL);
    wait(NULL);
    puts("alive");
    return 0;
}
