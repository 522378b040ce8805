/* Copies on write: parent and child after fork see their own private and one shared memory. */
#include "t.h"

#define SIZE (4 << 20)

static long sum(const unsigned char *p) {
    long s = 0;
    for (int i = 0; i < SIZE; i += 64)
        s += p[i];
    return s;
}

int main(void) {
    unsigned char *mine = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    volatile int *ours = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    static unsigned char data[SIZE];
    unsigned char *heap = malloc(SIZE);
    unsigned char *areas[] = {mine, data, heap};
    for (int i = 0; i < SIZE; i++)
        mine[i] = data[i] = heap[i] = i * 13;
    long before = sum(mine);

    /* The child writes; the parent must not see it. */
    pid_t pid = t_fork();
    if (!pid) {
        for (int a = 0; a < 3; a++)
            for (int i = 0; i < SIZE; i += 4096)
                areas[a][i] = 255;
        ours[0] = 1;
        _exit(sum(mine) == before ? 1 : 0);
    }
    t_reap("child wrote", pid);
    for (int a = 0; a < 3; a++)
        printf("area %d %s\n", a, sum(areas[a]) == before ? "kept" : "CHANGED");
    printf("shared %d\n", ours[0]);

    /* The parent writes while the child looks. */
    pid = t_fork();
    if (!pid) {
        while (ours[1] == 0)
            sched_yield();
        int ok = sum(mine) == before && sum(data) == before && sum(heap) == before;
        _exit(ok ? 0 : 1);
    }
    for (int a = 0; a < 3; a++)
        memset(areas[a], 9, SIZE);
    ours[1] = 1;
    t_reap("parent wrote", pid);

    /* Grandchildren, and reads before writes. */
    for (int i = 0; i < SIZE; i++)
        mine[i] = i;
    before = sum(mine);
    pid = t_fork();
    if (!pid) {
        mine[0] = 100;
        pid_t inner = fork();
        if (!inner) {
            mine[1] = 101;
            _exit(mine[0] == 100 && mine[1] == 101 ? 0 : 1);
        }
        int status;
        waitpid(inner, &status, 0);
        _exit(status || mine[0] != 100 || mine[1] != 1);
    }
    t_reap("grandchild", pid);
    printf("%d %d\n", mine[0], mine[1]);

    /* Many children at once, each with its own pattern. */
    pid_t pids[8];
    fflush(stdout);
    for (int n = 0; n < 8; n++) {
        pids[n] = fork();
        if (!pids[n]) {
            memset(mine, n, SIZE);
            sched_yield();
            for (int i = 0; i < SIZE; i += 4096)
                if (mine[i] != n)
                    _exit(1);
            _exit(0);
        }
    }
    for (int n = 0; n < 8; n++)
        t_reap("pattern", pids[n]);
    TRUE(sum(mine) == before);

    /* The kernel writes into memory that is still shared: read(2) must copy, too. */
    int p[2];
    pipe(p);
    write(p[1], "kernel", 6);
    pid = t_fork();
    if (!pid) {
        read(p[0], mine, 6);
        _exit(memcmp(mine, "kernel", 6) ? 1 : 0);
    }
    t_reap("read in the child", pid);
    TRUE(sum(mine) == before);

    /* After the child is gone the parent still owns everything. */
    memset(mine, 3, SIZE);
    TRUE(sum(mine) == 3L * SIZE / 64);

    /* A private file mapping. */
    FILE *f = tmpfile();
    ftruncate(fileno(f), SIZE);
    unsigned char *file = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fileno(f), 0);
    memset(file, 4, SIZE / 2);
    pid = t_fork();
    if (!pid) {
        memset(file, 5, SIZE);
        _exit(0);
    }
    t_reap("file child", pid);
    printf("%d %d\n", file[0], file[SIZE - 1]);
    char c = 1;
    pread(fileno(f), &c, 1, 0);
    printf("file %d\n", c);

    /* vfork shares memory. */
    volatile int seen = 0;
    fflush(stdout);
    pid = vfork();
    if (!pid) {
        seen = 42;
        _exit(0);
    }
    t_reap("vfork", pid);
    printf("seen %d\n", seen);
    return 0;
}
