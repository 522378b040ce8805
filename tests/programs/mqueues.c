/* POSIX message queues: mq_overview(7), mq_open(3) and the rest, by the system calls themselves. */
#include "t.h"
#include <linux/capability.h>
#include <mqueue.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/mount.h>
#include <sys/statfs.h>

static int mqopen(const char *name, int flags, int mode, struct mq_attr *attr) {
    return syscall(SYS_mq_open, name, flags, mode, attr);
}
static int mqunlink(const char *name) { return syscall(SYS_mq_unlink, name); }
static long mqsend(int q, const void *p, size_t n, unsigned prio, const struct timespec *t) {
    return syscall(SYS_mq_timedsend, q, p, n, prio, t);
}
static long mqreceive(int q, void *p, size_t n, unsigned *prio, const struct timespec *t) {
    return syscall(SYS_mq_timedreceive, q, p, n, prio, t);
}
static long mqnotify(int q, const struct sigevent *e) { return syscall(SYS_mq_notify, q, e); }
static long mqattr(int q, const struct mq_attr *new, struct mq_attr *old) {
    return syscall(SYS_mq_getsetattr, q, new, old);
}

static void drop(int uid) {
    if (setresgid(uid, uid, uid) || setresuid(uid, uid, uid))
        perror("setresuid");
}

static void opening(void) {
    char longname[300];
    memset(longname, 'n', sizeof longname);
    longname[255] = 0;
    WORKS(mqopen(longname, O_RDWR | O_CREAT, 0600, NULL));
    CALL(mqunlink(longname));
    longname[255] = 'n';
    longname[256] = 0;
    CALL(mqopen(longname, O_RDWR | O_CREAT, 0600, NULL));
    CALL(mqunlink(longname));
    CALL(mqopen("/a", O_RDWR | O_CREAT, 0600, NULL));
    CALL(mqopen("a/b", O_RDWR | O_CREAT, 0600, NULL));
    CALL(mqopen("", O_RDWR | O_CREAT, 0600, NULL));
    CALL(mqopen(".", O_RDWR, 0600, NULL));
    CALL(mqopen("..", O_RDWR, 0600, NULL));
    CALL(mqopen((char *)8, O_RDWR, 0600, NULL));
    CALL(mqopen("none", O_RDWR, 0600, (struct mq_attr *)8));
    CALL(mqopen("none", O_RDWR, 0600, NULL));
    CALL(mqunlink("none"));
    CALL(mqunlink("/none"));
    CALL(mqunlink(""));
    CALL(mqunlink("."));
    CALL(mqunlink((char *)8));
    struct mq_attr a = {0};
    long values[][2] = {{0, 10}, {10, 0}, {-1, 10}, {10, -1}, {10, 8192}, {11, 10}, {10, 8193}, {65536, 1},
                        {65537, 1}, {1, 16777216}, {1, 16777217}, {LONG_MAX, LONG_MAX}, {1, 1}};
    for (unsigned i = 0; i < sizeof values / sizeof *values; i++) {
        a.mq_maxmsg = values[i][0];
        a.mq_msgsize = values[i][1];
        printf("%ld messages of %ld: ", a.mq_maxmsg, a.mq_msgsize);
        int q = WORKS(mqopen("t", O_RDWR | O_CREAT, 0600, &a));
        if (q >= 0)
            close(q), mqunlink("t");
    }
    struct rlimit all;
    getrlimit(RLIMIT_MSGQUEUE, &all);
    printf("limit %lu\n", (long)all.rlim_cur);
    /* An existing one: attributes are not looked at. */
    int q = mqopen("t", O_RDWR | O_CREAT | O_EXCL, 0640, NULL);
    a.mq_maxmsg = -1;
    CALL(mqopen("t", O_RDWR | O_CREAT | O_EXCL, 0600, &a));
    int again = WORKS(mqopen("t", O_RDONLY | O_CREAT, 0600, &a));
    printf("closed on exec: %d, flags %x\n", fcntl(again, F_GETFD), fcntl(again, F_GETFL));
    close(again);
    CALL(mqopen("t", 3, 0, NULL));
    again = mqopen("t", O_WRONLY | O_NONBLOCK, 0, NULL);
    printf("flags %x\n", fcntl(again, F_GETFL));
    close(again);
    struct stat st;
    fstat(q, &st);
    printf("mode %o size %ld links %ld uid %d blocks %ld\n", st.st_mode, (long)st.st_size, (long)st.st_nlink, st.st_uid,
           (long)st.st_blocks);
    struct statfs sf;
    fstatfs(q, &sf);
    printf("type %lx, names of %ld\n", (long)sf.f_type, (long)sf.f_namelen);
    char link[64], path[64];
    sprintf(path, "/proc/self/fd/%d", q);
    long n = readlink(path, link, sizeof link);
    printf("shown as %.*s\n", (int)n, link);
    pid_t c = t_fork();
    if (!c) {
        drop(1234);
        CALL(mqopen("t", O_RDONLY, 0, NULL));
        CALL(mqopen("t", O_RDWR | O_CREAT, 0, NULL));
        CALL(mqunlink("t"));
        a.mq_maxmsg = 11;
        a.mq_msgsize = 1;
        CALL(mqopen("u", O_RDWR | O_CREAT, 0600, &a));
        a.mq_maxmsg = 10;
        a.mq_msgsize = 8193;
        CALL(mqopen("u", O_RDWR | O_CREAT, 0600, &a));
        a.mq_msgsize = 8192;
        WORKS(mqopen("u", O_RDWR | O_CREAT, 0000, &a));
        CALL(mqopen("u", O_RDONLY, 0, NULL));
        CALL(mqunlink("u"));
        fflush(NULL);
        _exit(0);
    }
    t_reap("another user", c);
    CALL(mqunlink("t"));
    n = readlink(path, link, sizeof link);
    printf("shown as %.*s\n", (int)n, link);
    fstat(q, &st);
    printf("links %ld\n", (long)st.st_nlink);
    CALL(mqopen("t", O_RDWR, 0600, NULL));
    CALL(mqsend(q, "x", 1, 0, NULL));
    close(q);
}

static void limits(void) {
    /* How much a queue costs (getrlimit(2)): 10 messages of 100 bytes. */
    struct mq_attr a = {.mq_maxmsg = 10, .mq_msgsize = 100};
    pid_t c = t_fork();
    if (!c) {
        drop(4321);
        long cost = 10 * 48 + 10 * 48 + 10 * 100;
        struct rlimit l = {cost - 1, cost};
        setrlimit(RLIMIT_MSGQUEUE, &l);
        CALL(mqopen("l", O_RDWR | O_CREAT, 0600, &a));
        l.rlim_cur = cost;
        setrlimit(RLIMIT_MSGQUEUE, &l);
        int q = WORKS(mqopen("l", O_RDWR | O_CREAT, 0600, &a));
        CALL(mqopen("m", O_RDWR | O_CREAT, 0600, &a));
        CALL(mqunlink("l"));
        CALL(mqopen("m", O_RDWR | O_CREAT, 0600, &a));
        close(q);
        WORKS(mqopen("m", O_RDWR | O_CREAT, 0600, &a));
        CALL(mqunlink("m"));
        l.rlim_cur = 0;
        setrlimit(RLIMIT_NOFILE, &l);
        CALL(mqopen("m", O_RDWR | O_CREAT, 0600, &a));
        CALL(mqunlink("m"));
        fflush(NULL);
        _exit(0);
    }
    t_reap("limits", c);
}

static void messages(void) {
    struct mq_attr a = {.mq_maxmsg = 3, .mq_msgsize = 8};
    char buf[64];
    unsigned prio;
    int q = mqopen("q", O_RDWR | O_CREAT, 0600, &a);
    int reader = mqopen("q", O_RDONLY | O_NONBLOCK, 0, NULL);
    int writer = mqopen("q", O_WRONLY | O_NONBLOCK, 0, NULL);
    int null = open("/dev/null", O_RDWR), path = open("/dev/null", O_PATH);
    struct timespec bad = {0, 1000000000}, negative = {-1, 0}, past = {1, 0};
    CALL(mqsend(-1, "x", 1, 0, NULL));
    CALL(mqsend(null, "x", 1, 0, NULL));
    CALL(mqsend(path, "x", 1, 0, NULL));
    CALL(mqsend(reader, "x", 1, 0, NULL));
    CALL(mqsend(q, "123456789", 9, 0, NULL));
    CALL(mqsend(q, "x", -1, 0, NULL));
    CALL(mqsend(q, (void *)8, 1, 0, NULL));
    CALL(mqsend(q, "x", 1, 32768, NULL));
    CALL(mqsend(-1, "x", 1, 32768, NULL));
    CALL(mqsend(q, "x", 1, 0, &bad));
    CALL(mqsend(-1, "x", 1, 32768, &negative));
    CALL(mqsend(-1, "x", 1, 32768, (void *)8));
    CALL(mqreceive(-1, buf, 64, NULL, NULL));
    CALL(mqreceive(null, buf, 64, NULL, NULL));
    CALL(mqreceive(writer, buf, 64, NULL, NULL));
    CALL(mqreceive(reader, buf, 7, NULL, NULL));
    CALL(mqreceive(reader, buf, 8, NULL, NULL));
    CALL(mqreceive(q, buf, 8, NULL, &bad));
    CALL(mqreceive(-1, buf, 8, NULL, &negative));
    CALL(mqreceive(q, buf, 8, NULL, &past));
    CALL(mqsend(q, "a", 1, 0, &past));
    CALL(mqsend(q, "b", 1, 32767, NULL));
    CALL(mqsend(q, "", 0, 5, NULL));
    CALL(mqsend(q, "z", 1, 5, &past));
    CALL(mqsend(writer, "z", 1, 5, NULL));
    struct stat st;
    fstat(q, &st);
    printf("size %ld\n", (long)st.st_size);
    long n = pread(q, buf, sizeof buf, 0);
    printf("[%.*s]\n", (int)n, buf);
    n = read(q, buf, 10);
    printf("[%.*s]\n", (int)n, buf);
    n = read(q, buf, 5);
    printf("[%.*s]\n", (int)n, buf);
    CALL(lseek(q, 0, SEEK_CUR));
    CALL(lseek(q, 0, SEEK_END));
    CALL(lseek(q, -1, SEEK_SET));
    CALL(read(q, buf, 10));
    CALL(read(writer, buf, 10));
    CALL(write(q, buf, 10));
    CALL(pwrite(q, buf, 10, 0));
    CALL(ftruncate(q, 3));
    CALL(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, q, 0) != MAP_FAILED);
    for (int i = 0; i < 3; i++) {
        memset(buf, '.', sizeof buf);
        prio = 99;
        n = mqreceive(q, buf, 64, &prio, NULL);
        printf("received %ld, priority %u, %.2s\n", n, prio, buf);
    }
    /* What cannot be handed over is gone. */
    mqsend(q, "lost", 4, 1, NULL);
    CALL(mqreceive(q, (void *)8, 8, NULL, NULL));
    CALL(mqreceive(reader, buf, 8, NULL, NULL));
    mqsend(q, "lost", 4, 1, NULL);
    CALL(mqreceive(q, buf, 8, (void *)8, NULL));
    CALL(mqreceive(reader, buf, 8, NULL, NULL));
    struct mq_attr old = {0}, new = {0};
    CALL(mqattr(-1, NULL, NULL));
    CALL(mqattr(null, NULL, NULL));
    CALL(mqattr(q, NULL, NULL));
    CALL(mqattr(q, (void *)8, NULL));
    CALL(mqattr(q, NULL, (void *)8));
    new.mq_flags = O_RDWR;
    CALL(mqattr(q, &new, NULL));
    CALL(mqattr(-1, &new, NULL));
    new.mq_flags = O_NONBLOCK;
    new.mq_maxmsg = 77;
    memset(&old, 0x55, sizeof old);
    CALL(mqattr(q, &new, &old));
    printf("%ld %ld %ld %ld, rest %lx\n", old.mq_flags, old.mq_maxmsg, old.mq_msgsize, old.mq_curmsgs, ((long *)&old)[4]);
    printf("flags %x\n", fcntl(q, F_GETFL));
    CALL(mqreceive(q, buf, 8, NULL, &past));
    new.mq_flags = 0;
    CALL(mqattr(q, &new, &old));
    printf("%ld %ld %ld %ld\n", old.mq_flags, old.mq_maxmsg, old.mq_msgsize, old.mq_curmsgs);
    /* Waiting is over at some time. */
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    t.tv_nsec += 50000000;
    if (t.tv_nsec >= 1000000000)
        t.tv_nsec -= 1000000000, t.tv_sec++;
    long before = t_millis();
    CALL(mqreceive(q, buf, 8, NULL, &t));
    printf("not before its time: %d\n", t_millis() - before >= 30);
    struct pollfd p = {q, POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM | POLLPRI, 0};
    CALL(poll(&p, 1, 0));
    printf("empty: %x\n", p.revents);
    mqsend(q, "1", 1, 0, NULL);
    CALL(poll(&p, 1, 0));
    printf("one: %x\n", p.revents);
    mqsend(q, "2", 1, 0, NULL);
    mqsend(q, "3", 1, 0, NULL);
    CALL(poll(&p, 1, 0));
    printf("full: %x\n", p.revents);
    int e = epoll_create1(0);
    struct epoll_event ev = {EPOLLIN | EPOLLET, {0}};
    CALL(epoll_ctl(e, EPOLL_CTL_ADD, q, &ev));
    CALL(epoll_wait(e, &ev, 1, 0));
    CALL(epoll_wait(e, &ev, 1, 0));
    close(e);
    for (int i = 0; i < 3; i++) {
        mqreceive(q, buf, 8, NULL, NULL);
        printf("%c", buf[0]);
    }
    printf("\n");
    close(q), close(reader), close(writer), close(null), close(path);
    CALL(mqunlink("q"));
}

static volatile sig_atomic_t hits;
static siginfo_t last;
static void handler(int s, siginfo_t *i, void *u) {
    hits++;
    last = *i;
}

static void on(int sig, int flags) {
    struct sigaction sa = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | flags};
    sigaction(sig, &sa, NULL);
}

static void waiting(void) {
    struct mq_attr a = {.mq_maxmsg = 1, .mq_msgsize = 8};
    char buf[8];
    unsigned prio;
    int q = mqopen("w", O_RDWR | O_CREAT, 0600, &a);
    pid_t c = t_fork();
    if (!c) {
        long n = mqreceive(q, buf, 8, &prio, NULL);
        printf("child got %.*s of priority %u\n", (int)n, buf, prio);
        fflush(NULL);
        _exit(0);
    }
    t_asleep(c);
    long sent = mqsend(q, "hello", 5, 7, NULL);
    t_reap("receiver", c);
    printf("sent %ld\n", sent);
    mqsend(q, "one", 3, 1, NULL);
    c = t_fork();
    if (!c) {
        mqsend(q, "two", 3, 9, NULL);
        _exit(0);
    }
    t_asleep(c);
    long n = mqreceive(q, buf, 8, &prio, NULL);
    printf("got %.*s\n", (int)n, buf);
    struct mq_attr now;
    mqattr(q, NULL, &now);
    printf("and at once %ld more\n", now.mq_curmsgs);
    t_reap("sender", c);
    n = mqreceive(q, buf, 8, &prio, NULL);
    printf("got %.*s\n", (int)n, buf);
    /* Signals. */
    on(SIGUSR1, 0);
    c = t_fork();
    if (!c) {
        CALL(mqreceive(q, buf, 8, &prio, NULL));
        fflush(NULL);
        _exit(hits);
    }
    t_asleep(c);
    kill(c, SIGUSR1);
    t_reap("interrupted", c);
    on(SIGUSR1, SA_RESTART);
    c = t_fork();
    if (!c) {
        CALL(mqreceive(q, buf, 8, &prio, NULL));
        fflush(NULL);
        _exit(hits);
    }
    t_asleep(c);
    kill(c, SIGUSR1);
    usleep(20000);
    t_asleep(c);
    mqsend(q, "go", 2, 0, NULL);
    t_reap("restarted", c);
    /* Poll wakes. */
    c = t_fork();
    if (!c) {
        struct pollfd p = {q, POLLIN, 0};
        CALL(poll(&p, 1, 5000));
        printf("events %x\n", p.revents);
        fflush(NULL);
        _exit(0);
    }
    t_asleep(c);
    mqsend(q, "poll", 4, 0, NULL);
    t_reap("poller", c);
    close(q);
    mqunlink("w");
}

static void show(int q) {
    char buf[128];
    long n = pread(q, buf, sizeof buf - 1, 0);
    buf[n < 0 ? 0 : n] = 0;
    char *pid = strstr(buf, "NOTIFY_PID:");
    int who = pid ? atoi(pid + 11) : -1;
    if (pid)
        *pid = 0;
    printf("[%s] %s\n", buf, who == 0 ? "nobody" : who == getpid() ? "me" : "another");
}

static void notifying(void) {
    struct mq_attr a = {.mq_maxmsg = 5, .mq_msgsize = 8};
    char buf[8];
    int q = mqopen("n", O_RDWR | O_CREAT, 0600, &a), null = open("/dev/null", O_RDWR);
    struct sigevent e = {0};
    e.sigev_notify = SIGEV_SIGNAL;
    e.sigev_signo = SIGUSR2;
    e.sigev_value.sival_int = 4711;
    on(SIGUSR2, SA_RESTART);
    CALL(mqnotify(-1, &e));
    CALL(mqnotify(null, &e));
    CALL(mqnotify(-1, NULL));
    CALL(mqnotify(q, (void *)8));
    CALL(mqnotify(q, NULL));
    e.sigev_signo = 65;
    CALL(mqnotify(-1, &e));
    e.sigev_signo = -1;
    CALL(mqnotify(q, &e));
    e.sigev_notify = 3;
    e.sigev_signo = SIGUSR2;
    CALL(mqnotify(q, &e));
    e.sigev_notify = SIGEV_THREAD_ID;
    CALL(mqnotify(q, &e));
    e.sigev_notify = SIGEV_THREAD;
    e.sigev_value.sival_ptr = (void *)8;
    CALL(mqnotify(q, &e));
    e.sigev_value.sival_ptr = buf;
    e.sigev_signo = -1;
    CALL(mqnotify(q, &e));
    e.sigev_signo = null;
    CALL(mqnotify(q, &e));
    e.sigev_value.sival_ptr = NULL;
    e.sigev_notify = SIGEV_SIGNAL;
    e.sigev_signo = SIGUSR2;
    e.sigev_value.sival_int = 4711;
    show(q);
    CALL(mqnotify(q, &e));
    show(q);
    CALL(mqnotify(q, &e));
    pid_t c = t_fork();
    if (!c) {
        CALL(mqnotify(q, &e));
        CALL(mqnotify(q, NULL));
        show(q);
        mqsend(q, "x", 1, 0, NULL);
        fflush(NULL);
        _exit(0);
    }
    t_reap("another process", c);
    printf("signals %d, code %d, value %d, from the sender: %d, uid %d\n", hits, last.si_code, last.si_value.sival_int,
           last.si_pid == c, last.si_uid);
    show(q);
    CALL(mqnotify(q, &e)); /* not empty: nothing comes until it was */
    mqsend(q, "y", 1, 0, NULL);
    printf("signals %d\n", hits);
    mqreceive(q, buf, 8, NULL, NULL);
    mqreceive(q, buf, 8, NULL, NULL);
    mqsend(q, "z", 1, 0, NULL);
    printf("signals %d\n", hits);
    mqreceive(q, buf, 8, NULL, NULL);
    /* A receiver that waits is served first. */
    CALL(mqnotify(q, &e));
    c = t_fork();
    if (!c) {
        mqreceive(q, buf, 8, NULL, NULL);
        _exit(0);
    }
    t_asleep(c);
    mqsend(q, "r", 1, 0, NULL);
    t_reap("receiver", c);
    printf("signals %d\n", hits);
    show(q);
    CALL(mqnotify(q, NULL));
    show(q);
    e.sigev_notify = SIGEV_NONE;
    CALL(mqnotify(q, &e));
    show(q);
    mqsend(q, "n", 1, 0, NULL);
    show(q);
    mqreceive(q, buf, 8, NULL, NULL);
    e.sigev_notify = SIGEV_SIGNAL;
    e.sigev_signo = 0;
    CALL(mqnotify(q, &e));
    mqsend(q, "0", 1, 0, NULL);
    show(q);
    mqreceive(q, buf, 8, NULL, NULL);
    /* Closing any descriptor of the queue ends it; so does the end of the process. */
    e.sigev_signo = SIGUSR2;
    CALL(mqnotify(q, &e));
    close(dup(q));
    show(q);
    c = t_fork();
    if (!c) {
        CALL(mqnotify(q, &e));
        fflush(NULL);
        _exit(0);
    }
    t_reap("one that ends", c);
    show(q);
    close(q), close(null);
    mqunlink("n");
}

static void number(const char *name) {
    char path[64], buf[32] = "";
    sprintf(path, "/proc/sys/fs/mqueue/%s", name);
    int fd = open(path, O_RDONLY);
    long n = read(fd, buf, 31);
    close(fd);
    printf("%s: %ld, %s", name, n, buf);
}

static long set(const char *name, const char *value) {
    char path[64];
    sprintf(path, "/proc/sys/fs/mqueue/%s", name);
    int fd = open(path, O_WRONLY);
    if (fd < 0)
        return -1;
    long r = write(fd, value, strlen(value));
    int e = errno;
    close(fd);
    errno = e;
    return r;
}

static void filesystem(void) {
    t_enter();
    if (unshare(CLONE_NEWIPC | CLONE_NEWNS) || mount(NULL, "/", NULL, MS_PRIVATE | MS_REC, NULL))
        perror("unshare");
    mkdir("m", 0755);
    number("msg_default"), number("msg_max"), number("msgsize_default"), number("msgsize_max"), number("queues_max");
    CALL(set("msg_max", "0"));
    CALL(set("msg_max", "65537"));
    CALL(set("msg_max", "65536"));
    CALL(set("msgsize_max", "127"));
    CALL(set("msgsize_max", "16777217"));
    CALL(set("msg_default", "0"));
    CALL(set("msg_default", "7"));
    CALL(set("msgsize_default", "128"));
    CALL(set("queues_max", "x"));
    number("msg_default"), number("msg_max"), number("msgsize_default"), number("msgsize_max");
    CALL(mount("none", "m", "mqueue", 0, NULL));
    struct stat st;
    stat("m", &st);
    printf("mode %o size %ld links %ld\n", st.st_mode, (long)st.st_size, (long)st.st_nlink);
    int q = mqopen("one", O_RDWR | O_CREAT, 0644, NULL);
    struct mq_attr a;
    mqattr(q, NULL, &a);
    printf("default %ld of %ld\n", a.mq_maxmsg, a.mq_msgsize);
    stat("m", &st);
    printf("size %ld links %ld\n", (long)st.st_size, (long)st.st_nlink);
    stat("m/one", &st);
    printf("mode %o size %ld\n", st.st_mode, (long)st.st_size);
    int two = WORKS(open("m/two", O_RDWR | O_CREAT, 0600));
    CALL(mqsend(two, "by file", 7, 3, NULL));
    DIR *d = opendir("m");
    int names = 0;
    while (readdir(d))
        names++;
    closedir(d);
    printf("%d names\n", names);
    CALL(mkdir("m/d", 0700));
    CALL(symlink("x", "m/s"));
    CALL(link("m/two", "m/three"));
    CALL(rename("m/two", "m/three"));
    CALL(mknod("m/fifo", S_IFIFO | 0600, 0));
    CALL(chmod("m/two", 0400));
    CALL(chown("m/two", 5, 6));
    stat("m/two", &st);
    printf("mode %o %d %d\n", st.st_mode, st.st_uid, st.st_gid);
    CALL(truncate("m/two", 1));
    CALL(unlink("m/one"));
    CALL(mqopen("one", O_RDWR, 0, NULL));
    CALL(mqunlink("two"));
    CALL(open("m/two", O_RDONLY));
    CALL(set("queues_max", "1"));
    close(q), close(two);
    pid_t c = t_fork();
    if (!c) {
        drop(77);
        struct mq_attr small = {.mq_maxmsg = 1, .mq_msgsize = 1};
        WORKS(mqopen("x", O_RDWR | O_CREAT, 0600, &small));
        CALL(mqopen("y", O_RDWR | O_CREAT, 0600, &small));
        CALL(open("m/z", O_RDWR | O_CREAT, 0600));
        fflush(NULL);
        _exit(0);
    }
    t_reap("too many", c);
    WORKS(mqopen("y", O_RDWR | O_CREAT, 0600, NULL));
    if (unshare(CLONE_NEWIPC))
        perror("unshare");
    CALL(mqopen("y", O_RDWR, 0600, NULL));
    CALL(access("m/y", F_OK));
    number("queues_max");
    CALL(umount("m"));
    t_leave();
}

/* Without it limits are the same for all. */
static void drop_capability(void) {
    struct __user_cap_header_struct h = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct d[2];
    syscall(SYS_capget, &h, d);
    d[0].effective &= ~(1u << CAP_SYS_RESOURCE);
    if (syscall(SYS_capset, &h, d))
        perror("capset");
}

int main(void) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    drop_capability();
    if (unshare(CLONE_NEWIPC))
        perror("unshare");
    opening();
    limits();
    messages();
    waiting();
    notifying();
    filesystem();
    return 0;
}
