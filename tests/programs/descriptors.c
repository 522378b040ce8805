/* Descriptors: dup, fcntl, locks, limits. */
#include "t.h"
#include <sys/file.h>

static void dups(void) {
    int fd = open("f", O_RDWR | O_CREAT | O_APPEND, 0600);
    CALL(dup(99));
    CALL(dup2(fd, -1));
    CALL(dup2(fd, 1 << 20));
    CALL(dup2(99, 50));
    CALL(dup2(fd, 50));
    CALL(dup2(fd, fd) == fd);
    CALL(dup3(fd, fd, 0));
    CALL(dup3(fd, 51, O_CLOEXEC));
    CALL(dup3(fd, 52, O_APPEND));
    printf("%d %d\n", fcntl(50, F_GETFD), fcntl(51, F_GETFD));
    CALL(fcntl(fd, F_DUPFD, 100));
    CALL(fcntl(fd, F_DUPFD_CLOEXEC, 100));
    printf("%d %d\n", fcntl(100, F_GETFD), fcntl(101, F_GETFD));
    CALL(fcntl(fd, F_DUPFD, -1));
    CALL(fcntl(fd, F_DUPFD, 1 << 20));
    CALL(fcntl(99, F_GETFD));
    CALL(fcntl(fd, 7777));
    printf("flags %x\n", fcntl(fd, F_GETFL) & ~O_LARGEFILE);
    CALL(fcntl(fd, F_SETFL, O_NONBLOCK | O_WRONLY | O_CREAT));
    printf("flags %x, of the copy %x\n", fcntl(fd, F_GETFL) & ~O_LARGEFILE, fcntl(50, F_GETFL) & ~O_LARGEFILE);
    CALL(fcntl(fd, F_SETFD, FD_CLOEXEC));
    printf("%d %d\n", fcntl(fd, F_GETFD), fcntl(50, F_GETFD));
    CALL(syscall(SYS_close_range, 100, 101, 0));
    CALL(fcntl(100, F_GETFD));
    CALL(syscall(SYS_close_range, 50, 51, 4));
    printf("%d\n", fcntl(50, F_GETFD));
    CALL(syscall(SYS_close_range, 51, 50, 0));
    close(50);
    close(51);
    close(fd);
    int low = open("/dev/null", O_RDONLY);
    TRUE(low == fd);
    close(low);
    struct rlimit l = {20, 20};
    pid_t pid = t_fork();
    if (!pid) {
        setrlimit(RLIMIT_NOFILE, &l);
        int n = 0;
        while (open("/dev/null", O_RDONLY) >= 0)
            n++;
        printf("%s after reaching %d\n", strerrorname_np(errno), n + fd);
        CALL(dup2(0, 20));
        CALL(dup2(0, 19));
        CALL(fcntl(0, F_DUPFD, 20));
        int p[2];
        CALL(pipe(p));
        fflush(stdout);
        _exit(0);
    }
    t_reap("limit", pid);
}

static void try_lock(const char *what, int fd, int command, short type, long start, long length) {
    struct flock l = {.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
    errno = 0;
    int r = fcntl(fd, command, &l);
    if (r)
        printf("%s: %s\n", what, strerrorname_np(errno));
    else if (command == F_GETLK)
        printf("%s: type %d start %ld len %ld other %d\n", what, l.l_type, (long)l.l_start, (long)l.l_len,
               l.l_pid != getpid());
    else
        printf("%s: done\n", what);
}

static void locks(void) {
    int fd = open("l", O_RDWR | O_CREAT, 0600), to[2], from[2];
    char c;
    pipe(to);
    pipe(from);
    try_lock("write 0-9", fd, F_SETLK, F_WRLCK, 0, 10);
    try_lock("again", fd, F_SETLK, F_WRLCK, 5, 10);
    pid_t pid = t_fork();
    if (!pid) {
        try_lock("child: write", fd, F_SETLK, F_WRLCK, 8, 1);
        try_lock("child: read", fd, F_SETLK, F_RDLCK, 8, 1);
        try_lock("child: behind", fd, F_SETLK, F_WRLCK, 15, 1);
        try_lock("child: who", fd, F_GETLK, F_WRLCK, 0, 0);
        fflush(stdout);
        write(to[1], "1", 1);
        try_lock("child: waited", fd, F_SETLKW, F_WRLCK, 0, 5);
        fflush(stdout);
        _exit(0);
    }
    read(to[0], &c, 1);
    t_sleep(50);
    try_lock("unlock 3-5", fd, F_SETLK, F_UNLCK, 3, 3);
    t_sleep(20);
    try_lock("who", fd, F_GETLK, F_WRLCK, 15, 1);
    printf("unlocking\n");
    fflush(stdout);
    try_lock("unlock", fd, F_SETLK, F_UNLCK, 0, 0);
    t_reap("child", pid);
    try_lock("free now", fd, F_SETLK, F_WRLCK, 15, 1);
    int other = open("l", O_RDWR);
    close(other); /* drops all locks of the process */
    pid = t_fork();
    if (!pid) {
        try_lock("after a close", fd, F_SETLK, F_WRLCK, 15, 1);
        fflush(stdout);
        _exit(0);
    }
    t_reap("child", pid);
    int ro = open("l", O_RDONLY);
    try_lock("write on read-only", ro, F_SETLK, F_WRLCK, 0, 1);
    try_lock("bad type", fd, F_SETLK, 77, 0, 1);
    try_lock("ofd", fd, F_OFD_SETLK, F_WRLCK, 0, 10);
    other = open("l", O_RDWR);
    try_lock("ofd of another", other, F_OFD_SETLK, F_WRLCK, 5, 10);
    close(other);

    CALL(flock(fd, LOCK_EX));
    other = open("l", O_RDWR);
    CALL(flock(other, LOCK_EX | LOCK_NB));
    CALL(flock(other, LOCK_SH | LOCK_NB));
    CALL(flock(fd, LOCK_SH));
    CALL(flock(other, LOCK_SH | LOCK_NB));
    CALL(flock(fd, LOCK_UN));
    CALL(flock(other, LOCK_EX | LOCK_NB));
    pid = t_fork();
    if (!pid)
        _exit(flock(other, LOCK_EX | LOCK_NB) ? 1 : 0); /* the same description */
    t_reap("inherited", pid);
    close(other);
    CALL(flock(fd, LOCK_EX | LOCK_NB));
    CALL(flock(fd, 77));
    CALL(flock(99, LOCK_SH));
}

int main(void) {
    syscall(SYS_close_range, 3, ~0U, 0); /* what we inherited */
    t_enter();
    dups();
    locks();
    t_leave();
    return 0;
}
