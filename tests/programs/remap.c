/* mremap, mlock, mincore, madvise for fork, stacks that grow, limits, and what the kernel itself cannot access. */
#include "t.h"
#include <setjmp.h>

#define PAGE 4096L
#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

static sigjmp_buf back;
static volatile int fault_signal, fault_code;

static void faulted(int signo, siginfo_t *info, void *context) {
    fault_signal = signo;
    fault_code = info->si_code;
    siglongjmp(back, 1);
}

static void touch(const char *what, volatile char *p, int write) {
    if (sigsetjmp(back, 1)) {
        printf("%s: %s code %d\n", what, sigabbrev_np(fault_signal), fault_code);
        return;
    }
    char c = *p;
    if (write)
        *p = c;
    printf("%s: fine\n", what);
}

static char *map(long pages, int prot) { return mmap(NULL, pages * PAGE, prot, ANON, -1, 0); }

static void moves(void) {
    char *p = map(8, RW);
    memset(p, 5, 8 * PAGE);
    TRUE(mremap(p, 8 * PAGE, 4 * PAGE, 0) == p);
    touch("cut off", p + 5 * PAGE, 0);
    char *q = mremap(p, 4 * PAGE, 400 * PAGE, MREMAP_MAYMOVE);
    TRUE(q != MAP_FAILED);
    printf("%d %d %d\n", q[0], q[4 * PAGE - 1], q[4 * PAGE]);
    char *room = map(64, PROT_NONE);
    TRUE(mremap(q, 8 * PAGE, 8 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, room + 8 * PAGE) == room + 8 * PAGE);
    printf("%d\n", room[8 * PAGE]);
    touch("left", q, 0);
    touch("before", room + 7 * PAGE, 0);
    touch("behind", room + 16 * PAGE, 0);
    WORKS(mremap(room + 8 * PAGE, 8 * PAGE, 8 * PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, 0));
    printf("kept but empty: %d\n", room[8 * PAGE]);
    CALL(mremap(room + 8 * PAGE + 1, PAGE, PAGE, 0));
    CALL(mremap(room + 8 * PAGE, PAGE, 0, 0));
    CALL(mremap((void *)0x10000000, PAGE, 2 * PAGE, MREMAP_MAYMOVE));
    CALL(mremap(room + 8 * PAGE, PAGE, 2 * PAGE, MREMAP_FIXED));
    CALL(mremap(room + 8 * PAGE, 0, PAGE, MREMAP_MAYMOVE));
    CALL(mremap(room + 8 * PAGE, PAGE, PAGE, 8));
    CALL(mremap(room + 8 * PAGE, PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, 0));
    CALL(mremap(room + 8 * PAGE, 100 * PAGE, 200 * PAGE, MREMAP_MAYMOVE));
    CALL(mremap(room + 8 * PAGE, 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, room + 9 * PAGE));
    char *shared = mmap(NULL, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    char *twin = mremap(shared, 0, PAGE, MREMAP_MAYMOVE);
    shared[7] = 7;
    printf("twin %d\n", twin[7]);
}

static void locks(void) {
    char *p = map(4, RW);
    unsigned char v[4];
    p[0] = p[2 * PAGE] = 1;
    CALL(mincore(p, 4 * PAGE, v));
    printf("%d%d%d%d\n", v[0] & 1, v[1] & 1, v[2] & 1, v[3] & 1);
    CALL(mincore(p + 1, PAGE, v));
    CALL(mincore(p, PAGE, (void *)1));
    CALL(mlock(p, 4 * PAGE));
    CALL(madvise(p, PAGE, MADV_DONTNEED));
    CALL(munlock(p, 4 * PAGE));
    CALL(madvise(p, PAGE, MADV_DONTNEED));
    CALL(mlockall(0));
    CALL(mlockall(MCL_ONFAULT));
    CALL(munlockall());
    CALL(mlock2(p, PAGE, 5));
    CALL(mlock2(p, PAGE, MLOCK_ONFAULT));
    munmap(p, 4 * PAGE);
    CALL(mincore(p, PAGE, v));
    CALL(mlock(p, PAGE));
}

static void advice(void) {
    char *wiped = map(2, RW), *own = map(1, RW);
    memset(wiped, 9, 2 * PAGE);
    own[0] = 1;
    CALL(madvise(wiped, PAGE, MADV_WIPEONFORK));
    CALL(madvise(own, PAGE, MADV_DONTFORK));
    pid_t pid = t_fork();
    if (!pid) {
        printf("child: %d %d\n", wiped[0], wiped[PAGE]);
        touch("not inherited", own, 0);
        fflush(stdout);
        _exit(0);
    }
    t_reap("child", pid);
    printf("parent: %d %d %d\n", wiped[0], wiped[PAGE], own[0]);
    for (int a = 0; a < 30; a++) {
        errno = 0;
        if (a == MADV_DONTFORK || a == MADV_WIPEONFORK || a == 25)
            continue;
        int r = madvise(wiped, PAGE, a);
        if (r && errno == EINVAL && (a == MADV_MERGEABLE || a == MADV_UNMERGEABLE || a == MADV_HUGEPAGE || a == MADV_NOHUGEPAGE))
            continue; /* as the kernel was built */
        printf("advice %d: %d %s\n", a, r, r ? strerrorname_np(errno) : "");
    }
}

static void stacks(void) {
    char *p = map(64, RW);
    munmap(p, 64 * PAGE);
    char *s = mmap(p + 60 * PAGE, PAGE, RW, ANON | MAP_GROWSDOWN | MAP_FIXED, -1, 0);
    TRUE(s == p + 60 * PAGE);
    touch("one below", s - 8, 1);
    touch("ten below", s - 10 * PAGE, 1);
    touch("far below the stack", (char *)__builtin_frame_address(0) - (9 << 20), 0);
}

static void kernel(void) {
    char *p = map(2, RW), *ro = map(1, PROT_READ);
    munmap(p + PAGE, PAGE);
    int fd[2], file = open("/tmp", O_TMPFILE | O_RDWR, 0600);
    if (file < 0)
        file = memfd_create("f", 0);
    CALL(write(file, p + PAGE - 100, 200));
    CALL(write(file, p + PAGE, 1));
    pipe2(fd, O_NONBLOCK);
    CALL(write(fd[1], p, 100));
    CALL(read(fd[0], ro, 10));
    CALL(read(fd[0], (void *)-1, 10));
    CALL(read(fd[0], (void *)0xffff800000000000, 10));
    struct iovec v[2] = {{p, 10}, {ro, 10}};
    lseek(file, 0, SEEK_SET);
    CALL(readv(file, v, 2));
    CALL(readv(fd[0], v, -1));
    CALL(readv(fd[0], v, 1025));
    CALL(readv(fd[0], (void *)1, 1));
    v[0].iov_len = -1;
    CALL(readv(fd[0], v, 1));
    CALL(syscall(SYS_uname, ro));
}

static void limits(void) {
    struct rlimit l = {64 << 20, 64 << 20};
    CALL(setrlimit(RLIMIT_AS, &l));
    CALL(mmap(NULL, 128 << 20, RW, ANON, -1, 0));
    WORKS(mmap(NULL, 1 << 20, RW, ANON, -1, 0));
}

static void keys(void) {
    char *p = map(1, RW);
    CALL(pkey_mprotect(p, PAGE, PROT_READ, -1));
    touch("read-only", p, 1);
    CALL(pkey_mprotect(p, PAGE, PROT_READ, 15));
}

int main(void) {
    static char other[65536];
    stack_t stack = {other, 0, sizeof other};
    sigaltstack(&stack, NULL);
    struct sigaction a = {0};
    a.sa_sigaction = faulted;
    a.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
    sigaction(SIGSEGV, &a, NULL);
    sigaction(SIGBUS, &a, NULL);
    moves();
    locks();
    advice();
    stacks();
    kernel();
    keys();
    limits();
    return 0;
}
