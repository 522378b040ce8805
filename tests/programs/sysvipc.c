/* System V shared memory, semaphores and message queues: what works, and the errors of wrong arguments. */
#include "t.h"
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

#define PAGE 4096L
#define NOBODY 65534

union semun {
    int val;
    struct semid_ds *buf;
    unsigned short *array;
    struct seminfo *info;
};

static int key(int n) { return 0x71000000 + (getpid() << 4) + n; }

/* Becomes somebody without rights in a child, and comes back by its exit. */
#define AS_NOBODY(...)                                                       \
    do {                                                                     \
        pid_t pid_ = t_fork();                                               \
        if (pid_ == 0) {                                                     \
            setgroups(0, NULL);                                              \
            if (setresgid(NOBODY, NOBODY, NOBODY) || setresuid(NOBODY, NOBODY, NOBODY)) \
                puts("cannot become nobody");                                \
            __VA_ARGS__;                                                     \
            fflush(NULL);                                                    \
            _exit(0);                                                        \
        }                                                                    \
        waitpid(pid_, NULL, 0);                                              \
    } while (0)

static void show_shm(int id) {
    struct shmid_ds d;
    if (CALL(shmctl(id, IPC_STAT, &d)) == 0)
        printf("size %zu attached %ld mode %o creator %s last %s times %d%d%d owner %d/%d\n", d.shm_segsz, (long)d.shm_nattch,
               d.shm_perm.mode, d.shm_cpid == getpid() ? "me" : "other",
               d.shm_lpid == getpid() ? "me" : d.shm_lpid ? "other" : "nobody", d.shm_atime != 0, d.shm_dtime != 0,
               d.shm_ctime != 0, d.shm_perm.uid, d.shm_perm.cuid);
}

static void memory(void) {
    int k = key(1);
    CALL(shmget(k, 100, 0));
    CALL(shmget(k, 0, IPC_CREAT | 0600));
    CALL(shmget(k, -1, IPC_CREAT | 0600));
    int id = WORKS(shmget(k, 5000, IPC_CREAT | 0640));
    TRUE(shmget(k, 5000, 0) == id);
    TRUE(shmget(k, 0, 0) == id);
    TRUE(shmget(k, 5000, IPC_CREAT) == id);
    CALL(shmget(k, 5001, 0) != id);
    CALL(shmget(k, 100, IPC_CREAT | IPC_EXCL | 0600));
    show_shm(id);
    char *a = shmat(id, NULL, 0);
    TRUE(a != (char *)-1 && ((long)a & PAGE - 1) == 0);
    TRUE(a[0] == 0 && a[2 * PAGE - 1] == 0);
    strcpy(a, "shared");
    char *b = shmat(id, NULL, SHM_RDONLY);
    printf("%s\n", b);
    show_shm(id);
    pid_t p = t_fork();
    if (p == 0) {
        show_shm(id);
        strcpy(a, "from the child");
        char *c = shmat(id, NULL, 0);
        strcat(c, "!");
        show_shm(id);
        fflush(NULL);
        _exit(3);
    }
    t_reap("child", p);
    printf("%s\n", b);
    show_shm(id);
    CALL(shmdt(b + 1));
    CALL(shmdt(b + PAGE));
    CALL(shmdt(b));
    CALL(shmdt(b));
    CALL(shmdt(NULL));
    CALL(shmdt((void *)0x123000));
    show_shm(id);
    /* Places. */
    char *room = mmap(NULL, 8 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CALL(shmat(id, room + 1, 0));
    CALL(shmat(id, room, 0));
    CALL(shmat(id, room + 17, SHM_RND));
    CALL(shmat(id, NULL, SHM_REMAP));
    CALL(shmat(id, (void *)5, SHM_RND | SHM_REMAP));
    CALL(shmat(-1, NULL, 0));
    CALL(shmat(0x7fffffff, NULL, 0));
    TRUE(shmat(id, room + PAGE, SHM_REMAP) == room + PAGE);
    printf("%s\n", room + PAGE);
    munmap(room + 4 * PAGE, PAGE);
    munmap(room + 5 * PAGE, PAGE);
    TRUE(shmat(id, room + 4 * PAGE + 9, SHM_RND) == room + 4 * PAGE);
    show_shm(id);
    /* Cut in two, one detach takes both. */
    munmap(room + PAGE, PAGE);
    show_shm(id);
    CALL(shmdt(room + PAGE));
    mprotect(room + 4 * PAGE, PAGE, PROT_READ);
    CALL(shmdt(room + 4 * PAGE));
    show_shm(id);
    /* Commands. */
    struct shmid_ds d;
    CALL(shmctl(id, IPC_STAT, (void *)8));
    CALL(shmctl(-1, IPC_STAT, &d));
    CALL(shmctl(0x7fffffff, IPC_STAT, &d));
    CALL(shmctl(id, 77, &d));
    CALL(shmctl(id, -1, &d));
    CALL(shmctl(id, SHM_LOCK, NULL));
    show_shm(id);
    CALL(shmctl(id, SHM_UNLOCK, NULL));
    shmctl(id, IPC_STAT, &d);
    d.shm_perm.mode = 07644;
    CALL(shmctl(id, IPC_SET, &d));
    show_shm(id);
    d.shm_perm.uid = -1;
    CALL(shmctl(id, IPC_SET, &d));
    CALL(shmctl(id, IPC_SET, (void *)8));
    AS_NOBODY(CALL(shmget(k, 0, 0200)), CALL(shmget(k, 0, 0400) != id), CALL(shmat(id, NULL, 0)),
              WORKS(shmat(id, NULL, SHM_RDONLY)), CALL(shmctl(id, IPC_RMID, NULL)), CALL(shmctl(id, IPC_SET, &d)),
              CALL(shmctl(id, SHM_LOCK, NULL)), CALL(shmctl(id, SHM_UNLOCK, NULL)));
    struct shminfo info;
    TRUE(shmctl(0, IPC_INFO, (void *)&info) >= 0);
    printf("max %lu min %lu ids %lu all %lu\n", info.shmmax, info.shmmin, info.shmmni, info.shmall);
    struct shm_info used;
    int most = shmctl(0, SHM_INFO, (void *)&used);
    int seen = 0;
    for (int i = 0; i <= most; i++)
        if (shmctl(i, SHM_STAT, &d) == id)
            seen++;
    printf("in the table once: %d, %d\n", seen, used.used_ids >= 1);
    /* Removal with and without users. */
    CALL(shmctl(id, IPC_RMID, NULL));
    show_shm(id);
    CALL(shmget(k, 0, 0));
    printf("%s\n", a);
    b = shmat(id, NULL, 0);
    printf("attached while going: %s\n", b == (char *)-1 ? "no" : b);
    CALL(shmdt(b));
    CALL(shmdt(a));
    CALL(shmctl(id, IPC_STAT, &d));
    CALL(shmctl(id, IPC_RMID, NULL));
    id = shmget(IPC_PRIVATE, PAGE, 0600);
    int id2 = shmget(IPC_PRIVATE, PAGE, 0600);
    TRUE(id != id2);
    a = shmat(id, NULL, 0);
    CALL(shmctl(id, IPC_RMID, NULL));
    CALL(shmctl(id2, IPC_RMID, NULL));
    CALL(mprotect(a, PAGE, PROT_READ | PROT_EXEC));
    char *moved = mremap(a, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, room);
    TRUE(moved == room);
    CALL(shmdt(a));
    CALL(shmdt(moved));
    /* exec detaches. */
    CALL(shmget(IPC_PRIVATE, PAGE, 04000 | (5 << 26) | 0600));
}

static void show_sem(int id) {
    struct semid_ds d;
    if (CALL(semctl(id, 0, IPC_STAT, (union semun){.buf = &d})) == 0)
        printf("count %lu mode %o changed %d operated %d\n", d.sem_nsems, d.sem_perm.mode, d.sem_ctime != 0, d.sem_otime != 0);
}

static void values(int id, int n) {
    unsigned short v[16];
    semctl(id, 0, GETALL, (union semun){.array = v});
    for (int i = 0; i < n; i++)
        printf("%d ", v[i]);
    puts("");
}

static int op(int id, int n, int change, int flags) {
    struct sembuf b = {n, change, flags};
    return semop(id, &b, 1);
}

static void nothing(int s) {}

static void wait_for(int id, int n, int command, int wanted) {
    for (int i = 0; i < 2000 && semctl(id, n, command) != wanted; i++)
        t_sleep(1);
}

static void semaphores(void) {
    int k = key(2);
    CALL(semget(k, 1, 0));
    CALL(semget(k, -1, IPC_CREAT | 0600));
    CALL(semget(k, 0, IPC_CREAT | 0600));
    CALL(semget(k, 32001, IPC_CREAT | 0600));
    int id = WORKS(semget(k, 3, IPC_CREAT | 0600));
    TRUE(semget(k, 0, 0) == id);
    TRUE(semget(k, 3, 0) == id);
    CALL(semget(k, 4, 0));
    CALL(semget(k, 3, IPC_CREAT | IPC_EXCL));
    show_sem(id);
    values(id, 3);
    CALL(semctl(id, 0, SETVAL, 5));
    CALL(semctl(id, 0, GETVAL));
    CALL(semctl(id, 0, SETVAL, 32768));
    CALL(semctl(id, 0, SETVAL, -1));
    CALL(semctl(id, 3, SETVAL, 1));
    CALL(semctl(id, -1, GETVAL));
    CALL(semctl(id, 3, GETVAL));
    CALL(semctl(-1, 0, GETVAL));
    CALL(semctl(0x7ffffff0, 0, GETVAL));
    CALL(semctl(id, 0, 99));
    TRUE(semctl(id, 0, GETPID) == getpid());
    CALL(semctl(id, 1, GETPID));
    unsigned short all[3] = {1, 2, 3};
    CALL(semctl(id, 0, SETALL, (union semun){.array = all}));
    values(id, 3);
    all[1] = 40000;
    CALL(semctl(id, 0, SETALL, (union semun){.array = all}));
    CALL(semctl(id, 0, SETALL, (union semun){.array = (void *)8}));
    CALL(semctl(id, 0, GETALL, (union semun){.array = (void *)8}));
    values(id, 3);
    CALL(op(id, 0, -1, 0));
    CALL(op(id, 0, -1, IPC_NOWAIT));
    CALL(op(id, 0, 0, IPC_NOWAIT));
    CALL(op(id, 1, 0, IPC_NOWAIT));
    CALL(op(id, 3, 1, 0));
    CALL(op(-1, 0, 1, 0));
    CALL(op(0x7ffffff0, 0, 1, 0));
    CALL(op(id, 1, 32767, 0));
    CALL(semop(id, (void *)8, 1));
    struct sembuf many[501] = {0};
    CALL(semop(id, many, 0));
    CALL(semop(id, many, 501));
    CALL(semop(id, many, 500));
    struct sembuf two[2] = {{1, -1, 0}, {2, -4, IPC_NOWAIT}};
    CALL(semop(id, two, 2));
    values(id, 3);
    two[1].sem_op = -3;
    CALL(semop(id, two, 2));
    values(id, 3);
    struct sembuf same[3] = {{0, 2, 0}, {0, -1, 0}, {0, -1, IPC_NOWAIT}};
    CALL(semop(id, same, 3));
    values(id, 3);
    struct timespec t = {0, 20000000}, bad = {0, 1000000000};
    CALL(semtimedop(id, same + 1, 1, &t));
    CALL(semtimedop(id, same + 1, 1, &bad));
    CALL(semtimedop(id, same + 1, 1, (void *)8));
    show_sem(id);
    /* Waiting: for more, for zero, until removed, until a signal. */
    pid_t p = t_fork();
    if (p == 0)
        _exit(op(id, 0, -2, 0) == 0 ? 0 : errno);
    wait_for(id, 0, GETNCNT, 1);
    CALL(semctl(id, 0, GETNCNT));
    CALL(semctl(id, 0, GETZCNT));
    CALL(op(id, 0, 1, 0));
    t_sleep(5);
    CALL(semctl(id, 0, GETNCNT));
    CALL(op(id, 0, 1, 0));
    t_reap("wanted two", p);
    values(id, 3);
    TRUE(semctl(id, 0, GETPID) == p);
    CALL(semctl(id, 1, SETVAL, 1));
    p = t_fork();
    if (p == 0)
        _exit(op(id, 1, 0, 0) == 0 ? 0 : errno);
    wait_for(id, 1, GETZCNT, 1);
    CALL(semctl(id, 1, GETZCNT));
    CALL(semctl(id, 1, SETVAL, 0));
    t_reap("wanted zero", p);
    p = t_fork();
    if (p == 0) {
        struct sigaction a = {.sa_handler = nothing, .sa_flags = SA_RESTART};
        sigaction(SIGUSR1, &a, NULL);
        _exit(op(id, 1, -1, 0) == 0 ? 0 : errno == EINTR ? 44 : errno);
    }
    wait_for(id, 1, GETNCNT, 1);
    kill(p, SIGUSR1);
    t_reap("interrupted", p);
    CALL(semctl(id, 1, GETNCNT));
    /* Undo. */
    p = t_fork();
    if (p == 0) {
        op(id, 0, 5, SEM_UNDO);
        op(id, 2, 4, SEM_UNDO);
        op(id, 2, -1, SEM_UNDO);
        op(id, 1, 3, 0);
        op(id, 1, -2, SEM_UNDO);
        values(id, 3);
        fflush(NULL);
        _exit(0);
    }
    t_reap("undoing", p);
    values(id, 3);
    p = t_fork();
    if (p == 0) {
        op(id, 0, 5, SEM_UNDO);
        semctl(id, 0, SETVAL, 7);
        raise(SIGKILL);
    }
    t_reap("killed", p);
    values(id, 3);
    p = t_fork();
    if (p == 0) {
        CALL(op(id, 0, -7, SEM_UNDO));
        CALL(op(id, 0, 32767, SEM_UNDO));
        CALL(op(id, 0, -32767, SEM_UNDO));
        fflush(NULL);
        _exit(0);
    }
    t_reap("far", p);
    values(id, 3);
    AS_NOBODY(CALL(semget(k, 0, 0400)), CALL(op(id, 0, 1, 0)), CALL(op(id, 0, 0, IPC_NOWAIT)), CALL(semctl(id, 0, GETVAL)),
              CALL(semctl(id, 0, SETVAL, 1)), CALL(semctl(id, 0, IPC_RMID)), show_sem(id));
    struct semid_ds d;
    semctl(id, 0, IPC_STAT, (union semun){.buf = &d});
    d.sem_perm.mode = 0666;
    CALL(semctl(id, 0, IPC_SET, (union semun){.buf = &d}));
    AS_NOBODY(TRUE(semget(k, 0, 0600) == id), CALL(op(id, 0, 1, 0)), CALL(semctl(id, 0, IPC_RMID)), show_sem(id));
    struct seminfo info;
    TRUE(semctl(0, 0, IPC_INFO, (union semun){.info = &info}) >= 0);
    printf("%d %d %d %d %d %d %d %d %d %d\n", info.semmap, info.semmni, info.semmns, info.semmnu, info.semmsl, info.semopm,
           info.semume, info.semusz, info.semvmx, info.semaem);
    p = t_fork();
    if (p == 0)
        _exit(op(id, 1, -100, 0) == 0 ? 0 : errno);
    wait_for(id, 1, GETNCNT, 1);
    CALL(semctl(id, 0, IPC_RMID));
    t_reap("removed", p);
    CALL(semctl(id, 0, IPC_RMID));
    CALL(op(id, 0, 1, 0));
}

struct message {
    long type;
    char text[9000];
};

static int put(int id, long type, const char *text, int flags) {
    struct message m = {type};
    strcpy(m.text, text);
    return msgsnd(id, &m, strlen(text), flags);
}

/* What a child saw; printed by the parent when the child has ended. */
static char *note;

static void noted(int id, size_t limit, long type, int flags) {
    struct message m = {0};
    int n = msgrcv(id, &m, limit, type, flags);
    if (n < 0)
        sprintf(note, "%ld: %s", type, strerrorname_np(errno));
    else
        sprintf(note, "%ld: %ld %.*s", type, m.type, n, m.text);
}

static void get(int id, size_t limit, long type, int flags) {
    noted(id, limit, type, flags);
    puts(note);
}

static void child_gets(int id, long type) {
    noted(id, 100, type, 0);
    _exit(0);
}

static void reap_note(const char *what, pid_t p) {
    t_reap(what, p);
    puts(note);
}

static void show_queue(int id) {
    struct msqid_ds d;
    if (CALL(msgctl(id, IPC_STAT, &d)) == 0)
        printf("bytes %lu messages %lu most %lu mode %o times %d%d%d last %d %d\n", d.__msg_cbytes, d.msg_qnum, d.msg_qbytes,
               d.msg_perm.mode, d.msg_stime != 0, d.msg_rtime != 0, d.msg_ctime != 0, d.msg_lspid == getpid(),
               d.msg_lrpid == getpid());
}

static void queues(void) {
    int k = key(3);
    CALL(msgget(k, 0));
    int id = WORKS(msgget(k, IPC_CREAT | 0600));
    TRUE(msgget(k, 0) == id);
    CALL(msgget(k, IPC_CREAT | IPC_EXCL));
    show_queue(id);
    get(id, 100, 0, IPC_NOWAIT);
    CALL(put(id, 3, "three", 0));
    CALL(put(id, 1, "one", 0));
    CALL(put(id, 2, "two", 0));
    CALL(put(id, 1, "uno", 0));
    CALL(put(id, 5, "", 0));
    CALL(put(id, 0, "zero", 0));
    CALL(put(id, -1, "minus", 0));
    show_queue(id);
    get(id, 100, 2, MSG_COPY | IPC_NOWAIT);
    get(id, 100, 9, MSG_COPY | IPC_NOWAIT);
    get(id, 100, 2, MSG_COPY);
    get(id, 100, 2, MSG_COPY | IPC_NOWAIT | MSG_EXCEPT);
    get(id, 2, 2, 0);
    get(id, 2, 2, MSG_NOERROR);
    get(id, 100, 2, IPC_NOWAIT);
    get(id, 100, -2, 0);
    get(id, 100, 1, IPC_NOWAIT | MSG_EXCEPT);
    get(id, 100, LONG_MIN, IPC_NOWAIT);
    get(id, 100, 0, IPC_NOWAIT);
    get(id, 100, 0, IPC_NOWAIT);
    show_queue(id);
    struct message m = {1};
    CALL(msgsnd(id, &m, 8193, 0));
    CALL(msgsnd(id, &m, -1, 0));
    CALL(msgsnd(-1, &m, 1, 0));
    CALL(msgsnd(0x7ffffff0, &m, 1, 0));
    CALL(msgsnd(id, (void *)8, 1, 0));
    CALL(msgrcv(id, &m, -1, 0, 0));
    CALL(msgrcv(-1, &m, 1, 0, 0));
    CALL(msgsnd(id, &m, 8192, 0));
    CALL(msgsnd(id, &m, 8192, 0));
    CALL(msgsnd(id, &m, 1, IPC_NOWAIT));
    CALL(msgsnd(id, &m, 0, IPC_NOWAIT));
    pid_t p = t_fork();
    if (p == 0)
        _exit(put(id, 7, "late", 0) == 0 ? 0 : errno);
    t_sleep(20);
    CALL(msgrcv(id, &m, 9000, 0, 0));
    t_reap("sender", p);
    CALL(msgrcv(id, (void *)8, 9000, 1, 0));
    get(id, 100, 0, IPC_NOWAIT);
    p = t_fork();
    if (p == 0)
        child_gets(id, 4);
    t_sleep(10);
    CALL(put(id, 3, "not this", 0));
    CALL(put(id, 4, "this", 0));
    reap_note("receiver", p);
    p = t_fork();
    if (p == 0) {
        struct sigaction a = {.sa_handler = nothing, .sa_flags = SA_RESTART};
        sigaction(SIGUSR1, &a, NULL);
        child_gets(id, 44);
    }
    t_sleep(30);
    kill(p, SIGUSR1);
    reap_note("interrupted", p);
    struct msqid_ds d;
    msgctl(id, IPC_STAT, &d);
    d.msg_qbytes = 100;
    d.msg_perm.mode = 0622;
    CALL(msgctl(id, IPC_SET, &d));
    show_queue(id);
    CALL(put(id, 1, "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789", IPC_NOWAIT));
    AS_NOBODY(CALL(msgget(k, 0400)), CALL(put(id, 1, "x", 0)), get(id, 10, 0, 0), CALL(msgctl(id, IPC_RMID, NULL)),
              show_queue(id), CALL(msgctl(id, IPC_SET, &d)));
    CALL(msgctl(-1, IPC_STAT, &d));
    CALL(msgctl(id, 99, &d));
    CALL(msgctl(id, IPC_STAT, (void *)8));
    struct msginfo info;
    TRUE(msgctl(0, IPC_INFO, (void *)&info) >= 0);
    printf("%d %d %d %d %d %d %d %d\n", info.msgpool, info.msgmap, info.msgmax, info.msgmnb, info.msgmni, info.msgssz,
           info.msgtql, info.msgseg);
    p = t_fork();
    if (p == 0)
        child_gets(id, 44);
    t_sleep(30);
    CALL(msgctl(id, IPC_RMID, NULL));
    reap_note("removed", p);
    CALL(msgctl(id, IPC_RMID, NULL));
}

static void lines(const char *name, int command) {
    char path[100], line[300];
    snprintf(path, sizeof path, "/proc/sysvipc/%s", name);
    FILE *f = fopen(path, "r");
    if (!f || !fgets(line, sizeof line, f)) {
        printf("%s: nothing\n", path);
        return;
    }
    printf("%s", line);
    int n = 0;
    while (fgets(line, sizeof line, f)) {
        int k, id;
        sscanf(line, "%d %d", &k, &id);
        if (k == key(9)) {
            n++;
            printf("%zu\n", strlen(line));
        }
    }
    printf("mine: %d\n", n);
    fclose(f);
}

int main(void) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    note = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    memory();
    semaphores();
    queues();
    int s = shmget(key(9), 1000, IPC_CREAT | 0600), e = semget(key(9), 2, IPC_CREAT | 0600), m = msgget(key(9), IPC_CREAT | 0600);
    lines("shm", 0);
    lines("sem", 0);
    lines("msg", 0);
    shmctl(s, IPC_RMID, NULL);
    semctl(e, 0, IPC_RMID);
    msgctl(m, IPC_RMID, NULL);
    return 0;
}
