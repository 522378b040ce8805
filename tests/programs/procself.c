/* Files of /proc about tasks: login, scheduling, the last process id; which of them may be written. */
#include "t.h"

static char buffer[4096];

static void show(const char *path) {
    int fd = open(path, O_RDONLY);
    if (fd < 0) {
        printf("%s: %s\n", path, strerrorname_np(errno));
        return;
    }
    int n = read(fd, buffer, sizeof buffer - 1);
    close(fd);
    if (n < 0) {
        printf("%s: read %s\n", path, strerrorname_np(errno));
        return;
    }
    buffer[n] = 0;
    printf("%s: [%s]\n", path, buffer);
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

int main(void) {
    setvbuf(stdout, NULL, _IONBF, 0);
    show("/proc/self/timerslack_ns");
    CALL(put("/proc/self/timerslack_ns", "1234"));
    CALL(prctl(PR_GET_TIMERSLACK));
    CALL(put("/proc/self/timerslack_ns", "x"));
    CALL(put("/proc/self/timerslack_ns", "0"));
    show("/proc/self/timerslack_ns");
    show("/proc/self/wchan");
    show("/proc/self/loginuid");
    show("/proc/self/sessionid");
    show("/proc/self/projid_map");
    show("/proc/self/uid_map");
    show("/proc/self/gid_map");
    show("/proc/self/setgroups");
    CALL(put("/proc/self/uid_map", "0 0 1"));
    CALL(put("/proc/self/projid_map", "0 0 1"));
    CALL(put("/proc/self/sessionid", "1"));
    CALL(put("/proc/self/wchan", "1"));
    char path[100];
    /* The next process gets the number after. */
    pid_t pid = t_fork();
    if (!pid)
        _exit(0);
    t_reap("child", pid);
    pid_t want = pid + 500;
    snprintf(path, sizeof path, "%d", want - 1);
    CALL(put("/proc/sys/kernel/ns_last_pid", path) > 0);
    pid = t_fork();
    if (!pid)
        _exit(0);
    TRUE(pid >= want && pid < want + 50);
    t_reap("chosen", pid);
    show("/proc/sys/kernel/sched_rt_runtime_us");
    show("/proc/sys/kernel/sched_rt_period_us");
    show("/proc/sys/kernel/overflowuid");
    show("/proc/sys/kernel/cap_last_cap");
    show("/proc/sys/kernel/ngroups_max");
    pid = t_fork();
    if (!pid) {
        setresgid(1000, 1000, 1000);
        setresuid(1000, 1000, 1000);
        snprintf(path, sizeof path, "/proc/%d/timerslack_ns", getppid());
        int fd = open(path, O_RDONLY);
        TRUE(fd < 0 || read(fd, path, 1) < 0);
        CALL(put("/proc/sys/kernel/ns_last_pid", "5"));
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    return 0;
}
