/* Pipes and fifos: ends, blocking, capacity, SIGPIPE. */
#include "t.h"

static int hits;
static void hit(int signo) { hits += signo == SIGPIPE; }

int main(void) {
    t_enter();
    int p[2];
    char b[70000];
    CALL(pipe2(p, 0x10000));
    CALL(pipe((int *)8));
    CALL(pipe2(p, O_CLOEXEC | O_NONBLOCK));
    printf("fl %x %x fd %d %d\n", fcntl(p[0], F_GETFL) & ~O_LARGEFILE, fcntl(p[1], F_GETFL) & ~O_LARGEFILE,
           fcntl(p[0], F_GETFD), fcntl(p[1], F_GETFD));
    CALL(read(p[0], b, 1));
    CALL(write(p[1], "abc", 3));
    int n;
    ioctl(p[0], FIONREAD, &n);
    printf("%d to read\n", n);
    CALL(read(p[0], b, 10));
    CALL(write(p[0], "x", 1));
    CALL(read(p[1], b, 1));
    CALL(lseek(p[0], 0, SEEK_CUR));
    CALL(pread(p[0], b, 1, 0));
    CALL(fcntl(p[1], F_GETPIPE_SZ));
    memset(b, 'q', sizeof b);
    CALL(write(p[1], b, sizeof b));
    CALL(write(p[1], b, 1));
    CALL(read(p[0], b, 4096));
    CALL(write(p[1], b, 4096));
    CALL(read(p[0], b, 100));
    CALL(write(p[1], b, 4096)); /* PIPE_BUF at once or not at all */
    CALL(fcntl(p[1], F_SETPIPE_SZ, 4096));
    close(p[1]);
    long total = 0;
    for (long r; (r = read(p[0], b, sizeof b)) > 0;)
        total += r;
    printf("total %ld\n", total);
    CALL(read(p[0], b, 1));
    close(p[0]);

    CALL(pipe(p));
    CALL(fcntl(p[1], F_SETPIPE_SZ, 1 << 17));
    CALL(fcntl(p[1], F_SETPIPE_SZ, 5000));
    close(p[0]);
    signal(SIGPIPE, hit);
    CALL(write(p[1], "x", 1));
    printf("SIGPIPE %d\n", hits);
    signal(SIGPIPE, SIG_IGN);
    CALL(write(p[1], "x", 1));
    close(p[1]);
    signal(SIGPIPE, SIG_DFL);
    pid_t pid = t_fork();
    if (!pid) {
        pipe(p);
        close(p[0]);
        write(p[1], "x", 1);
        _exit(1);
    }
    t_reap("writer", pid);

    /* A reader sleeps until the other side writes. */
    pipe(p);
    pid = t_fork();
    if (!pid) {
        close(p[0]);
        for (int i = 0; i < 5; i++) {
            t_sleep(10);
            write(p[1], "abcde" + i, 1);
        }
        _exit(0);
    }
    close(p[1]);
    total = 0;
    for (long r; (r = read(p[0], b + total, 10)) > 0;)
        total += r;
    printf("got %.*s\n", (int)total, b);
    t_reap("child", pid);
    close(p[0]);

    /* A writer sleeps until there is room. */
    pipe(p);
    pid = t_fork();
    if (!pid) {
        close(p[0]);
        char *big = calloc(1, 1 << 20);
        for (int i = 0; i < 1 << 20; i++)
            big[i] = i * 7;
        long w = write(p[1], big, 1 << 20);
        _exit(w == 1 << 20 ? 0 : 1);
    }
    close(p[1]);
    total = 0;
    int wrong = 0;
    for (long r; (r = read(p[0], b, 30000)) > 0;) {
        for (long i = 0; i < r; i++)
            wrong += b[i] != (char)((total + i) * 7);
        total += r;
    }
    printf("total %ld wrong %d\n", total, wrong);
    t_reap("writer", pid);
    close(p[0]);

    CALL(mkfifo("f", 0600));
    CALL(open("f", O_WRONLY | O_NONBLOCK));
    int r = WORKS(open("f", O_RDONLY | O_NONBLOCK));
    CALL(read(r, b, 1));
    int w = WORKS(open("f", O_WRONLY | O_NONBLOCK));
    CALL(read(r, b, 1));
    CALL(write(w, "fifo", 4));
    CALL(read(r, b, 10));
    close(w);
    CALL(read(r, b, 1));
    close(r);
    pid = t_fork();
    if (!pid) {
        int fd = open("f", O_WRONLY); /* waits for the reader */
        write(fd, "hello", 5);
        _exit(0);
    }
    r = open("f", O_RDONLY);
    CALL(read(r, b, 10));
    t_reap("fifo writer", pid);
    struct stat st;
    fstat(r, &st);
    TRUE(S_ISFIFO(st.st_mode));
    t_leave();
    return 0;
}
