/* Threads and futexes. */
#include "t.h"
#include <linux/futex.h>
#include <pthread.h>
#include <semaphore.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static pthread_barrier_t barrier;
static long counter;
static int turn;
static __thread int own = 5;
static sem_t sem;

static void *adder(void *arg) {
    for (int i = 0; i < 20000; i++) {
        pthread_mutex_lock(&lock);
        counter++;
        pthread_mutex_unlock(&lock);
    }
    own += (long)arg;
    return (void *)(long)own;
}

static void *player(void *arg) {
    long me = (long)arg;
    for (int i = 0; i < 300; i++) {
        pthread_mutex_lock(&lock);
        while (turn != me)
            pthread_cond_wait(&changed, &lock);
        turn = !me;
        counter++;
        pthread_cond_broadcast(&changed);
        pthread_mutex_unlock(&lock);
    }
    return NULL;
}

static void *rounds(void *arg) {
    long serial = 0;
    for (int i = 0; i < 20; i++)
        serial += pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD;
    return (void *)serial;
}

static void *poster(void *arg) {
    t_sleep(20);
    for (int i = 0; i < 3; i++)
        sem_post(&sem);
    return NULL;
}

static void *sleeper(void *arg) {
    for (;;)
        t_sleep(1000);
    return NULL;
}

static void *ids(void *arg) {
    pid_t *out = arg;
    out[0] = getpid();
    out[1] = gettid();
    return NULL;
}

static long futex(void *word, int op, int value, const struct timespec *t, void *word2, int value3) {
    return syscall(SYS_futex, word, op, value, t, word2, value3);
}

static int word, word2;
static volatile int woken;

static volatile pid_t waiting[6];

static void *waiter(void *arg) {
    *(pid_t *)arg = gettid();
    long r = futex(&word, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
    if (r == 0)
        __sync_fetch_and_add(&woken, 1);
    return NULL;
}

static void *bit_waiter(void *arg) {
    waiting[(long)arg] = gettid();
    futex(&word, FUTEX_WAIT_BITSET_PRIVATE, 0, NULL, NULL, (int)(long)arg);
    __sync_fetch_and_add(&woken, 1);
    return NULL;
}

/* Until these waiters sleep in the kernel. */
static void asleep(int from, int to) {
    for (int i = from; i < to; i++) {
        while (!waiting[i])
            t_sleep(1);
        t_asleep(waiting[i]);
        waiting[i] = 0;
    }
}

static void raw(void) {
    struct timespec soon = {0, 30000000};
    CALL(futex(&word, FUTEX_WAIT_PRIVATE, 1, NULL, NULL, 0));
    long start = t_millis();
    CALL(futex(&word, FUTEX_WAIT_PRIVATE, 0, &soon, NULL, 0));
    TRUE(t_millis() - start >= 30);
    CALL(futex(&word, FUTEX_WAKE_PRIVATE, 10, NULL, NULL, 0));
    CALL(futex((char *)&word + 1, FUTEX_WAIT_PRIVATE, 0, &soon, NULL, 0));
    CALL(futex((void *)8, FUTEX_WAIT_PRIVATE, 0, &soon, NULL, 0));
    CALL(futex(&word, 99, 0, NULL, NULL, 0));
    CALL(futex(&word, FUTEX_WAIT_BITSET_PRIVATE, 0, NULL, NULL, 0));
    struct timespec bad = {0, 2000000000};
    CALL(futex(&word, FUTEX_WAIT_PRIVATE, 0, &bad, NULL, 0));
    struct timespec past = {1, 0};
    CALL(futex(&word, FUTEX_WAIT_BITSET_PRIVATE | FUTEX_CLOCK_REALTIME, 0, &past, NULL, -1));
    pthread_t t[6];
    for (int i = 0; i < 6; i++)
        pthread_create(&t[i], NULL, waiter, (void *)&waiting[i]);
    asleep(0, 6);
    CALL(futex(&word, FUTEX_WAKE_PRIVATE, 2, NULL, NULL, 0));
    CALL(futex(&word, FUTEX_REQUEUE_PRIVATE, 1, (void *)2L, &word2, 0));
    CALL(futex(&word, FUTEX_CMP_REQUEUE_PRIVATE, 1, (void *)1L, &word2, 1));
    CALL(futex(&word, FUTEX_WAKE_PRIVATE, 10, NULL, NULL, 0));
    CALL(futex(&word2, FUTEX_WAKE_PRIVATE, 10, NULL, NULL, 0));
    for (int i = 0; i < 6; i++)
        pthread_join(t[i], NULL);
    printf("woken %d\n", woken);
    woken = 0;
    pthread_create(&t[0], NULL, bit_waiter, (void *)1L);
    pthread_create(&t[1], NULL, bit_waiter, (void *)2L);
    asleep(1, 3);
    CALL(futex(&word, FUTEX_WAKE_BITSET_PRIVATE, 10, NULL, NULL, 4));
    CALL(futex(&word, FUTEX_WAKE_BITSET_PRIVATE, 10, NULL, NULL, 2));
    pthread_join(t[1], NULL);
    CALL(futex(&word, FUTEX_WAKE_PRIVATE, 10, NULL, NULL, 0));
    pthread_join(t[0], NULL);
    word2 = 5;
    CALL(futex(&word, FUTEX_WAKE_OP_PRIVATE, 1, (void *)1L, &word2, FUTEX_OP(FUTEX_OP_ADD, 3, FUTEX_OP_CMP_EQ, 5)));
    printf("word2 %d\n", word2);
}

static void between_processes(void) {
    int *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t pid = t_fork();
    if (!pid) {
        while (shared[0] == 0)
            futex(shared, FUTEX_WAIT, 0, NULL, NULL, 0);
        _exit(shared[0]);
    }
    t_asleep(pid);
    shared[0] = 7;
    printf("woken in another process %ld\n", futex(shared, FUTEX_WAKE, 10, NULL, NULL, 0));
    t_reap("child", pid);

    pthread_mutexattr_t a;
    pthread_mutexattr_init(&a);
    pthread_mutexattr_setpshared(&a, PTHREAD_PROCESS_SHARED);
    pthread_mutexattr_setrobust(&a, PTHREAD_MUTEX_ROBUST);
    pthread_mutex_t *m = (pthread_mutex_t *)(shared + 16);
    pthread_mutex_init(m, &a);
    pid = t_fork();
    if (!pid) {
        pthread_mutex_lock(m);
        _exit(0); /* with the mutex held */
    }
    t_reap("owner", pid);
    printf("robust: %s\n", strerrorname_np(pthread_mutex_lock(m)));
    pthread_mutex_consistent(m);
    pthread_mutex_unlock(m);
    printf("again: %d\n", pthread_mutex_lock(m));
}

static void *exec_thread(void *arg) {
    execl("/bin/sh", "sh", "-c", "exit 33", NULL);
    return NULL;
}

static void *exit_thread(void *arg) {
    t_sleep(20);
    exit(44);
}

int main(void) {
    pthread_t t[8];
    void *result;
    for (long i = 0; i < 8; i++)
        pthread_create(&t[i], NULL, adder, (void *)i);
    for (int i = 0; i < 8; i++) {
        pthread_join(t[i], &result);
        printf("%ld ", (long)result);
    }
    printf("counter %ld own %d\n", counter, own);
    counter = 0;
    pthread_create(&t[0], NULL, player, (void *)0);
    pthread_create(&t[1], NULL, player, (void *)1);
    pthread_join(t[0], NULL);
    pthread_join(t[1], NULL);
    printf("turns %ld\n", counter);
    pthread_barrier_init(&barrier, NULL, 4);
    for (int i = 0; i < 4; i++)
        pthread_create(&t[i], NULL, rounds, NULL);
    long serial = 0;
    for (int i = 0; i < 4; i++) {
        pthread_join(t[i], &result);
        serial += (long)result;
    }
    printf("serial %ld\n", serial);
    sem_init(&sem, 0, 0);
    pthread_create(&t[0], NULL, poster, NULL);
    for (int i = 0; i < 3; i++)
        sem_wait(&sem);
    printf("semaphore\n");
    pthread_join(t[0], NULL);
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += 30000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    errno = 0;
    sem_timedwait(&sem, &until);
    printf("%s\n", strerrorname_np(errno));
    pthread_mutex_lock(&lock);
    printf("%s\n", strerrorname_np(pthread_cond_timedwait(&changed, &lock, &until)));
    pthread_mutex_unlock(&lock);
    pthread_create(&t[0], NULL, sleeper, NULL);
    pthread_cancel(t[0]);
    pthread_join(t[0], &result);
    TRUE(result == PTHREAD_CANCELED);
    pid_t id[2];
    pthread_create(&t[0], NULL, ids, id);
    pthread_join(t[0], NULL);
    TRUE(id[0] == getpid() && id[1] != getpid());
    TRUE(gettid() == getpid());
    raw();
    between_processes();
    pid_t pid = t_fork();
    if (!pid) {
        pthread_create(&t[0], NULL, sleeper, NULL);
        pthread_create(&t[1], NULL, exec_thread, NULL);
        for (;;)
            pause();
    }
    t_reap("exec by a thread", pid);
    pid = t_fork();
    if (!pid) {
        pthread_create(&t[0], NULL, exit_thread, NULL);
        for (;;)
            pause();
    }
    t_reap("exit by a thread", pid);
    pid = t_fork();
    if (!pid) {
        pthread_create(&t[0], NULL, poster, NULL);
        pthread_exit(NULL); /* the others go on */
    }
    t_reap("main thread ends first", pid);
    pid = t_fork();
    if (!pid) {
        for (int i = 0; i < 5; i++)
            pthread_create(&t[i], NULL, sleeper, NULL);
        t_sleep(20);
        kill(getpid(), SIGKILL);
        t_sleep(1000);
    }
    t_reap("killed with threads", pid);
    pthread_t many[100];
    for (int i = 0; i < 100; i++)
        if (pthread_create(&many[i], NULL, ids, id))
            printf("pthread_create failed\n");
    for (int i = 0; i < 100; i++)
        pthread_join(many[i], NULL);
    printf("a hundred threads\n");
    return 0;
}
