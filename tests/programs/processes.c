/* fork, vfork, clone, exec, exit and wait. */
#include "t.h"

static char self[PATH_MAX];

static void show(const char *what, int status) {
    if (WIFEXITED(status))
        printf("%s: exit %d\n", what, WEXITSTATUS(status));
    else if (WIFSIGNALED(status))
        printf("%s: killed by %s\n", what, sigabbrev_np(WTERMSIG(status)));
    else if (WIFSTOPPED(status))
        printf("%s: stopped by %s\n", what, sigabbrev_np(WSTOPSIG(status)));
    else if (WIFCONTINUED(status))
        printf("%s: continued\n", what);
}

static void waits(void) {
    int status;
    CALL(waitpid(-1, &status, 0));
    CALL(waitpid(getpid(), &status, 0));
    CALL(waitpid(-1, &status, 0x40));
    siginfo_t info;
    CALL(waitid(P_ALL, 0, &info, 0));
    CALL(waitid(77, 0, &info, WEXITED));
    int codes[] = {0, 1, 127, 255, 256 + 7};
    for (int i = 0; i < 5; i++) {
        pid_t pid = t_fork();
        if (!pid)
            _exit(codes[i]);
        t_reap("exit", pid);
    }
    pid_t pid = t_fork();
    if (!pid) {
        t_sleep(60);
        _exit(9);
    }
    CALL(waitpid(pid, &status, WNOHANG));
    memset(&info, 0, sizeof info);
    CALL(waitid(P_PID, pid, &info, WEXITED | WNOHANG));
    printf("si_pid %d\n", info.si_pid);
    CALL(waitid(P_PID, pid, &info, WEXITED | WNOWAIT));
    printf("signo %d code %d status %d pid %d\n", info.si_signo == SIGCHLD, info.si_code, info.si_status,
           info.si_pid == pid);
    TRUE(waitpid(pid, &status, 0) == pid);
    show("waited", status);
    CALL(waitpid(pid, &status, 0));

    pid = t_fork();
    if (!pid)
        for (;;)
            pause();
    kill(pid, SIGSTOP);
    TRUE(waitpid(pid, &status, WUNTRACED) == pid);
    show("child", status);
    CALL(waitpid(pid, &status, WUNTRACED | WNOHANG));
    kill(pid, SIGCONT);
    TRUE(waitpid(pid, &status, WCONTINUED) == pid);
    show("child", status);
    kill(pid, SIGSTOP);
    TRUE(waitid(P_PID, pid, &info, WSTOPPED) == 0);
    printf("code %d status %d\n", info.si_code, info.si_status == SIGSTOP);
    kill(pid, SIGKILL);
    struct rusage usage;
    TRUE(wait4(pid, &status, 0, &usage) == pid);
    show("child", status);

    /* Children of any order: the last one is let go first. */
    int gates[3][2];
    for (int i = 0; i < 3; i++) {
        pipe(gates[i]);
        if (!t_fork()) {
            char c;
            read(gates[i][0], &c, 1);
            _exit(i);
        }
    }
    for (int i = 2; i >= 0; i--) {
        write(gates[i][1], "x", 1);
        wait(&status);
        printf("%d\n", WEXITSTATUS(status));
        close(gates[i][0]);
        close(gates[i][1]);
    }
    signal(SIGCHLD, SIG_IGN);
    pid = t_fork();
    if (!pid)
        _exit(1);
    CALL(waitpid(-1, &status, 0)); /* waits, and finds nothing to report */
    signal(SIGCHLD, SIG_DFL);
    pid = t_fork();
    if (!pid)
        _exit(0);
    t_sleep(50);
    char path[64], state = '?';
    sprintf(path, "/proc/%d/stat", pid);
    FILE *f = fopen(path, "r");
    if (f) {
        fscanf(f, "%*d %*s %c", &state);
        fclose(f);
    }
    printf("unwaited: %c\n", state);
    CALL(kill(pid, 0));
    waitpid(pid, NULL, 0);
    CALL(kill(pid, 0));
}

static void families(void) {
    int p[2];
    pipe(p);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    pid_t me = getpid();
    pid_t pid = t_fork();
    if (!pid) {
        if (!fork()) {
            t_sleep(60);
            int mine = getppid() == me;
            write(p[1], &mine, sizeof mine);
            _exit(4);
        }
        _exit(3);
    }
    t_reap("father", pid);
    int mine = -1;
    read(p[0], &mine, sizeof mine);
    printf("adopted by the subreaper: %d\n", mine);
    int status;
    wait(&status);
    show("orphan", status);
    prctl(PR_SET_CHILD_SUBREAPER, 0);

    pid = t_fork();
    if (!pid) {
        pid_t father = getpid();
        pid_t child = fork();
        if (!child) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            if (getppid() != father)
                _exit(0);
            write(p[1], "r", 1);
            for (;;)
                pause();
        }
        char c;
        read(p[0], &c, 1);
        _exit(0);
    }
    close(p[1]);
    t_reap("father", pid);
    char c;
    CALL(read(p[0], &c, 1)); /* the end: nobody holds the pipe any more */
    close(p[0]);
}

static void execs(void) {
    int fd = open("/dev/null", O_RDONLY), kept = dup(fd);
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    char a[16], b[16];
    sprintf(a, "%d", fd);
    sprintf(b, "%d", kept);
    signal(SIGUSR1, SIG_IGN);
    signal(SIGUSR2, (void (*)(int))show);
    sigset_t block;
    sigemptyset(&block);
    sigaddset(&block, SIGALRM);
    sigprocmask(SIG_BLOCK, &block, NULL);
    pid_t pid = t_fork();
    if (!pid) {
        char *argv[] = {"name of its own", "child", a, b, "", "with space", NULL};
        char *envp[] = {"ONE=1", "TWO=", "odd", NULL};
        execve(self, argv, envp);
        _exit(99);
    }
    t_reap("exec", pid);
    sigprocmask(SIG_UNBLOCK, &block, NULL);
    signal(SIGUSR1, SIG_DFL);
    signal(SIGUSR2, SIG_DFL);
    fflush(stdout);
    pid = vfork();
    if (!pid) {
        execl("/bin/sh", "sh", "-c", "exit 21", NULL);
        _exit(99);
    }
    t_reap("vfork and exec", pid);
    fflush(stdout);
    printf("system %d\n", WEXITSTATUS(system("exit 5")));
    FILE *f = popen("echo through a pipe; echo second", "r");
    char line[100];
    while (fgets(line, sizeof line, f))
        printf("> %s", line);
    printf("pclose %d\n", pclose(f));
}

static int child_main(int argc, char **argv) {
    printf("argc %d", argc);
    for (int i = 0; i < argc; i++)
        if (i != 2 && i != 3)
            printf(" [%s]", argv[i]);
    printf("\n");
    extern char **environ;
    for (char **e = environ; *e; e++)
        printf("env %s\n", *e);
    CALL(fcntl(atoi(argv[2]), F_GETFD) == -1 ? -1 : 0);
    printf("kept %d\n", fcntl(atoi(argv[3]), F_GETFD));
    struct sigaction s1, s2;
    sigaction(SIGUSR1, NULL, &s1);
    sigaction(SIGUSR2, NULL, &s2);
    printf("USR1 ignored %d USR2 default %d\n", s1.sa_handler == SIG_IGN, s2.sa_handler == SIG_DFL);
    sigset_t now;
    sigprocmask(SIG_BLOCK, NULL, &now);
    printf("ALRM blocked %d\n", sigismember(&now, SIGALRM));
    char name[20] = "";
    prctl(PR_GET_NAME, name);
    printf("comm %s\n", name);
    return 8;
}

static int thread_like(void *arg) {
    *(int *)arg = 77;
    return 6;
}

static void clones(void) {
    static char stack[65536] __attribute__((aligned(16)));
    int value = 0, status;
    pid_t pid = clone(thread_like, stack + sizeof stack, CLONE_VM | SIGCHLD, &value);
    TRUE(waitpid(pid, &status, 0) == pid);
    show("CLONE_VM", status);
    printf("value %d\n", value);
    value = 0;
    fflush(stdout);
    pid = clone(thread_like, stack + sizeof stack, SIGCHLD, &value);
    waitpid(pid, &status, 0);
    printf("without: value %d\n", value);
    pid = clone(thread_like, stack + sizeof stack, 0, &value);
    CALL(waitpid(pid, &status, 0) == -1 ? -1 : 0);
    TRUE(waitpid(pid, &status, __WCLONE) == pid);
    CALL(clone(thread_like, stack + sizeof stack, CLONE_THREAD | SIGCHLD, &value));
    CALL(clone(thread_like, stack + sizeof stack, CLONE_SIGHAND | SIGCHLD, &value));
    pid_t ptid = 0, ctid = 0;
    fflush(stdout);
    pid = syscall(SYS_clone, CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | SIGCHLD, 0, &ptid, &ctid, 0);
    if (!pid)
        _exit(ctid == getpid() ? 0 : 1);
    TRUE(ptid == pid);
    t_reap("child tid", pid);
    int files[2];
    pipe(files);
    pid = syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0);
    if (!pid) {
        close(files[0]);
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    CALL(fcntl(files[0], F_GETFD));
    pid = syscall(SYS_clone, CLONE_FS | SIGCHLD, 0, 0, 0, 0);
    if (!pid) {
        chdir("/usr");
        umask(0);
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    char cwd[100];
    printf("%s %o\n", getcwd(cwd, 100), umask(022));
}

int main(int argc, char **argv) {
    if (argc > 1)
        return child_main(argc, argv);
    readlink("/proc/self/exe", self, sizeof self - 1);
    prctl(PR_SET_NAME, "parent");
    waits();
    families();
    execs();
    clones();
    TRUE(getpid() != getppid());
    return 0;
}
