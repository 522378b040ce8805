/* Linux aio (io_setup(2) and its kin): contexts, requests, errors, completion, eventfd, waiting. */
#include "t.h"
#include <linux/aio_abi.h>
#include <sys/eventfd.h>

static long io_setup(unsigned n, aio_context_t *c) { return syscall(SYS_io_setup, n, c); }
static long io_destroy(aio_context_t c) { return syscall(SYS_io_destroy, c); }
static long io_submit(aio_context_t c, long n, struct iocb **l) { return syscall(SYS_io_submit, c, n, l); }
static long io_cancel(aio_context_t c, struct iocb *i, struct io_event *r) { return syscall(SYS_io_cancel, c, i, r); }
static long io_getevents(aio_context_t c, long min, long n, struct io_event *e, struct timespec *t) {
    return syscall(SYS_io_getevents, c, min, n, e, t);
}

static struct iocb cb(int op, int fd, void *buf, size_t n, long off) {
    struct iocb c = {0};
    c.aio_lio_opcode = op;
    c.aio_fildes = fd;
    c.aio_buf = (uintptr_t)buf;
    c.aio_nbytes = n;
    c.aio_offset = off;
    c.aio_data = 77;
    return c;
}

static void one(aio_context_t ctx, const char *what, struct iocb c) {
    struct iocb *l[1] = {&c};
    errno = 0;
    long r = io_submit(ctx, 1, l);
    printf("%s: submit %ld %s", what, r, r < 0 ? strerrorname_np(errno) : "");
    if (r == 1) {
        struct io_event e;
        struct timespec t = {2, 0};
        long n = io_getevents(ctx, 1, 1, &e, &t);
        printf(", %ld event res %s%lld res2 %lld data %llu obj %d", n, e.res < 0 ? strerrorname_np(-e.res) : "",
               (long long)e.res, (long long)e.res2, (unsigned long long)e.data, e.obj == (uintptr_t)&c);
    }
    printf("\n");
}

int main(void) {
    t_enter();
    aio_context_t ctx = 0, other = 5;
    CALL(io_setup(0, &ctx));
    CALL(io_setup(1, &other));
    CALL(io_setup(1, (void *)8));
    CALL(io_setup(0x7fffffff, &ctx));
    CALL(io_setup(8, &ctx));
    TRUE(ctx != 0);
    CALL(io_setup(8, &ctx));
    CALL(io_destroy(0));
    CALL(io_destroy(ctx + 4096));
    CALL(io_submit(0, 0, NULL));
    CALL(io_submit(ctx, 0, NULL));
    CALL(io_submit(ctx, -1, NULL));
    CALL(io_submit(ctx, 1, NULL));
    struct iocb *bad[2] = {NULL, (void *)8};
    CALL(io_submit(ctx, 1, bad));
    CALL(io_submit(ctx, 1, bad + 1));
    struct io_event ev[16];
    struct timespec zero = {0, 0}, some = {0, 30000000}, invalid = {0, 2000000000};
    CALL(io_getevents(0, 0, 1, ev, &zero));
    CALL(io_getevents(ctx, 0, 1, ev, &zero));
    CALL(io_getevents(ctx, -1, 1, ev, &zero));
    CALL(io_getevents(ctx, 2, 1, ev, &zero));
    CALL(io_getevents(ctx, 0, -1, ev, &zero));
    CALL(io_getevents(ctx, 1, 1, ev, &invalid));
    CALL(io_getevents(ctx, 1, 1, ev, (void *)8));
    CALL(io_getevents(ctx, 0, 0, NULL, NULL));
    long before = t_millis();
    CALL(io_getevents(ctx, 1, 1, ev, &some));
    TRUE(t_millis() - before >= 29);

    int fd = open("f", O_RDWR | O_CREAT, 0600);
    char *b = mmap(0, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memcpy(b, "hello, world", 12);
    one(ctx, "pwrite", cb(IOCB_CMD_PWRITE, fd, b, 12, 3));
    memset(b, 0, 64);
    one(ctx, "pread", cb(IOCB_CMD_PREAD, fd, b, 64, 0));
    printf("%d %s\n", b[0], b + 3);
    one(ctx, "pread at the end", cb(IOCB_CMD_PREAD, fd, b, 64, 100));
    one(ctx, "bad fd", cb(IOCB_CMD_PREAD, 99, b, 64, 0));
    one(ctx, "bad op", cb(44, fd, b, 64, 0));
    one(ctx, "noop", cb(IOCB_CMD_NOOP, fd, b, 64, 0));
    one(ctx, "bad buffer", cb(IOCB_CMD_PREAD, fd, (void *)8, 64, 0));
    one(ctx, "bad buffer, write", cb(IOCB_CMD_PWRITE, fd, (void *)8, 64, 0));
    one(ctx, "negative offset", cb(IOCB_CMD_PREAD, fd, b, 64, -1));
    one(ctx, "negative length", cb(IOCB_CMD_PREAD, fd, b, -1, 0));
    one(ctx, "fsync", cb(IOCB_CMD_FSYNC, fd, NULL, 0, 0));
    one(ctx, "fdsync", cb(IOCB_CMD_FDSYNC, fd, NULL, 0, 0));
    one(ctx, "fsync with arguments", cb(IOCB_CMD_FSYNC, fd, b, 0, 0));
    struct iovec iov[2] = {{b, 4}, {b + 100, 6}};
    one(ctx, "preadv", cb(IOCB_CMD_PREADV, fd, iov, 2, 3));
    printf("%.4s%.6s\n", b, b + 100);
    one(ctx, "pwritev", cb(IOCB_CMD_PWRITEV, fd, iov, 2, 20));
    one(ctx, "pwritev of too many", cb(IOCB_CMD_PWRITEV, fd, iov, 2000, 20));
    one(ctx, "preadv of nothing", cb(IOCB_CMD_PREADV, fd, iov, 0, 20));
    struct iocb c = cb(IOCB_CMD_PREAD, fd, b, 1, 0);
    c.aio_flags = 4;
    one(ctx, "bad flags", c);
    c.aio_flags = 0;
    c.aio_reserved2 = 1;
    one(ctx, "reserved", c);
    c.aio_reserved2 = 0;
    c.aio_flags = IOCB_FLAG_RESFD;
    c.aio_resfd = 99;
    one(ctx, "bad eventfd", c);
    c.aio_resfd = fd;
    one(ctx, "not an eventfd", c);
    c.aio_flags = 0;
    c.aio_rw_flags = 0x1000;
    one(ctx, "bad rw flags", c);
    int ro = open("f", O_RDONLY), wo = open("f", O_WRONLY), dir = open(".", O_RDONLY);
    one(ctx, "write to a read-only", cb(IOCB_CMD_PWRITE, ro, b, 1, 0));
    one(ctx, "read of a write-only", cb(IOCB_CMD_PREAD, wo, b, 1, 0));
    one(ctx, "read of a directory", cb(IOCB_CMD_PREAD, dir, b, 1, 0));
    one(ctx, "O_PATH", cb(IOCB_CMD_PREAD, open("f", O_PATH), b, 1, 0));

    /* eventfd */
    int efd = eventfd(0, EFD_NONBLOCK);
    struct iocb many[8], *list[8];
    for (int i = 0; i < 8; i++) {
        many[i] = cb(IOCB_CMD_PWRITE, fd, "0123456789" + i, 1, i);
        many[i].aio_data = i;
        many[i].aio_flags = IOCB_FLAG_RESFD;
        many[i].aio_resfd = efd;
        list[i] = &many[i];
    }
    CALL(io_submit(ctx, 5, list));
    CALL(io_getevents(ctx, 5, 5, ev, NULL));
    long sum = 0;
    for (int i = 0; i < 5; i++)
        sum += 1 << ev[i].data;
    uint64_t count = 0;
    CALL(read(efd, &count, 8));
    printf("sum %ld count %lu\n", sum, count);
    /* A bad one in the middle ends the submission. */
    many[2].aio_fildes = 99;
    CALL(io_submit(ctx, 5, list));
    CALL(io_getevents(ctx, 2, 5, ev, &zero));

    /* Cancelling what is done already. */
    CALL(io_cancel(ctx, &many[0], ev));
    CALL(io_cancel(0, &many[0], ev));
    CALL(io_cancel(ctx, (void *)8, ev));

    /* Poll */
    int p[2];
    pipe(p);
    struct iocb pc = cb(IOCB_CMD_POLL, p[0], (void *)POLLIN, 0, 0), *pl[1] = {&pc};
    CALL(io_submit(ctx, 1, pl));
    CALL(io_getevents(ctx, 0, 1, ev, &zero));
    write(p[1], "x", 1);
    CALL(io_getevents(ctx, 1, 1, ev, NULL));
    printf("poll res %llx\n", (unsigned long long)ev[0].res);
    one(ctx, "poll of what is ready", cb(IOCB_CMD_POLL, p[0], (void *)POLLIN, 0, 0));
    one(ctx, "poll with an offset", cb(IOCB_CMD_POLL, p[0], (void *)POLLIN, 0, 1));
    one(ctx, "poll with a long mask", cb(IOCB_CMD_POLL, p[0], (void *)0x10000, 0, 0));
    one(ctx, "poll of a regular file", cb(IOCB_CMD_POLL, fd, (void *)POLLIN, 0, 0));
    read(p[0], b, 1);
    CALL(io_submit(ctx, 1, pl));
    CALL(io_cancel(ctx, &pc, ev));
    CALL(io_getevents(ctx, 1, 1, ev, &some));
    printf("cancelled res %llx\n", (unsigned long long)ev[0].res);
    CALL(io_cancel(ctx, &pc, ev));
    one(ctx, "pipe", cb(IOCB_CMD_PWRITE, p[1], b, 5, 0));
    one(ctx, "pipe", cb(IOCB_CMD_PREAD, p[0], b, 50, 0));

    /* Waiting while another thread submits. */
    pid_t pid = t_fork();
    if (pid == 0) {
        CALL(io_submit(ctx, 1, list)); /* contexts are not inherited */
        fflush(NULL);
        _exit(0);
    }
    t_reap("child", pid);

    /* Too many. */
    aio_context_t tiny = 0;
    CALL(io_setup(1, &tiny));
    long done = 0, r;
    errno = 0;
    while (done < 100000 && (r = io_submit(tiny, 1, list)) == 1)
        done++;
    printf("full: %s %d\n", strerrorname_np(errno), done >= 1);
    CALL(io_destroy(tiny));
    CALL(io_destroy(tiny));
    CALL(io_getevents(tiny, 0, 1, ev, &zero));

    /* pgetevents */
    struct { const sigset_t *s; size_t n; } sig = {NULL, 8};
    CALL(syscall(SYS_io_pgetevents, ctx, 0L, 1L, ev, &zero, NULL));
    CALL(syscall(SYS_io_pgetevents, ctx, 0L, 1L, ev, &zero, &sig));
    sigset_t set;
    sigemptyset(&set);
    sig.s = &set;
    CALL(syscall(SYS_io_pgetevents, ctx, 1L, 1L, ev, &some, &sig));
    sig.n = 4;
    CALL(syscall(SYS_io_pgetevents, ctx, 1L, 1L, ev, &some, &sig));
    CALL(syscall(SYS_io_pgetevents, ctx, 1L, 1L, ev, &some, (void *)8));
    CALL(io_destroy(ctx));

    t_leave();
    return 0;
}
