/* Tasks end, stop, execute and signal each other while others run, sleep and come: nothing is lost, nothing hangs. */
#include "t.h"
#include <pthread.h>

static char *self;
static volatile sig_atomic_t handled;

static void handler(int signo) { handled++; }

static void *spin(void *sleep) {
    for (;;) {
        if (sleep)
            pause();
        else
            syscall(SYS_getppid);
    }
    return NULL;
}

static void *give_back(void *value) { return value; }

static void *pester(void *thread) {
    for (int i = 0; i < 300; i++)
        pthread_kill(*(pthread_t *)thread, SIGUSR1);
    return NULL;
}

static void threads(int n) {
    pthread_t t;
    for (long i = 0; i < n; i++)
        pthread_create(&t, NULL, spin, (void *)(i & 1));
}

static void expect(const char *what, pid_t pid, int wanted) {
    int status = -1;
    if (waitpid(pid, &status, 0) != pid || status != wanted)
        printf("%s: %x\n", what, status);
}

static void ends(int round) {
    pid_t pid = t_fork();
    if (!pid) {
        threads(4);
        usleep(1000);
        exit(3);
    }
    expect("exit with threads", pid, 0x300);
    pid = t_fork();
    if (!pid) {
        threads(4);
        for (;;)
            pause();
    }
    usleep(round * 317 % 5000);
    kill(pid, SIGKILL);
    expect("killed with threads", pid, SIGKILL);
    pid = t_fork();
    if (!pid) {
        threads(3);
        execl(self, self, "child", NULL);
        _exit(99);
    }
    expect("exec with threads", pid, 0);
}

static void stops(void) {
    int status;
    pid_t pid = t_fork();
    if (!pid)
        spin(NULL);
    for (int i = 0; i < 5; i++) {
        kill(pid, SIGSTOP);
        if (waitpid(pid, &status, WUNTRACED) != pid || !WIFSTOPPED(status))
            printf("stop: %x\n", status);
        kill(pid, SIGCONT);
        if (waitpid(pid, &status, WCONTINUED) != pid || !WIFCONTINUED(status))
            printf("continue: %x\n", status);
    }
    kill(pid, SIGTERM);
    expect("terminated", pid, SIGTERM);
}

static void signals(void) {
    int p[2];
    char c;
    if (pipe(p))
        return;
    pid_t pid = t_fork();
    if (!pid) {
        for (int i = 0; i < 20; i++)
            kill(getppid(), SIGUSR1);
        usleep(500);
        _exit(write(p[1], "x", 1) != 1);
    }
    if (read(p[0], &c, 1) != 1)
        printf("a restarted read: %s\n", strerrorname_np(errno));
    expect("signaller", pid, 0);
    close(p[0]);
    close(p[1]);
    pthread_t me = pthread_self(), t[3];
    for (int i = 0; i < 3; i++)
        pthread_create(&t[i], NULL, pester, &me);
    for (int i = 0; i < 3; i++)
        pthread_join(t[i], NULL);
}

static void crowds(void) {
    pthread_t t[10];
    for (long i = 0; i < 10; i++)
        pthread_create(&t[i], NULL, give_back, (void *)i);
    for (long i = 0; i < 10; i++) {
        void *result;
        pthread_join(t[i], &result);
        if (result != (void *)i)
            printf("join %ld\n", i);
    }
    int sum = 0, status;
    for (int i = 0; i < 10; i++)
        if (!t_fork())
            _exit(i);
    for (int i = 0; i < 10; i++) {
        if (wait(&status) < 0)
            printf("wait: %s\n", strerrorname_np(errno));
        sum += WEXITSTATUS(status);
    }
    if (sum != 45)
        printf("sum %d\n", sum);
}

int main(int argc, char **argv) {
    if (argc > 1)
        return 0;
    self = argv[0];
    struct sigaction a = {.sa_handler = handler, .sa_flags = SA_RESTART};
    sigaction(SIGUSR1, &a, NULL);
    for (int round = 0; round < 10; round++) {
        ends(round);
        stops();
        signals();
        crowds();
    }
    CALL(wait(NULL));
    TRUE(handled > 0);
    return 0;
}
