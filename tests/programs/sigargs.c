/* The signal calls with arguments that Linux refuses: which error comes first. */
#include "t.h"
#include <linux/futex.h>
#include <sys/signalfd.h>

#define BAD ((void *)8)
struct kact {
    void *handler;
    unsigned long flags;
    void *restorer;
    unsigned long mask;
};

static void handler(int signo) {}

static void actions(void) {
    struct kact a = {.handler = SIG_IGN}, old;
    for (int size = 0; size <= 16; size += 4)
        printf("size %d: ", size), CALL(syscall(SYS_rt_sigaction, SIGUSR1, NULL, &old, size));
    CALL(syscall(SYS_rt_sigaction, 0, NULL, &old, 8));
    CALL(syscall(SYS_rt_sigaction, -1, NULL, &old, 8));
    CALL(syscall(SYS_rt_sigaction, 64, NULL, &old, 8));
    CALL(syscall(SYS_rt_sigaction, 65, NULL, &old, 8));
    CALL(syscall(SYS_rt_sigaction, SIGKILL, NULL, &old, 8));
    CALL(syscall(SYS_rt_sigaction, SIGKILL, &a, &old, 8));
    CALL(syscall(SYS_rt_sigaction, SIGSTOP, &a, NULL, 8));
    CALL(syscall(SYS_rt_sigaction, SIGUSR1, BAD, &old, 8));
    CALL(syscall(SYS_rt_sigaction, 65, BAD, &old, 8));
    CALL(syscall(SYS_rt_sigaction, SIGUSR1, NULL, BAD, 8));
    CALL(syscall(SYS_rt_sigaction, SIGUSR1, &a, BAD, 8)); /* the action is set all the same */
    CALL(syscall(SYS_rt_sigaction, SIGUSR1, NULL, &old, 8));
    TRUE(old.handler == SIG_IGN);
    a.flags = ~0ul;
    a.mask = ~0ul;
    a.handler = handler;
    CALL(syscall(SYS_rt_sigaction, SIGUSR1, &a, NULL, 8));
    CALL(syscall(SYS_rt_sigaction, SIGUSR1, NULL, &old, 8));
    printf("flags %lx mask %lx\n", old.flags, old.mask);
    a.flags = 0x04000000;
    a.handler = SIG_DFL;
    syscall(SYS_rt_sigaction, SIGUSR1, &a, &old, 8);
}

static void masks(void) {
    unsigned long set = 0, old = 0;
    CALL(syscall(SYS_rt_sigprocmask, SIG_BLOCK, &set, &old, 4));
    CALL(syscall(SYS_rt_sigprocmask, SIG_BLOCK, &set, &old, 16));
    CALL(syscall(SYS_rt_sigprocmask, 3, &set, &old, 8));
    CALL(syscall(SYS_rt_sigprocmask, -1, &set, &old, 8));
    CALL(syscall(SYS_rt_sigprocmask, 3, NULL, &old, 8));
    CALL(syscall(SYS_rt_sigprocmask, 3, NULL, NULL, 8));
    CALL(syscall(SYS_rt_sigprocmask, 3, BAD, &old, 8));
    CALL(syscall(SYS_rt_sigprocmask, SIG_BLOCK, BAD, &old, 8));
    set = 1ul << (SIGUSR2 - 1);
    CALL(syscall(SYS_rt_sigprocmask, SIG_BLOCK, &set, BAD, 8)); /* the mask is changed all the same */
    CALL(syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, &old, 8));
    printf("mask %lx\n", old);
    set = ~0ul;
    CALL(syscall(SYS_rt_sigprocmask, SIG_SETMASK, &set, NULL, 8));
    CALL(syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, &old, 8));
    printf("mask %lx\n", old);
    kill(getpid(), SIGUSR1);
    unsigned char small[16];
    memset(small, 0xaa, sizeof small);
    CALL(syscall(SYS_rt_sigpending, small, 0));
    CALL(syscall(SYS_rt_sigpending, small, 2));
    printf("%x %x %x\n", small[0], small[1], small[2]);
    CALL(syscall(SYS_rt_sigpending, small, 9));
    CALL(syscall(SYS_rt_sigpending, BAD, 8));
    CALL(syscall(SYS_rt_sigpending, BAD, 0));
    set = 0;
    CALL(syscall(SYS_rt_sigsuspend, &set, 4));
    CALL(syscall(SYS_rt_sigsuspend, BAD, 8));
    siginfo_t info;
    struct timespec t = {0, 0};
    set = 1ul << (SIGUSR2 - 1);
    CALL(syscall(SYS_rt_sigtimedwait, &set, &info, &t, 4));
    CALL(syscall(SYS_rt_sigtimedwait, BAD, &info, &t, 8));
    CALL(syscall(SYS_rt_sigtimedwait, &set, &info, BAD, 8));
    CALL(syscall(SYS_rt_sigtimedwait, &set, &info, &t, 8));
    t.tv_nsec = 1000000000;
    CALL(syscall(SYS_rt_sigtimedwait, &set, &info, &t, 8));
    t.tv_nsec = -1;
    CALL(syscall(SYS_rt_sigtimedwait, &set, &info, &t, 8));
    t.tv_sec = -1;
    t.tv_nsec = 0;
    CALL(syscall(SYS_rt_sigtimedwait, &set, &info, &t, 8));
    set = 1ul << (SIGUSR1 - 1);
    CALL(syscall(SYS_rt_sigtimedwait, &set, BAD, NULL, 8)); /* the signal is gone */
    t.tv_sec = 0;
    CALL(syscall(SYS_rt_sigtimedwait, &set, NULL, &t, 8));
    set = 0;
    CALL(syscall(SYS_rt_sigtimedwait, &set, NULL, &t, 8));
    CALL(syscall(SYS_rt_sigprocmask, SIG_SETMASK, &set, NULL, 8));
}

static void senders(void) {
    pid_t me = getpid();
    CALL(syscall(SYS_kill, me, -1));
    CALL(syscall(SYS_kill, me, 65));
    CALL(syscall(SYS_kill, 0x7fffffff, 65));
    CALL(syscall(SYS_kill, 0x7fffffff, 0));
    CALL(syscall(SYS_kill, -0x7fffffff, 0));
    CALL(syscall(SYS_kill, (int)0x80000000, 0));
    CALL(syscall(SYS_kill, 0, 0));
    CALL(syscall(SYS_tkill, 0, 0));
    CALL(syscall(SYS_tkill, -1, SIGUSR1));
    CALL(syscall(SYS_tkill, 0x7fffffff, 0));
    CALL(syscall(SYS_tkill, 0x7fffffff, 65));
    CALL(syscall(SYS_tkill, me, 65));
    CALL(syscall(SYS_tkill, me, -1));
    CALL(syscall(SYS_tkill, me, 0));
    CALL(syscall(SYS_tgkill, 0, me, 0));
    CALL(syscall(SYS_tgkill, -1, me, 0));
    CALL(syscall(SYS_tgkill, me, 0, 0));
    CALL(syscall(SYS_tgkill, me, -1, 0));
    CALL(syscall(SYS_tgkill, me, 0x7fffffff, 0));
    CALL(syscall(SYS_tgkill, me, 0x7fffffff, 65));
    CALL(syscall(SYS_tgkill, me + 1000000, me, 0));
    CALL(syscall(SYS_tgkill, me, me, 0));
    CALL(syscall(SYS_tgkill, me, me, 65));
    CALL(syscall(SYS_tgkill, me, me, -1));
}

static void queueing(void) {
    pid_t me = getpid();
    siginfo_t info;
    unsigned long block = 1ul << (SIGRTMAX - 1) | 1ul << (SIGUSR1 - 1), none = 0;
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &block, NULL, 8);
    memset(&info, 0, sizeof info);
    info.si_code = SI_QUEUE;
    CALL(syscall(SYS_rt_sigqueueinfo, me, 0, &info));
    CALL(syscall(SYS_rt_sigqueueinfo, me, 65, &info));
    CALL(syscall(SYS_rt_sigqueueinfo, me, -1, &info));
    CALL(syscall(SYS_rt_sigqueueinfo, me, SIGUSR1, BAD));
    CALL(syscall(SYS_rt_sigqueueinfo, 0, SIGUSR1, &info));
    CALL(syscall(SYS_rt_sigqueueinfo, -1, SIGUSR1, &info));
    CALL(syscall(SYS_rt_sigqueueinfo, 0x7fffffff, SIGUSR1, &info));
    CALL(syscall(SYS_rt_sigqueueinfo, 0x7fffffff, 65, &info));
    CALL(syscall(SYS_rt_tgsigqueueinfo, me, me, 0, &info));
    CALL(syscall(SYS_rt_tgsigqueueinfo, me, me, 65, &info));
    CALL(syscall(SYS_rt_tgsigqueueinfo, me, me, SIGUSR1, BAD));
    CALL(syscall(SYS_rt_tgsigqueueinfo, 0, me, SIGUSR1, &info));
    CALL(syscall(SYS_rt_tgsigqueueinfo, me, 0, SIGUSR1, &info));
    CALL(syscall(SYS_rt_tgsigqueueinfo, -1, -1, SIGUSR1, &info));
    CALL(syscall(SYS_rt_tgsigqueueinfo, me, 0x7fffffff, SIGUSR1, &info));
    CALL(syscall(SYS_rt_tgsigqueueinfo, me + 1000000, me, SIGUSR1, &info));
    /* Whatever code to oneself; to others only what cannot be mistaken for the kernel's or kill's. */
    int codes[] = {SI_USER, SI_KERNEL, SI_QUEUE, SI_TIMER, SI_MESGQ, SI_ASYNCIO, SI_SIGIO, SI_TKILL, -60, 1, 7, 1000};
    int pipes[2];
    pipe(pipes);
    pid_t child = t_fork();
    if (!child) {
        close(pipes[1]);
        char c;
        read(pipes[0], &c, 1);
        _exit(0);
    }
    for (unsigned i = 0; i < sizeof codes / sizeof *codes; i++) {
        memset(&info, 0, sizeof info);
        info.si_code = codes[i];
        info.si_signo = 3; /* is replaced */
        info.si_errno = 5;
        info.si_pid = 77;
        info.si_uid = 88;
        info.si_value.sival_ptr = (void *)0x123456789abcdef0;
        printf("code %d\n", codes[i]);
        CALL(syscall(SYS_rt_sigqueueinfo, child, 0, &info));
        CALL(syscall(SYS_rt_tgsigqueueinfo, child, child, 0, &info));
        if (CALL(syscall(SYS_rt_sigqueueinfo, me, SIGRTMAX, &info)) == 0) {
            unsigned long set = 1ul << (SIGRTMAX - 1);
            memset(&info, 0x55, sizeof info);
            printf("%d\n", syscall(SYS_rt_sigtimedwait, &set, &info, NULL, 8) == SIGRTMAX);
            printf("signo %d errno %d code %d pid %d uid %d value %p\n", info.si_signo == SIGRTMAX, info.si_errno,
                   info.si_code, info.si_pid, info.si_uid, info.si_value.sival_ptr);
        }
    }
    close(pipes[1]);
    t_reap("child", child);
    /* All bytes of a queued siginfo arrive. */
    unsigned char *bytes = (unsigned char *)&info;
    for (int i = 0; i < 128; i++)
        bytes[i] = i + 1;
    info.si_code = -20;
    CALL(syscall(SYS_rt_sigqueueinfo, me, SIGRTMAX, &info)); /* too much for a layout that is not known */
    info.si_code = -60;
    CALL(syscall(SYS_rt_sigqueueinfo, me, SIGRTMAX, &info));
    unsigned long set = 1ul << (SIGRTMAX - 1);
    memset(&info, 0, sizeof info);
    syscall(SYS_rt_sigtimedwait, &set, &info, NULL, 8);
    for (int i = 12; i < 128; i++)
        printf("%d ", bytes[i]);
    printf("\n");
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, NULL, 8);
}

static void limits(void) {
    struct rlimit small = {5, 5}, old;
    getrlimit(RLIMIT_SIGPENDING, &old);
    small.rlim_max = old.rlim_max;
    unsigned long block = ~0ul, none = 0;
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &block, NULL, 8);
    CALL(setrlimit(RLIMIT_SIGPENDING, &small));
    union sigval v = {.sival_int = 1};
    int n = 0;
    while (sigqueue(getpid(), SIGRTMIN, v) == 0)
        n++;
    printf("queued some %d then %s\n", n > 0 && n <= 5, strerrorname_np(errno));
    CALL(sigqueue(getpid(), SIGUSR1, v));
    CALL(kill(getpid(), SIGRTMIN + 1)); /* is pending without an entry */
    CALL(syscall(SYS_tkill, getpid(), SIGRTMIN + 2));
    CALL(raise(SIGUSR2));
    siginfo_t info;
    struct timespec zero = {0, 0};
    int got;
    sigset_t all;
    sigfillset(&all);
    while ((got = sigtimedwait(&all, &info, &zero)) > 0)
        if (got != SIGRTMIN) /* how many there are others of the user decide */
            printf("%d code %d pid ok %d value %d\n", got, info.si_code, info.si_pid == getpid(), info.si_value.sival_int);
    setrlimit(RLIMIT_SIGPENDING, &old);
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, NULL, 8);
}

static void alternate(void) {
    static char space[65536];
    stack_t s = {.ss_sp = space, .ss_size = sizeof space}, old;
    CALL(sigaltstack(BAD, NULL));
    CALL(sigaltstack(NULL, BAD));
    CALL(sigaltstack(NULL, NULL));
    CALL(sigaltstack(NULL, &old));
    printf("flags %x size %zu sp %p\n", old.ss_flags, old.ss_size, old.ss_sp);
    int flags[] = {0, SS_ONSTACK, SS_DISABLE, SS_ONSTACK | SS_DISABLE, 4, -1, 1 << 31, (1 << 31) | 1, (1 << 31) | 2};
    for (int i = 0; i < 9; i++) {
        s.ss_flags = flags[i];
        printf("flags %x: ", flags[i]);
        CALL(sigaltstack(&s, NULL));
        CALL(sigaltstack(NULL, &old));
        printf("flags %x size %zu sp ok %d\n", old.ss_flags, old.ss_size, old.ss_sp == space);
    }
    s.ss_flags = 0;
    s.ss_size = 2047;
    CALL(sigaltstack(&s, NULL));
    s.ss_size = 0;
    CALL(sigaltstack(&s, NULL));
    s.ss_size = -1;
    s.ss_flags = SS_DISABLE;
    CALL(sigaltstack(&s, NULL));
    s.ss_size = sizeof space;
    s.ss_flags = 0;
    CALL(sigaltstack(&s, BAD)); /* set all the same */
    CALL(sigaltstack(NULL, &old));
    printf("flags %x size %zu\n", old.ss_flags, old.ss_size);
    s.ss_flags = SS_DISABLE;
    sigaltstack(&s, NULL);
}

static void signalfds(void) {
    unsigned long set = 1ul << (SIGUSR1 - 1);
    CALL(syscall(SYS_signalfd4, -1, &set, 4, 0));
    CALL(syscall(SYS_signalfd4, -1, &set, 16, 0));
    CALL(syscall(SYS_signalfd4, -1, BAD, 8, 0));
    CALL(syscall(SYS_signalfd4, -1, &set, 8, 1));
    CALL(syscall(SYS_signalfd4, -1, BAD, 8, 1));
    CALL(syscall(SYS_signalfd4, -2, &set, 8, 0));
    CALL(syscall(SYS_signalfd4, 999, &set, 8, 0));
    CALL(syscall(SYS_signalfd4, 0, &set, 8, 0));
    int fd = WORKS(syscall(SYS_signalfd4, -1, &set, 8, SFD_NONBLOCK | SFD_CLOEXEC));
    TRUE(fcntl(fd, F_GETFD) == FD_CLOEXEC);
    printf("%x\n", fcntl(fd, F_GETFL));
    TRUE(syscall(SYS_signalfd4, fd, &set, 8, 0) == fd);
    char small[127];
    struct signalfd_siginfo info[2];
    CALL(read(fd, small, sizeof small));
    CALL(read(fd, small, 0));
    CALL(read(fd, info, sizeof info));
    CALL(write(fd, info, sizeof info));
    CALL(lseek(fd, 0, SEEK_SET));
    CALL(pread(fd, info, sizeof info, 0));
    CALL(ftruncate(fd, 0));
    CALL(fsync(fd));
    struct pollfd p = {fd, POLLIN | POLLOUT, 0};
    CALL(poll(&p, 1, 0));
    syscall(SYS_rt_sigprocmask, SIG_BLOCK, &set, NULL, 8);
    union sigval v = {.sival_int = -3};
    sigqueue(getpid(), SIGUSR1, v);
    CALL(poll(&p, 1, 0));
    printf("%x\n", p.revents);
    CALL(read(fd, BAD, 128));
    memset(info, 0x77, sizeof info);
    if (CALL(read(fd, info, sizeof info)) == 128) {
        printf("%d %d %d %d %d %d %lx\n", info[0].ssi_signo, info[0].ssi_errno, info[0].ssi_code,
               info[0].ssi_pid == getpid(), info[0].ssi_uid == getuid(), info[0].ssi_int, (long)info[0].ssi_ptr);
        int sum = 0;
        for (int i = 16; i < 128; i++)
            if (i < 44 || i >= 56)
                sum += ((unsigned char *)info)[i];
        printf("the rest %d\n", sum - (int)(getuid() & 255));
    }
    close(fd);
    syscall(SYS_rt_sigprocmask, SIG_UNBLOCK, &set, NULL, 8);
}

int main(void) {
    actions();
    masks();
    senders();
    queueing();
    limits();
    alternate();
    signalfds();
    CALL(syscall(SYS_restart_syscall));
    return 0;
}
