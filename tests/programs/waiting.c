/* wait4 and waitid: every option, which children they mean, rusage; orphans, subreapers, sessions, orphaned groups. */
#include "t.h"
#include <linux/wait.h>
#include <pthread.h>
#include <sys/prctl.h>

static void info_line(const char *what, siginfo_t *i, pid_t pid) {
    printf("%s: signo %d errno %d code %d status %d pid %s uid %d\n", what, i->si_signo, i->si_errno, i->si_code,
           i->si_status, i->si_pid == pid ? "the child's" : i->si_pid == 0 ? "0" : "?", i->si_uid);
}

static void arguments(void) {
    int status = 0;
    siginfo_t info;
    CALL(wait4(-1, &status, 0, NULL));
    CALL(wait4(-1, &status, -1, NULL));
    CALL(wait4(-1, &status, WEXITED, NULL));
    CALL(wait4(-1, &status, WNOWAIT, NULL));
    CALL(wait4(INT_MIN, &status, 0, NULL));
    CALL(wait4(-99999999, &status, 0, NULL));
    CALL(wait4(99999999, &status, 0, NULL));
    CALL(wait4(0, &status, WNOHANG, NULL));
    CALL(waitid(P_ALL, 0, &info, 0));
    CALL(waitid(P_ALL, 0, &info, WNOHANG));
    CALL(waitid(P_ALL, 0, &info, WEXITED));
    CALL(waitid(P_ALL, 0, &info, WEXITED | 0x100));
    CALL(waitid(P_PID, 0, &info, WEXITED));
    CALL(waitid(P_PID, -1, &info, WEXITED));
    CALL(waitid(P_PID, 99999999, &info, WEXITED));
    CALL(waitid(P_PGID, -1, &info, WEXITED));
    CALL(waitid(P_PGID, 0, &info, WEXITED));
    CALL(waitid(P_PGID, 99999999, &info, WEXITED));
    CALL(waitid(P_PIDFD, -1, &info, WEXITED));
    CALL(waitid(P_PIDFD, 0, &info, WEXITED));
    CALL(waitid(P_PIDFD, 999, &info, WEXITED));
    CALL(waitid(4, 0, &info, WEXITED));
    pid_t pid = t_fork();
    if (!pid)
        _exit(3);
    t_sleep(50);
    CALL(waitid(P_PID, pid, (void *)8, WEXITED | WNOWAIT));
    CALL(syscall(SYS_waitid, P_PID, pid, NULL, WEXITED | WNOWAIT, 8));
    CALL(syscall(SYS_waitid, P_PID, pid, NULL, WEXITED | WNOWAIT, NULL));
    CALL(syscall(SYS_wait4, pid, 8, 0, NULL));
    CALL(syscall(SYS_wait4, pid, NULL, 0, NULL));
    pid = t_fork();
    if (!pid)
        _exit(3);
    CALL(syscall(SYS_wait4, pid, NULL, 0, 8));
    CALL(syscall(SYS_wait4, pid, NULL, 0, NULL));
}

static void states(void) {
    siginfo_t info;
    int status;
    pid_t pid = t_fork();
    if (!pid)
        for (;;)
            pause();
    setpgid(pid, pid); /* not orphaned, wherever we run */
    memset(&info, 0xff, sizeof info);
    CALL(waitid(P_PID, pid, &info, WEXITED | WSTOPPED | WCONTINUED | WNOHANG));
    info_line("running", &info, pid);
    kill(pid, SIGSTOP);
    CALL(waitid(P_PID, pid, &info, WSTOPPED | WNOWAIT));
    info_line("stopped", &info, pid);
    CALL(waitid(P_PID, pid, &info, WEXITED | WNOHANG));
    CALL(waitid(P_PID, pid, &info, WSTOPPED));
    info_line("stopped", &info, pid);
    CALL(waitid(P_PID, pid, &info, WSTOPPED | WNOHANG));
    info_line("again", &info, pid);
    kill(pid, SIGCONT);
    CALL(waitid(P_PID, pid, &info, WCONTINUED | WNOWAIT));
    info_line("continued", &info, pid);
    CALL(waitid(P_PID, pid, &info, WCONTINUED));
    info_line("continued", &info, pid);
    CALL(waitid(P_PID, pid, &info, WCONTINUED | WNOHANG));
    info_line("again", &info, pid);
    kill(pid, SIGTSTP);
    TRUE(wait4(pid, &status, WUNTRACED, NULL) == pid);
    printf("%x\n", status);
    kill(pid, SIGCONT);
    TRUE(wait4(pid, &status, WCONTINUED, NULL) == pid);
    printf("%x\n", status);
    kill(pid, SIGKILL);
    CALL(waitid(P_PID, pid, &info, WEXITED | WNOWAIT));
    info_line("killed", &info, pid);
    TRUE(wait4(pid, &status, 0, NULL) == pid);
    printf("%x\n", status);
    pid = t_fork();
    if (!pid) {
        setpgid(0, 0);
        t_sleep(20);
        _exit(1);
    }
    setpgid(pid, pid);
    CALL(waitpid(0, &status, 0));
    CALL(waitpid(-pid, &status, 0) == pid);
}

static pid_t made;
static void *maker(void *arg) {
    made = fork();
    if (!made)
        _exit(6);
    int status;
    t_sleep(50);
    if (arg)
        TRUE(waitpid(made, &status, __WNOTHREAD) == made);
    return NULL;
}

static void threads(void) {
    int status;
    pthread_t t;
    fflush(stdout);
    pthread_create(&t, NULL, maker, (void *)1);
    pthread_join(t, NULL);
    pthread_create(&t, NULL, maker, NULL);
    t_sleep(20);
    CALL(waitpid(-1, &status, __WNOTHREAD | WNOHANG));
    CALL(waitpid(-1, &status, 0) == made);
    printf("%x\n", status);
    pthread_join(t, NULL);
}

static void uncared(void) {
    int status;
    signal(SIGCHLD, SIG_IGN);
    pid_t pid = t_fork();
    if (!pid)
        _exit(1);
    CALL(waitpid(pid, &status, 0));
    struct sigaction sa = {.sa_handler = SIG_DFL, .sa_flags = SA_NOCLDWAIT};
    sigaction(SIGCHLD, &sa, NULL);
    pid = t_fork();
    if (!pid) {
        t_sleep(20);
        _exit(1);
    }
    CALL(waitpid(-1, &status, 0));
    signal(SIGCHLD, SIG_DFL);
}

static void orphans(void) {
    int status;
    CALL(prctl(PR_SET_CHILD_SUBREAPER, 1));
    pid_t me = getpid();
    int fds[2];
    pipe(fds);
    pid_t pid = t_fork();
    if (!pid) {
        pid_t grandchild = fork();
        if (!grandchild) {
            int waited = 0;
            while (getppid() != me && waited++ < 200)
                t_sleep(10);
            write(fds[1], "x", 1);
            _exit(getppid() == me ? 42 : 43);
        }
        _exit(1);
    }
    t_reap("child", pid);
    char c;
    read(fds[0], &c, 1);
    CALL(wait(&status) > 0);
    printf("orphan: %x\n", status);
    CALL(prctl(PR_SET_CHILD_SUBREAPER, 0));
    /* Dead when its parent dies. */
    pid = t_fork();
    if (!pid) {
        prctl(PR_SET_CHILD_SUBREAPER, 1);
        pid_t mid = fork();
        if (!mid) {
            pid_t inner = fork();
            if (!inner) {
                prctl(PR_SET_PDEATHSIG, SIGKILL);
                write(fds[1], "r", 1);
                for (;;)
                    pause();
            }
            read(fds[0], &c, 1);
            _exit(0);
        }
        waitpid(mid, &status, 0);
        wait(&status);
        _exit(WIFSIGNALED(status) ? WTERMSIG(status) : 99);
    }
    t_reap("parent death signal", pid);
}

static void groups(void) {
    siginfo_t info;
    CALL(getpgid(-1));
    CALL(getpgid(99999999));
    CALL(getsid(-1));
    CALL(getsid(99999999));
    pid_t pid = t_fork();
    if (!pid) {
        CALL(setpgid(-1, 0));
        CALL(setpgid(0, -1));
        CALL(setpgid(99999999, 0));
        CALL(setpgid(getppid(), 0));
        CALL(setpgid(0, 99999999));
        CALL(setpgid(1, 1));
        fflush(stdout);
        _exit(0);
    }
    t_reap("wrong", pid);
    pid = t_fork();
    if (!pid) {
        CALL(setsid() == getpid());
        CALL(setsid());
        CALL(setpgid(0, 0));
        CALL(setpgid(0, getppid()));
        CALL(getsid(0) == getpid() && getpgrp() == getpid() && getpgid(0) == getpid());
        pid_t child = t_fork();
        if (!child) {
            CALL(setpgid(0, 0));
            CALL(setpgid(0, getppid()));
            CALL(setpgid(0, 0));
            CALL(setsid());
            for (;;)
                pause();
        }
        t_sleep(100);
        CALL(setpgid(child, getpid()));
        CALL(setpgid(child, child));
        kill(child, SIGKILL);
        t_reap("child", child);
        child = t_fork();
        if (!child) {
            execl("/bin/sleep", "sleep", "10", NULL);
            _exit(1);
        }
        t_sleep(100);
        CALL(setpgid(child, child));
        kill(child, SIGKILL);
        t_reap("child", child);
        fflush(stdout);
        _exit(0);
    }
    t_reap("session", pid);
    /* A group whose last tie goes is hung up when it is stopped. */
    int fds[2];
    pipe(fds);
    CALL(prctl(PR_SET_CHILD_SUBREAPER, 1));
    pid = t_fork();
    if (!pid) {
        setsid();
        pid_t stopped = fork();
        if (!stopped) {
            setpgid(0, 0);
            write(fds[1], "x", 1);
            raise(SIGSTOP);
            for (;;)
                pause();
        }
        char c;
        read(fds[0], &c, 1);
        waitid(P_PID, stopped, &info, WSTOPPED);
        _exit(0);
    }
    t_reap("leader", pid);
    int status;
    wait(&status);
    printf("stopped orphan: %s\n", WIFSIGNALED(status) ? sigabbrev_np(WTERMSIG(status)) : "?");
    CALL(prctl(PR_SET_CHILD_SUBREAPER, 0));
    /* SIGTSTP does nothing in an orphaned group, SIGSTOP does. */
    pid = t_fork();
    if (!pid) {
        setsid();
        raise(SIGTSTP);
        raise(SIGTTIN);
        _exit(5);
    }
    t_reap("orphaned group", pid);
}

static void usage(void) {
    struct rusage r;
    CALL(syscall(SYS_getrusage, 5, &r));
    CALL(syscall(SYS_getrusage, -2, &r));
    CALL(syscall(SYS_getrusage, 0, 8));
    pid_t pid = t_fork();
    if (!pid) {
        volatile long n = 0;
        while (clock() < CLOCKS_PER_SEC / 10)
            for (int i = 0; i < 1000000; i++)
                n++;
        char *m = mmap(NULL, 20 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        memset(m, 1, 20 << 20);
        _exit(0);
    }
    int status;
    TRUE(wait4(pid, &status, 0, &r) == pid);
    long user = r.ru_utime.tv_sec * 1000 + r.ru_utime.tv_usec / 1000;
    long system = r.ru_stime.tv_sec * 1000 + r.ru_stime.tv_usec / 1000;
    TRUE(user >= 40 && user + system >= 70 && user + system < 1000);
    TRUE(r.ru_maxrss > 20 << 10 && r.ru_maxrss < 60 << 10);
    TRUE(r.ru_minflt > 5);
    struct rusage all;
    getrusage(RUSAGE_CHILDREN, &all);
    TRUE(all.ru_utime.tv_sec * 1000000 + all.ru_utime.tv_usec >= r.ru_utime.tv_sec * 1000000 + r.ru_utime.tv_usec);
    TRUE(all.ru_maxrss >= r.ru_maxrss);
    TRUE(all.ru_minflt >= r.ru_minflt);
    /* Sleeping costs nothing. */
    pid = t_fork();
    if (!pid) {
        t_sleep(150);
        _exit(0);
    }
    TRUE(wait4(pid, &status, 0, &r) == pid);
    TRUE(r.ru_utime.tv_sec == 0 && r.ru_utime.tv_usec < 80000);
    TRUE(r.ru_nvcsw >= 1);
    /* Two that fight for the CPUs do not each get all of them. */
    getrusage(RUSAGE_SELF, &r);
    TRUE(r.ru_maxrss > 50);
    getrusage(RUSAGE_THREAD, &all);
    TRUE(all.ru_minflt <= r.ru_minflt && all.ru_nvcsw <= r.ru_nvcsw);
}

int main(void) {
    setvbuf(stdout, NULL, _IONBF, 0);
    arguments();
    states();
    threads();
    uncared();
    orphans();
    groups();
    usage();
    return 0;
}
