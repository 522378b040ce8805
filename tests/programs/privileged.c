/* Calls for administrators, and calls that are no more: which errors they give to whom. */
#include "t.h"
#include <sys/klog.h>
#include <sys/timex.h>

#define S(name, ...) CALL(syscall(SYS_##name, ##__VA_ARGS__))

static void gone(void) {
    CALL(syscall(SYS_uselib, "/x"));
    CALL(syscall(SYS_create_module, 0, 0));
    CALL(syscall(SYS_get_kernel_syms, 0));
    CALL(syscall(SYS_query_module, 0, 0, 0, 0, 0));
    CALL(syscall(SYS_nfsservctl, 0, 0, 0));
    CALL(syscall(SYS_getpmsg, 0, 0, 0, 0, 0));
    CALL(syscall(SYS_putpmsg, 0, 0, 0, 0, 0));
    CALL(syscall(SYS_afs_syscall, 0, 0, 0, 0, 0));
    CALL(syscall(SYS_tuxcall, 0, 0, 0));
    CALL(syscall(SYS_security, 0, 0, 0));
    CALL(syscall(SYS_set_thread_area, 0));
    CALL(syscall(SYS_get_thread_area, 0));
    CALL(syscall(SYS_epoll_ctl_old, 0, 0, 0, 0));
    CALL(syscall(SYS_epoll_wait_old, 0, 0, 0, 0));
    CALL(syscall(SYS_vserver, 0, 0, 0, 0, 0));
    CALL(syscall(SYS__sysctl, 0));
    CALL(syscall(400, 0));
    CALL(syscall(423, 0));
    CALL(syscall(1023, 0));
    CALL(syscall(0x40000000, 0));
}

static void ordinary(void) {
    char small[8];
    struct {
        int f;
        char rest[28];
    } st;
    CALL(syscall(SYS_sysfs, 3) > 3);
    CALL(syscall(SYS_sysfs, 4));
    CALL(syscall(SYS_sysfs, 1, "none of these"));
    CALL(syscall(SYS_sysfs, 1, 8));
    CALL(syscall(SYS_sysfs, 2, 100000, small));
    CALL(syscall(SYS_ustat, 0xffff, &st));
    CALL(syscall(SYS_kcmp, getpid(), getpid(), 0, 0, 0));
    CALL(syscall(SYS_kcmp, getpid(), getpid(), 0, 0, 1) != 0);
    CALL(syscall(SYS_kcmp, getpid(), getpid(), 0, 0, 999));
    CALL(syscall(SYS_kcmp, getpid(), getpid(), 1, 0, 0));
    CALL(syscall(SYS_kcmp, getpid(), getpid(), 2, 0, 0));
    CALL(syscall(SYS_kcmp, getpid(), getpid(), 3, 0, 0));
    CALL(syscall(SYS_kcmp, getpid(), getpid(), 4, 0, 0));
    CALL(syscall(SYS_kcmp, getpid(), getpid(), 5, 0, 0));
    CALL(syscall(SYS_kcmp, getpid(), getpid(), 6, 0, 0));
    CALL(syscall(SYS_kcmp, getpid(), getpid(), 8, 0, 0));
    CALL(syscall(SYS_kcmp, 99999999, getpid(), 0, 0, 0));
    CALL(syscall(SYS_kcmp, getpid(), 99999999, 0, 0, 0));
    CALL(syscall(SYS_kcmp, -1, getpid(), 0, 0, 0));
    int d = dup(1), o = open("/dev/null", O_RDONLY);
    CALL(syscall(SYS_kcmp, getpid(), getpid(), 0, 1, d));
    CALL(syscall(SYS_kcmp, getpid(), getpid(), 0, 1, o) > 0);
    CALL(syscall(SYS_kcmp, getpid(), getpid(), 0, 1, o) + syscall(SYS_kcmp, getpid(), getpid(), 0, o, 1));
    pid_t pid = t_fork();
    if (!pid) {
        CALL(syscall(SYS_kcmp, getpid(), getppid(), 0, 1, 1));
        CALL(syscall(SYS_kcmp, getpid(), getppid(), 1, 0, 0) > 0);
        CALL(syscall(SYS_kcmp, getpid(), getppid(), 2, 0, 0) > 0);
        CALL(syscall(SYS_kcmp, getpid(), getppid(), 3, 0, 0) > 0);
        CALL(syscall(SYS_kcmp, getpid(), getppid(), 4, 0, 0) > 0);
        fflush(stdout);
        _exit(0);
    }
    t_reap("child", pid);
    close(d);
    close(o);
    CALL(syscall(SYS_getrandom, small, 8, 6));
    CALL(syscall(SYS_getrandom, small, 0, 0));
    CALL(syscall(SYS_getrandom, 8, 8, 0));
    CALL(syscall(SYS_getrandom, small, 8, 4));
    CALL(syscall(SYS_getrandom, small, 8, 3));
    CALL(syscall(SYS_sysinfo, 8));
    CALL(syscall(SYS_uname, 8));
    CALL(syscall(SYS_times, 8));
    CALL(syscall(SYS_times, 0) > 0);
    CALL(syscall(SYS_getrlimit, 16, small));
    CALL(syscall(SYS_getrlimit, -1, small));
    CALL(syscall(SYS_getrlimit, 7, 8));
    CALL(syscall(SYS_setrlimit, 7, 8));
    CALL(syscall(SYS_setrlimit, 16, small));
    CALL(syscall(SYS_prlimit64, 0, 16, 0, 0));
    CALL(syscall(SYS_prlimit64, 0, 7, 8, 0));
    CALL(syscall(SYS_prlimit64, 0, 7, 0, 8));
    CALL(syscall(SYS_prlimit64, 99999999, 7, 0, 0));
    CALL(syscall(SYS_prlimit64, -1, 7, 0, 0));
    CALL(syscall(SYS_prlimit64, 0, 7, 0, 0));
    struct rlimit twisted = {20, 10};
    CALL(syscall(SYS_prlimit64, 0, 7, &twisted, 0));
    CALL(syscall(SYS_getgroups, -1, 0));
    CALL(syscall(SYS_capget, 8, 0));
    unsigned header[2] = {1, 0}, data[6];
    CALL(syscall(SYS_capget, header, 0));
    printf("%x\n", header[0]);
    CALL(syscall(SYS_capget, header, 8));
    header[0] = 1;
    CALL(syscall(SYS_capget, header, data));
    header[1] = -1;
    CALL(syscall(SYS_capget, header, data));
    header[1] = 99999999;
    CALL(syscall(SYS_capget, header, data));
    header[0] = 1;
    CALL(syscall(SYS_capset, header, data));
    CALL(syscall(SYS_membarrier, 0, 1));
    CALL(syscall(SYS_membarrier, 1 << 20, 0));
    CALL(syscall(SYS_membarrier, -1, 0));
    CALL(syscall(SYS_pidfd_open, 0, 0));
    CALL(syscall(SYS_pidfd_open, -1, 0));
    CALL(syscall(SYS_pidfd_open, 99999999, 0));
    CALL(syscall(SYS_pidfd_open, getpid(), 1));
    CALL(syscall(SYS_pidfd_send_signal, 999, 0, 0, 0));
    CALL(syscall(SYS_pidfd_send_signal, 0, 0, 0, 0));
    CALL(syscall(SYS_pidfd_getfd, 999, 0, 0));
    CALL(syscall(SYS_pidfd_getfd, 0, 0, 1));
    CALL(syscall(SYS_process_mrelease, -1, 0));
    CALL(syscall(SYS_process_mrelease, 0, 1));
    CALL(syscall(SYS_get_robust_list, 99999999, small, small));
    CALL(syscall(SYS_get_robust_list, 0, 8, 8));
    CALL(syscall(SYS_set_robust_list, 0, 5));
    CALL(syscall(SYS_restart_syscall));
    CALL(syscall(SYS_arch_prctl, 0x1003, 8));
    CALL(syscall(SYS_personality, -1));
}

/* Both without privilege. */
static void administrators(void) {
    CALL(syscall(SYS_acct, "/x"));
    CALL(syscall(SYS_acct, 0));
    CALL(syscall(SYS_swapon, "/x", 0));
    CALL(syscall(SYS_swapoff, "/x"));
    CALL(syscall(SYS_reboot, 0xfee1dead, 672274793, 0, 0));
    CALL(syscall(SYS_reboot, 0, 0, 0, 0));
    CALL(syscall(SYS_vhangup));
    CALL(syscall(SYS_sethostname, "x", 1));
    CALL(syscall(SYS_setdomainname, "x", 1));
    CALL(syscall(SYS_sethostname, "x", -1));
    CALL(syscall(SYS_mount, "none", "/tmp", "tmpfs", 0, 0));
    CALL(syscall(SYS_umount2, "/tmp", 0));
    CALL(syscall(SYS_umount2, "/tmp", 0x1000));
    CALL(syscall(SYS_pivot_root, "/tmp", "/tmp"));
    CALL(syscall(SYS_chroot, "/"));
    CALL(syscall(SYS_setuid, 0));
    CALL(syscall(SYS_setgid, 0));
    CALL(syscall(SYS_setreuid, 0, -1));
    CALL(syscall(SYS_setregid, -1, 0));
    CALL(syscall(SYS_setresuid, -1, -1, 0));
    CALL(syscall(SYS_setresgid, 0, -1, -1));
    CALL(syscall(SYS_setresuid, -1, -1, -1));
    CALL(syscall(SYS_setreuid, -1, -1));
    CALL(syscall(SYS_setfsuid, 0));
    CALL(syscall(SYS_setfsuid, -1));
    CALL(syscall(SYS_setgroups, 0, 0));
    CALL(syscall(SYS_setuid, -1));
    CALL(syscall(SYS_syslog, 11, 0, 0));
    CALL(syscall(SYS_syslog, -1, 0, 0));
    CALL(syscall(SYS_syslog, 5, 0, 0));
    CALL(syscall(SYS_syslog, 8, 0, 3));
    CALL(syscall(SYS_clone, CLONE_NEWPID | SIGCHLD, 0, 0, 0, 0));
    CALL(syscall(SYS_clone, CLONE_NEWNS | SIGCHLD, 0, 0, 0, 0));
    CALL(syscall(SYS_unshare, CLONE_NEWNET));
    CALL(syscall(SYS_settimeofday, 8, 0));
    struct timespec t = {-1, 0};
    CALL(syscall(SYS_clock_settime, CLOCK_REALTIME, &t));
    struct timeval tv = {1, 0};
    CALL(syscall(SYS_settimeofday, &tv, 0));
    CALL(syscall(SYS_kill, 1, 0) == 0 || errno == EPERM);
    struct rlimit r;
    getrlimit(RLIMIT_NOFILE, &r);
    r.rlim_cur = 10;
    r.rlim_max++;
    CALL(setrlimit(RLIMIT_NOFILE, &r));
    r.rlim_max -= 2;
    CALL(setrlimit(RLIMIT_NOFILE, &r));
    r.rlim_max++;
    CALL(setrlimit(RLIMIT_NOFILE, &r));
}

int main(void) {
    setvbuf(stdout, NULL, _IONBF, 0);
    gone();
    ordinary();
    pid_t pid = t_fork();
    if (!pid) {
        setgroups(0, NULL);
        CALL(setresgid(1000, 1000, 1000));
        CALL(setresuid(1000, 1000, 1000));
        administrators();
        _exit(0);
    }
    t_reap("user", pid);
    return 0;
}
