/* clone and clone3: which flags go together, the fields of clone_args, what the child finds. */
#include "t.h"
#include <linux/sched.h>
#include <stdatomic.h>

static char stack[65536] __attribute__((aligned(16)));

static void try(const char *name, unsigned long flags) {
    fflush(stdout);
    errno = 0;
    long pid = syscall(SYS_clone, flags, 0, NULL, NULL, 0);
    if (pid == 0)
        _exit(0);
    printf("%s: ", name);
    if (pid < 0) {
        printf("%s\n", strerrorname_np(errno));
        return;
    }
    int status = -1;
    waitpid(pid, &status, __WALL);
    printf("status %x\n", status);
}
#define TRY(f) try(#f, f)

static void combinations(void) {
    TRY(SIGCHLD);
    TRY(0);
    sigset_t set, old;
    sigemptyset(&set);
    sigaddset(&set, 64);
    sigprocmask(SIG_BLOCK, &set, &old);
    TRY(64);
    CALL(sigtimedwait(&set, NULL, &(struct timespec){0, 0}));
    TRY(65);
    TRY(255);
    TRY(CLONE_THREAD | SIGCHLD);
    TRY(CLONE_SIGHAND | SIGCHLD);
    TRY(CLONE_THREAD | CLONE_SIGHAND);
    TRY(CLONE_THREAD | CLONE_VM);
    TRY(CLONE_NEWNS | CLONE_FS | SIGCHLD);
    TRY(CLONE_NEWUSER | CLONE_FS | SIGCHLD);
    TRY(CLONE_NEWIPC | CLONE_SYSVSEM | SIGCHLD);
    TRY(CLONE_DETACHED | SIGCHLD);
    TRY(CLONE_DETACHED | CLONE_PIDFD | SIGCHLD);
    TRY(CLONE_PIDFD | CLONE_PARENT_SETTID | SIGCHLD);
    TRY(CLONE_PIDFD | SIGCHLD);
    TRY(CLONE_FILES | CLONE_FS | SIGCHLD);
    TRY(CLONE_UNTRACED | CLONE_IO | CLONE_SYSVSEM | SIGCHLD);
    TRY(CLONE_PTRACE | SIGCHLD);
    TRY(CLONE_VFORK | SIGCHLD);
    TRY(CLONE_VFORK | CLONE_FILES | SIGCHLD);
    TRY(CLONE_SETTLS | CLONE_PARENT_SETTID | 0x80000000u);
    TRY(CLONE_NEWUTS | SIGCHLD);
    TRY(CLONE_NEWIPC | SIGCHLD);
    TRY(CLONE_NEWNS | SIGCHLD);
    TRY(CLONE_NEWPID | SIGCHLD);
    TRY(CLONE_NEWUSER | SIGCHLD);
    TRY(CLONE_NEWNET | SIGCHLD);
    TRY(CLONE_NEWCGROUP | SIGCHLD);
    TRY(CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET | SIGCHLD);
    TRY(CLONE_THREAD | CLONE_SIGHAND | CLONE_VM | CLONE_NEWPID);
    TRY(CLONE_THREAD | CLONE_SIGHAND | CLONE_VM | CLONE_NEWUSER);
    TRY(CLONE_VM | CLONE_VFORK | CLONE_NEWPID | SIGCHLD);
}

static long clone3(struct clone_args *a, size_t size) {
    fflush(stdout);
    long r = syscall(SYS_clone3, a, size);
    if (r == 0)
        _exit(7);
    return r;
}

static void reap3(const char *what, long pid) {
    int status = -1;
    if (pid < 0) {
        printf("%s: %s\n", what, strerrorname_np(errno));
        return;
    }
    if (waitpid(pid, &status, __WALL) != pid)
        printf("%s: wait %s\n", what, strerrorname_np(errno));
    else
        printf("%s: status %x\n", what, status);
}

#define THREE(size, ...)                                    \
    do {                                                    \
        struct {                                            \
            struct clone_args a;                            \
            char more[8192];                                \
        } b;                                                \
        memset(&b, 0, sizeof b);                            \
        b.a = (struct clone_args){__VA_ARGS__};             \
        reap3(#size " " #__VA_ARGS__, clone3(&b.a, size));  \
    } while (0)

static void arguments(void) {
    int pidfd = -1;
    pid_t tid = -1, one[] = {1}, none[] = {0}, negative[] = {-1}, big[] = {1 << 30}, two[] = {1, 1};
    THREE(64, .exit_signal = SIGCHLD);
    THREE(80, .exit_signal = SIGCHLD);
    THREE(88, .exit_signal = SIGCHLD);
    THREE(63, .exit_signal = SIGCHLD);
    THREE(0, .exit_signal = SIGCHLD);
    THREE(89, .exit_signal = SIGCHLD);
    THREE(4096, .exit_signal = SIGCHLD);
    THREE(4097, .exit_signal = SIGCHLD);
    THREE(64, .exit_signal = 0);
    THREE(64, .exit_signal = 64);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, 64);
    CALL(sigtimedwait(&set, NULL, &(struct timespec){0, 0}));
    THREE(64, .exit_signal = 65);
    THREE(64, .exit_signal = 256);
    THREE(64, .exit_signal = -1);
    THREE(64, .exit_signal = 1ul << 32 | SIGCHLD);
    THREE(64, .flags = SIGCHLD);
    THREE(64, .flags = CLONE_DETACHED, .exit_signal = SIGCHLD);
    THREE(64, .flags = 1ul << 40, .exit_signal = SIGCHLD);
    THREE(64, .flags = 1ul << 63, .exit_signal = SIGCHLD);
    THREE(64, .flags = CLONE_CLEAR_SIGHAND, .exit_signal = SIGCHLD);
    THREE(64, .flags = CLONE_CLEAR_SIGHAND | CLONE_SIGHAND | CLONE_VM, .exit_signal = SIGCHLD);
    THREE(64, .flags = CLONE_THREAD | CLONE_SIGHAND | CLONE_VM, .exit_signal = SIGCHLD);
    THREE(64, .flags = CLONE_PARENT, .exit_signal = SIGCHLD);
    THREE(64, .flags = CLONE_SIGHAND, .exit_signal = SIGCHLD);
    THREE(64, .exit_signal = SIGCHLD, .stack = 4096);
    THREE(64, .exit_signal = SIGCHLD, .stack_size = 4096);
    THREE(64, .exit_signal = SIGCHLD, .stack = -4096, .stack_size = 8192);
    THREE(64, .exit_signal = SIGCHLD, .stack = 1ul << 63, .stack_size = 8192);
    THREE(64, .flags = CLONE_PIDFD, .exit_signal = SIGCHLD, .pidfd = (uintptr_t)&pidfd);
    TRUE(pidfd > 2 && fcntl(pidfd, F_GETFD) == FD_CLOEXEC);
    close(pidfd);
    THREE(64, .flags = CLONE_PIDFD, .exit_signal = SIGCHLD, .pidfd = 8);
    THREE(64, .flags = CLONE_PIDFD | CLONE_PARENT_SETTID, .exit_signal = SIGCHLD, .pidfd = (uintptr_t)&pidfd,
          .parent_tid = (uintptr_t)&tid);
    TRUE(tid > 1);
    close(pidfd);
    THREE(64, .flags = CLONE_PIDFD | CLONE_PARENT_SETTID, .exit_signal = SIGCHLD, .pidfd = (uintptr_t)&pidfd,
          .parent_tid = (uintptr_t)&pidfd);
    THREE(64, .flags = CLONE_PARENT_SETTID, .exit_signal = SIGCHLD, .parent_tid = 8);
    THREE(80, .exit_signal = SIGCHLD, .set_tid = (uintptr_t)one, .set_tid_size = 1);
    THREE(80, .exit_signal = SIGCHLD, .set_tid = (uintptr_t)none, .set_tid_size = 1);
    THREE(80, .exit_signal = SIGCHLD, .set_tid = (uintptr_t)negative, .set_tid_size = 1);
    THREE(80, .exit_signal = SIGCHLD, .set_tid = (uintptr_t)big, .set_tid_size = 1);
    THREE(80, .exit_signal = SIGCHLD, .set_tid = (uintptr_t)one, .set_tid_size = 0);
    THREE(80, .exit_signal = SIGCHLD, .set_tid = 0, .set_tid_size = 1);
    THREE(80, .exit_signal = SIGCHLD, .set_tid = 8, .set_tid_size = 1);
    THREE(80, .exit_signal = SIGCHLD, .set_tid = (uintptr_t)one, .set_tid_size = 33);
    THREE(80, .exit_signal = SIGCHLD, .set_tid = (uintptr_t)one, .set_tid_size = 5);
    THREE(80, .flags = CLONE_NEWPID, .exit_signal = SIGCHLD, .set_tid = (uintptr_t)one, .set_tid_size = 1);
    THREE(80, .flags = CLONE_NEWPID, .exit_signal = SIGCHLD, .set_tid = (uintptr_t)big, .set_tid_size = 1);
    THREE(80, .flags = CLONE_NEWPID, .exit_signal = SIGCHLD, .set_tid = (uintptr_t)two, .set_tid_size = 2);
    THREE(88, .flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD, .cgroup = 999);
    THREE(88, .flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD, .cgroup = 1ul << 40);
    THREE(80, .flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD);
    CALL(syscall(SYS_clone3, 8, 64));
    CALL(syscall(SYS_clone3, NULL, 64));
    struct clone_args page = {.exit_signal = SIGCHLD};
    char *m = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap(m + 4096, 4096);
    memcpy(m + 4096 - 64, &page, 64);
    reap3("up to the end of a page", clone3((void *)(m + 4096 - 64), 64));
    reap3("beyond the end of a page", clone3((void *)(m + 4096 - 64), 80));

    /* A pid of our choice. */
    pid_t pid = t_fork();
    if (!pid)
        _exit(0);
    waitpid(pid, NULL, 0);
    pid_t wish[] = {pid};
    struct clone_args a = {.exit_signal = SIGCHLD, .set_tid = (uintptr_t)wish, .set_tid_size = 1};
    fflush(stdout);
    long got = syscall(SYS_clone3, &a, sizeof a);
    if (!got)
        _exit(getpid() == pid ? 5 : 6);
    TRUE(got == pid);
    t_reap("chosen pid", got);
    wish[0] = getpid();
    CALL(syscall(SYS_clone3, &a, sizeof a));
}

static atomic_int word = 1;
static int parent_word, child_word;

static int thread(void *arg) {
    TRUE(syscall(SYS_gettid) == child_word);
    return 3;
}

static void words(void) {
    /* A child with its own thread group but our memory. */
    child_word = 77;
    parent_word = 0;
    fflush(stdout);
    pid_t pid = clone(thread, stack + sizeof stack,
                      CLONE_VM | CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | CLONE_FILES | SIGCHLD,
                      NULL, &parent_word, NULL, &child_word);
    t_reap("shares memory", pid);
    TRUE(parent_word == pid);
    TRUE(child_word == 0);
    /* Without the clearing. */
    child_word = 0;
    pid = clone(thread, stack + sizeof stack, CLONE_VM | CLONE_CHILD_SETTID | SIGCHLD, NULL, NULL, NULL, &child_word);
    t_reap("keeps the word", pid);
    TRUE(child_word == pid);
    /* In the child's memory only. */
    child_word = 0;
    pid = syscall(SYS_clone, CLONE_CHILD_SETTID | CLONE_PARENT_SETTID | SIGCHLD, 0, &parent_word, &child_word, 0);
    if (!pid)
        _exit(child_word == getpid() && parent_word != child_word ? 1 : 2);
    t_reap("words", pid);
    TRUE(child_word == 0 && parent_word == pid);
    CALL(syscall(SYS_set_tid_address, 0) == getpid());
    /* exit signals */
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, NULL);
    pid = syscall(SYS_clone, SIGUSR1, 0, 0, 0, 0);
    if (!pid)
        _exit(4);
    int status;
    CALL(waitpid(pid, &status, 0));
    CALL(waitpid(pid, &status, __WCLONE) == pid);
    siginfo_t info;
    memset(&info, 0, sizeof info);
    CALL(sigtimedwait(&set, &info, &(struct timespec){1, 0}) == SIGUSR1);
    printf("code %d status %d pid %d\n", info.si_code, info.si_status, info.si_pid == pid);
    pid = syscall(SYS_clone, SIGUSR1, 0, 0, 0, 0);
    if (!pid)
        _exit(4);
    CALL(waitpid(-1, &status, __WALL) == pid);
    CALL(sigtimedwait(&set, &info, &(struct timespec){1, 0}) == SIGUSR1);
    pid = syscall(SYS_clone, 0, 0, 0, 0, 0);
    if (!pid)
        _exit(4);
    CALL(waitpid(-1, &status, __WALL | __WNOTHREAD) == pid);
    CALL(sigtimedwait(&set, &info, &(struct timespec){0, 0}));
    /* A sibling. */
    pid = t_fork();
    if (!pid) {
        pid_t sibling = syscall(SYS_clone, CLONE_PARENT | SIGUSR1, 0, 0, 0, 0);
        if (!sibling)
            _exit(9);
        CALL(waitpid(sibling, &status, __WALL));
        fflush(stdout);
        _exit(8);
    }
    int first = 0, second = 0;
    waitpid(pid, &first, 0);
    CALL(waitpid(-1, &second, __WALL) > 0);
    printf("%x %x\n", first, second);
    CALL(waitpid(-1, &second, __WALL));
}

static int plain(void *arg) {
    char name[17] = "";
    prctl(PR_GET_NAME, name);
    return strcmp(name, "parent's name");
}

static int changes(void *arg) {
    chdir("/proc");
    umask(0);
    dup2(0, 50);
    return 0;
}

static void shared(void) {
    prctl(PR_SET_NAME, "parent's name");
    pid_t pid = clone(plain, stack + sizeof stack, SIGCHLD, NULL);
    t_reap("inherits the name", pid);
    char cwd[PATH_MAX];
    chdir("/");
    umask(022);
    pid = clone(changes, stack + sizeof stack, SIGCHLD, NULL);
    t_reap("alone", pid);
    printf("%s %o %d\n", getcwd(cwd, sizeof cwd), umask(022), fcntl(50, F_GETFD));
    pid = clone(changes, stack + sizeof stack, CLONE_FS | CLONE_FILES | SIGCHLD, NULL);
    t_reap("together", pid);
    printf("%s %o %d\n", getcwd(cwd, sizeof cwd), umask(022), fcntl(50, F_GETFD));
    close(50);
    /* unshare */
    CALL(unshare(0));
    CALL(unshare(CLONE_FS | CLONE_FILES | CLONE_SYSVSEM));
    CALL(unshare(CLONE_THREAD));
    CALL(unshare(CLONE_SIGHAND));
    CALL(unshare(CLONE_VM));
    CALL(unshare(CLONE_IO));
    CALL(unshare(CLONE_PTRACE));
    CALL(unshare(1));
    CALL(unshare(-1));
}

int main(void) {
    setvbuf(stdout, NULL, _IONBF, 0);
    combinations();
    arguments();
    words();
    shared();
    return 0;
}
