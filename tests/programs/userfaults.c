/* userfaultfd(2) and ioctl_userfaultfd(2), of private anonymous memory. */
#include "t.h"
#include <linux/userfaultfd.h>
#include <pthread.h>
#define P 4096L

static int uffd(int flags) { return syscall(SYS_userfaultfd, flags); }

static char *map(int pages) { return mmap(0, pages * P, 3, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); }

static int ready(int flags, unsigned long features) {
    int u = uffd(flags);
    struct uffdio_api a = {UFFD_API, features, 0};
    if (u < 0 || ioctl(u, UFFDIO_API, &a))
        perror("api");
    return u;
}

static long reg(int u, void *p, long len, long mode) {
    struct uffdio_register r = {{(long)p, len}, mode, 0};
    long x = ioctl(u, UFFDIO_REGISTER, &r);
    return x;
}
static long unreg(int u, void *p, long len) {
    struct uffdio_range r = {(long)p, len};
    return ioctl(u, UFFDIO_UNREGISTER, &r);
}
static long wake(int u, void *p, long len) {
    struct uffdio_range r = {(long)p, len};
    return ioctl(u, UFFDIO_WAKE, &r);
}
static long done;
static long copy(int u, void *dst, void *src, long len, long mode) {
    struct uffdio_copy c = {(long)dst, (long)src, len, mode, 77};
    long r = ioctl(u, UFFDIO_COPY, &c);
    done = c.copy;
    return r;
}
static long zero(int u, void *dst, long len, long mode) {
    struct uffdio_zeropage c = {{(long)dst, len}, mode, 77};
    long r = ioctl(u, UFFDIO_ZEROPAGE, &c);
    done = c.zeropage;
    return r;
}
static long protect(int u, void *p, long len, long mode) {
    struct uffdio_writeprotect c = {{(long)p, len}, mode};
    return ioctl(u, UFFDIO_WRITEPROTECT, &c);
}

static void opening(void) {
    CALL(uffd(-1));
    CALL(uffd(2));
    CALL(uffd(O_APPEND));
    int u = WORKS(uffd(O_CLOEXEC | O_NONBLOCK));
    printf("flags %x, closed on exec %d\n", fcntl(u, F_GETFL), fcntl(u, F_GETFD));
    char link[64], path[64], buf[64];
    sprintf(path, "/proc/self/fd/%d", u);
    long n = readlink(path, link, sizeof link);
    printf("shown as %.*s\n", (int)n, link);
    char *m = map(4);
    CALL(reg(u, m, P, UFFDIO_REGISTER_MODE_MISSING));
    CALL(read(u, buf, 64));
    struct pollfd p = {u, POLLIN, 0};
    CALL(poll(&p, 1, 0));
    printf("events %x\n", p.revents);
    struct uffdio_api a = {0x55, 0, 0};
    CALL(ioctl(u, UFFDIO_API, &a));
    printf("api %lx features %d ioctls %lx\n", (long)a.api, !!a.features, (long)a.ioctls);
    a.api = UFFD_API;
    a.features = 1ul << 60;
    CALL(ioctl(u, UFFDIO_API, &a));
    CALL(ioctl(u, UFFDIO_API, (void *)8));
    CALL(ioctl(u, 0xaa77, (void *)8));
    a.api = UFFD_API;
    a.features = 0;
    CALL(ioctl(u, UFFDIO_API, &a));
    printf("api %lx features %d ioctls %lx\n", (long)a.api, !!(a.features & UFFD_FEATURE_PAGEFAULT_FLAG_WP), (long)a.ioctls);
    a.features = 0;
    CALL(ioctl(u, UFFDIO_API, &a));
    CALL(ioctl(u, 0xaa77, (void *)8));
    CALL(ioctl(u, FIONREAD, buf));
    CALL(read(u, buf, 31));
    CALL(read(u, buf, 32));
    CALL(write(u, buf, 32));
    CALL(lseek(u, 0, SEEK_SET));
    CALL(poll(&p, 1, 0));
    CALL(mmap(0, P, 1, MAP_PRIVATE, u, 0) == MAP_FAILED ? -1 : 0);
    close(u);
    u = ready(0, 0);
    p.fd = u;
    CALL(poll(&p, 1, 0));
    printf("blocking: events %x\n", p.revents);
    close(u);
    pid_t c = t_fork();
    if (!c) {
        if (setresuid(1234, 1234, 1234))
            return;
        CALL(uffd(0));
        WORKS(uffd(UFFD_USER_MODE_ONLY));
        fflush(NULL);
        _exit(0);
    }
    t_reap("another user", c);
}

static void errors(void) {
    int u = ready(O_NONBLOCK, 0), other = ready(O_NONBLOCK, 0);
    char *m = map(8), src[P];
    munmap(m + 7 * P, P);
    CALL(reg(u, m, P, 0));
    CALL(reg(u, m, P, 8));
    CALL(reg(u, m + 1, P, 1));
    CALL(reg(u, m, P + 1, 1));
    CALL(reg(u, m, 0, 1));
    CALL(reg(u, m, -P, 1));
    CALL(reg(u, (void *)P, P, 1));
    CALL(reg(u, (void *)-P, P, 1));
    CALL(reg(u, m + 7 * P, P, 1));
    struct uffdio_register r = {{(long)m, 4 * P}, UFFDIO_REGISTER_MODE_MISSING, 0};
    CALL(ioctl(u, UFFDIO_REGISTER, &r));
    printf("wake %d copy %d zeropage %d writeprotect %d continue %d\n", !!(r.ioctls & 1 << _UFFDIO_WAKE),
           !!(r.ioctls & 1 << _UFFDIO_COPY), !!(r.ioctls & 1 << _UFFDIO_ZEROPAGE),
           !!(r.ioctls & 1 << _UFFDIO_WRITEPROTECT), !!(r.ioctls & 1 << _UFFDIO_CONTINUE));
    CALL(reg(u, m, 4 * P, 1));
    CALL(reg(other, m, P, 1));
    CALL(reg(u, m, P, UFFDIO_REGISTER_MODE_MINOR));
    CALL(ioctl(u, UFFDIO_REGISTER, (void *)8));
    int ro = open("/dev/zero", O_RDONLY);
    char *rom = mmap(0, P, PROT_READ, MAP_SHARED, open("/etc/passwd", O_RDONLY), 0);
    CALL(reg(u, rom, P, 1));
    CALL(unreg(other, m, P));
    CALL(unreg(u, m + 1, P));
    CALL(unreg(u, m, 0));
    CALL(unreg(u, (void *)P, P));
    CALL(wake(u, m + 1, P));
    CALL(wake(u, m, 0));
    CALL(wake(u, m, P));
    CALL(copy(u, m, src, P, 4)), printf("%ld\n", done);
    CALL(copy(u, m + 1, src, P, 0)), printf("%ld\n", done);
    CALL(copy(u, m, src, P + 1, 0)), printf("%ld\n", done);
    CALL(copy(u, m, src, 0, 0)), printf("%ld\n", done);
    CALL(copy(u, m, (void *)8, P, 0)), printf("%ld\n", done);
    CALL(copy(u, m + 5 * P, src, P, 0)), printf("%ld\n", done);
    CALL(copy(u, (void *)P, src, P, 0)), printf("%ld\n", done);
    CALL(copy(u, m, src, P, 0)), printf("%ld\n", done);
    CALL(copy(u, m, src, P, 0)), printf("%ld\n", done);
    char *two = map(2);
    CALL(copy(u, m + 3 * P, two, P, 0)), printf("%ld\n", done);
    CALL(copy(u, m + 2 * P, two, 2 * P, 0)), printf("%ld\n", done);
    CALL(zero(u, m + P, P, 2)), printf("%ld\n", done);
    CALL(zero(u, m + P, P, 0)), printf("%ld\n", done);
    CALL(zero(u, m + P, P, 0)), printf("%ld\n", done);
    CALL(zero(u, m + 1, P, 0)), printf("%ld\n", done);
    CALL(protect(u, m, P, 1));
    CALL(protect(u, m, P, 4));
    CALL(protect(u, m, P, 3));
    CALL(unreg(u, m, 8 * P));
    CALL(unreg(u, m, 4 * P));
    CALL(copy(u, m + P, src, P, 0)), printf("%ld\n", done);
    char *w = map(2);
    r.range.start = (long)w;
    r.range.len = 2 * P;
    r.mode = UFFDIO_REGISTER_MODE_WP;
    CALL(ioctl(u, UFFDIO_REGISTER, &r));
    printf("writeprotect %d\n", !!(r.ioctls & 1 << _UFFDIO_WRITEPROTECT));
    w[0] = 1;
    CALL(protect(u, w, P, 1));
    CALL(protect(u, w, 1, 1));
    CALL(protect(u, w + 4 * P, P, 1));
    CALL(protect(u, w, P, 0));
    w[0] = 2;
    close(u), close(other), close(ro);
}

struct fault {
    char *at;
    int write, value;
};

static void *toucher(void *a) {
    struct fault *f = a;
    if (f->write)
        *f->at = f->value;
    else
        f->value = *f->at;
    return NULL;
}

static struct uffd_msg next(int u) {
    struct uffd_msg m = {0};
    struct pollfd p = {u, POLLIN, 0};
    if (poll(&p, 1, 5000) != 1)
        printf("nothing comes\n");
    else if (read(u, &m, sizeof m) != sizeof m)
        printf("cannot be read: %s\n", strerrorname_np(errno));
    return m;
}

static void missing(void) {
    int u = ready(O_NONBLOCK, 0);
    char *m = map(8), src[2 * P];
    m[7 * P] = 42; /* there already */
    memset(src, 'a', P), memset(src + P, 'b', P);
    CALL(reg(u, m, 8 * P, UFFDIO_REGISTER_MODE_MISSING));
    printf("%d\n", m[7 * P]);
    pthread_t t;
    struct fault f = {m + 2 * P + 100, 0, 0};
    pthread_create(&t, NULL, toucher, &f);
    struct uffd_msg e = next(u);
    printf("event %x, page %ld, offset %ld, write %d, wp %d\n", e.event, ((long)e.arg.pagefault.address - (long)m) / P,
           (long)(e.arg.pagefault.address & (P - 1)), 0, !!(e.arg.pagefault.flags & UFFD_PAGEFAULT_FLAG_WP));
    CALL(copy(u, m + 2 * P, src, 2 * P, 0)), printf("%ld\n", done);
    pthread_join(t, NULL);
    printf("read %c, behind it %c\n", f.value, m[3 * P]);
    /* Not woken by the copy. */
    f.at = m + 4 * P;
    pthread_create(&t, NULL, toucher, &f);
    next(u);
    CALL(copy(u, m + 4 * P, src, P, UFFDIO_COPY_MODE_DONTWAKE)), printf("%ld\n", done);
    CALL(wake(u, m + 4 * P, P));
    pthread_join(t, NULL);
    printf("read %c\n", f.value);
    /* A write, zeros. */
    f = (struct fault){m + 5 * P, 1, 9};
    pthread_create(&t, NULL, toucher, &f);
    next(u);
    CALL(zero(u, m + 5 * P, P, 0)), printf("%ld\n", done);
    pthread_join(t, NULL);
    printf("%d %d\n", m[5 * P], m[5 * P + 1]);
    /* The kernel's own accesses wait, too. */
    int pp[2];
    if (pipe(pp))
        return;
    pid_t c = 0;
    struct fault g = {m, 0, 0};
    pthread_create(&t, NULL, toucher, &g);
    next(u);
    CALL(zero(u, m, P, 0));
    pthread_join(t, NULL);
    /* MADV_DONTNEED makes it missing again. */
    CALL(madvise(m + 4 * P, P, MADV_DONTNEED));
    f = (struct fault){m + 4 * P, 0, 0};
    pthread_create(&t, NULL, toucher, &f);
    e = next(u);
    printf("page %ld\n", ((long)e.arg.pagefault.address - (long)m) / P);
    CALL(copy(u, m + 4 * P, src + P, P, 0));
    pthread_join(t, NULL);
    printf("read %c\n", f.value);
    /* A child is not registered. */
    c = t_fork();
    if (!c)
        _exit(m[6 * P] + m[5 * P]);
    t_reap("child", c);
    /* Who waits is woken when it is not registered any more. */
    f = (struct fault){m + P, 0, 5};
    pthread_create(&t, NULL, toucher, &f);
    next(u);
    CALL(unreg(u, m, 8 * P));
    pthread_join(t, NULL);
    printf("read %d\n", f.value);
    CALL(reg(u, m, 8 * P, UFFDIO_REGISTER_MODE_MISSING));
    f = (struct fault){m + 6 * P, 0, 5};
    pthread_create(&t, NULL, toucher, &f);
    next(u);
    close(u);
    pthread_join(t, NULL);
    printf("read %d after close\n", f.value);
}

static void *kernel_reader(void *a) {
    struct fault *f = a;
    f->value = write(f->write, f->at, 5);
    return NULL;
}

static void kernel(void) {
    int u = ready(O_NONBLOCK, 0), pp[2];
    char *m = map(4), src[P] = "hello";
    if (pipe(pp))
        return;
    CALL(reg(u, m, 4 * P, UFFDIO_REGISTER_MODE_MISSING));
    struct fault f = {m, pp[1], 0};
    pthread_t t;
    pthread_create(&t, NULL, kernel_reader, &f);
    struct uffd_msg e = next(u);
    printf("event %x page %ld\n", e.event, ((long)e.arg.pagefault.address - (long)m) / P);
    CALL(copy(u, m, src, P, 0));
    pthread_join(t, NULL);
    char b[8] = "";
    if (f.value == 5)
        printf("%ld\n", (long)read(pp[0], b, 8));
    printf("%d %s\n", f.value, b);
    close(u);
    u = ready(O_NONBLOCK | UFFD_USER_MODE_ONLY, 0);
    m = map(4);
    CALL(reg(u, m, 4 * P, UFFDIO_REGISTER_MODE_MISSING));
    CALL(write(pp[1], m, 5));
    close(u);
}

static volatile sig_atomic_t code;
static char *bad;
static int fixer;
static void bus(int s, siginfo_t *i, void *x) {
    static char page[P];
    code = i->si_code;
    page[0] = 'f';
    if ((char *)i->si_addr != bad)
        code = -1;
    copy(fixer, (void *)((long)bad & -P), page, P, 0);
}

static void features(void) {
    int u = ready(O_NONBLOCK, UFFD_FEATURE_SIGBUS);
    char *m = map(4);
    reg(u, m, 4 * P, UFFDIO_REGISTER_MODE_MISSING);
    struct sigaction sa = {.sa_sigaction = bus, .sa_flags = SA_SIGINFO};
    sigaction(SIGBUS, &sa, NULL);
    bad = m + P;
    fixer = u;
    char got = m[P];
    printf("%c after SIGBUS %d\n", got, code);
    close(u);
    u = ready(O_NONBLOCK, UFFD_FEATURE_THREAD_ID | UFFD_FEATURE_EXACT_ADDRESS);
    m = map(4);
    reg(u, m, 4 * P, UFFDIO_REGISTER_MODE_MISSING);
    struct fault f = {m + 77, 0, 0};
    pthread_t t;
    pthread_create(&t, NULL, toucher, &f);
    struct uffd_msg e = next(u);
    printf("offset %ld, another thread %d\n", (long)e.arg.pagefault.address - (long)m,
           e.arg.pagefault.feat.ptid != (unsigned)getpid() && e.arg.pagefault.feat.ptid > 0);
    zero(u, m, P, 0);
    pthread_join(t, NULL);
    close(u);
}

static void protection(void) {
    int u = ready(O_NONBLOCK, UFFD_FEATURE_PAGEFAULT_FLAG_WP);
    char *m = map(4);
    memset(m, 1, 4 * P);
    CALL(reg(u, m, 4 * P, UFFDIO_REGISTER_MODE_WP));
    CALL(protect(u, m, 2 * P, UFFDIO_WRITEPROTECT_MODE_WP));
    m[2 * P] = 5;
    printf("%d %d\n", m[0], m[2 * P]);
    struct fault f = {m + P, 1, 9};
    pthread_t t;
    pthread_create(&t, NULL, toucher, &f);
    struct uffd_msg e = next(u);
    printf("page %ld, write %d, wp %d\n", ((long)e.arg.pagefault.address - (long)m) / P,
           !!(e.arg.pagefault.flags & UFFD_PAGEFAULT_FLAG_WRITE), !!(e.arg.pagefault.flags & UFFD_PAGEFAULT_FLAG_WP));
    printf("still %d\n", m[P]);
    CALL(protect(u, m + P, P, 0));
    pthread_join(t, NULL);
    printf("now %d\n", m[P]);
    f = (struct fault){m, 1, 8};
    CALL(mprotect(m, P, 1));
    CALL(mprotect(m, P, 3));
    pthread_create(&t, NULL, toucher, &f);
    next(u);
    CALL(protect(u, m, P, 0));
    pthread_join(t, NULL);
    printf("now %d\n", m[0]);
    CALL(protect(u, m + 3 * P, P, UFFDIO_WRITEPROTECT_MODE_WP));
    CALL(unreg(u, m, 4 * P));
    m[3 * P] = 4;
    printf("and %d\n", m[3 * P]);
    close(u);
}

int main(void) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    alarm(20);
    opening();
    errors();
    missing();
    kernel();
    features();
    protection();
    return 0;
}
