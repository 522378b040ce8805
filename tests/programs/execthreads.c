/* execve from and with threads, what survives it, capabilities and ids across it. */
#include "t.h"
#include <pthread.h>
#include <sys/auxv.h>

static char self[PATH_MAX];

static void capabilities(const char *what) {
    unsigned header[2] = {0x20080522, 0}, data[6];
    syscall(SYS_capget, header, data);
    /* Without CAP_SYS_RESOURCE, which not every host gives. */
    unsigned keep = ~(1u << 24);
    printf("%s: e %x%08x p %x%08x i %x%08x\n", what, data[3] & 0x1ff, data[0] & keep, data[4] & 0x1ff, data[1] & keep,
           data[5], data[2]);
}

static void report(void) {
    uid_t r, e, s;
    getresuid(&r, &e, &s);
    printf("uid %d %d %d ", r, e, s);
    getresgid(&r, &e, &s);
    printf("gid %d %d %d\n", r, e, s);
    capabilities("after exec");
    printf("secure %ld keepcaps %d dumpable %d nnp %d securebits %x\n", getauxval(AT_SECURE), prctl(PR_GET_KEEPCAPS),
           prctl(PR_GET_DUMPABLE), prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), prctl(PR_GET_SECUREBITS));
    printf("ambient %d\n", prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, 13, 0, 0));
}

static int run(const char *path, const char *what) {
    fflush(stdout);
    execl(path, self, what, NULL);
    printf("exec: %s\n", strerrorname_np(errno));
    _exit(1);
}

static int ready[2];

static void *sleeper(void *arg) {
    write(ready[1], "x", 1);
    for (;;)
        pause();
}

static void *spinner(void *arg) {
    write(ready[1], "x", 1);
    for (;;)
        ;
}

static void *reader(void *arg) {
    int p[2];
    char c;
    pipe(p);
    write(ready[1], "x", 1);
    read(p[0], &c, 1);
    return NULL;
}

static void *execer(void *arg) {
    char pid[30];
    snprintf(pid, sizeof pid, "%d", getpid());
    execl("/proc/thread-self/exe", self, "threads", pid, NULL);
    return NULL;
}

static void many(int from_leader) {
    pipe(ready);
    pthread_t t;
    char c;
    for (int i = 0; i < 12; i++) {
        pthread_create(&t, NULL, i == 5 ? spinner : i % 2 ? reader : sleeper, NULL);
        read(ready[0], &c, 1);
    }
    if (from_leader)
        execer(NULL);
    pthread_create(&t, NULL, execer, NULL);
    for (;;)
        pause();
}

static void leader_gone(void) {
    pthread_t t;
    pthread_create(&t, NULL, execer, NULL);
    syscall(SYS_exit, 3);
}

static void after_threads(const char *pid) {
    TRUE(getpid() == atoi(pid));
    TRUE(syscall(SYS_gettid) == getpid());
    DIR *d = opendir("/proc/self/task");
    int n = 0;
    while (readdir(d))
        n++;
    printf("%d thread\n", n - 2);
    pthread_t t;
    fflush(stdout);
}

/* A copy of us with the given mode and owner. */
static const char *copy(const char *name, int mode, int uid, int gid) {
    static char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", t_dir, name);
    int in = open("/proc/self/exe", O_RDONLY), out = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0755);
    char b[65536];
    int n;
    while ((n = read(in, b, sizeof b)) > 0)
        write(out, b, n);
    fchown(out, uid, gid);
    fchmod(out, mode);
    close(in);
    close(out);
    return path;
}

static void user(int id) {
    setgroups(0, NULL);
    setresgid(id, id, id);
    setresuid(id, id, id);
}

#define CHILD(what, ...)         \
    do {                         \
        printf("- %s\n", what);  \
        pid_t p_ = t_fork();     \
        if (!p_) {               \
            __VA_ARGS__;         \
            fflush(stdout);      \
            _exit(0);            \
        }                        \
        t_reap(what, p_);        \
    } while (0)

static void drop_to(unsigned long caps, unsigned long inheritable) {
    unsigned header[2] = {0x20080522, 0};
    unsigned data[6] = {caps, caps, inheritable, caps >> 32, caps >> 32, inheritable >> 32};
    CALL(syscall(SYS_capset, header, data));
}

static void ids(void) {
    t_enter();
    chmod(t_dir, 0755);
    const char *f = copy("plain", 0755, 0, 0);
    CHILD("root", run(f, "report"));
    CHILD("user", user(1000); run(f, "report"));
    CHILD("root who was", CALL(setresuid(1000, 0, 0)); run(f, "report"));
    CHILD("effective user", CALL(setresuid(0, 1000, 0)); run(f, "report"));
    CHILD("saved root", CALL(setresuid(1000, 1000, 0)); run(f, "report"));
    CHILD("keepcaps", prctl(PR_SET_KEEPCAPS, 1); user(1000); capabilities("kept"); run(f, "report"));
    CHILD("inheritable", drop_to(0x2000, 0x2000); prctl(PR_SET_KEEPCAPS, 1); user(1000); drop_to(0x2000, 0x2000);
          run(f, "report"));
    CHILD("ambient", prctl(PR_SET_KEEPCAPS, 1); user(1000); drop_to(0x2000, 0x2000);
          CALL(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, 13, 0, 0)); run(f, "report"));
    CHILD("ambient gone", prctl(PR_SET_KEEPCAPS, 1); user(1000); drop_to(0x2000, 0x2000);
          CALL(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, 13, 0, 0)); drop_to(0x2000, 0);
          CALL(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, 13, 0, 0)); run(f, "report"));
    CHILD("bounded", prctl(PR_CAPBSET_DROP, 13); run(f, "report"));
    CHILD("noroot", CALL(prctl(PR_SET_SECUREBITS, 1)); run(f, "report"));
    CHILD("no fixup", CALL(prctl(PR_SET_SECUREBITS, 4)); user(1000); capabilities("kept"); run(f, "report"));
    f = copy("setuid", 04755, 0, 0);
    CHILD("set-user-ID root", user(1000); run(f, "report"));
    CHILD("no new privileges", user(1000); prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); run(f, "report"));
    CHILD("not ambient", prctl(PR_SET_KEEPCAPS, 1); user(1000); drop_to(0x2000, 0x2000);
          CALL(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, 13, 0, 0)); run(f, "report"));
    f = copy("setuid2000", 04755, 2000, 2000);
    CHILD("set-user-ID 2000", user(1000); run(f, "report"));
    CHILD("root gives it up", run(f, "report"));
    f = copy("setgid", 02755, 0, 2000);
    CHILD("set-group-ID", user(1000); run(f, "report"));
    f = copy("setgidnox", 02745, 0, 2000);
    CHILD("set-group-ID without execution", user(1000); run(f, "report"));
}

int main(int argc, char **argv) {
    setvbuf(stdout, NULL, _IONBF, 0);
    snprintf(self, sizeof self, "self");
    if (argc > 1 && !strcmp(argv[1], "report")) {
        report();
        return 0;
    }
    if (argc > 2) {
        after_threads(argv[2]);
        return 7;
    }
    CHILD("leader executes", many(1));
    CHILD("thread executes", many(0));
    CHILD("thread executes after the leader's end", leader_gone());
    ids();
    t_leave();
    return 0;
}
