/* Users, groups and capabilities. As root it changes them, else it only shows that it may not. */
#include "t.h"
#include <grp.h>
#include <sys/fsuid.h>
#include <sys/mount.h>
#include <linux/capability.h>

static void ids(const char *what) {
    uid_t r, e, s;
    gid_t a, b, c;
    getresuid(&r, &e, &s);
    getresgid(&a, &b, &c);
    printf("%s: %d %d %d, %d %d %d\n", what, r, e, s, a, b, c);
}

static void capabilities(const char *what) {
    struct __user_cap_header_struct h = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct d[2];
    syscall(SYS_capget, &h, d);
    printf("%s: effective %s permitted %s\n", what, d[0].effective ? "some" : "none", d[0].permitted ? "some" : "none");
}

int main(void) {
    if (geteuid()) {
        printf("not root\n");
        return 0;
    }
    pid_t pid = t_fork();
    if (!pid) {
        gid_t list[3] = {5, 6, 7}, got[10];
        CALL(setgroups(3, list));
        CALL(getgroups(10, got));
        CALL(getgroups(0, NULL));
        CALL(getgroups(1, got));
        CALL(setresgid(10, 11, 12));
        CALL(setresuid(20, 21, 22));
        ids("set");
        capabilities("after");
        CALL(setuid(0));
        CALL(setuid(20));
        ids("setuid");
        CALL(setreuid(-1, 22));
        ids("setreuid");
        CALL(setresuid(99, -1, -1));
        CALL(setgid(10));
        CALL(setgid(99));
        CALL(setgroups(0, NULL));
        CALL(setfsuid(22));
        CALL(setfsuid(-1));
        CALL(chroot("/"));
        CALL(kill(1, 0));
        CALL(kill(getppid(), 0));
        CALL(setpriority(PRIO_PROCESS, 0, -5));
        CALL(sethostname("x", 1));
        CALL(open("/etc/shadow", O_RDONLY));
        CALL(mknod("/tmp/creds-node", S_IFCHR | 0600, 0x103));
        CALL(mount("none", "/tmp", "tmpfs", 0, NULL));
        fflush(stdout);
        _exit(0);
    }
    t_reap("changed", pid);
    pid = t_fork();
    if (!pid) {
        CALL(seteuid(1000));
        ids("seteuid");
        capabilities("seteuid");
        CALL(open("/etc/shadow", O_RDONLY));
        CALL(seteuid(0));
        capabilities("back");
        CALL(prctl(PR_SET_KEEPCAPS, 1));
        CALL(setuid(1000));
        capabilities("kept");
        fflush(stdout);
        _exit(0);
    }
    t_reap("effective", pid);
    pid = t_fork();
    if (!pid) {
        setgid(1000);
        setuid(1000);
        TRUE(prctl(PR_GET_DUMPABLE) >= 0);
        execl("/bin/sh", "sh", "-c", "id -u; id -g; test -w /etc/passwd; echo $?", NULL);
    }
    t_reap("program", pid);
    CALL(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
    CALL(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    CALL(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
    CALL(prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0));
    CALL(prctl(PR_CAPBSET_READ, 0, 0, 0, 0));
    CALL(prctl(PR_CAPBSET_READ, 99, 0, 0, 0));
    CALL(getpriority(PRIO_PROCESS, 0));
    CALL(setpriority(PRIO_PROCESS, 0, 5));
    CALL(getpriority(PRIO_PROCESS, 0));
    return 0;
}
