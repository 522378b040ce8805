/* Resource limits and what happens at them. */
#include "t.h"

static void hit(int signo) { printf("%s\n", sigabbrev_np(signo)); }

int main(void) {
    t_enter();
    struct rlimit l, old;
    CALL(getrlimit(77, &l));
    CALL(getrlimit(RLIMIT_NOFILE, (void *)8));
    getrlimit(RLIMIT_NOFILE, &old);
    l.rlim_cur = 100;
    l.rlim_max = 50;
    CALL(setrlimit(RLIMIT_NOFILE, &l));
    l.rlim_max = 200;
    CALL(setrlimit(RLIMIT_NOFILE, &l));
    CALL(getrlimit(RLIMIT_NOFILE, &l));
    printf("%ld %ld\n", (long)l.rlim_cur, (long)l.rlim_max);
    pid_t pid = t_fork();
    if (!pid) {
        getrlimit(RLIMIT_NOFILE, &l);
        printf("inherited %ld %ld\n", (long)l.rlim_cur, (long)l.rlim_max);
        fflush(stdout);
        execl("/bin/sh", "sh", "-c", "ulimit -n; ulimit -Hn", NULL);
    }
    t_reap("child", pid);
    l.rlim_cur = 120;
    CALL(prlimit(getpid(), RLIMIT_NOFILE, &l, &old));
    printf("%ld\n", (long)old.rlim_cur);
    CALL(prlimit(99999999, RLIMIT_NOFILE, NULL, &old));

    signal(SIGXFSZ, hit);
    l.rlim_cur = l.rlim_max = 100000; /* more than we print */
    pid = t_fork();
    if (!pid) {
        CALL(setrlimit(RLIMIT_FSIZE, &l));
        int fd = open("f", O_CREAT | O_RDWR, 0600);
        char b[200] = "";
        CALL(lseek(fd, 99900, SEEK_SET));
        CALL(write(fd, b, 200));
        CALL(write(fd, b, 1));
        CALL(ftruncate(fd, 100001));
        CALL(ftruncate(fd, 50));
        fflush(stdout);
        signal(SIGXFSZ, SIG_DFL);
        pwrite(fd, b, 1, 100000);
        _exit(0);
    }
    t_reap("file size", pid);
    pid = t_fork();
    if (!pid) {
        l.rlim_cur = l.rlim_max = 64 << 20;
        CALL(setrlimit(RLIMIT_AS, &l));
        CALL(mmap(NULL, 128 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
        WORKS(mmap(NULL, 1 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
        CALL(malloc(128 << 20));
        fflush(stdout);
        _exit(0);
    }
    t_reap("address space", pid);
    pid = t_fork();
    if (!pid) {
        l.rlim_cur = l.rlim_max = 1 << 20;
        CALL(setrlimit(RLIMIT_DATA, &l));
        CALL((long)sbrk(8 << 20));
        fflush(stdout);
        _exit(0);
    }
    t_reap("data", pid);
    pid = t_fork();
    if (!pid) {
        setgroups(0, NULL);
        if (setuid(12345))
            _exit(0);
        l.rlim_cur = l.rlim_max = 1;
        CALL(setrlimit(RLIMIT_NPROC, &l));
        CALL(fork());
        l.rlim_max = 2;
        CALL(setrlimit(RLIMIT_NPROC, &l));
        fflush(stdout);
        _exit(0);
    }
    t_reap("processes", pid);
    pid = t_fork();
    if (!pid) {
        l.rlim_cur = 1;
        l.rlim_max = 2;
        setrlimit(RLIMIT_CPU, &l);
        for (volatile long i = 0;; i++)
            ;
    }
    t_reap("cpu", pid);
    t_leave();
    return 0;
}
