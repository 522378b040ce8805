/* Futexes: every operation, PI locks, requeueing, several at once, and the errors of wrong arguments. */
#include "t.h"
#include <linux/futex.h>
#include <pthread.h>

#define BAD ((void *)8)
#ifndef FUTEX_LOCK_PI2
#define FUTEX_LOCK_PI2 13
#endif
#define P FUTEX_PRIVATE_FLAG

static long futex(void *word, int op, unsigned value, void *t, void *word2, unsigned value3) {
    return syscall(SYS_futex, word, op, value, t, word2, value3);
}

struct waitv {
    uint64_t val, uaddr;
    uint32_t flags, reserved;
};

static unsigned word, word2, other;
static int *shared;

static void errors(void) {
    struct timespec zero = {0, 0}, bad = {0, 2000000000};
    char *bytes = (char *)&word;
    int ops[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 127};
    word = 0x3ffffff0;
    for (int i = 0; i < 16; i++) {
        int op = ops[i];
        void *t = op == 3 || op == 4 || op == 5 || op == 12 ? (void *)1L : (void *)&zero;
        printf("op %d\n", op);
        CALL(futex(&word, op | P, 2, t, &word2, 3));
        if (op != 7)
            CALL(futex(bytes + 1, op | P, 2, t, &word2, 3));
        CALL(futex(BAD, op | P, 2, t, &word2, 3));
        CALL(futex((void *)-8L, op | P, 2, t, &word2, 3));
        CALL(futex(BAD, op, 2, t, &word2, 3));
        void *u = t == &zero ? &bad : t;
        CALL(futex(&word, op | P, 2, u, &word2, 3));
        CALL(futex(&word, op | P, 2, BAD, &word2, 3));
        CALL(futex(&word, op | P | FUTEX_CLOCK_REALTIME, 2, t, &word2, 3));
        CALL(futex(&word, op | P | 512, 2, t, &word2, 3));
        word = 0x3ffffff0;
        word2 = 0;
    }
    word = 1;
    CALL(futex(&word, FUTEX_WAIT_BITSET | P, 1, &zero, NULL, 0));
    CALL(futex(&word, FUTEX_WAKE_BITSET | P, 1, NULL, NULL, 0));
    CALL(futex(&word, FUTEX_REQUEUE | P, -1, (void *)1L, &word2, 0));
    CALL(futex(&word, FUTEX_REQUEUE | P, 1, (void *)-1L, &word2, 0));
    CALL(futex(&word, FUTEX_REQUEUE | P, 1, (void *)1L, BAD, 0));
    CALL(futex(&word, FUTEX_REQUEUE, 1, (void *)1L, BAD, 0));
    CALL(futex(&word, FUTEX_REQUEUE | P, 1, (void *)1L, &word, 0));
    CALL(futex(&word, FUTEX_CMP_REQUEUE | P, 1, (void *)1L, &word2, 0));
    CALL(futex(&word, FUTEX_CMP_REQUEUE | P, 1, (void *)1L, &word2, 1));
    CALL(futex(&word, FUTEX_CMP_REQUEUE_PI | P, 1, (void *)1L, &word2, 1));
    CALL(futex(&word, FUTEX_CMP_REQUEUE_PI | P, 2, (void *)1L, &word2, 1));
    CALL(futex(&word, FUTEX_CMP_REQUEUE_PI | P, 0, (void *)1L, &word2, 1));
    CALL(futex(&word, FUTEX_CMP_REQUEUE_PI | P, 1, (void *)1L, &word, 1));
    CALL(futex(&word, FUTEX_CMP_REQUEUE_PI | P, 1, (void *)1L, &word2, 2));
    CALL(futex(&word, FUTEX_WAIT_REQUEUE_PI | P, 1, NULL, &word, 0));
    CALL(futex(&word, FUTEX_WAIT_REQUEUE_PI | P, 2, NULL, &word2, 0));
    CALL(futex(&word, FUTEX_WAIT_REQUEUE_PI | P, 1, &zero, &word2, 0));
    void *readonly = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CALL(futex(readonly, FUTEX_WAIT | P, 0, &zero, NULL, 0));
    CALL(futex(readonly, FUTEX_WAKE | P, 1, NULL, NULL, 0));
    CALL(futex(readonly, FUTEX_LOCK_PI | P, 0, NULL, NULL, 0));
    CALL(futex(readonly, FUTEX_WAKE_OP | P, 1, (void *)1L, readonly, 0));
    void *none = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CALL(futex(none, FUTEX_WAIT | P, 0, &zero, NULL, 0));
    CALL(futex(none, FUTEX_WAKE | P, 1, NULL, NULL, 0));
    CALL(futex(none, FUTEX_WAKE, 1, NULL, NULL, 0));
}

static void wake_op(void) {
    int ops[] = {0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12}, comparisons[] = {0, 1, 2, 3, 4, 5, 6, 15};
    for (int i = 0; i < 12; i++) {
        word2 = 6;
        errno = 0;
        long r = futex(&word, FUTEX_WAKE_OP | P, 1, (void *)1L, &word2, ops[i] << 28 | 3 << 12 | 6);
        printf("op %d: %ld %s word %d\n", ops[i], r, r < 0 ? strerrorname_np(errno) : "", word2);
    }
    for (int i = 0; i < 8; i++) {
        word2 = 6;
        errno = 0;
        long r = futex(&word, FUTEX_WAKE_OP | P, 1, (void *)1L, &word2, comparisons[i] << 24 | 3 << 12 | 6);
        printf("comparison %d: %ld %s word %d\n", comparisons[i], r, r < 0 ? strerrorname_np(errno) : "", word2);
    }
    word2 = 6;
    futex(&word, FUTEX_WAKE_OP | P, 1, (void *)1L, &word2, 1 << 28 | 0xfff << 12); /* adds -1 */
    printf("%d\n", word2);
}

static volatile int started;
static pid_t tids[4];

/* Until all that have said who they are sleep in the kernel. */
static void all_asleep(int n) {
    while (started < n)
        t_sleep(1);
    for (int i = 0; i < n; i++)
        t_asleep(tids[i]);
    started = 0;
}

static void *hold(void *arg) {
    futex(&word, FUTEX_LOCK_PI | P, 0, NULL, NULL, 0);
    *(volatile int *)arg = 1;
    t_sleep(150);
    return (void *)futex(&word, FUTEX_UNLOCK_PI | P, 0, NULL, NULL, 0);
}

static void *take(void *arg) {
    tids[__sync_fetch_and_add(&started, 1)] = gettid();
    futex(&word, FUTEX_LOCK_PI | P, 0, NULL, NULL, 0);
    __sync_fetch_and_add((int *)arg, 1);
    futex(&word, FUTEX_UNLOCK_PI | P, 0, NULL, NULL, 0);
    return NULL;
}

static void *die_holding(void *arg) {
    futex(&word, FUTEX_LOCK_PI | P, 0, NULL, NULL, 0);
    *(volatile int *)arg = 1;
    t_sleep(100);
    return NULL; /* with the lock */
}

static void *first_of_circle(void *arg) {
    tids[0] = gettid();
    futex(&word, FUTEX_LOCK_PI | P, 0, NULL, NULL, 0);
    *(volatile int *)arg = 1;
    futex(&word2, FUTEX_LOCK_PI | P, 0, NULL, NULL, 0); /* waits for us */
    futex(&word2, FUTEX_UNLOCK_PI | P, 0, NULL, NULL, 0);
    futex(&word, FUTEX_UNLOCK_PI | P, 0, NULL, NULL, 0);
    return NULL;
}

static void pi(void) {
    pthread_t t[4];
    volatile int ready = 0;
    struct timespec past = {1, 0}, soon;
    word = word2 = 0;
    CALL(futex(&word, FUTEX_UNLOCK_PI | P, 0, NULL, NULL, 0));
    CALL(futex(&word, FUTEX_TRYLOCK_PI | P, 0, NULL, NULL, 0));
    TRUE(word == gettid());
    CALL(futex(&word, FUTEX_TRYLOCK_PI | P, 0, NULL, NULL, 0));
    CALL(futex(&word, FUTEX_LOCK_PI | P, 0, NULL, NULL, 0));
    CALL(futex(&word, FUTEX_LOCK_PI2 | P, 0, NULL, NULL, 0));
    CALL(futex(&word, FUTEX_UNLOCK_PI | P, 0, NULL, NULL, 0));
    printf("%x\n", word);
    word = 0x3ffffff0; /* nobody */
    CALL(futex(&word, FUTEX_LOCK_PI | P, 0, NULL, NULL, 0));
    CALL(futex(&word, FUTEX_TRYLOCK_PI | P, 0, NULL, NULL, 0));
    CALL(futex(&word, FUTEX_UNLOCK_PI | P, 0, NULL, NULL, 0));
    printf("%x\n", word);
    word = FUTEX_OWNER_DIED;
    CALL(futex(&word, FUTEX_LOCK_PI | P, 0, NULL, NULL, 0));
    TRUE(word == (FUTEX_OWNER_DIED | gettid()));
    CALL(futex(&word, FUTEX_UNLOCK_PI | P, 0, NULL, NULL, 0));
    printf("%x\n", word);
    word = FUTEX_WAITERS | gettid(); /* a mark without a waiter */
    CALL(futex(&word, FUTEX_UNLOCK_PI | P, 0, NULL, NULL, 0));
    printf("%x\n", word);

    pthread_create(&t[0], NULL, hold, (void *)&ready);
    while (!ready)
        t_sleep(1);
    CALL(futex(&word, FUTEX_TRYLOCK_PI | P, 0, NULL, NULL, 0));
    CALL(futex(&word, FUTEX_UNLOCK_PI | P, 0, NULL, NULL, 0));
    CALL(futex(&word, FUTEX_LOCK_PI | P, 0, &past, NULL, 0));
    TRUE(word & FUTEX_WAITERS);
    CALL(futex(&word, FUTEX_LOCK_PI2 | P, 0, &past, NULL, 0));
    CALL(futex(&word, FUTEX_WAKE | P, 1, NULL, NULL, 0));
    clock_gettime(CLOCK_MONOTONIC, &soon);
    soon.tv_sec += 20;
    CALL(futex(&word, FUTEX_LOCK_PI2 | P, 0, &soon, NULL, 0));
    TRUE((word & FUTEX_TID_MASK) == gettid());
    pthread_join(t[0], NULL);
    int taken = 0;
    for (int i = 0; i < 3; i++)
        pthread_create(&t[i], NULL, take, &taken);
    all_asleep(3);
    TRUE(word == (FUTEX_WAITERS | gettid()) && taken == 0);
    CALL(futex(&word, FUTEX_WAKE | P, 1, NULL, NULL, 0)); /* not for those who wait to own it */
    word += 1000000;
    CALL(futex(&word, FUTEX_LOCK_PI | P, 0, NULL, NULL, 0)); /* the kernel knows another owner */
    word -= 1000000;
    CALL(futex(&word, FUTEX_UNLOCK_PI | P, 0, NULL, NULL, 0));
    for (int i = 0; i < 3; i++)
        pthread_join(t[i], NULL);
    printf("taken %d word %x\n", taken, word);

    ready = 0;
    pthread_create(&t[0], NULL, die_holding, (void *)&ready);
    while (!ready)
        t_sleep(1);
    CALL(futex(&word, FUTEX_LOCK_PI | P, 0, NULL, NULL, 0));
    pthread_join(t[0], NULL);
    TRUE(word == (FUTEX_WAITERS | FUTEX_OWNER_DIED | gettid()));
    CALL(futex(&word, FUTEX_UNLOCK_PI | P, 0, NULL, NULL, 0));
    printf("%x\n", word);

    word = word2 = 0;
    ready = 0;
    CALL(futex(&word2, FUTEX_LOCK_PI | P, 0, NULL, NULL, 0));
    pthread_create(&t[0], NULL, first_of_circle, (void *)&ready);
    while (!ready)
        t_sleep(1);
    t_asleep(tids[0]);
    CALL(futex(&word, FUTEX_LOCK_PI | P, 0, NULL, NULL, 0));
    CALL(futex(&word2, FUTEX_UNLOCK_PI | P, 0, NULL, NULL, 0));
    pthread_join(t[0], NULL);
    printf("%x %x\n", word, word2);

    pthread_mutexattr_t a;
    pthread_mutex_t m;
    pthread_mutexattr_init(&a);
    pthread_mutexattr_setprotocol(&a, PTHREAD_PRIO_INHERIT);
    pthread_mutexattr_settype(&a, PTHREAD_MUTEX_ERRORCHECK);
    pthread_mutex_init(&m, &a);
    printf("%d\n", pthread_mutex_lock(&m));
    printf("%s\n", strerrorname_np(pthread_mutex_lock(&m)));
    printf("%d\n", pthread_mutex_unlock(&m));
}

static volatile int condition_woken;

static void *condition_wait(void *arg) {
    tids[__sync_fetch_and_add(&started, 1)] = gettid();
    long r = futex(&word, FUTEX_WAIT_REQUEUE_PI | P, 0, NULL, &word2, 0);
    if (r == 0 && (word2 & FUTEX_TID_MASK) == gettid())
        __sync_fetch_and_add(&condition_woken, 1);
    futex(&word2, FUTEX_UNLOCK_PI | P, 0, NULL, NULL, 0);
    return NULL;
}

static void requeue_pi(void) {
    pthread_t t[4];
    word = word2 = 0;
    for (int i = 0; i < 4; i++)
        pthread_create(&t[i], NULL, condition_wait, NULL);
    all_asleep(4);
    CALL(futex(&word, FUTEX_WAKE | P, 1, NULL, NULL, 0));
    CALL(futex(&word, FUTEX_REQUEUE | P, 1, (void *)1L, &other, 0));
    CALL(futex(&word, FUTEX_CMP_REQUEUE_PI | P, 1, (void *)1L, &other, 0)); /* they wait for another lock */
    CALL(futex(&word, FUTEX_CMP_REQUEUE_PI | P, 1, (void *)1L, &word2, 7));
    CALL(futex(&word, FUTEX_CMP_REQUEUE_PI | P, 1, (void *)0L, &word2, 0));
    while (condition_woken < 1)
        t_sleep(1);
    t_sleep(20);
    printf("woken %d\n", condition_woken);
    futex(&word2, FUTEX_LOCK_PI | P, 0, NULL, NULL, 0);
    CALL(futex(&word, FUTEX_CMP_REQUEUE_PI | P, 1, (void *)10L, &word2, 0));
    t_sleep(50);
    printf("woken %d\n", condition_woken);
    TRUE(word2 == (FUTEX_WAITERS | gettid()));
    CALL(futex(&word2, FUTEX_UNLOCK_PI | P, 0, NULL, NULL, 0));
    for (int i = 0; i < 4; i++)
        pthread_join(t[i], NULL);
    printf("woken %d word %x\n", condition_woken, word2);
    struct timespec soon;
    clock_gettime(CLOCK_MONOTONIC, &soon);
    soon.tv_nsec += 20000000;
    if (soon.tv_nsec >= 1000000000)
        soon.tv_nsec -= 1000000000, soon.tv_sec++;
    CALL(futex(&word, FUTEX_WAIT_REQUEUE_PI | P, 0, &soon, &word2, 0));
}

static long waitv(void *w, unsigned n, unsigned flags, void *t, int clock) {
    return syscall(449, w, n, flags, t, clock);
}

static void *wake_second(void *arg) {
    t_asleep(getpid());
    return (void *)futex(arg, FUTEX_WAKE | P, 1, NULL, NULL, 0);
}

static void several(void) {
    unsigned words[3] = {1, 2, 3};
    struct waitv v[3];
    for (int i = 0; i < 3; i++)
        v[i] = (struct waitv){i + 1, (uint64_t)&words[i], 2 | P, 0};
    struct timespec past = {1, 0}, bad = {0, 1000000000};
    CALL(waitv(v, 3, 1, NULL, 0));
    CALL(waitv(v, 0, 0, NULL, 0));
    CALL(waitv(v, 129, 0, NULL, 0));
    CALL(waitv(NULL, 1, 0, NULL, 0));
    CALL(waitv(BAD, 1, 0, NULL, 0));
    CALL(waitv(v, 3, 0, &past, 2));
    CALL(waitv(v, 3, 0, BAD, 1));
    CALL(waitv(v, 3, 0, &bad, 1));
    CALL(waitv(v, 3, 0, &past, 0));
    CALL(waitv(v, 3, 0, &past, 1));
    v[1].flags = P;
    CALL(waitv(v, 3, 0, &past, 1));
    v[1].flags = 2 | 4;
    CALL(waitv(v, 3, 0, &past, 1));
    v[1].flags = 2 | P;
    v[1].reserved = 1;
    CALL(waitv(v, 3, 0, &past, 1));
    v[1].reserved = 0;
    v[1].uaddr++;
    CALL(waitv(v, 3, 0, &past, 1));
    v[1].uaddr = 8;
    CALL(waitv(v, 3, 0, &past, 1));
    v[1].uaddr = (uint64_t)&words[1];
    words[1] = 9;
    CALL(waitv(v, 3, 0, &past, 1));
    words[1] = 2;
    pthread_t t;
    pthread_create(&t, NULL, wake_second, &words[1]);
    CALL(waitv(v, 3, 0, NULL, 0));
    void *woken;
    pthread_join(t, &woken);
    printf("woken %ld\n", (long)woken);
}

static void list(void) {
    struct robust_list_head head = {{&head.list}, 0, NULL}, *old;
    size_t size;
    CALL(syscall(SYS_get_robust_list, 0, &old, &size));
    printf("size %zu\n", size);
    CALL(syscall(SYS_get_robust_list, gettid(), &old, &size));
    CALL(syscall(SYS_get_robust_list, 0, BAD, &size));
    CALL(syscall(SYS_get_robust_list, 0, &old, BAD));
    CALL(syscall(SYS_get_robust_list, 99999999, &old, &size));
    CALL(syscall(SYS_get_robust_list, -1, &old, &size));
    CALL(syscall(SYS_set_robust_list, &head, 8));
    CALL(syscall(SYS_set_robust_list, &head, 0));
    CALL(syscall(SYS_set_robust_list, BAD, sizeof head));
    CALL(syscall(SYS_set_robust_list, old, sizeof head));
    /* The kernel's mark on the words of a process that ended. */
    shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    for (int pi = 0; pi < 2; pi++)
        for (int waiters = 0; waiters < 2; waiters++) {
            pid_t pid = t_fork();
            if (!pid) {
                static struct {
                    struct robust_list_head head;
                    struct robust_list entry[3];
                } l;
                /* The entries lie in the shared page: word behind each. */
                struct robust_list *e = (struct robust_list *)(shared + 16);
                struct robust_list *f = (struct robust_list *)(shared + 32);
                l.head.list.next = (void *)((long)e | pi);
                e->next = (void *)((long)f | pi);
                f->next = &l.head.list;
                l.head.futex_offset = 16;
                shared[16 + 4] = gettid() | (waiters ? FUTEX_WAITERS : 0);
                shared[32 + 4] = gettid() + 1;
                l.head.list_op_pending = (struct robust_list *)(shared + 48);
                shared[48 + 4] = gettid();
                syscall(SYS_set_robust_list, &l.head, sizeof l.head);
                _exit(0);
            }
            t_reap("owner", pid);
            printf("%x %d %x\n", shared[16 + 4], shared[32 + 4] == pid + 1, shared[48 + 4]);
        }
}

static void files(void) {
    t_enter();
    int fd = open("file", O_RDWR | O_CREAT, 0600);
    ftruncate(fd, 8192);
    int *a = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    int *b = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 4096);
    pid_t pid = t_fork();
    if (!pid) {
        int r = futex(a + 1024 + 5, FUTEX_WAIT, 0, NULL, NULL, 0);
        _exit(r == 0 ? 5 : 6);
    }
    t_asleep(pid);
    CALL(futex(b + 4, FUTEX_WAKE, 10, NULL, NULL, 0));
    CALL(futex(a + 5, FUTEX_WAKE, 10, NULL, NULL, 0));
    CALL(futex(b + 5, FUTEX_WAKE | P, 10, NULL, NULL, 0)); /* private: another futex */
    CALL(futex(b + 5, FUTEX_WAKE, 10, NULL, NULL, 0));
    t_reap("waiter", pid);
    ftruncate(fd, 4096);
    CALL(futex(b + 5, FUTEX_WAKE, 10, NULL, NULL, 0));
    CALL(futex(b + 5, FUTEX_WAIT, 0, NULL, NULL, 0));
    t_leave();
}

int main(void) {
    errors();
    wake_op();
    pi();
    requeue_pi();
    several();
    list();
    files();
    return 0;
}
