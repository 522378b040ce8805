/* Ends that have to come: of process 1 of a namespace with children of all kinds, in vfork, in exec, of a tracer. */
#include "t.h"
#include <sys/ptrace.h>
#include <pthread.h>

static int in_time(const char *what, pid_t pid) {
    int status;
    for (int i = 0; i < 500; i++) {
        pid_t got = waitpid(pid, &status, WNOHANG | __WALL);
        if (got == pid) {
            printf("%s: %s %d\n", what, WIFEXITED(status) ? "exit" : WIFSIGNALED(status) ? "killed" : "other",
                   WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
            return 1;
        }
        t_sleep(10);
    }
    printf("%s: does not end\n", what);
    return 0;
}

/* A child whose end makes `signal`; it ends by itself or waits for ever. */
static pid_t clone_child(int signal, int millis) {
    pid_t pid = syscall(SYS_clone, signal, 0, 0, 0, 0);
    if (!pid) {
        if (millis >= 0)
            t_sleep(millis);
        else
            pause();
        _exit(0);
    }
    return pid;
}

/* Process 1 of a new namespace ends while it has a child that makes `signal`. */
static void namespace_of(const char *what, int signal, int millis) {
    pid_t outer = t_fork();
    if (!outer) {
        if (unshare(CLONE_NEWPID))
            _exit(errno);
        pid_t init = fork();
        if (!init) {
            clone_child(signal, millis);
            clone_child(signal, -1);
            t_sleep(20);
            _exit(7);
        }
        _exit(in_time("process 1", init) ? 0 : 1);
    }
    if (!in_time(what, outer)) {
        kill(outer, SIGKILL);
    }
}

/* A grandchild in the namespace whose own parent is gone, and one that is traced by its parent. */
static void namespace_of_families(void) {
    pid_t outer = t_fork();
    if (!outer) {
        setpgid(0, 0); /* not an orphaned group: nobody is hung up */
        if (unshare(CLONE_NEWPID))
            _exit(errno);
        pid_t init = fork();
        if (!init) {
            if (!fork()) {
                clone_child(0, -1);
                _exit(0);
            }
            if (!fork()) {
                pid_t p = fork();
                if (!p) {
                    ptrace(PTRACE_TRACEME, 0, 0, 0);
                    raise(SIGSTOP);
                    _exit(0);
                }
                pause();
            }
            if (!fork()) {
                if (!fork())
                    pause();
                kill(getpid(), SIGSTOP);
            }
            t_sleep(50);
            _exit(8);
        }
        _exit(in_time("process 1", init) ? 0 : 1);
    }
    in_time("families", outer);
}

static void killed_in_vfork(void) {
    pid_t pid = t_fork();
    if (!pid) {
        if (!vfork()) {
            prctl(PR_SET_PDEATHSIG, SIGKILL); /* nobody else ends it */
            pause();
            _exit(0);
        }
        _exit(0);
    }
    t_sleep(50);
    kill(pid, SIGKILL);
    in_time("parent in vfork", pid);
}

/* A tracer is killed while its tracee is stopped: that one runs on. */
static void tracer_killed(int options) {
    int p[2], status;
    char c;
    CALL(pipe(p));
    pid_t tracer = t_fork();
    if (!tracer) {
        pid_t tracee = fork();
        if (!tracee) {
            close(p[0]);
            ptrace(PTRACE_TRACEME, 0, 0, 0);
            raise(SIGUSR1);
            (void)!write(p[1], "x", 1);
            _exit(0);
        }
        close(p[1]);
        waitpid(tracee, &status, 0);
        ptrace(PTRACE_SETOPTIONS, tracee, 0, options);
        pause();
    }
    close(p[1]);
    signal(SIGUSR1, SIG_IGN);
    t_sleep(100);
    kill(tracer, SIGKILL);
    in_time("tracer", tracer);
    printf("tracee says %ld\n", (long)read(p[0], &c, 1));
    close(p[0]);
}

static void *other(void *unused) {
    for (;;)
        pause();
}

/* Killed while one thread executes another program and the others have to go. */
static void killed_in_exec(void) {
    for (int i = 0; i < 10; i++) {
        pid_t pid = t_fork();
        if (!pid) {
            pthread_t t;
            for (int k = 0; k < 5; k++)
                pthread_create(&t, NULL, other, NULL);
            execl("/bin/sleep", "sleep", "100", NULL);
            _exit(1);
        }
        t_sleep(i);
        kill(pid, SIGKILL);
        int status;
        if (waitpid(pid, &status, 0) != pid || !WIFSIGNALED(status))
            printf("exec %d: status %x\n", i, status);
    }
    printf("execs done\n");
}

int main(void) {
    setvbuf(stdout, NULL, _IONBF, 0);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    namespace_of("SIGCHLD", SIGCHLD, 60);
    namespace_of("no signal", 0, 60);
    namespace_of("no signal, forever", 0, 10000);
    namespace_of("SIGUSR1", SIGUSR1, 60);
    namespace_of_families();
    killed_in_vfork();
    tracer_killed(0);
    tracer_killed(PTRACE_O_EXITKILL);
    killed_in_exec();
    while (waitpid(-1, NULL, __WALL | WNOHANG) > 0)
        ;
    return 0;
}
