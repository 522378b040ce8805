/* Process groups and sessions. */
#include "t.h"

static void child_tests(void) {
    TRUE(getpgrp() != getpid());
    CALL(setpgid(0, 0));
    TRUE(getpgrp() == getpid());
    CALL(setpgid(0, 99999999));
    CALL(setpgid(99999999, 0));
    CALL(setpgid(0, -1));
    CALL(getpgid(99999999));
    CALL(getsid(99999999));
    CALL(setsid()); /* a group's leader may not */
}

int main(void) {
    pid_t pid = t_fork();
    if (!pid) {
        child_tests();
        fflush(stdout);
        _exit(0);
    }
    t_reap("group", pid);
    pid = t_fork();
    if (!pid) {
        TRUE(setsid() == getpid());
        TRUE(getsid(0) == getpid() && getpgrp() == getpid());
        CALL(setsid());
        CALL(setpgid(0, 0));
        CALL(open("/dev/tty", O_RDWR));
        fflush(stdout);
        _exit(0);
    }
    t_reap("session", pid);

    /* A signal to a group reaches all of it and nobody else. */
    pid_t members[3];
    for (int i = 0; i < 3; i++) {
        members[i] = t_fork();
        if (!members[i])
            for (;;)
                pause();
        CALL(setpgid(members[i], members[0]));
    }
    TRUE(getpgid(members[2]) == members[0]);
    CALL(kill(-members[0], 0));
    CALL(killpg(members[0], SIGTERM));
    for (int i = 0; i < 3; i++)
        t_reap("member", members[i]);
    CALL(kill(-members[0], SIGTERM));
    CALL(kill(-99999999, 0));

    /* Waiting by group. */
    pid = t_fork();
    if (!pid)
        _exit(7);
    setpgid(pid, pid);
    int status;
    CALL(waitpid(-99999999, &status, WNOHANG));
    TRUE(waitpid(-pid, &status, 0) == pid);
    pid = t_fork();
    if (!pid)
        _exit(8);
    TRUE(waitpid(0, &status, 0) == pid);

    /* After exec a child's group is its own affair. */
    int p[2];
    pipe(p);
    pid = t_fork();
    if (!pid) {
        close(p[0]);
        fcntl(p[1], F_SETFD, FD_CLOEXEC);
        execl("/bin/sleep", "sleep", "5", NULL);
    }
    close(p[1]);
    char c;
    read(p[0], &c, 1);
    CALL(setpgid(pid, pid));
    kill(pid, SIGKILL);
    t_reap("sleep", pid);
    pid = t_fork();
    if (!pid) {
        setsid();
        for (;;)
            pause();
    }
    t_sleep(50);
    CALL(setpgid(pid, getpgrp()));
    TRUE(getsid(pid) == pid);
    kill(pid, SIGKILL);
    t_reap("other session", pid);

    /* A stopped group that becomes an orphan gets SIGHUP and SIGCONT. */
    pipe(p);
    pid = t_fork();
    if (!pid) {
        setsid();
        pid_t job = fork();
        if (!job) {
            setpgid(0, 0);
            pid_t worker = fork();
            if (!worker) {
                kill(getpid(), SIGSTOP);
                write(p[1], "never", 5);
                _exit(0);
            }
            waitpid(worker, &status, WUNTRACED);
            write(p[1], WIFSTOPPED(status) ? "stopped " : "what? ", 8);
            waitpid(worker, &status, 0);
            write(p[1], WIFSIGNALED(status) && WTERMSIG(status) == SIGHUP ? "hung up" : "what?  ", 7);
            _exit(0);
        }
        setpgid(job, job);
        signal(SIGHUP, SIG_IGN);
        t_sleep(150);
        _exit(0); /* the last link between the job and its session */
    }
    close(p[1]);
    char line[100] = "";
    int n = 0, r;
    while ((r = read(p[0], line + n, 90 - n)) > 0)
        n += r;
    t_reap("leader", pid);
    printf("%s\n", n > 8 && strstr(line, "stopped") ? "the worker stopped" : line);
    return 0;
}
