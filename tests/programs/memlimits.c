/* Limits on memory, their effect on mmap, brk, mremap, mlock and the stack; capabilities; mremap's arguments. */
#include "t.h"
#include <setjmp.h>
#include <sys/shm.h>

#define PAGE 4096L
#define MB (1L << 20)
#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

static void limit(int what, rlim_t soft) {
    struct rlimit r;
    getrlimit(what, &r);
    r.rlim_cur = soft;
    if (setrlimit(what, &r))
        printf("setrlimit: %s\n", strerrorname_np(errno));
}

static long size_now(void) {
    long pages = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    fscanf(f, "%ld", &pages);
    fclose(f);
    return pages * PAGE;
}

#define IN_CHILD(what, ...)                                                  \
    do {                                                                     \
        pid_t pid_ = t_fork();                                               \
        if (pid_ == 0) {                                                     \
            __VA_ARGS__;                                                     \
            fflush(NULL);                                                    \
            _exit(0);                                                        \
        }                                                                    \
        t_reap(what, pid_);                                                  \
    } while (0)

static void address_space(void) {
    char *p = mmap(NULL, 4 * MB, RW, ANON, -1, 0);
    char *top = sbrk(0);
    limit(RLIMIT_AS, size_now() + 8 * MB);
    WORKS(mmap(NULL, 4 * MB, RW, ANON, -1, 0));
    CALL(mmap(NULL, 16 * MB, RW, ANON, -1, 0));
    CALL(mmap(NULL, 16 * MB, PROT_NONE, ANON | MAP_NORESERVE, -1, 0));
    CALL(mmap(NULL, 16 * MB, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
    CALL(mremap(p, 4 * MB, 16 * MB, MREMAP_MAYMOVE));
    CALL(brk(top + 16 * MB));
    TRUE(sbrk(0) == top);
    TRUE(mmap(p, 4 * MB, RW, ANON | MAP_FIXED, -1, 0) == p);
    CALL(mprotect(p, MB, PROT_NONE));
    CALL(mprotect(p, MB, RW));
    limit(RLIMIT_AS, 1);
    CALL(mmap(NULL, PAGE, PROT_READ, ANON, -1, 0));
    CALL(mmap(p, PAGE, PROT_READ, ANON | MAP_FIXED, -1, 0) == p);
    CALL(munmap(p, 4 * MB));
}

static void data(void) {
    char *p = mmap(NULL, 4 * MB, PROT_READ, ANON, -1, 0);
    char *w = mmap(NULL, PAGE, RW, ANON, -1, 0);
    limit(RLIMIT_DATA, 1);
    CALL(mmap(NULL, 4 * MB, RW, ANON, -1, 0));
    WORKS(mmap(NULL, 4 * MB, PROT_READ, ANON, -1, 0));
    WORKS(mmap(NULL, 4 * MB, PROT_NONE, ANON, -1, 0));
    WORKS(mmap(NULL, 4 * MB, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
    CALL(mprotect(p, 4 * MB, RW));
    CALL(mprotect(p, 4 * MB, PROT_READ | PROT_EXEC));
    CALL(mremap(w, PAGE, 2 * PAGE, MREMAP_MAYMOVE));
    char *top = sbrk(0);
    CALL(brk(top + MB));
    TRUE(sbrk(0) == top);
}

static void locks(void) {
    char *p = mmap(NULL, MB, RW, ANON, -1, 0);
    struct rlimit r = {64 * 1024, 64 * 1024};
    setrlimit(RLIMIT_MEMLOCK, &r);
    CALL(mlock(p, MB)); /* with the capability */
    CALL(munlock(p, MB));
    setresuid(65534, 65534, 65534);
    CALL(mlock(p, 65 * 1024 + PAGE));
    CALL(mlock(p, 64 * 1024));
    CALL(mlock(p, 64 * 1024));
    CALL(mlock(p + 64 * 1024, 1));
    CALL(mlock(p + 32 * 1024, 33 * 1024));
    CALL(munlock(p, PAGE));
    CALL(mlock(p + 64 * 1024, 1));
    CALL(mmap(NULL, PAGE, RW, ANON | MAP_LOCKED, -1, 0));
    CALL(mlockall(MCL_CURRENT));
    CALL(munlockall());
    WORKS(mmap(NULL, PAGE, RW, ANON | MAP_LOCKED, -1, 0));
    CALL(mlockall(MCL_FUTURE));
    CALL(mmap(NULL, MB, RW, ANON, -1, 0));
    char *top = sbrk(0);
    CALL(brk(top + MB));
    CALL(munlockall());
    char *l = mmap(NULL, 8 * PAGE, RW, ANON, -1, 0);
    mlock(l, 8 * PAGE);
    CALL(mremap(l, 8 * PAGE, 64 * PAGE, MREMAP_MAYMOVE));
    WORKS(mremap(l, 8 * PAGE, 10 * PAGE, MREMAP_MAYMOVE));
    munlockall();
    limit(RLIMIT_MEMLOCK, 0);
    CALL(mlock(p, PAGE));
    CALL(mlock(p, 0));
    CALL(mlock2(p, PAGE, MLOCK_ONFAULT));
    CALL(mlock2(p, PAGE, 7));
    CALL(mlockall(MCL_CURRENT));
    CALL(mlockall(0));
    CALL(munlock(p, PAGE));
    CALL(munlockall());
    CALL(mmap(NULL, PAGE, RW, ANON | MAP_LOCKED, -1, 0));
    int id = shmget(IPC_PRIVATE, PAGE, 0600);
    CALL(shmctl(id, SHM_LOCK, NULL));
    CALL(shmctl(id, SHM_UNLOCK, NULL));
    shmctl(id, IPC_RMID, NULL);
    limit(RLIMIT_MEMLOCK, 32 * 1024);
    CALL(madvise(p, PAGE, MADV_DONTNEED));
    mlock(p, 2 * PAGE);
    CALL(madvise(p, PAGE, MADV_DONTNEED));
    p[0] = 3;
    CALL(madvise(p, PAGE, 24));
    printf("%d\n", p[0]);
}

static int deep(int n) {
    volatile char b[PAGE];
    b[0] = n;
    return n ? deep(n - 1) + b[0] * 0 : 0;
}

static sigjmp_buf back;
static void handler(int s) { siglongjmp(back, s); }

static void stack(void) {
    static char other[65536];
    stack_t st = {.ss_sp = other, .ss_size = sizeof other};
    sigaltstack(&st, NULL);
    struct sigaction a = {.sa_handler = handler, .sa_flags = SA_ONSTACK};
    sigaction(SIGSEGV, &a, NULL);
    limit(RLIMIT_STACK, MB);
    int s = sigsetjmp(back, 1);
    if (s == 0) {
        printf("%d\n", deep(100));
        deep(1000);
        puts("too deep");
    } else
        printf("signal %d\n", s);
    limit(RLIMIT_STACK, 4 * MB);
    printf("%d\n", deep(700));
}

static void grows(void) {
    char *room = mmap(NULL, 600 * PAGE, PROT_NONE, ANON, -1, 0);
    munmap(room, 600 * PAGE);
    char *g = mmap(room + 590 * PAGE, 4 * PAGE, RW, ANON | MAP_FIXED | MAP_GROWSDOWN, -1, 0);
    TRUE(g == room + 590 * PAGE);
    g[-1] = 1;
    g[-3 * PAGE] = 2;
    printf("grown %d %d\n", g[-1], g[-3 * PAGE]);
    CALL(mprotect(g, PAGE, PROT_READ | PROT_GROWSDOWN));
    if (sigsetjmp(back, 1) == 0) {
        g[-1] = 3;
        puts("still writable");
    } else
        puts("read-only down to its start");
    if (sigsetjmp(back, 1) == 0) {
        g[PAGE] = 3;
        puts("the rest is writable");
    }
    munmap(room + 300 * PAGE, 300 * PAGE);
}

static void moves(void) {
    char *p = mmap(NULL, 16 * PAGE, RW, ANON, -1, 0);
    char *to = mmap(NULL, 32 * PAGE, PROT_NONE, ANON, -1, 0);
    int ro = open("/proc/self/exe", O_RDONLY);
    CALL(mremap(p, PAGE, PAGE, 0) == p);
    CALL(mremap(p + 1, PAGE, PAGE, 0));
    CALL(mremap(p, PAGE, 0, 0));
    CALL(mremap(p, PAGE, -1L, MREMAP_MAYMOVE));
    CALL(mremap(p, PAGE, 1L << 47, MREMAP_MAYMOVE));
    CALL(mremap(p, -1L, PAGE, MREMAP_MAYMOVE));
    CALL(mremap(p, PAGE, PAGE, 16));
    CALL(mremap(p, PAGE, PAGE, MREMAP_FIXED, to));
    CALL(mremap(p, PAGE, PAGE, MREMAP_FIXED | MREMAP_MAYMOVE, to + 1));
    CALL(mremap(p, PAGE, PAGE, MREMAP_FIXED | MREMAP_MAYMOVE, -PAGE));
    CALL(mremap(p, PAGE, PAGE, MREMAP_FIXED | MREMAP_MAYMOVE, 0x7ffffffff000));
    CALL(mremap(p, PAGE, PAGE, MREMAP_FIXED | MREMAP_MAYMOVE, p));
    CALL(mremap(p, 4 * PAGE, 4 * PAGE, MREMAP_FIXED | MREMAP_MAYMOVE, p + PAGE));
    CALL(mremap(p, PAGE, PAGE, MREMAP_DONTUNMAP));
    CALL(mremap(p, PAGE, 2 * PAGE, MREMAP_DONTUNMAP | MREMAP_MAYMOVE));
    CALL(mremap(p, 20 * PAGE, 30 * PAGE, MREMAP_MAYMOVE));
    CALL(mremap((void *)PAGE, PAGE, 2 * PAGE, MREMAP_MAYMOVE));
    CALL(mremap(NULL, 0, PAGE, MREMAP_MAYMOVE));
    CALL(mremap(p, 0, PAGE, MREMAP_MAYMOVE));
    strcpy(p, "kept");
    strcpy(p + PAGE, "second");
    char *q = mremap(p, 2 * PAGE, 2 * PAGE, MREMAP_DONTUNMAP | MREMAP_MAYMOVE | MREMAP_FIXED, to);
    TRUE(q == to);
    printf("%s %s [%s] [%s]\n", q, q + PAGE, p, p + PAGE);
    strcpy(p, "new");
    printf("%s %s\n", q, p);
    q = mremap(to, 2 * PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to + 8 * PAGE);
    TRUE(q == to + 8 * PAGE);
    printf("%s\n", q);
    unsigned char vec[32];
    CALL(mincore(to, PAGE, vec));
    CALL(mincore(to + PAGE, PAGE, vec));
    CALL(mincore(q + PAGE, PAGE, vec));
    char *s = mmap(NULL, 2 * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    strcpy(s, "shared");
    q = mremap(s, 2 * PAGE, 2 * PAGE, MREMAP_DONTUNMAP | MREMAP_MAYMOVE);
    printf("%s %s\n", q == MAP_FAILED ? strerrorname_np(errno) : q, s);
    q = mremap(s, 0, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to + 16 * PAGE);
    TRUE(q == to + 16 * PAGE);
    printf("%s\n", q);
    q = mremap(s, 2 * PAGE, 4 * PAGE, MREMAP_MAYMOVE);
    printf("%s\n", q);
    if (sigsetjmp(back, 1) == 0)
        printf("%d\n", q[3 * PAGE]);
    else
        puts("beyond the object");
    char *m = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, ro, 0);
    q = mremap(m, PAGE, 2 * PAGE, MREMAP_MAYMOVE);
    TRUE(q != MAP_FAILED && memcmp(q, "\177ELF", 4) == 0);
}

int main(void) {
    struct sigaction a = {.sa_handler = handler};
    setvbuf(stdout, NULL, _IONBF, 0);
    IN_CHILD("address space", address_space());
    IN_CHILD("data", data());
    IN_CHILD("locks", locks());
    IN_CHILD("stack", stack());
    sigaction(SIGSEGV, &a, NULL);
    sigaction(SIGBUS, &a, NULL);
    IN_CHILD("grows", grows());
    IN_CHILD("moves", moves());
    return 0;
}
