// What a process is told of itself changes when it changes, and only then: ids after setuid(2), fork(2), in threads,
// after exec of another thread than the leader, under a filter.
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static long nr(long n) { return syscall(n); }
static void ids(const char *when) {
    long pid = nr(SYS_getpid), tid = nr(SYS_gettid);
    for (int i = 0; i < 200; i++)
        if (nr(SYS_getpid) != pid || nr(SYS_gettid) != tid) printf("%s: not steady\n", when);
    printf("%s: leader %d uid %ld %ld gid %ld %ld\n", when, pid == tid, nr(SYS_getuid), nr(SYS_geteuid), nr(SYS_getgid),
           nr(SYS_getegid));
}
static void *thread(void *main_tid) {
    printf("thread: same pid %d other tid %d\n", nr(SYS_getpid) == *(long *)main_tid, nr(SYS_gettid) != *(long *)main_tid);
    ids("thread");
    return 0;
}
static void *executor(void *self) {
    char pid[20];
    sprintf(pid, "%ld", nr(SYS_getpid));
    execl(self, self, "after", pid, (char *)0);
    return 0;
}

int main(int argc, char **argv) {
    setbuf(stdout, 0);
    if (argc == 3) {
        printf("after exec: pid kept %d\n", nr(SYS_getpid) == atol(argv[2]));
        ids("after exec");
        return 0;
    }
    for (int i = 0; i < 300; i++) nr(SYS_getppid); // often, so that whatever makes calls quick is at work
    ids("start");
    long tid = nr(SYS_gettid);
    pthread_t t;
    pthread_create(&t, 0, thread, &tid);
    pthread_join(t, 0);
    if (!fork()) {
        printf("child: other pid %d parent %d\n", nr(SYS_getpid) != tid, nr(SYS_getppid) == tid);
        setresgid(7, 8, 9);
        ids("setresgid");
        setresuid(1, 2, 3);
        ids("setresuid");
        setresuid(-1, 3, -1);
        ids("effective");
        _exit(0);
    }
    wait(0);
    ids("parent");
    if (!fork()) {
        struct sock_filter code[] = {
            BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
            BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getuid, 0, 1),
            BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EXDEV),
            BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        };
        struct sock_fprog prog = {4, code};
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        printf("filter %d\n", prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog));
        errno = 0;
        long r = nr(SYS_getuid);
        printf("getuid %ld %s\n", r, strerror(errno));
        _exit(0);
    }
    wait(0);
    if (!fork()) {
        pthread_create(&t, 0, executor, argv[0][0] == '/' ? argv[0] : "/proc/self/exe");
        pause();
    }
    wait(0);
    return 0;
}
