/* How processes end by signals sent in odd moments: to threads, during exec, while stopped, to zombies and to groups. */
#include "t.h"
#include <pthread.h>

static void *sleeper(void *arg) {
    for (;;)
        pause();
}

static void *leaver(void *arg) {
    pthread_exit(NULL);
}

static void *killer(void *arg) {
    syscall(SYS_tgkill, getpid(), getpid(), *(int *)arg); /* the first thread */
    for (;;)
        pause();
}

int main(void) {
    int status, signals[] = {SIGTERM, SIGKILL, SIGSEGV, SIGUSR1, SIGRTMAX};
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    for (int i = 0; i < 5; i++) {
        pid_t pid = t_fork();
        if (!pid) {
            pthread_t t[4];
            for (int k = 0; k < 3; k++)
                pthread_create(&t[k], NULL, sleeper, NULL);
            pthread_create(&t[3], NULL, killer, &signals[i]);
            for (;;)
                pause();
        }
        waitpid(pid, &status, 0);
        printf("%d %d\n", WIFSIGNALED(status), WTERMSIG(status) == signals[i]);
    }
    /* The first thread has ended: signals still reach the process, its state is a zombie's. */
    pid_t pid = t_fork();
    if (!pid) {
        pthread_t t;
        pthread_create(&t, NULL, sleeper, NULL);
        pthread_exit(NULL);
    }
    t_sleep(100);
    CALL(waitpid(pid, &status, WNOHANG));
    CALL(kill(pid, 0));
    CALL(kill(pid, SIGTERM));
    t_reap("first thread gone", pid);
    /* A zombie takes signals and does nothing. */
    pid = t_fork();
    if (!pid)
        _exit(3);
    siginfo_t info;
    waitid(P_PID, pid, &info, WEXITED | WNOWAIT);
    CALL(kill(pid, 0));
    CALL(kill(pid, SIGKILL));
    union sigval v = {0};
    CALL(sigqueue(pid, SIGRTMIN, v));
    CALL(syscall(SYS_tgkill, pid, pid, 0));
    t_reap("zombie", pid);
    CALL(kill(pid, 0));
    /* A group: each member gets it. */
    pid_t leader = t_fork();
    if (!leader) {
        setpgid(0, 0);
        for (;;)
            pause();
    }
    setpgid(leader, leader);
    pid_t second = t_fork();
    if (!second) {
        setpgid(0, leader);
        for (;;)
            pause();
    }
    setpgid(second, leader);
    CALL(kill(-leader, 0));
    CALL(kill(-leader, SIGHUP));
    t_reap("leader", leader);
    t_reap("second", second);
    CALL(kill(-leader, 0));
    CALL(killpg(-5, 0));
    CALL(killpg(leader, 0));
    /* Who may send: not another user, but SIGCONT within the session. */
    pid = t_fork();
    if (!pid) {
        for (;;)
            pause();
    }
    pid_t other = t_fork();
    if (!other) {
        setresuid(1000, 1000, 1000);
        CALL(kill(pid, 0));
        CALL(kill(pid, SIGTERM));
        CALL(kill(pid, SIGCONT));
        CALL(syscall(SYS_tkill, pid, SIGTERM));
        CALL(syscall(SYS_tgkill, pid, pid, SIGCONT));
        CALL(sigqueue(pid, SIGTERM, v));
        CALL(kill(pid, 65));
        CALL(kill(getpid(), 0));
        setsid();
        CALL(kill(pid, SIGCONT));
        fflush(stdout);
        _exit(0);
    }
    t_reap("other", other);
    kill(pid, SIGKILL);
    t_reap("target", pid);
    /* SIGKILL beats a handler, a mask and a sleep that nothing else ends. */
    pid = t_fork();
    if (!pid) {
        sigset_t all;
        sigfillset(&all);
        sigprocmask(SIG_SETMASK, &all, NULL);
        pid_t c = vfork();
        if (!c) {
            usleep(300000);
            _exit(0);
        }
        for (;;)
            pause();
    }
    t_sleep(50);
    kill(pid, SIGKILL);
    t_reap("in vfork", pid);
    /* By a file that stands for the process: a pidfd, or its directory in /proc. */
    for (int i = 0; i < 3; i++) {
        pid = t_fork();
        if (!pid) {
            for (;;)
                pause();
        }
        char path[64];
        snprintf(path, sizeof path, i == 1 ? "/proc/%d" : "/proc/%d/task", pid);
        int fd = i ? open(path, O_RDONLY | O_DIRECTORY) : syscall(434, pid, 0);
        CALL(syscall(424, fd, 65, NULL, 0));
        CALL(syscall(424, fd, SIGTERM, NULL, 1 << 20));
        CALL(syscall(424, fd, SIGTERM, NULL, 0));
        if (i == 2)
            kill(pid, SIGKILL);
        t_reap("by file", pid);
        CALL(syscall(424, fd, SIGTERM, NULL, 0));
        close(fd);
    }
    /* A handler that ends the process by the default action, as shells and libraries do. */
    pid = t_fork();
    if (!pid) {
        struct sigaction a = {.sa_handler = SIG_DFL};
        sigaction(SIGINT, &a, NULL);
        sigset_t s;
        sigemptyset(&s);
        sigaddset(&s, SIGINT);
        sigprocmask(SIG_BLOCK, &s, NULL);
        raise(SIGINT);
        raise(SIGTERM);
        sigprocmask(SIG_UNBLOCK, &s, NULL);
        _exit(1);
    }
    t_reap("two signals", pid);
    pid = t_fork();
    if (!pid) {
        sigset_t s;
        sigemptyset(&s);
        sigaddset(&s, SIGTERM);
        sigaddset(&s, SIGINT);
        sigaddset(&s, SIGRTMIN);
        sigprocmask(SIG_BLOCK, &s, NULL);
        raise(SIGRTMIN);
        raise(SIGTERM);
        raise(SIGINT);
        sigprocmask(SIG_UNBLOCK, &s, NULL); /* the lowest comes first */
        _exit(1);
    }
    t_reap("three signals", pid);
    return 0;
}
