/* Memory policies and the moving of pages, on one node. */
#include "t.h"
#include <linux/mempolicy.h>

#define PAGE 4096L
#define RW (PROT_READ | PROT_WRITE)

#define set(mode, mask, n) CALL(syscall(SYS_set_mempolicy, mode, mask, n))
#define bind(a, l, mode, mask, n, f) CALL(syscall(SYS_mbind, a, l, mode, mask, n, f))
#define get(m, mask, n, a, f) CALL(syscall(SYS_get_mempolicy, m, mask, n, a, f))

static void show(void) {
    int mode = -1;
    unsigned long mask[16] = {-1UL, -1UL};
    if (get(&mode, mask, 1024, NULL, 0) == 0)
        printf("mode %x mask %lx %lx\n", mode, mask[0], mask[1]);
}

static void show_at(void *p) {
    int mode = -1;
    unsigned long mask[16] = {-1UL};
    if (get(&mode, mask, 1024, p, MPOL_F_ADDR) == 0)
        printf("mode %x mask %lx\n", mode, mask[0]);
}

int main(void) {
    unsigned long zero[16] = {0}, first[16] = {1}, second[16] = {2}, both[16] = {3}, far[64] = {0};
    far[63] = 1;
    show();
    set(MPOL_DEFAULT, NULL, 0);
    set(MPOL_DEFAULT, zero, 64);
    set(MPOL_DEFAULT, first, 64);
    for (int mode = MPOL_PREFERRED; mode <= 5; mode++) {
        printf("mode %d\n", mode);
        set(mode, NULL, 0);
        show();
        set(mode, first, 64);
        show();
        set(mode, first, 1);
        set(mode, first, 2);
        set(mode, second, 64);
        set(mode, both, 64);
        show();
        set(mode, zero, 64);
        set(mode, far, 64 * 64);
        set(mode, first, 1 << 20);
        set(mode, (void *)8, 64);
        set(mode | MPOL_F_STATIC_NODES, first, 64);
        show();
        set(mode | MPOL_F_STATIC_NODES, NULL, 0);
        set(mode | MPOL_F_RELATIVE_NODES, second, 64);
        show();
        set(mode | MPOL_F_RELATIVE_NODES | MPOL_F_STATIC_NODES, first, 64);
        if (mode != 5) /* later kernels know it there */
            set(mode | (1 << 13), first, 64);
    }
    set(7, first, 64);
    set(-1, first, 64);
    set(MPOL_BIND, first, 64);
    pid_t p = t_fork();
    if (p == 0) {
        show();
        fflush(NULL);
        _exit(0);
    }
    t_reap("child", p);
    int mode;
    unsigned long mask[16] = {-1UL};
    get(&mode, mask, 64, NULL, MPOL_F_MEMS_ALLOWED);
    printf("%lx\n", mask[0]);
    get(&mode, mask, 64, NULL, MPOL_F_MEMS_ALLOWED | MPOL_F_NODE);
    get(&mode, mask, 64, NULL, MPOL_F_NODE);
    set(MPOL_INTERLEAVE, first, 64);
    get(&mode, NULL, 0, NULL, MPOL_F_NODE);
    printf("%d\n", mode);
    get(&mode, mask, 64, (void *)8, 0);
    get(&mode, mask, 64, (void *)8, MPOL_F_ADDR);
    get(&mode, mask, 64, &mode, MPOL_F_ADDR | MPOL_F_NODE);
    printf("%d\n", mode);
    get(&mode, mask, 0, NULL, 0);
    get(&mode, mask, 64, NULL, 16);
    get((void *)8, NULL, 0, NULL, 0);
    get(NULL, (void *)8, 64, NULL, 0);
    get(NULL, NULL, 0, NULL, 0);
    get(NULL, mask, 1 << 20, NULL, 0);
    get(NULL, mask, -1L, NULL, 0);
    get(NULL, mask, 1L << 63, NULL, 0);
    set(MPOL_DEFAULT, NULL, 0);
    char *m = mmap(NULL, 8 * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap(m + 6 * PAGE, PAGE);
    memset(m, 1, 6 * PAGE);
    madvise(m + 4 * PAGE, PAGE, MADV_DONTNEED);
    show_at(m);
    bind(m, PAGE, MPOL_BIND, first, 64, 0);
    show_at(m);
    show_at(m + PAGE);
    bind(m, 4 * PAGE, MPOL_PREFERRED, NULL, 0, 0);
    show_at(m);
    bind(m, 4 * PAGE, MPOL_DEFAULT, NULL, 0, MPOL_MF_MOVE);
    show_at(m);
    bind(m, 8 * PAGE, MPOL_BIND, first, 64, 0);
    bind(m + 1, PAGE, MPOL_BIND, first, 64, 0);
    bind(m, PAGE, MPOL_BIND, second, 64, 0);
    bind(m, PAGE, MPOL_BIND, NULL, 0, 0);
    bind(m, PAGE, MPOL_BIND, (void *)8, 64, 0);
    bind(m, PAGE, MPOL_BIND, first, 64, 8);
    bind(m, PAGE, MPOL_BIND, first, 64, MPOL_MF_MOVE_ALL);
    bind(m, PAGE, 9, first, 64, 0);
    bind(m, 0, MPOL_BIND, first, 64, 0);
    bind(m, -PAGE, MPOL_BIND, first, 64, 0);
    bind((void *)PAGE, PAGE, MPOL_BIND, first, 64, 0);
    void *pages[4] = {m, m + PAGE, m + 4 * PAGE, m + 6 * PAGE};
    int nodes[4] = {0, 0, 0, 0}, status[4] = {9, 9, 9, 9};
    CALL(syscall(SYS_move_pages, 0, 4, pages, NULL, status, 0));
    printf("%d %d %d %d\n", status[0], status[1], status[2], status[3]);
    CALL(syscall(SYS_move_pages, getpid(), 2, pages, nodes, status, MPOL_MF_MOVE));
    printf("%d %d\n", status[0], status[1]);
    nodes[1] = 77;
    CALL(syscall(SYS_move_pages, 0, 2, pages, nodes, status, MPOL_MF_MOVE));
    CALL(syscall(SYS_move_pages, 0, 2, pages, nodes, status, 1));
    CALL(syscall(SYS_move_pages, 0, 0, pages, nodes, status, 0));
    CALL(syscall(SYS_move_pages, 0, 2, (void *)8, NULL, status, 0));
    CALL(syscall(SYS_move_pages, 0, 2, pages, NULL, (void *)8, 0));
    CALL(syscall(SYS_move_pages, 999999, 2, pages, NULL, status, 0));
    CALL(syscall(SYS_migrate_pages, 0, 64, first, first));
    CALL(syscall(SYS_migrate_pages, 0, 64, first, second));
    CALL(syscall(SYS_migrate_pages, 0, 64, first, zero));
    CALL(syscall(SYS_migrate_pages, 0, 64, (void *)8, first));
    CALL(syscall(SYS_migrate_pages, 999999, 64, first, first));
    CALL(syscall(450, m, PAGE, 0, 0));
    CALL(syscall(450, m + 4 * PAGE, PAGE, 0, 0));
    CALL(syscall(450, m + 1, PAGE, 0, 0));
    CALL(syscall(450, m, PAGE, 5000, 0));
    CALL(syscall(450, m, PAGE, 0, 1));
    CALL(syscall(450, m, 0, 0, 0));
    return 0;
}
