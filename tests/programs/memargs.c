/* Wrong and odd arguments of the calls on memory: what each of them answers. */
#include "t.h"

#define PAGE 4096L
#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define HIGH ((char *)0x7ffffffff000)

static char *map(long pages, int prot) { return mmap(NULL, pages * PAGE, prot, ANON, -1, 0); }

static void maps(void) {
    int fd = open("f", O_RDWR | O_CREAT, 0600);
    int ro = open("f", O_RDONLY), wo = open("f", O_WRONLY), path = open("f", O_PATH), ap = open("f", O_RDWR | O_APPEND);
    int dir = open(".", O_RDONLY);
    ftruncate(fd, 3 * PAGE);
    int types[] = {0, MAP_SHARED, MAP_PRIVATE, MAP_SHARED_VALIDATE, 4};
    for (unsigned i = 0; i < sizeof types / sizeof *types; i++) {
        printf("type %d\n", types[i]);
        WORKS(mmap(NULL, PAGE, RW, types[i], fd, 0));
        WORKS(mmap(NULL, PAGE, RW, types[i], ro, 0));
        WORKS(mmap(NULL, PAGE, PROT_READ, types[i], ro, 0));
        WORKS(mmap(NULL, PAGE, PROT_NONE, types[i], ro, 0));
        WORKS(mmap(NULL, PAGE, PROT_NONE, types[i], wo, 0));
        WORKS(mmap(NULL, PAGE, PROT_WRITE, types[i], wo, 0));
        WORKS(mmap(NULL, PAGE, RW, types[i], ap, 0));
        WORKS(mmap(NULL, PAGE, RW, types[i], path, 0));
        WORKS(mmap(NULL, PAGE, PROT_READ, types[i], dir, 0));
        WORKS(mmap(NULL, PAGE, RW, types[i], -1, 0));
        WORKS(mmap(NULL, PAGE, RW, types[i], 1000, 0));
        WORKS(mmap(NULL, PAGE, RW, types[i] | MAP_ANONYMOUS, -1, 0));
        WORKS(mmap(NULL, PAGE, RW, types[i] | MAP_ANONYMOUS, fd, 0));
        WORKS(mmap(NULL, PAGE, RW, types[i] | MAP_ANONYMOUS, 1000, PAGE));
        WORKS(mmap(NULL, 0, RW, types[i] | MAP_ANONYMOUS, -1, 0));
        WORKS(mmap(NULL, 0, RW, types[i], -1, 0));
        WORKS(mmap(NULL, PAGE, RW, types[i] | MAP_GROWSDOWN, fd, 0));
        WORKS(mmap(NULL, PAGE, RW, types[i] | MAP_ANONYMOUS | MAP_GROWSDOWN, -1, 0));
        if (types[i] != MAP_SHARED && types[i] != MAP_PRIVATE) /* there it is the file system's affair */
            WORKS(mmap(NULL, PAGE, RW, types[i] | MAP_SYNC, fd, 0));
        WORKS(mmap(NULL, PAGE, RW, types[i] | MAP_SYNC | MAP_ANONYMOUS, -1, 0));
        WORKS(mmap(NULL, PAGE, RW, types[i] | 0x800000, fd, 0));
        WORKS(mmap(NULL, PAGE, RW, types[i] | MAP_HUGETLB, fd, 0));
        WORKS(mmap(NULL, 2 << 20, RW, types[i] | MAP_HUGETLB | MAP_ANONYMOUS, -1, 0));
        WORKS(mmap(NULL, PAGE, RW, types[i] | MAP_HUGETLB | (5 << 26) | MAP_ANONYMOUS, -1, 0));
        WORKS(mmap(NULL, PAGE, RW, types[i] | MAP_POPULATE | MAP_ANONYMOUS, -1, 0));
        WORKS(mmap(NULL, PAGE, RW, types[i] | MAP_POPULATE | MAP_NONBLOCK | MAP_STACK | MAP_NORESERVE | MAP_ANONYMOUS, -1, 0));
        WORKS(mmap(NULL, PAGE, RW, types[i], fd, PAGE - 1));
        WORKS(mmap(NULL, PAGE, RW, types[i], fd, -PAGE));
        WORKS(mmap(NULL, PAGE, RW, types[i], fd, 100 * PAGE));
        WORKS(mmap(NULL, PAGE, RW, types[i], fd, LONG_MAX & -PAGE));
        WORKS(mmap(NULL, 1L << 46, PROT_NONE, types[i] | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
        WORKS(mmap(NULL, -1L, RW, types[i] | MAP_ANONYMOUS, -1, 0));
        WORKS(mmap(NULL, 1L << 47, RW, types[i] | MAP_ANONYMOUS, -1, 0));
        WORKS(mmap(NULL, PAGE, 0x70, types[i] | MAP_ANONYMOUS, -1, 0));
        WORKS(mmap((void *)(1L << 46), PAGE, RW, types[i] | MAP_ANONYMOUS | MAP_32BIT, -1, 0));
        munmap((void *)(1L << 46), PAGE);
    }
    CALL(mmap(HIGH, PAGE, RW, ANON | MAP_FIXED, -1, 0));
    CALL(mmap(HIGH - PAGE, 2 * PAGE, RW, ANON | MAP_FIXED, -1, 0));
    CALL(mmap((void *)-PAGE, PAGE, RW, ANON | MAP_FIXED, -1, 0));
    CALL(mmap((void *)0x123456, PAGE, RW, ANON | MAP_FIXED, -1, 0));
    CALL(mmap((void *)-PAGE, PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0));
    WORKS(mmap((void *)-PAGE, PAGE, RW, ANON, -1, 0));
    char *low = mmap(NULL, PAGE, RW, ANON | MAP_32BIT, -1, 0);
    TRUE((unsigned long)low < 1UL << 31);
    struct stat before, after;
    int p[2];
    pipe(p);
    WORKS(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, p[0], 0));
    int zero = open("/dev/zero", O_RDWR), null = open("/dev/null", O_RDWR);
    char *z = mmap(NULL, 2 * PAGE, RW, MAP_PRIVATE, zero, 0);
    TRUE(z != MAP_FAILED && z[PAGE] == 0);
    z = mmap(NULL, 2 * PAGE, RW, MAP_SHARED, zero, 0);
    TRUE(z != MAP_FAILED && z[PAGE] == 0);
    z[1] = 1;
    WORKS(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, null, 0));
    close(fd), close(ro), close(wo), close(path), close(ap), close(dir);
}

static void protects(void) {
    char *p = map(8, RW);
    munmap(p + 4 * PAGE, PAGE);
    CALL(mprotect(p, PAGE, 0x80));
    CALL(mprotect(p, PAGE, 8));
    CALL(mprotect(p, PAGE, RW));
    CALL(mprotect(p + 1, PAGE, RW));
    CALL(mprotect(p, 0, RW));
    CALL(mprotect(p + 1, 0, RW));
    CALL(mprotect(p, -1L, RW));
    CALL(mprotect(p, LONG_MAX, RW));
    CALL(mprotect(p, 5 * PAGE, PROT_READ));
    CALL(mprotect(p + 4 * PAGE, PAGE, RW));
    CALL(mprotect(p + 4 * PAGE, 2 * PAGE, RW));
    CALL(mprotect(HIGH, PAGE, RW));
    CALL(mprotect((void *)-PAGE, PAGE, RW));
    CALL(mprotect(p, PAGE, RW | PROT_GROWSDOWN));
    CALL(mprotect(p, PAGE, RW | PROT_GROWSUP));
    CALL(mprotect(p, PAGE, RW | PROT_GROWSUP | PROT_GROWSDOWN));
    CALL(mprotect(p, 1, PROT_NONE));
    int ro = open("f", O_RDONLY);
    char *s = mmap(NULL, 2 * PAGE, PROT_READ, MAP_SHARED, ro, 0);
    CALL(mprotect(s, PAGE, RW));
    CALL(mprotect(s, PAGE, PROT_NONE));
    CALL(mprotect(s, PAGE, PROT_READ));
    char *v = mmap(NULL, 2 * PAGE, PROT_READ, MAP_PRIVATE, ro, 0);
    CALL(mprotect(v, PAGE, RW));
    v[0] = 1;
    close(ro);
    volatile char stack[PAGE];
    stack[0] = 1;
    CALL(mprotect((void *)((long)stack & -PAGE), PAGE, RW | PROT_GROWSDOWN));
    CALL(syscall(SYS_pkey_alloc, 1, 0));
    CALL(syscall(SYS_pkey_alloc, 0, 8));
    CALL(syscall(SYS_pkey_free, 16));
    CALL(syscall(SYS_pkey_free, -1));
    CALL(syscall(SYS_pkey_mprotect, p, PAGE, RW, -1));
    CALL(syscall(SYS_pkey_mprotect, p, PAGE, RW, 17));
    CALL(syscall(SYS_pkey_mprotect, p, PAGE, RW, -2));
}

static void unmaps(void) {
    char *p = map(4, RW);
    CALL(munmap(p + 1, PAGE));
    CALL(munmap(p, 0));
    CALL(munmap(p, -1L));
    CALL(munmap(p, LONG_MAX));
    CALL(munmap(HIGH, PAGE));
    CALL(munmap(HIGH - PAGE, 2 * PAGE));
    CALL(munmap((void *)-PAGE, PAGE));
    CALL(munmap((void *)0, PAGE));
    CALL(munmap(p, 1));
    CALL(munmap(p, 4 * PAGE));
    CALL(munmap(p, 4 * PAGE));
}

static void advices(void) {
    char *p = map(8, RW);
    munmap(p + 4 * PAGE, PAGE);
    char *s = mmap(NULL, 4 * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int fd = open("f", O_RDWR), ro = open("f", O_RDONLY);
    char *f = mmap(NULL, 2 * PAGE, RW, MAP_SHARED, fd, 0), *r = mmap(NULL, 2 * PAGE, PROT_READ, MAP_SHARED, ro, 0),
         *v = mmap(NULL, 2 * PAGE, RW, MAP_PRIVATE, fd, 0), *n = map(2, PROT_NONE);
    char *l = map(2, RW);
    mlock(l, PAGE);
    int known[] = {MADV_NORMAL, MADV_RANDOM, MADV_SEQUENTIAL, MADV_WILLNEED, MADV_DONTNEED, 5, 6, 7, MADV_FREE, MADV_REMOVE,
                   MADV_DONTFORK, MADV_DOFORK, MADV_DONTDUMP, MADV_DODUMP, MADV_WIPEONFORK, MADV_KEEPONFORK, MADV_COLD,
                   MADV_PAGEOUT, MADV_POPULATE_READ, MADV_POPULATE_WRITE, 24, 26, 50, 99, -1};
    for (unsigned i = 0; i < sizeof known / sizeof *known; i++) {
        printf("advice %d\n", known[i]);
        CALL(madvise(p, PAGE, known[i]));
        CALL(madvise(p + 1, PAGE, known[i]));
        CALL(madvise(p, 1, known[i]));
        CALL(madvise(p, 0, known[i]));
        CALL(madvise(p, -1L, known[i]));
        CALL(madvise(p, -PAGE, known[i]));
        CALL(madvise(p, 6 * PAGE, known[i]));
        CALL(madvise(p + 4 * PAGE, PAGE, known[i]));
        CALL(madvise(HIGH, PAGE, known[i]));
        CALL(madvise(s, PAGE, known[i]));
        CALL(madvise(f, PAGE, known[i]));
        CALL(madvise(r, PAGE, known[i]));
        CALL(madvise(v, PAGE, known[i]));
        CALL(madvise(n, PAGE, known[i]));
        CALL(madvise(l, PAGE, known[i]));
    }
    close(fd), close(ro);
}

static void others(void) {
    char *p = map(8, RW);
    munmap(p + 4 * PAGE, PAGE);
    unsigned char vec[16];
    CALL(mincore(p, 4 * PAGE, vec));
    CALL(mincore(p + 1, PAGE, vec));
    CALL(mincore(p, 0, vec));
    CALL(mincore(p, 5 * PAGE, vec));
    CALL(mincore(p + 4 * PAGE, PAGE, vec));
    CALL(mincore(p, PAGE, (void *)8));
    CALL(mincore(p, 0, (void *)8));
    CALL(mincore(p, -1L, vec));
    CALL(mincore(HIGH, PAGE, vec));
    CALL(mincore(p, 1, vec));
    CALL(msync(p, PAGE, 0));
    CALL(msync(p, PAGE, MS_SYNC | MS_ASYNC));
    CALL(msync(p, PAGE, 8));
    CALL(msync(p + 1, PAGE, MS_SYNC));
    CALL(msync(p, 5 * PAGE, MS_SYNC));
    CALL(msync(p, 6 * PAGE, MS_ASYNC));
    CALL(msync(p, 0, MS_SYNC));
    CALL(msync(p, -1L, MS_SYNC));
    CALL(msync(p + 4 * PAGE, PAGE, MS_SYNC));
    CALL(mlock(p, PAGE));
    CALL(msync(p, PAGE, MS_INVALIDATE));
    CALL(msync(p + PAGE, PAGE, MS_INVALIDATE | MS_SYNC));
    CALL(mlock(p, 6 * PAGE));
    CALL(mlock(p + 4 * PAGE, 1));
    CALL(mlock(p, 0));
    CALL(mlock(p, -1L));
    CALL(mlock(p, LONG_MAX));
    CALL(mlock2(p, PAGE, 1));
    CALL(mlock2(p, PAGE, 2));
    CALL(munlock(p + 1, 1));
    CALL(munlock(p, 6 * PAGE));
    CALL(munlock(p, -1L));
    CALL(mlockall(0));
    CALL(mlockall(8));
    CALL(mlockall(MCL_ONFAULT));
    CALL(munlockall());
    CALL(syscall(SYS_remap_file_pages, p, PAGE, 0, 0, 0));
    char *s = mmap(NULL, 4 * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    s[0] = 1, s[PAGE] = 2;
    CALL(syscall(SYS_remap_file_pages, s, PAGE, PROT_READ, 1, 0));
    CALL(syscall(SYS_remap_file_pages, s, PAGE, 0, 1, 0));
    printf("%d %d\n", s[0], s[PAGE]);
    CALL(syscall(SYS_remap_file_pages, s, PAGE, 0, -1L, 0));
    CALL(syscall(SYS_remap_file_pages, s, 0, 0, 0, 0));
    CALL(brk((void *)8));
    CALL(brk(HIGH));
    int self = syscall(SYS_pidfd_open, getpid(), 0);
    struct iovec v[2] = {{p, PAGE}, {p + PAGE, PAGE}};
    CALL(syscall(SYS_process_madvise, self, v, 2, MADV_COLD, 0));
    CALL(syscall(SYS_process_madvise, self, v, 2, MADV_PAGEOUT, 0));
    CALL(syscall(SYS_process_madvise, self, v, 2, MADV_WILLNEED, 0));
    CALL(syscall(SYS_process_madvise, self, v, 2, MADV_COLD, 1));
    CALL(syscall(SYS_process_madvise, self, v, 2, 9999, 0));
    CALL(syscall(SYS_process_madvise, -1, v, 2, MADV_COLD, 0));
    CALL(syscall(SYS_process_madvise, 0, v, 2, MADV_COLD, 0));
    CALL(syscall(SYS_process_madvise, self, (void *)8, 2, MADV_COLD, 0));
    CALL(syscall(SYS_process_madvise, self, v, 2000, MADV_COLD, 0));
    CALL(syscall(SYS_process_madvise, self, v, 0, MADV_COLD, 0));
    v[1].iov_base = p + 3 * PAGE, v[1].iov_len = 2 * PAGE;
    CALL(syscall(SYS_process_madvise, self, v, 2, MADV_COLD, 0));
    v[0].iov_base = p + 1;
    CALL(syscall(SYS_process_madvise, self, v, 2, MADV_COLD, 0));
    CALL(syscall(448, self, 0));
    CALL(syscall(448, self, 1));
    CALL(syscall(448, -1, 0));
}

int main(void) {
    t_enter();
    maps();
    protects();
    unmaps();
    advices();
    others();
    t_leave();
    return 0;
}
