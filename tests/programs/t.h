/* What the test programs share. They print facts that Linux fixes: the same everywhere, whatever runs them. */
#ifndef T_H
#define T_H
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* A test that was started in the background may have inherited ignored signals; what is printed must not depend on it. */
__attribute__((constructor, unused)) static void signals_as_by_default(void) {
    for (int i = 1; i < 32; i++) {
        struct sigaction a;
        if (sigaction(i, NULL, &a) == 0 && a.sa_handler == SIG_IGN)
            signal(i, SIG_DFL);
    }
}

/* Prints the call and its result; an error by its name. */
#define CALL(x)                                                              \
    ({                                                                       \
        errno = 0;                                                           \
        long r_ = (long)(x);                                                 \
        if (r_ == -1 && errno)                                               \
            printf("%s = -1 %s\n", #x, strerrorname_np(errno));              \
        else                                                                 \
            printf("%s = %ld\n", #x, r_);                                    \
        r_;                                                                  \
    })

/* The same for calls whose good result is some number (an fd, a pid, an address): only whether it worked. */
#define WORKS(x)                                                             \
    ({                                                                       \
        errno = 0;                                                           \
        long r_ = (long)(x);                                                 \
        if (r_ == -1 && errno)                                               \
            printf("%s = -1 %s\n", #x, strerrorname_np(errno));              \
        else                                                                 \
            printf("%s works\n", #x);                                        \
        r_;                                                                  \
    })

#define TRUE(x) printf("%s: %s\n", #x, (x) ? "yes" : "NO")

static char t_dir[PATH_MAX];

static void t_remove(void) {
    char command[PATH_MAX + 16];
    if (chdir("/") == 0) {
        snprintf(command, sizeof command, "rm -rf %s", t_dir);
        if (system(command) != 0)
            printf("cannot remove the test directory\n");
    }
}

/* Goes to an empty directory of our own. */
__attribute__((unused)) static void t_enter(void) {
    const char *base = getenv("T_DIR");
    snprintf(t_dir, sizeof t_dir, "%s/t.XXXXXX", base ? base : "/tmp");
    if (!mkdtemp(t_dir) || chdir(t_dir)) {
        perror("test directory");
        exit(99);
    }
    umask(022);
}

__attribute__((unused)) static void t_leave(void) { t_remove(); }

/* Forks; the child runs what follows in braces and must end by _exit. Output is flushed first. */
__attribute__((unused)) static pid_t t_fork(void) {
    fflush(NULL);
    return fork();
}

/* Waits for the child and prints how it ended. */
__attribute__((unused)) static void t_reap(const char *what, pid_t pid) {
    int status;
    if (waitpid(pid, &status, 0) != pid)
        printf("%s: wait failed: %s\n", what, strerrorname_np(errno));
    else if (WIFEXITED(status))
        printf("%s: exit %d\n", what, WEXITSTATUS(status));
    else if (WIFSIGNALED(status))
        printf("%s: killed by %s\n", what, sigabbrev_np(WTERMSIG(status)));
    else
        printf("%s: status %x\n", what, status);
}

/* Until the thread (or process) sleeps in the kernel. */
__attribute__((unused)) static void t_asleep(pid_t tid) {
    char path[64], text[256];
    snprintf(path, sizeof path, "/proc/%d/stat", tid);
    for (;;) {
        int fd = open(path, O_RDONLY);
        long n = fd < 0 ? 0 : read(fd, text, sizeof text - 1);
        close(fd);
        text[n < 0 ? 0 : n] = 0;
        char *state = strrchr(text, ')');
        if (!state || state[2] != 'R')
            return;
        usleep(1000);
    }
}

__attribute__((unused)) static long t_millis(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

__attribute__((unused)) static void t_sleep(int millis) {
    struct timespec t = {millis / 1000, millis % 1000 * 1000000L};
    while (nanosleep(&t, &t) && errno == EINTR)
        ;
}
#endif
