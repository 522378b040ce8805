/* Descriptors for processes, and clone3 as it makes them. */
#include "t.h"
#include <linux/sched.h>

#ifndef P_PIDFD
#define P_PIDFD 3
#endif

static int open_pidfd(pid_t pid, int flags) { return syscall(SYS_pidfd_open, pid, flags); }

static int send(int fd, int signo, siginfo_t *info, int flags) {
    return syscall(SYS_pidfd_send_signal, fd, signo, info, flags);
}

int main(void) {
    siginfo_t info;
    pid_t pid = t_fork();
    if (!pid) {
        pause();
        _exit(1);
    }
    int fd = WORKS(open_pidfd(pid, 0));
    struct pollfd p = {fd, POLLIN, 0};
    CALL(poll(&p, 1, 0));
    CALL(send(fd, 0, NULL, 0));
    CALL(send(fd, 99, NULL, 0));
    CALL(send(fd, SIGTERM, NULL, 0x1000));
    CALL(send(fd, SIGTERM, NULL, 0));
    CALL(poll(&p, 1, 5000));
    printf("revents %d\n", p.revents);
    CALL(waitid(P_PIDFD, fd, &info, WEXITED));
    printf("code %d status %d\n", info.si_code, info.si_status);
    CALL(send(fd, 0, NULL, 0));
    CALL(waitid(P_PIDFD, fd, &info, WEXITED));
    CALL(open_pidfd(pid, 0));
    CALL(open_pidfd(0, 0));
    CALL(open_pidfd(getpid(), 77));
    CALL(waitid(P_PIDFD, 99, &info, WEXITED));
    CALL(send(99, 0, NULL, 0));

    int made = -1;
    struct clone_args args = {.flags = CLONE_PIDFD, .pidfd = (uintptr_t)&made, .exit_signal = SIGCHLD};
    fflush(NULL);
    pid = syscall(SYS_clone3, &args, sizeof args);
    if (!pid)
        _exit(4);
    printf("fd flags %d\n", fcntl(made, F_GETFD));
    CALL(waitid(P_PIDFD, made, &info, WEXITED));
    printf("pid %d status %d\n", info.si_pid == pid, info.si_status);

    int pipes[2], got = -1;
    if (pipe(pipes))
        return 1;
    fd = open_pidfd(getpid(), 0);
    CALL((got = syscall(SYS_pidfd_getfd, fd, pipes[1], 0)) >= 0 ? write(got, "x", 1) : -1);
    CALL(read(pipes[0], &info, 1));
    CALL(syscall(SYS_pidfd_getfd, fd, 99, 0));

    CALL(syscall(SYS_clone3, &args, 8));
    CALL(syscall(SYS_clone3, &args, 5000));
    CALL(syscall(SYS_clone3, NULL, sizeof args));
    args = (struct clone_args){.exit_signal = 65};
    CALL(syscall(SYS_clone3, &args, sizeof args));
    args = (struct clone_args){.stack = 4096};
    CALL(syscall(SYS_clone3, &args, sizeof args));
    args = (struct clone_args){.flags = CLONE_THREAD};
    CALL(syscall(SYS_clone3, &args, sizeof args));
    args = (struct clone_args){.flags = CLONE_DETACHED};
    CALL(syscall(SYS_clone3, &args, sizeof args));
    args = (struct clone_args){.flags = CLONE_SIGHAND | CLONE_VM | CLONE_CLEAR_SIGHAND};
    CALL(syscall(SYS_clone3, &args, sizeof args));
    return 0;
}
