/* pidfds: polling, waiting, signals, descriptors of others; vfork; limits on processes; process 1's orphans. */
#include "t.h"
#include <linux/wait.h>
#include <pthread.h>
#include <sys/epoll.h>

static void polls(void) {
    int fds[2];
    char c;
    pipe(fds);
    pid_t pid = t_fork();
    if (!pid) {
        read(fds[0], &c, 1);
        _exit(9);
    }
    int pidfd = syscall(SYS_pidfd_open, pid, 0);
    TRUE(fcntl(pidfd, F_GETFD) == FD_CLOEXEC);
    printf("flags %x\n", fcntl(pidfd, F_GETFL));
    struct pollfd p = {pidfd, POLLIN | POLLOUT};
    CALL(poll(&p, 1, 0));
    int ep = epoll_create1(0);
    struct epoll_event ev = {EPOLLIN, {.u32 = 5}};
    CALL(epoll_ctl(ep, EPOLL_CTL_ADD, pidfd, &ev));
    CALL(epoll_wait(ep, &ev, 1, 0));
    siginfo_t info;
    memset(&info, 0, sizeof info);
    CALL(waitid(P_PIDFD, pidfd, &info, WEXITED | WNOHANG));
    printf("pid %d\n", info.si_pid);
    CALL(read(pidfd, &c, 1));
    CALL(write(pidfd, &c, 1));
    CALL(lseek(pidfd, 0, SEEK_SET));
    struct stat st;
    CALL(fstat(pidfd, &st));
    write(fds[1], "x", 1);
    CALL(poll(&p, 1, 5000));
    printf("revents %x\n", p.revents);
    CALL(epoll_wait(ep, &ev, 1, 1000));
    printf("events %x\n", ev.events);
    CALL(syscall(SYS_pidfd_send_signal, pidfd, 0, NULL, 0));
    CALL(waitid(P_PIDFD, pidfd, &info, WEXITED | WNOWAIT));
    printf("code %d status %d\n", info.si_code, info.si_status);
    CALL(waitid(P_PIDFD, pidfd, &info, WEXITED));
    CALL(waitid(P_PIDFD, pidfd, &info, WEXITED));
    CALL(poll(&p, 1, 0));
    CALL(syscall(SYS_pidfd_send_signal, pidfd, 0, NULL, 0));
    CALL(syscall(SYS_pidfd_getfd, pidfd, 0, 0));
    CALL(syscall(SYS_process_mrelease, pidfd, 0));
    close(pidfd);
    pidfd = syscall(SYS_pidfd_open, getpid(), O_NONBLOCK);
    printf("flags %x\n", fcntl(pidfd, F_GETFL));
    CALL(waitid(P_PIDFD, pidfd, &info, WEXITED));
    close(pidfd);
    pid = t_fork();
    if (!pid)
        for (;;)
            pause();
    pidfd = syscall(SYS_pidfd_open, pid, O_NONBLOCK);
    CALL(waitid(P_PIDFD, pidfd, &info, WEXITED));
    CALL(waitid(P_PIDFD, pidfd, &info, WEXITED | WNOHANG));
    CALL(syscall(SYS_process_mrelease, pidfd, 0));
    siginfo_t mine = {.si_signo = SIGTERM, .si_code = SI_QUEUE};
    mine.si_signo = SIGINT;
    CALL(syscall(SYS_pidfd_send_signal, pidfd, SIGTERM, &mine, 0));
    mine.si_signo = SIGTERM;
    mine.si_code = SI_USER;
    CALL(syscall(SYS_pidfd_send_signal, pidfd, SIGTERM, &mine, 0));
    mine.si_code = SI_TKILL;
    CALL(syscall(SYS_pidfd_send_signal, pidfd, SIGTERM, &mine, 0));
    CALL(syscall(SYS_pidfd_send_signal, pidfd, SIGTERM, 8, 0));
    CALL(syscall(SYS_pidfd_send_signal, pidfd, 65, NULL, 0));
    CALL(syscall(SYS_pidfd_send_signal, pidfd, SIGTERM, NULL, 0x100));
    mine.si_code = SI_QUEUE;
    CALL(syscall(SYS_pidfd_send_signal, pidfd, SIGTERM, &mine, 0));
    t_reap("signalled", pid);
    close(pidfd);
}

static void others_files(void) {
    int fds[2], back[2];
    char c;
    pipe(fds);
    pipe(back);
    pid_t pid = t_fork();
    if (!pid) {
        dup2(back[1], 77);
        write(fds[1], "x", 1);
        for (;;)
            pause();
    }
    read(fds[0], &c, 1);
    int pidfd = syscall(SYS_pidfd_open, pid, 0);
    CALL(syscall(SYS_pidfd_getfd, pidfd, 78, 0));
    CALL(syscall(SYS_pidfd_getfd, pidfd, -1, 0));
    CALL(syscall(SYS_pidfd_getfd, pidfd, 77, 1));
    int fd = syscall(SYS_pidfd_getfd, pidfd, 77, 0);
    TRUE(fd >= 0 && fcntl(fd, F_GETFD) == FD_CLOEXEC);
    CALL(write(fd, "y", 1));
    CALL(read(back[0], &c, 1));
    pid_t user = t_fork();
    if (!user) {
        setresuid(1000, 1000, 1000);
        CALL(syscall(SYS_pidfd_getfd, pidfd, 77, 0));
        CALL(syscall(SYS_pidfd_send_signal, pidfd, 0, NULL, 0));
        CALL(syscall(SYS_kcmp, getpid(), pid, 0, 0, 0));
        _exit(0);
    }
    t_reap("user", user);
    kill(pid, SIGKILL);
    t_reap("target", pid);
}

static volatile int order;
static void vforks(void) {
    order = 0;
    pid_t pid = vfork();
    if (!pid) {
        t_sleep(50);
        order = 1;
        _exit(3);
    }
    printf("order %d\n", order);
    t_reap("vfork", pid);
    order = 0;
    pid = vfork();
    if (!pid) {
        order = 2;
        execl("/bin/sh", "sh", "-c", "exit 4", NULL);
        _exit(99);
    }
    printf("order %d\n", order);
    t_reap("vfork and exec", pid);
    pid = vfork();
    if (!pid) {
        execl("/nowhere", "x", NULL);
        order = errno;
        _exit(5);
    }
    printf("%s\n", strerrorname_np(order));
    t_reap("exec failed", pid);
    pid = vfork();
    if (!pid)
        kill(getpid(), SIGKILL);
    t_reap("killed", pid);
}

static void *nothing(void *a) {
    pause();
    return NULL;
}

static void limits(void) {
    pid_t pid = t_fork();
    if (!pid) {
        struct rlimit r = {4, 4};
        setgroups(0, NULL);
        CALL(setrlimit(RLIMIT_NPROC, &r));
        CALL(setresuid(54321, 54321, 54321));
        int made = 0;
        pid_t children[10];
        while (made < 10 && (children[made] = fork()) > 0)
            made++;
        if (made < 10 && children[made] == 0) {
            pause();
            _exit(0);
        }
        printf("%d children, %s\n", made, strerrorname_np(errno));
        pthread_t t;
        printf("thread: %s\n", strerrorname_np(pthread_create(&t, NULL, nothing, NULL)));
        kill(children[0], SIGKILL);
        waitpid(children[0], NULL, 0);
        printf("thread: %d\n", pthread_create(&t, NULL, nothing, NULL));
        for (int i = 1; i < made; i++) {
            kill(children[i], SIGKILL);
            waitpid(children[i], NULL, 0);
        }
        fflush(stdout);
        _exit(0);
    }
    t_reap("number of processes", pid);
    /* The limit is exceeded by setuid: exec says so. */
    pid = t_fork();
    if (!pid) {
        int fds[2];
        pid_t others[2];
        char c;
        pipe(fds);
        for (int i = 0; i < 2; i++) {
            others[i] = fork();
            if (!others[i]) {
                prctl(PR_SET_PDEATHSIG, SIGKILL);
                setresuid(54322, 54322, 54322);
                write(fds[1], "x", 1);
                for (;;)
                    pause();
            }
            read(fds[0], &c, 1);
        }
        struct rlimit r = {1, 1};
        setrlimit(RLIMIT_NPROC, &r);
        CALL(setresuid(54322, 54322, 54322));
        CALL(execl("/bin/true", "true", NULL));
        kill(others[0], SIGKILL);
        waitpid(others[0], NULL, 0);
        CALL(execl("/bin/true", "true", NULL));
        kill(others[1], SIGKILL);
        waitpid(others[1], NULL, 0);
        fflush(stdout);
        execl("/bin/true", "true", NULL);
        _exit(3);
    }
    t_reap("exceeded", pid);
    struct rlimit r;
    CALL(getrlimit(RLIMIT_NPROC, &r));
    pid = t_fork();
    if (!pid) {
        struct rlimit cpu = {1, 2};
        signal(SIGXCPU, SIG_DFL);
        CALL(setrlimit(RLIMIT_CPU, &cpu));
        for (;;)
            ;
    }
    t_reap("cpu", pid);
}

int main(void) {
    setvbuf(stdout, NULL, _IONBF, 0);
    polls();
    others_files();
    vforks();
    limits();
    return 0;
}
