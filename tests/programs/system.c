/* Odds and ends: uname, sysinfo, getrandom, prctl, affinity, umask, unknown calls. */
#include "t.h"
#include <sys/random.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>

int main(void) {
    struct utsname u;
    CALL(uname(&u));
    printf("%s %s\n", u.sysname, u.machine);
    TRUE(u.release[0] >= '3' && strchr(u.release, '.'));
    CALL(uname((void *)8));
    struct sysinfo s;
    CALL(sysinfo(&s));
    TRUE(s.totalram > 100 << 20 && s.freeram <= s.totalram && s.mem_unit > 0 && s.procs > 0);
    char a[300], b[300];
    TRUE(getrandom(a, 300, 0) == 300 && getrandom(b, 300, 0) == 300 && memcmp(a, b, 300));
    CALL(getrandom(a, 10, 0x100));
    CALL(getrandom((void *)8, 10, 0));
    CALL(prctl(PR_SET_NAME, "a name that is too long"));
    char name[17] = "";
    CALL(prctl(PR_GET_NAME, name));
    printf("%s\n", name);
    CALL(prctl(77777, 0));
    cpu_set_t cpus;
    TRUE(sched_getaffinity(0, sizeof cpus, &cpus) == 0 && CPU_COUNT(&cpus) >= 1);
    CALL(sched_getaffinity(99999999, sizeof cpus, &cpus));
    CPU_ZERO(&cpus);
    CALL(sched_setaffinity(0, sizeof cpus, &cpus));
    unsigned cpu, node;
    CALL(getcpu(&cpu, &node));
    TRUE(cpu < 1024);
    CALL(umask(0123));
    CALL(umask(077777));
    CALL(umask(022));
    CALL(sched_getscheduler(0));
    CALL(sched_get_priority_max(SCHED_FIFO));
    CALL(sched_get_priority_max(77));
    CALL(syscall(999));
    CALL(syscall(-1));
    CALL(syscall(SYS_personality, 0xffffffff));
    CALL(syscall(SYS_membarrier, 0, 0, 0) >= 0);
    TRUE(getpagesize() == 4096);
    TRUE(sysconf(_SC_NPROCESSORS_ONLN) >= 1 && sysconf(_SC_OPEN_MAX) > 0);
    char host[100];
    CALL(gethostname(host, sizeof host));
    TRUE(host[0] != 0);
    CALL(close_range(500, 600, 0));
    CALL(getppid() >= 0);
    CALL(ioctl(99, TCGETS, a));
    return 0;
}
