/* prctl, arch_prctl, personality: options, their values and what wrong arguments give. */
#include "t.h"
#include <sys/personality.h>

#define P(op, a, b, c, d) CALL(syscall(SYS_prctl, op, a, b, c, d))

/* Without CAP_SYS_RESOURCE, which not every host gives. */
static void drop(void) {
    struct {
        unsigned version;
        int pid;
    } header = {0x20080522, 0};
    unsigned data[6];
    syscall(SYS_capget, &header, data);
    data[0] &= ~(1u << 24);
    data[1] &= ~(1u << 24);
    CALL(syscall(SYS_capset, &header, data));
}

int main(void) {
    setvbuf(stdout, NULL, _IONBF, 0);
    drop();
    int v = -1;
    P(PR_GET_PDEATHSIG, &v, 0, 0, 0);
    printf("%d\n", v);
    P(PR_SET_PDEATHSIG, 64, 0, 0, 0);
    P(PR_SET_PDEATHSIG, 65, 0, 0, 0);
    P(PR_SET_PDEATHSIG, -1, 0, 0, 0);
    P(PR_GET_PDEATHSIG, &v, 0, 0, 0);
    printf("%d\n", v);
    P(PR_GET_PDEATHSIG, 8, 0, 0, 0);
    pid_t pid = t_fork();
    if (!pid) {
        prctl(PR_GET_PDEATHSIG, &v);
        _exit(v);
    }
    t_reap("death signal is not inherited", pid);
    P(PR_SET_PDEATHSIG, 0, 0, 0, 0);

    P(PR_GET_DUMPABLE, 0, 0, 0, 0);
    P(PR_SET_DUMPABLE, 0, 0, 0, 0);
    P(PR_GET_DUMPABLE, 0, 0, 0, 0);
    P(PR_SET_DUMPABLE, 2, 0, 0, 0);
    P(PR_SET_DUMPABLE, -1, 0, 0, 0);
    P(PR_SET_DUMPABLE, 1, 0, 0, 0);

    P(PR_GET_UNALIGN, &v, 0, 0, 0);
    P(PR_SET_UNALIGN, 0, 0, 0, 0);
    P(PR_GET_FPEMU, &v, 0, 0, 0);
    P(PR_SET_FPEMU, 0, 0, 0, 0);
    P(PR_GET_FPEXC, &v, 0, 0, 0);
    P(PR_SET_FPEXC, 0, 0, 0, 0);
    P(PR_GET_ENDIAN, &v, 0, 0, 0);
    P(PR_SET_ENDIAN, 0, 0, 0, 0);

    P(PR_GET_KEEPCAPS, 0, 0, 0, 0);
    P(PR_SET_KEEPCAPS, 2, 0, 0, 0);
    P(PR_SET_KEEPCAPS, 1, 0, 0, 0);
    P(PR_GET_KEEPCAPS, 0, 0, 0, 0);
    P(PR_GET_SECUREBITS, 0, 0, 0, 0);
    P(PR_SET_KEEPCAPS, 0, 0, 0, 0);

    P(PR_GET_TIMING, 0, 0, 0, 0);
    P(PR_SET_TIMING, 0, 0, 0, 0);
    P(PR_SET_TIMING, 1, 0, 0, 0);

    char name[20];
    memset(name, 'x', sizeof name);
    P(PR_SET_NAME, "short", 0, 0, 0);
    P(PR_GET_NAME, name, 0, 0, 0);
    printf("%.16s|%c\n", name, name[16]);
    P(PR_SET_NAME, "exactly sixteen!", 0, 0, 0);
    P(PR_GET_NAME, name, 0, 0, 0);
    printf("%.16s|%c\n", name, name[16]);
    P(PR_SET_NAME, "", 0, 0, 0);
    P(PR_GET_NAME, name, 0, 0, 0);
    printf("%.16s|\n", name);
    P(PR_SET_NAME, 8, 0, 0, 0);
    P(PR_GET_NAME, 8, 0, 0, 0);
    P(PR_SET_NAME, "\xff\x80\x01z", 0, 0, 0);
    P(PR_GET_NAME, name, 0, 0, 0);
    TRUE(!strcmp(name, "\xff\x80\x01z"));

    P(PR_GET_TSC, &v, 0, 0, 0);
    printf("%d\n", v);
    P(PR_SET_TSC, 1, 0, 0, 0);
    P(PR_SET_TSC, 3, 0, 0, 0);
    P(PR_GET_TSC, 8, 0, 0, 0);

    P(PR_SET_TIMERSLACK, 1000, 0, 0, 0);
    P(PR_GET_TIMERSLACK, 0, 0, 0, 0);
    pid = t_fork();
    if (!pid) {
        P(PR_GET_TIMERSLACK, 0, 0, 0, 0);
        P(PR_SET_TIMERSLACK, 5, 0, 0, 0);
        P(PR_SET_TIMERSLACK, 0, 0, 0, 0);
        P(PR_GET_TIMERSLACK, 0, 0, 0, 0);
        _exit(0);
    }
    t_reap("slack", pid);
    P(PR_SET_TIMERSLACK, -1, 0, 0, 0);
    P(PR_GET_TIMERSLACK, 0, 0, 0, 0);

    P(PR_TASK_PERF_EVENTS_DISABLE, 0, 0, 0, 0);
    P(PR_TASK_PERF_EVENTS_ENABLE, 0, 0, 0, 0);

    P(PR_MCE_KILL_GET, 0, 0, 0, 0);
    P(PR_MCE_KILL_GET, 1, 0, 0, 0);
    P(PR_MCE_KILL, 0, 0, 0, 0);
    P(PR_MCE_KILL, 0, 1, 0, 0);
    P(PR_MCE_KILL, 1, 0, 0, 0);
    P(PR_MCE_KILL_GET, 0, 0, 0, 0);
    P(PR_MCE_KILL, 1, 1, 0, 0);
    P(PR_MCE_KILL_GET, 0, 0, 0, 0);
    P(PR_MCE_KILL, 1, 2, 0, 0);
    P(PR_MCE_KILL, 1, 3, 0, 0);
    P(PR_MCE_KILL, 2, 0, 0, 0);

    P(PR_SET_MM, 0, 0, 0, 0);
    P(PR_SET_MM, 99, 0, 0, 0);
    P(PR_SET_MM, PR_SET_MM_BRK, 0, 0, 5);
    P(PR_SET_MM, PR_SET_MM_MAP_SIZE, 8, 0, 0);
    unsigned size = 0;
    P(PR_SET_MM, PR_SET_MM_MAP_SIZE, &size, 0, 0);
    printf("%u\n", size);

    P(PR_SET_PTRACER, 0, 0, 0, 0);

    v = -1;
    P(PR_GET_CHILD_SUBREAPER, &v, 0, 0, 0);
    printf("%d\n", v);
    P(PR_SET_CHILD_SUBREAPER, 5, 0, 0, 0);
    P(PR_GET_CHILD_SUBREAPER, &v, 0, 0, 0);
    printf("%d\n", v);
    P(PR_GET_CHILD_SUBREAPER, 8, 0, 0, 0);
    pid = t_fork();
    if (!pid) {
        prctl(PR_GET_CHILD_SUBREAPER, &v);
        _exit(v);
    }
    t_reap("subreaper is not inherited", pid);
    P(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0);

    P(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);
    P(PR_GET_NO_NEW_PRIVS, 1, 0, 0, 0);
    P(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0);
    P(PR_SET_NO_NEW_PRIVS, 1, 1, 0, 0);

    P(PR_GET_THP_DISABLE, 0, 0, 0, 0);
    P(PR_GET_THP_DISABLE, 1, 0, 0, 0);
    P(PR_SET_THP_DISABLE, 1, 0, 0, 0);
    P(PR_GET_THP_DISABLE, 0, 0, 0, 0);
    P(PR_SET_THP_DISABLE, 0, 0, 0, 0);
    P(PR_SET_THP_DISABLE, 0, 1, 1, 1);
    P(PR_MPX_ENABLE_MANAGEMENT, 0, 0, 0, 0);
    P(PR_MPX_DISABLE_MANAGEMENT, 0, 0, 0, 0);
    P(PR_SET_FP_MODE, 0, 0, 0, 0);
    P(PR_GET_FP_MODE, 0, 0, 0, 0);
    P(PR_SVE_SET_VL, 0, 0, 0, 0);
    P(PR_SVE_GET_VL, 0, 0, 0, 0);
    P(PR_PAC_RESET_KEYS, 0, 0, 0, 0);
    P(PR_SET_TAGGED_ADDR_CTRL, 0, 0, 0, 0);
    P(PR_GET_TAGGED_ADDR_CTRL, 0, 0, 0, 0);
    P(PR_SET_IO_FLUSHER, 2, 0, 0, 0);
    P(PR_SET_IO_FLUSHER, 0, 1, 0, 0);
    P(PR_GET_IO_FLUSHER, 1, 0, 0, 0);
    P(PR_SET_SYSCALL_USER_DISPATCH, 5, 0, 0, 0);
    P(PR_SET_SYSCALL_USER_DISPATCH, 0, 1, 0, 0);
    P(PR_SET_SYSCALL_USER_DISPATCH, 0, 0, 0, 0);

    char *m = mmap(NULL, 8192, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    P(0x53564d41, 1, m, 4096, "x");
    P(0x53564d41, 0, m, 4096, "name");
    P(0x53564d41, 0, m + 1, 4096, "name");
    P(0x53564d41, 0, m, 4096, 8);
    P(0x53564d41, 0, m, 4096, "bad$name");
    P(0x53564d41, 0, m, 4096, 0);
    P(0x53564d41, 0, m, 0, "x");
    P(0x53564d41, 0, m, -4096, "x");
    P(0x53564d41, 0, 0x1000, 4096, "x");

    P(0, 0, 0, 0, 0);
    P(-1, 0, 0, 0, 0);
    P(100000, 0, 0, 0, 0);

    P(PR_CAPBSET_READ, 0, 0, 0, 0);
    P(PR_CAPBSET_READ, 40, 0, 0, 0);
    P(PR_CAPBSET_READ, 41, 0, 0, 0);
    P(PR_CAPBSET_READ, -1, 0, 0, 0);
    P(PR_CAPBSET_DROP, 41, 0, 0, 0);
    P(PR_CAPBSET_DROP, 3, 0, 0, 0);
    P(PR_CAPBSET_READ, 3, 0, 0, 0);
    P(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, 1, 0, 0);
    P(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, 41, 0, 0);
    P(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, 1, 1, 0);
    P(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, 1, 0, 0);
    P(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, 77, 0, 0);
    P(PR_CAP_AMBIENT, PR_CAP_AMBIENT_LOWER, 1, 0, 0);
    P(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    P(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 1, 0, 0);
    P(PR_CAP_AMBIENT, 5, 1, 0, 0);
    P(PR_CAP_AMBIENT, 0, 1, 0, 0);

    P(PR_SET_SECUREBITS, 0x100000, 0, 0, 0);
    P(PR_SET_SECUREBITS, 1, 0, 0, 0);
    P(PR_GET_SECUREBITS, 0, 0, 0, 0);
    P(PR_SET_SECUREBITS, 0x10, 0, 0, 0);
    P(PR_GET_KEEPCAPS, 0, 0, 0, 0);
    P(PR_SET_SECUREBITS, 0x2, 0, 0, 0);
    P(PR_SET_SECUREBITS, 0x3, 0, 0, 0);
    P(PR_SET_SECUREBITS, 0x0, 0, 0, 0);
    P(PR_SET_SECUREBITS, 0x22, 0, 0, 0);
    P(PR_SET_KEEPCAPS, 1, 0, 0, 0);
    P(PR_GET_SECUREBITS, 0, 0, 0, 0);

    unsigned long l = 0;
    CALL(syscall(SYS_arch_prctl, 0x1003, &l));
    TRUE(l != 0);
    CALL(syscall(SYS_arch_prctl, 0x1004, &l));
    CALL(syscall(SYS_arch_prctl, 0x1003, 8));
    CALL(syscall(SYS_arch_prctl, 0x1001, -1));
    CALL(syscall(SYS_arch_prctl, 0x1002, 1UL << 63));
    CALL(syscall(SYS_arch_prctl, 0x1001, 0x1234));
    CALL(syscall(SYS_arch_prctl, 0x1004, &l));
    printf("%lx\n", l);
    CALL(syscall(SYS_arch_prctl, 0x1011, 0));
    CALL(syscall(SYS_arch_prctl, 0x1012, 1));
    CALL(syscall(SYS_arch_prctl, 0, 0));
    CALL(syscall(SYS_arch_prctl, 0x9999, 0));

    CALL(personality(0xffffffff));
    CALL(personality(PER_LINUX | ADDR_NO_RANDOMIZE));
    CALL(personality(0xffffffff) == ADDR_NO_RANDOMIZE);
    pid = t_fork();
    if (!pid)
        _exit(personality(0xffffffff) == ADDR_NO_RANDOMIZE);
    t_reap("personality is inherited", pid);
    CALL(personality(0) == ADDR_NO_RANDOMIZE);
    CALL(personality(PER_LINUX32));
    CALL(personality(0));
    CALL(personality(0x12345678));
    CALL(personality(0));

    P(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    P(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);
    return 0;
}
