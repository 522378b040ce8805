/* membarrier(2), and the bit that says a core was dumped. */
#include "t.h"

static long membarrier(int command, int flags) { return syscall(SYS_membarrier, command, flags, 0); }

static void cores(void) {
    struct rlimit some = {4096, RLIM_INFINITY}, little = {4095, RLIM_INFINITY}, none = {0, RLIM_INFINITY};
    struct rlimit *limits[] = {&some, &little, &none, &some};
    int signals[] = {SIGSEGV, SIGQUIT, SIGABRT, SIGTERM, SIGKILL, SIGXCPU, SIGSYS, SIGTRAP};
    for (int l = 0; l < 4; l++)
        for (int i = 0; i < 8; i++) {
            pid_t pid = t_fork();
            if (!pid) {
                setrlimit(RLIMIT_CORE, limits[l]);
                if (l == 3)
                    prctl(PR_SET_DUMPABLE, 0);
                kill(getpid(), signals[i]);
                pause();
            }
            siginfo_t info;
            int status;
            waitid(P_PID, pid, &info, WEXITED | WNOWAIT);
            waitpid(pid, &status, 0);
            printf("%d %s: %d core %d code %d status %d\n", l, sigabbrev_np(signals[i]), WTERMSIG(status) == signals[i],
                   !!WCOREDUMP(status), info.si_code, info.si_status == signals[i]);
            char name[32];
            snprintf(name, sizeof name, "core.%d", pid);
            unlink("core");
            unlink(name);
        }
}

int main(void) {
    TRUE((membarrier(0, 0) & 0x7f) == 0x7f);
    CALL(membarrier(0, 1));
    CALL(membarrier(1, 1));
    CALL(membarrier(-1, 0));
    CALL(membarrier(1 << 20, 0));
    CALL(membarrier(3, 0));
    CALL(membarrier(1, 0));
    CALL(membarrier(2, 0));
    CALL(membarrier(8, 0));
    CALL(membarrier(32, 0));
    CALL(membarrier(4, 0));
    CALL(membarrier(16, 0));
    CALL(membarrier(8, 0));
    CALL(membarrier(32, 0));
    CALL(membarrier(64, 0));
    CALL(membarrier(32, 0));
    CALL(membarrier(32, 1));
    pid_t pid = t_fork();
    if (!pid) {
        CALL(membarrier(8, 0));
        fflush(stdout);
        _exit(0);
    }
    t_reap("child", pid);
    t_enter();
    char pattern[64] = "";
    int fd = open("/proc/sys/kernel/core_pattern", O_RDONLY);
    read(fd, pattern, 63);
    if (pattern[0] != '|' && pattern[0] != '/')
        cores(); /* elsewhere a program decides, which we do not know */
    t_leave();
    return 0;
}
