/* Record locks, open file description locks, flock(2), leases, F_NOTIFY: errors, conflicts, splitting, closing, forking, waiting, deadlock. */
#include "t.h"
#include <sys/file.h>

static int fd;
static struct flock lk(int type, int whence, long start, long len) {
    struct flock l = {.l_type = type, .l_whence = whence, .l_start = start, .l_len = len};
    return l;
}
static const char *T(int t) { return t == F_RDLCK ? "R" : t == F_WRLCK ? "W" : t == F_UNLCK ? "-" : "?"; }

/* What a child sees of our locks, byte by byte. */
static void map(const char *what) {
    fflush(NULL);
    pid_t me = getpid(), pid = fork();
    if (pid == 0) {
        printf("%s:", what);
        for (int i = 0; i < 30; i++) {
            struct flock l = lk(F_WRLCK, SEEK_SET, i, 1);
            fcntl(fd, F_GETLK, &l);
            if (l.l_type == F_UNLCK)
                putchar('.');
            else
                printf("%s%s", T(l.l_type), l.l_pid == me ? "" : l.l_pid == -1 ? "o" : "!");
        }
        struct flock l = lk(F_WRLCK, SEEK_SET, 0, 0);
        fcntl(fd, F_GETLK, &l);
        printf(" first %s %ld+%ld whence %d\n", T(l.l_type), (long)l.l_start, (long)l.l_len, l.l_whence);
        fflush(NULL);
        _exit(0);
    }
    waitpid(pid, 0, 0);
}

static long set(int f, int cmd, int type, long start, long len) {
    struct flock l = lk(type, SEEK_SET, start, len);
    return fcntl(f, cmd, &l);
}
static void child(const char *what, int (*f)(void)) {
    pid_t pid = t_fork();
    if (pid == 0) {
        int r = f();
        fflush(NULL);
        _exit(r);
    }
    t_reap(what, pid);
}
static int try_read(void) { CALL(set(fd, F_SETLK, F_RDLCK, 0, 1)); return 0; }
static int try_write(void) { CALL(set(fd, F_SETLK, F_WRLCK, 0, 1)); return 0; }
static int try_ofd(void) { int f = open("f", O_RDWR); CALL(set(f, F_OFD_SETLK, F_WRLCK, 0, 1)); return 0; }
static void hit(int s) {}

int main(void) {
    t_enter();
    fd = open("f", O_RDWR | O_CREAT, 0600);
    ftruncate(fd, 10);
    int ro = open("f", O_RDONLY), wo = open("f", O_WRONLY), path = open("f", O_PATH), p[2];
    pipe(p);
    struct flock l;

    printf("-- errors\n");
    l = lk(9, SEEK_SET, 0, 0); CALL(fcntl(fd, F_SETLK, &l));
    l = lk(F_WRLCK, 7, 0, 0); CALL(fcntl(fd, F_SETLK, &l));
    l = lk(F_WRLCK, SEEK_SET, -1, 0); CALL(fcntl(fd, F_SETLK, &l));
    l = lk(F_WRLCK, SEEK_SET, 5, -6); CALL(fcntl(fd, F_SETLK, &l));
    l = lk(F_WRLCK, SEEK_SET, 5, -5); CALL(fcntl(fd, F_SETLK, &l));
    map("0 to 4");
    l = lk(F_WRLCK, SEEK_SET, 0x7fffffffffffffff, 2); CALL(fcntl(fd, F_SETLK, &l));
    l = lk(F_WRLCK, SEEK_SET, 0x7fffffffffffffff, 1); CALL(fcntl(fd, F_SETLK, &l));
    l = lk(F_WRLCK, SEEK_END, 0x7fffffffffffffff, 1); CALL(fcntl(fd, F_SETLK, &l));
    l = lk(F_WRLCK, SEEK_END, -11, 1); CALL(fcntl(fd, F_SETLK, &l));
    l = lk(F_UNLCK, SEEK_SET, 0, 0); CALL(fcntl(fd, F_SETLK, &l));
    map("none");
    CALL(fcntl(fd, F_SETLK, 8));
    CALL(fcntl(-1, F_SETLK, &l));
    CALL(fcntl(-1, F_SETLK, 8));
    CALL(fcntl(path, F_SETLK, &l));
    CALL(set(ro, F_SETLK, F_WRLCK, 0, 1));
    CALL(set(wo, F_SETLK, F_RDLCK, 0, 1));
    CALL(set(p[0], F_SETLK, F_RDLCK, 0, 1));
    CALL(set(p[0], F_SETLK, F_WRLCK, 0, 1));
    l = lk(F_UNLCK, SEEK_SET, 0, 0); CALL(fcntl(fd, F_GETLK, &l));
    l = lk(F_WRLCK, SEEK_SET, 0, 0); l.l_pid = 1; CALL(fcntl(fd, F_OFD_SETLK, &l));
    CALL(fcntl(fd, F_OFD_GETLK, &l));
    l.l_pid = 0; CALL(fcntl(fd, F_OFD_GETLK, &l));
    printf("%s\n", T(l.l_type));

    printf("-- splitting\n");
    set(fd, F_SETLK, F_WRLCK, 0, 20);
    map("W 0+20");
    set(fd, F_SETLK, F_RDLCK, 5, 5);
    map("R 5+5");
    set(fd, F_SETLK, F_UNLCK, 7, 1);
    map("- 7+1");
    set(fd, F_SETLK, F_WRLCK, 5, 5);
    map("W 5+5");
    set(fd, F_SETLK, F_WRLCK, 22, 2);
    set(fd, F_SETLK, F_WRLCK, 20, 2);
    map("joined");
    set(fd, F_SETLK, F_UNLCK, 3, 0);
    map("- 3 to the end");
    lseek(fd, 2, SEEK_SET);
    l = lk(F_RDLCK, SEEK_CUR, 1, 2); fcntl(fd, F_SETLK, &l);
    l = lk(F_RDLCK, SEEK_END, -2, 1); fcntl(fd, F_SETLK, &l);
    map("by position and end");
    close(dup(fd));
    map("after the close of a duplicate");
    set(fd, F_SETLK, F_WRLCK, 0, 1);
    close(open("f", O_RDONLY));
    map("after the close of another description");

    printf("-- conflicts\n");
    set(fd, F_SETLK, F_RDLCK, 0, 1);
    child("read lock", try_read);
    child("write lock", try_write);
    child("ofd", try_ofd);
    set(fd, F_SETLK, F_WRLCK, 0, 1);
    child("read lock", try_read);
    set(fd, F_SETLK, F_UNLCK, 0, 0);
    child("write lock", try_write);

    printf("-- descriptions\n");
    int a = open("f", O_RDWR), b = open("f", O_RDWR);
    CALL(set(a, F_OFD_SETLK, F_WRLCK, 0, 10));
    CALL(set(b, F_OFD_SETLK, F_WRLCK, 0, 10));
    CALL(set(b, F_OFD_SETLK, F_RDLCK, 5, 1));
    CALL(set(b, F_SETLK, F_RDLCK, 5, 1));
    CALL(set(a, F_SETLK, F_RDLCK, 5, 1));
    CALL(set(b, F_OFD_SETLK, F_WRLCK, 10, 10));
    map("both");
    l = lk(F_WRLCK, SEEK_SET, 0, 0);
    CALL(fcntl(a, F_OFD_GETLK, &l));
    printf("%s %ld+%ld pid %d\n", T(l.l_type), (long)l.l_start, (long)l.l_len, l.l_pid);
    int a2 = dup(a);
    close(a);
    map("a duplicate left");
    close(a2);
    map("none left");
    close(b);
    a = open("f", O_RDWR);
    set(a, F_OFD_SETLK, F_WRLCK, 0, 1);
    pid_t pid = t_fork();
    if (pid == 0) {
        CALL(set(a, F_OFD_SETLK, F_UNLCK, 0, 0)); /* the child has the description, too */
        fflush(NULL);
        _exit(0);
    }
    t_reap("child", pid);
    map("unlocked by the child");
    close(a);

    printf("-- waiting\n");
    set(fd, F_SETLK, F_WRLCK, 0, 1);
    pid = t_fork();
    if (pid == 0) {
        CALL(set(fd, F_SETLKW, F_WRLCK, 0, 1));
        fflush(NULL);
        _exit(0);
    }
    t_asleep(pid);
    set(fd, F_SETLK, F_UNLCK, 0, 1);
    t_reap("waiter", pid);
    struct sigaction sa = {.sa_handler = hit};
    sigaction(SIGALRM, &sa, 0);
    set(fd, F_SETLK, F_WRLCK, 0, 1);
    pid = t_fork();
    if (pid == 0) {
        sigaction(SIGALRM, &sa, 0);
        ualarm(50000, 0);
        CALL(set(fd, F_SETLKW, F_WRLCK, 0, 1));
        a = open("f", O_RDWR);
        ualarm(50000, 0);
        CALL(set(a, F_OFD_SETLKW, F_WRLCK, 0, 1));
        fflush(NULL);
        _exit(0);
    }
    t_reap("interrupted", pid);
    /* a circle */
    pid = t_fork();
    if (pid == 0) {
        set(fd, F_SETLK, F_WRLCK, 1, 1);
        write(p[1], "x", 1);
        CALL(set(fd, F_SETLKW, F_WRLCK, 0, 1));
        fflush(NULL);
        _exit(0);
    }
    char c;
    read(p[0], &c, 1);
    t_asleep(pid);
    CALL(set(fd, F_SETLKW, F_WRLCK, 1, 1));
    set(fd, F_SETLK, F_UNLCK, 0, 0);
    t_reap("other", pid);

    printf("-- flock\n");
    a = open("f", O_RDWR), b = open("f", O_RDONLY);
    CALL(flock(-1, LOCK_EX));
    CALL(flock(a, 0));
    CALL(flock(a, LOCK_SH | LOCK_EX));
    CALL(flock(a, LOCK_NB));
    CALL(flock(a, 64));
    CALL(flock(-1, 64));
    CALL(flock(path, LOCK_EX));
    CALL(flock(p[0], LOCK_EX));
    CALL(flock(a, LOCK_SH));
    CALL(flock(b, LOCK_SH | LOCK_NB));
    CALL(flock(b, LOCK_EX | LOCK_NB));
    CALL(flock(a, LOCK_EX | LOCK_NB));
    CALL(flock(b, LOCK_UN));
    CALL(flock(a, LOCK_EX | LOCK_NB));
    CALL(flock(b, LOCK_EX | LOCK_NB)); /* for reading only is enough */
    CALL(set(b, F_SETLK, F_RDLCK, 0, 0)); /* the kinds do not see each other */
    a2 = dup(a);
    close(a);
    CALL(flock(b, LOCK_SH | LOCK_NB));
    pid = t_fork();
    if (pid == 0) {
        flock(a2, LOCK_UN);
        _exit(0);
    }
    t_reap("child", pid);
    CALL(flock(b, LOCK_SH | LOCK_NB));
    CALL(flock(a2, LOCK_EX | LOCK_NB));
    int d = open(".", O_RDONLY);
    CALL(flock(d, LOCK_EX));
    CALL(flock(open(".", O_RDONLY), LOCK_SH | LOCK_NB));

    printf("-- leases\n");
    int f2 = open("lease", O_RDWR | O_CREAT, 0600);
    CALL(fcntl(f2, F_GETLEASE));
    CALL(fcntl(f2, F_SETLEASE, F_RDLCK));
    CALL(fcntl(f2, F_SETLEASE, 77));
    CALL(fcntl(f2, F_SETLEASE, F_UNLCK));
    CALL(fcntl(f2, F_SETLEASE, F_WRLCK));
    CALL(fcntl(f2, F_GETLEASE));
    CALL(fcntl(f2, F_SETLEASE, F_UNLCK));
    CALL(fcntl(f2, F_GETLEASE));
    int f3 = open("lease", O_RDONLY);
    CALL(fcntl(f2, F_SETLEASE, F_WRLCK));
    close(f2);
    CALL(fcntl(f3, F_SETLEASE, F_RDLCK));
    CALL(fcntl(f3, F_GETLEASE));
    CALL(fcntl(f3, F_SETLEASE, F_WRLCK));
    CALL(fcntl(f3, F_SETLEASE, F_UNLCK));
    CALL(fcntl(d, F_SETLEASE, F_RDLCK));
    CALL(fcntl(p[0], F_SETLEASE, F_RDLCK));
    CALL(fcntl(p[0], F_GETLEASE));
    sigset_t s;
    sigemptyset(&s);
    sigaddset(&s, SIGIO);
    sigprocmask(SIG_BLOCK, &s, 0);
    CALL(fcntl(f3, F_SETLEASE, F_RDLCK));
    CALL(open("lease", O_WRONLY | O_NONBLOCK));
    sigset_t pend;
    sigpending(&pend);
    TRUE(sigismember(&pend, SIGIO));
    CALL(fcntl(f3, F_GETLEASE));
    CALL(fcntl(f3, F_SETLEASE, F_UNLCK));
    TRUE(open("lease", O_WRONLY | O_NONBLOCK) >= 0);
    CALL(fcntl(f3, F_SETLEASE, F_RDLCK));

    printf("-- commands\n");
    CALL(fcntl(fd, 9999));
    CALL(fcntl(-1, 9999));
    CALL(fcntl(path, F_SETFL, 0));
    CALL(fcntl(path, F_GETLEASE));
    CALL(fcntl(path, F_GETOWN));
    CALL(fcntl(fd, F_NOTIFY, 0x80000000 | 4));
    CALL(fcntl(fd, F_NOTIFY, 0));
    CALL(fcntl(d, F_NOTIFY, 0));
    /* what happens in a directory, by signal */
    mkdir("n", 0755);
    int n = open("n", O_RDONLY);
    sigset_t rt;
    sigemptyset(&rt);
    sigaddset(&rt, SIGRTMIN);
    sigprocmask(SIG_BLOCK, &rt, 0);
    CALL(fcntl(n, F_SETSIG, SIGRTMIN));
    CALL(fcntl(n, F_NOTIFY, 4 | 8)); /* DN_CREATE | DN_DELETE */
    close(open("n/1", O_CREAT | O_WRONLY, 0600));
    close(open("n/2", O_CREAT | O_WRONLY, 0600));
    siginfo_t si;
    struct timespec z = {0, 0};
    CALL(sigtimedwait(&rt, &si, &z) == SIGRTMIN);
    printf("code %d fd %d band %lx\n", si.si_code, si.si_fd == n, si.si_band);
    CALL(sigtimedwait(&rt, &si, &z));
    CALL(fcntl(n, F_NOTIFY, DN_MULTISHOT | DN_DELETE | DN_MODIFY | DN_ATTRIB | DN_RENAME | DN_ACCESS));
    static const char *steps[] = {"rm n/1", "echo > n/2", "cat n/2", "chmod 700 n/2", "mv n/2 n/3", "mv n/3 n/..", "touch n/new"};
    for (int i = 0; i < 7; i++) {
        int count = 0;
        system(steps[i]);
        while (sigtimedwait(&rt, &si, &z) > 0)
            count++;
        printf("%s: %s\n", steps[i], count ? "told" : "nothing");
    }
    CALL(fcntl(n, F_NOTIFY, 0));
    unlink("n/new");
    CALL(sigtimedwait(&rt, &si, &z));
    t_leave();
    return 0;
}
