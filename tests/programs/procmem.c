/* What /proc tells of memory: smaps of known mappings, pagemap, clear_refs, mem, status. */
#include "t.h"

#define PAGE 4096L
#define RW (PROT_READ | PROT_WRITE)

static const char *wanted[] = {"Size:", "KernelPageSize:", "MMUPageSize:", "Rss:", "Pss:", "Shared_Clean:", "Shared_Dirty:",
                               "Private_Clean:", "Private_Dirty:", "Anonymous:", "LazyFree:", "AnonHugePages:",
                               "Shared_Hugetlb:", "Private_Hugetlb:", "Swap:", "SwapPss:", "Locked:", "THPeligible:",
                               "VmFlags:"};

/* Prints the entry of smaps that begins at p. */
static void smap(const char *what, void *p) {
    FILE *f = fopen("/proc/self/smaps", "r");
    char line[500], head[40];
    snprintf(head, sizeof head, "%lx-", (unsigned long)p);
    int in = 0;
    printf("%s:", what);
    while (fgets(line, sizeof line, f)) {
        unsigned long a, b;
        char perms[5];
        if (sscanf(line, "%lx-%lx %4s", &a, &b, perms) == 3) {
            in = strncmp(line, head, strlen(head)) == 0;
            if (in)
                printf(" %lu pages %s", (b - a) / PAGE, perms);
        } else if (in)
            for (unsigned i = 0; i < sizeof wanted / sizeof *wanted; i++)
                if (strncmp(line, wanted[i], strlen(wanted[i])) == 0) {
                    char *v = line + strlen(wanted[i]);
                    v += strspn(v, " ");
                    v[strcspn(v, "\n")] = 0;
                    if (i == 17) /* depends on the machine's settings */
                        v = "?";
                    printf(" %s%s", wanted[i], v);
                }
    }
    puts("");
    fclose(f);
}

static void pages(const char *what, char *p, int n) {
    int fd = open("/proc/self/pagemap", O_RDONLY);
    unsigned long e[64];
    long r = pread(fd, e, n * 8, (unsigned long)p / PAGE * 8);
    printf("%s: %ld", what, r);
    for (int i = 0; i < n; i++)
        printf(" %d%d", (int)(e[i] >> 63), (int)(e[i] >> 61 & 1));
    puts("");
    close(fd);
}

static void keys(const char *path, const char *start) {
    FILE *f = fopen(path, "r");
    char line[500];
    while (fgets(line, sizeof line, f))
        if (strncmp(line, start, strlen(start)) == 0) {
            line[strcspn(line, ":")] = 0;
            printf("%s ", line);
        }
    puts("");
    fclose(f);
}

int main(void) {
    t_enter();
    char *p = mmap(NULL, 16 * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mprotect(p, PAGE, PROT_NONE);
    mprotect(p + 15 * PAGE, PAGE, PROT_NONE);
    char *a = p + PAGE;
    /* With large pages more may be there than was touched: all is touched, and some given back. */
    memset(a, 1, 14 * PAGE);
    smap("all", a);
    madvise(a, 2 * PAGE, MADV_DONTNEED);
    smap("twelve", a);
    pages("twelve", a, 8);
    mlock(a, 4 * PAGE);
    smap("locked", a);
    munlock(a, 4 * PAGE);
    memset(a, 1, 14 * PAGE); /* how much is copied around a page that is written is not fixed */
    pid_t c = t_fork();
    if (c == 0) {
        smap("in a child", a);
        fflush(NULL);
        _exit(0);
    }
    t_reap("child", c);
    smap("alone again", a);
    int advice[] = {MADV_RANDOM, MADV_SEQUENTIAL, MADV_NORMAL, MADV_DONTFORK, MADV_DOFORK, MADV_WIPEONFORK, MADV_KEEPONFORK,
                    MADV_DONTDUMP, MADV_DODUMP, MADV_HUGEPAGE, MADV_NOHUGEPAGE};
    for (unsigned i = 0; i < sizeof advice / sizeof *advice; i++) {
        printf("advice %d ", advice[i]);
        madvise(a, 14 * PAGE, advice[i]);
        smap("", a);
    }
    madvise(a, 2 * PAGE, MADV_RANDOM);
    smap("cut", a);
    smap("rest", a + 2 * PAGE);
    madvise(a, 2 * PAGE, MADV_NORMAL);
    smap("whole", a);
    char *s = mmap(NULL, 4 * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    memset(s, 1, 4 * PAGE);
    smap("shared", s);
    pages("shared", s, 4);
    mprotect(s, 4 * PAGE, PROT_READ);
    smap("shared read-only", s);
    char *g = mmap(NULL, 4 * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    memset(g, 1, 4 * PAGE);
    mprotect(g, 4 * PAGE, PROT_READ);
    mprotect(g, PAGE, PROT_NONE);
    smap("no reserve", g + PAGE);
    keys("/proc/self/smaps_rollup", "Pss");
    keys("/proc/self/smaps_rollup", "S");
    keys("/proc/self/status", "Vm");
    keys("/proc/self/status", "Rss");
    int fd = open("/proc/self/pagemap", O_RDONLY);
    char b[64];
    CALL(pread(fd, b, 7, 0));
    CALL(pread(fd, b, 8, 4));
    CALL(pread(fd, b, 0, 0));
    CALL(pread(fd, b, 8, 1L << 50));
    CALL(write(fd, b, 8));
    close(fd);
    CALL(open("/proc/self/pagemap", O_RDWR));
    CALL(access("/proc/self/clear_refs", F_OK));
    fd = open("/proc/self/clear_refs", O_WRONLY);
    CALL(write(fd, "1", 1));
    CALL(write(fd, "5\n", 2));
    CALL(write(fd, "0", 1));
    CALL(write(fd, "9", 1));
    CALL(write(fd, "x", 1));
    close(fd);
    fd = open("/proc/self/mem", O_RDWR);
    a[0] = 'a';
    CALL(pread(fd, b, 1, (off_t)a));
    TRUE(b[0] == 'a');
    CALL(pwrite(fd, "b", 1, (off_t)a));
    TRUE(a[0] == 'b');
    CALL(pread(fd, b, 1, 0));
    CALL(pwrite(fd, "b", 1, 8));
    CALL(pread(fd, b, 64, (off_t)(p + 16 * PAGE - 32)) >= 32 || errno == EIO);
    close(fd);
    fd = open("/proc/self/oom_score_adj", O_RDWR);
    CALL(write(fd, "500", 3));
    CALL(write(fd, "1001", 4));
    CALL(write(fd, "-1001", 5));
    CALL(write(fd, "abc", 3));
    close(fd);
    fd = open("/proc/self/oom_score_adj", O_RDONLY);
    memset(b, 0, sizeof b);
    CALL(read(fd, b, 10));
    printf("%s", b);
    close(fd);
    t_leave();
    return 0;
}
