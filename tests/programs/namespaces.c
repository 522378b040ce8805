/* Namespaces: user namespaces and their maps, pid namespaces and their init, uts, ipc, net, mnt; setns, nsfs files. */
#include "t.h"
#include <linux/nsfs.h>
#include <sys/mount.h>
#include <sys/utsname.h>

static char buffer[4096];

static const char *text(const char *path) {
    int fd = open(path, O_RDONLY);
    if (fd < 0)
        return strerrorname_np(errno);
    int n = read(fd, buffer, sizeof buffer - 1);
    close(fd);
    buffer[n > 0 ? n : 0] = 0;
    return buffer;
}

static long put(const char *path, const char *what) {
    int fd = open(path, O_WRONLY);
    if (fd < 0)
        return -1;
    long n = write(fd, what, strlen(what));
    int e = errno;
    close(fd);
    errno = e;
    return n;
}

static const char *const kinds[] = {"cgroup", "ipc", "mnt", "net", "pid", "pid_for_children", "user", "uts"};

static void links(void) {
    char link[100], path[100], expected[100];
    for (int i = 0; i < 8; i++) {
        snprintf(path, sizeof path, "/proc/self/ns/%s", kinds[i]);
        int n = readlink(path, link, sizeof link - 1);
        link[n > 0 ? n : 0] = 0;
        struct stat s;
        stat(path, &s);
        snprintf(expected, sizeof expected, "%s:[%lu]", i == 5 ? "pid" : kinds[i], (long)s.st_ino);
        printf("%s: %s, mode %o, nlink %ld\n", kinds[i], strcmp(link, expected) ? "differs" : "same", s.st_mode,
               (long)s.st_nlink);
        int fd = open(path, O_RDONLY);
        TRUE(fd >= 0);
        printf("type %x\n", ioctl(fd, NS_GET_NSTYPE));
        CALL(read(fd, link, 1));
        CALL(ioctl(fd, 0xb7ff));
        if (i != 6)
            CALL(ioctl(fd, NS_GET_OWNER_UID, &n));
        if (i != 6 && i != 4 && i != 5)
            CALL(ioctl(fd, NS_GET_PARENT));
        close(fd);
    }
    CALL(open("/proc/self/ns/none", O_RDONLY));
    CALL(open("/proc/self/ns/uts", O_RDWR));
    CALL(setns(-1, 0));
    CALL(setns(0, 0));
    int fd = open("/proc/self/ns/uts", O_RDONLY);
    CALL(setns(fd, CLONE_NEWPID));
    CALL(setns(fd, 1));
    CALL(setns(fd, CLONE_NEWUTS));
    CALL(setns(fd, 0));
    close(fd);
    fd = open("/proc/self/ns/user", O_RDONLY);
    CALL(setns(fd, CLONE_NEWUSER));
    close(fd);
    fd = syscall(SYS_pidfd_open, getpid(), 0);
    CALL(setns(fd, 0));
    CALL(setns(fd, 1));
    CALL(setns(fd, CLONE_NEWUTS | CLONE_NEWNET));
    CALL(setns(fd, CLONE_NEWUSER));
    close(fd);
}

static void show_ids(void) {
    uid_t r, e, s;
    getresuid(&r, &e, &s);
    printf("uid %d %d %d ", r, e, s);
    getresgid(&r, &e, &s);
    printf("gid %d %d %d\n", r, e, s);
}

static void capabilities(const char *what) {
    unsigned header[2] = {0x20080522, 0}, data[6];
    syscall(SYS_capget, header, data);
    printf("%s: effective %x%08x permitted %x%08x inheritable %x%08x\n", what, data[3] & 0x1ff, data[0], data[4] & 0x1ff,
           data[1], data[5], data[2]);
}

/* As uid 1000 without any capability. */
static void plain_user(void) {
    setgroups(0, NULL);
    CALL(setresgid(1000, 1000, 1000));
    CALL(setresuid(1000, 1000, 1000));
    prctl(PR_SET_DUMPABLE, 1);
    CALL(unshare(CLONE_NEWUTS));
    CALL(unshare(CLONE_NEWNS));
    CALL(unshare(CLONE_NEWPID));
    CALL(sethostname("x", 1));
    CALL(unshare(CLONE_NEWUSER));
    show_ids();
    capabilities("in the new namespace");
    printf("[%s]", text("/proc/self/uid_map"));
    printf("[%s]", text("/proc/self/gid_map"));
    printf("[%s]\n", text("/proc/self/setgroups"));
    struct stat st;
    stat("/proc/self", &st);
    printf("%d %d\n", st.st_uid, st.st_gid);
    CALL(setuid(0));
    CALL(setuid(1000));
    CALL(setgid(0));
    CALL(setgroups(0, NULL));
    CALL(put("/proc/self/uid_map", "0 0 1"));
    CALL(put("/proc/self/uid_map", "0 1000 2"));
    CALL(put("/proc/self/uid_map", "0 1001 1"));
    CALL(put("/proc/self/uid_map", ""));
    CALL(put("/proc/self/uid_map", "0 1000"));
    CALL(put("/proc/self/uid_map", "x 1000 1"));
    CALL(put("/proc/self/uid_map", "0 1000 0"));
    CALL(put("/proc/self/uid_map", "0 1000 1 1"));
    CALL(put("/proc/self/uid_map", "0 1000 1\n0 1001 1\n"));
    CALL(put("/proc/self/uid_map", "0 1000 1\n"));
    CALL(put("/proc/self/uid_map", "0 1000 1\n"));
    CALL(put("/proc/self/gid_map", "0 1000 1\n"));
    CALL(put("/proc/self/setgroups", "maybe"));
    CALL(put("/proc/self/setgroups", "deny"));
    CALL(put("/proc/self/gid_map", "0 1000 1\n"));
    CALL(put("/proc/self/setgroups", "allow"));
    printf("[%s]", text("/proc/self/uid_map"));
    printf("[%s]", text("/proc/self/gid_map"));
    printf("[%s]\n", text("/proc/self/setgroups"));
    show_ids();
    CALL(setgroups(0, NULL));
    CALL(setuid(1));
    CALL(setresuid(-1, 0, 0));
    CALL(setfsuid(-1));
    stat("/proc/self", &st);
    printf("%d %d\n", st.st_uid, st.st_gid);
    stat("/", &st);
    printf("/ belongs to %d %d\n", st.st_uid, st.st_gid);
    capabilities("root of its own");
    CALL(unshare(CLONE_NEWUTS | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWCGROUP));
    CALL(sethostname("inner", 5));
    struct utsname u;
    uname(&u);
    printf("%s\n", u.nodename);
    CALL(syscall(SYS_reboot, 0, 0, 0, 0));
    CALL(chroot("/"));
    CALL(mount("none", "/tmp", "tmpfs", 0, NULL));
    CALL(mkdir("/tmp/x", 0700));
    CALL(stat("/tmp/x", &st));
    printf("%d %d\n", st.st_uid, st.st_gid);
    CALL(chown("/tmp/x", 5, 5));
    CALL(chown("/tmp/x", 0, 0));
    CALL(chown("/usr", 0, 0));
    struct rlimit r;
    getrlimit(RLIMIT_NOFILE, &r);
    r.rlim_max++;
    CALL(setrlimit(RLIMIT_NOFILE, &r));
    CALL(setpriority(PRIO_PROCESS, 0, -1));
    CALL(kill(1, 0));
    /* A child of it. */
    pid_t pid = t_fork();
    if (!pid) {
        int fd = open("/proc/self/ns/user", O_RDONLY);
        CALL(unshare(CLONE_NEWUSER));
        show_ids();
        int inner = open("/proc/self/ns/user", O_RDONLY);
        uid_t owner = 77;
        CALL(ioctl(inner, NS_GET_OWNER_UID, &owner));
        printf("owner %d\n", owner);
        int parent = ioctl(inner, NS_GET_PARENT);
        printf("parent: %s\n", parent < 0 ? strerrorname_np(errno) : "there");
        CALL(setns(fd, CLONE_NEWUSER));
        fflush(stdout);
        _exit(0);
    }
    t_reap("inside", pid);
}

static void pids(void) {
    CALL(unshare(CLONE_NEWPID));
    CALL(unshare(CLONE_NEWPID));
    struct stat a, b;
    stat("/proc/self/ns/pid", &a);
    CALL(stat("/proc/self/ns/pid_for_children", &b));
    pid_t thread = syscall(SYS_clone, CLONE_THREAD | CLONE_SIGHAND | CLONE_VM, 0, 0, 0, 0);
    TRUE(thread == -1 && errno == EINVAL);
    int fds[2];
    pipe(fds);
    pid_t pid = t_fork();
    if (!pid) {
        CALL(getpid());
        CALL(getppid());
        CALL(getpgrp());
        CALL(getsid(0));
        CALL(kill(1, SIGTERM)); /* not for us: we are process 1 and have no handler */
        CALL(kill(1, SIGKILL));
        CALL(raise(SIGSTOP));
        int go[2];
        pipe(go);
        pid_t child = t_fork();
        if (!child) {
            CALL(getpid());
            CALL(getppid());
            pid_t grandchild = t_fork();
            if (!grandchild) {
                char c;
                read(go[0], &c, 1);
                CALL(getpid());
                CALL(getppid());
                CALL(setsid());
                fflush(stdout);
                _exit(3);
            }
            _exit(2);
        }
        t_reap("child", child);
        int status;
        write(go[1], "x", 1);
        CALL(wait(&status));
        printf("adopted: %x\n", status);
        CALL(kill(-1, 0));
        if (!fork()) {
            close(fds[0]);
            for (;;)
                pause();
        }
        fflush(stdout);
        _exit(5);
    }
    t_reap("process 1", pid);
    /* Its end is that of all inside. */
    close(fds[1]);
    char c;
    CALL(read(fds[0], &c, 1));
    CALL(fork());
    fflush(stdout);
    pid = fork();
    if (pid == -1)
        printf("fork: %s\n", strerrorname_np(errno));
}

static void nested(void) {
    pid_t pid = syscall(SYS_clone, CLONE_NEWPID | SIGCHLD, 0, 0, 0, 0);
    if (!pid) {
        CALL(getpid());
        pid_t inner = syscall(SYS_clone, CLONE_NEWPID | SIGCHLD, 0, 0, 0, 0);
        if (!inner) {
            CALL(getpid());
            siginfo_t info;
            sigset_t set;
            sigemptyset(&set);
            sigaddset(&set, SIGUSR1);
            sigprocmask(SIG_BLOCK, &set, NULL);
            kill(1, SIGUSR1);
            CALL(sigwaitinfo(&set, &info) == SIGUSR1);
            printf("from %d\n", info.si_pid);
            int fd = open("/proc/self/ns/pid", O_RDONLY);
            TRUE(fd > 0);
            fflush(stdout);
            for (;;)
                pause();
        }
        t_sleep(100);
        CALL(inner);
        CALL(kill(inner, SIGTERM));
        CALL(kill(inner, SIGKILL));
        t_reap("inner", inner);
        fflush(stdout);
        _exit(0);
    }
    t_reap("outer", pid);
    /* setns with a pid namespace is for children. */
    pid = syscall(SYS_clone, CLONE_NEWPID | SIGCHLD, 0, 0, 0, 0);
    if (!pid)
        for (;;)
            pause();
    char path[50];
    snprintf(path, sizeof path, "/proc/%d/ns/pid", pid);
    int fd = open(path, O_RDONLY);
    CALL(setns(fd, CLONE_NEWPID));
    pid_t visitor = t_fork();
    if (!visitor)
        _exit(getpid());
    t_reap("visitor", visitor);
    int own = open("/proc/self/ns/pid", O_RDONLY);
    CALL(setns(own, 0));
    kill(pid, SIGKILL);
    t_reap("init", pid);
    CALL(setns(fd, CLONE_NEWPID));
    CALL(fork());
    CALL(setns(own, 0));
}

static void others(void) {
    struct utsname u;
    struct stat before, after;
    int old = open("/proc/self/ns/uts", O_RDONLY);
    char name[100];
    gethostname(name, sizeof name);
    fstat(old, &before);
    CALL(unshare(CLONE_NEWUTS));
    stat("/proc/self/ns/uts", &after);
    TRUE(before.st_ino != after.st_ino && before.st_dev == after.st_dev);
    CALL(sethostname("another", 7));
    CALL(setdomainname("domain", 6));
    CALL(sethostname(NULL, 5));
    CALL(sethostname("x", -1));
    CALL(sethostname("x", 65));
    uname(&u);
    printf("%s %s\n", u.nodename, u.domainname);
    pid_t pid = t_fork();
    if (!pid) {
        uname(&u);
        _exit(strcmp(u.nodename, "another"));
    }
    t_reap("inherited", pid);
    CALL(setns(old, CLONE_NEWUTS));
    uname(&u);
    TRUE(!strcmp(u.nodename, name));
    /* mounts */
    int mnt = open("/proc/self/ns/mnt", O_RDONLY);
    t_enter();
    mkdir("d", 0755);
    CALL(unshare(CLONE_NEWNS));
    CALL(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL));
    CALL(mount("none", "d", "tmpfs", 0, NULL));
    CALL(mkdir("d/inside", 0755));
    pid = t_fork();
    if (!pid) {
        CALL(access("d/inside", F_OK));
        char cwd[PATH_MAX];
        getcwd(cwd, sizeof cwd);
        CALL(setns(mnt, CLONE_NEWNS));
        CALL(chdir(cwd));
        CALL(access("d/inside", F_OK));
        fflush(stdout);
        _exit(0);
    }
    t_reap("outside", pid);
    CALL(umount("d"));
    CALL(access("d/inside", F_OK));
    CALL(setns(mnt, CLONE_NEWNS));
    for (int i = 0; i < 3; i++) {
        unsigned flags[] = {CLONE_NEWIPC, CLONE_NEWNET, CLONE_NEWCGROUP};
        const char *files[] = {"/proc/self/ns/ipc", "/proc/self/ns/net", "/proc/self/ns/cgroup"};
        int fd = open(files[i], O_RDONLY);
        stat(files[i], &before);
        CALL(unshare(flags[i]));
        stat(files[i], &after);
        TRUE(before.st_ino != after.st_ino);
        CALL(setns(fd, flags[i]));
        stat(files[i], &after);
        TRUE(before.st_ino == after.st_ino);
    }
}

int main(void) {
    setvbuf(stdout, NULL, _IONBF, 0);
    links();
    pid_t pid = t_fork();
    if (!pid) {
        plain_user();
        _exit(0);
    }
    t_reap("plain user", pid);
    pid = t_fork();
    if (!pid) {
        pids();
        _exit(0);
    }
    t_reap("pids", pid);
    nested();
    pid = t_fork();
    if (!pid) {
        others();
        _exit(0);
    }
    t_reap("others", pid);
    return 0;
}
