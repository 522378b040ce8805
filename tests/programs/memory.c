/* Mappings: mmap, munmap, mprotect, mremap, brk, madvise, and the faults of wrong accesses. */
#include "t.h"
#include <setjmp.h>

static sigjmp_buf back;
static int fault_signal, fault_code;
static void *fault_address;

static void faulted(int signo, siginfo_t *info, void *context) {
    fault_signal = signo;
    fault_code = info->si_code;
    fault_address = info->si_addr;
    siglongjmp(back, 1);
}

static void touch(const char *what, volatile char *p, int write) {
    if (sigsetjmp(back, 1)) {
        printf("%s: %s code %d, address is %s\n", what, sigabbrev_np(fault_signal), fault_code,
               fault_address == p ? "the one" : "another");
        return;
    }
    char c = *p;
    if (write)
        *p = c + 1;
    printf("%s: fine\n", what);
}

static void anonymous(void) {
    char *p = mmap(NULL, 8 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    TRUE(p != MAP_FAILED && ((long)p & 4095) == 0);
    int sum = 0;
    for (int i = 0; i < 8 * 4096; i++)
        sum += p[i];
    printf("sum %d\n", sum);
    memset(p, 1, 8 * 4096);
    CALL(mprotect(p + 4096, 4096, PROT_READ));
    touch("read-only read", p + 4096, 0);
    touch("read-only write", p + 4097, 1);
    CALL(mprotect(p + 4096, 4096, PROT_NONE));
    touch("none", p + 4100, 0);
    CALL(mprotect(p + 4096, 4096, PROT_READ | PROT_WRITE));
    touch("again", p + 4100, 1);
    printf("kept %d\n", p[4096]);
    CALL(munmap(p + 2 * 4096, 4096));
    touch("hole", p + 2 * 4096 + 5, 0);
    touch("before the hole", p + 2 * 4096 - 1, 1);
    touch("behind the hole", p + 3 * 4096, 1);
    CALL(munmap(p + 2 * 4096, 4096));
    CALL(mprotect(p, 8 * 4096, PROT_READ));
    CALL(madvise(p + 4 * 4096, 4096, MADV_DONTNEED));
    printf("zero again: %d %d\n", p[4 * 4096], p[5 * 4096]);
    CALL(madvise(p + 1, 4096, MADV_DONTNEED));
    CALL(madvise(p, 4096, 7777));
    CALL(munmap(p + 1, 4096));
    CALL(munmap(p, 0));
    CALL(munmap(p, 8 * 4096));
    touch("gone", p, 0);
    CALL(munmap(p, 8 * 4096));
    CALL(mprotect(p, 4096, PROT_READ));
    touch("null", NULL, 0);
    touch("null write", (char *)16, 1);
}

static void bad_arguments(void) {
    CALL(mmap(NULL, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    CALL(mmap(NULL, 4096, PROT_READ, MAP_ANONYMOUS, -1, 0));
    CALL(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, -1, 0));
    CALL(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, 99, 0));
    CALL(mmap(NULL, 1UL << 62, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    CALL(mmap((void *)1, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
    CALL(mmap((void *)0xffff800000000000, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
    int p[2];
    pipe(p);
    CALL(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, p[0], 0));
    int fd = open("f", O_RDONLY);
    CALL(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
    CALL(mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 17));
    close(fd);
    fd = open("f", O_WRONLY);
    CALL(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0));
    close(fd);
    CALL(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, open(".", O_RDONLY), 0));
}

static void fixed(void) {
    char *p = mmap(NULL, 4 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memset(p, 7, 4 * 4096);
    char *q = mmap(p + 4096, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    TRUE(q == p + 4096);
    printf("%d %d %d\n", p[0], p[4096], p[8192]);
    CALL(mmap(p, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0));
    munmap(p, 4096);
    TRUE(mmap(p, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) == p);
    munmap(p, 4 * 4096);
    TRUE(mmap(p, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == p);
    munmap(p, 4096);
}

static void files(void) {
    char b[10000];
    int fd = open("f", O_RDWR | O_CREAT, 0600);
    for (int i = 0; i < 6000; i++)
        b[i] = 'a' + i % 26;
    write(fd, b, 6000);
    char *s = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    char *v = mmap(NULL, 2 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    TRUE(memcmp(s, b, 6000) == 0 && s[6000] == 0 && s[8191] == 0);
    s[10] = '!';
    char c;
    pread(fd, &c, 1, 10);
    printf("written through the mapping: %c, seen by the private one: %c\n", c, v[10]);
    v[20] = '?';
    pread(fd, &c, 1, 20);
    printf("private stays private: %c %c\n", c, s[20]);
    pwrite(fd, "#", 1, 30);
    printf("written by pwrite: %c\n", s[30]);
    touch("behind the end", s + 2 * 4096 + 1, 0);
    ftruncate(fd, 9000);
    touch("the file has grown", s + 2 * 4096 + 1, 1);
    ftruncate(fd, 100);
    touch("the file has shrunk", s + 4096, 0);
    touch("private, too", v + 4096, 0);
    printf("tail is %d\n", s[200]);
    CALL(msync(s, 4096, MS_SYNC));
    CALL(msync(s + 1, 4096, MS_SYNC));
    close(fd);
    printf("after close: %c\n", s[10]);
    unlink("f");
    printf("after unlink: %c\n", s[10]);
    munmap(s, 3 * 4096);
    munmap(v, 2 * 4096);
    fd = open("f", O_RDWR | O_CREAT, 0600);
    ftruncate(fd, 3 * 4096);
    pwrite(fd, "page two", 8, 2 * 4096);
    char *o = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 2 * 4096);
    printf("%s\n", o);
    close(fd);
}

static void remaps(void) {
    char *p = mmap(NULL, 2 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    strcpy(p, "first");
    strcpy(p + 4096, "second");
    char *q = mremap(p, 2 * 4096, 1000 * 4096, MREMAP_MAYMOVE);
    TRUE(q != MAP_FAILED);
    printf("%s %s %d\n", q, q + 4096, q[999 * 4096]);
    q[999 * 4096] = 1;
    TRUE(mremap(q, 1000 * 4096, 4096, 0) == q);
    printf("%s\n", q);
    touch("cut off", q + 4096, 0);
    char *wall = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CALL(mremap(wall, 4096, 2 * 4096, 0));
    char *to = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    TRUE(mremap(q, 4096, 4096, MREMAP_MAYMOVE | MREMAP_FIXED, to) == to);
    printf("%s\n", to);
    touch("moved away", q, 0);
    CALL(mremap(to, 4096, 0, MREMAP_MAYMOVE));
    CALL(mremap(to + 1, 4096, 4096, MREMAP_MAYMOVE));
    CALL(mremap(q, 4096, 8192, MREMAP_MAYMOVE));
    char *s = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    strcpy(s, "shared");
    char *twin = mremap(s, 0, 4096, MREMAP_MAYMOVE);
    TRUE(twin != MAP_FAILED && twin != s);
    strcpy(twin, "twin");
    printf("%s\n", s);
}

static void heap(void) {
    char *start = sbrk(0);
    TRUE(sbrk(100000) == start);
    int sum = 0;
    for (int i = 0; i < 100000; i++)
        sum += start[i];
    printf("sum %d\n", sum);
    start[99999] = 5;
    TRUE(brk(start) == 0 && sbrk(0) == start);
    TRUE(sbrk(100000) == start && start[99999 & ~4095] == 0);
    CALL(brk((void *)(1UL << 47)));
    TRUE((char *)sbrk(0) == start + 100000);
    brk(start);
}

static void code(void) {
    unsigned char *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    unsigned char answer[] = {0xb8, 42, 0, 0, 0, 0xc3};
    memcpy(p, answer, sizeof answer);
    if (sigsetjmp(back, 1))
        printf("not executable: %s code %d\n", sigabbrev_np(fault_signal), fault_code);
    else
        printf("%d\n", ((int (*)(void))p)());
    CALL(mprotect(p, 4096, PROT_READ | PROT_EXEC));
    printf("%d\n", ((int (*)(void))p)());
    touch("code is not writable", (char *)p, 1);
    mprotect(p, 4096, PROT_READ | PROT_WRITE | PROT_EXEC);
    p[1] = 43;
    printf("%d\n", ((int (*)(void))p)());
}

static int depth(int n) {
    volatile char page[4096];
    page[0] = n;
    return n == 0 ? page[0] : depth(n - 1) + page[0] * 0;
}

int main(void) {
    struct sigaction a = {.sa_sigaction = faulted, .sa_flags = SA_SIGINFO};
    sigaction(SIGSEGV, &a, NULL);
    sigaction(SIGBUS, &a, NULL);
    t_enter();
    close(open("f", O_CREAT | O_RDWR, 0600));
    anonymous();
    bad_arguments();
    unlink("f");
    fixed();
    files();
    remaps();
    heap();
    code();
    printf("deep stack %d\n", depth(1500));
    size_t big = 1UL << 36;
    char *p = mmap(NULL, big, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    TRUE(p != MAP_FAILED);
    p[0] = p[big / 2] = p[big - 1] = 1;
    CALL(munmap(p, big));
    t_leave();
    return 0;
}
