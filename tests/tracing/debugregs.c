/* ptrace(2): the debug registers of struct user, and what a program does that has breakpoints of the processor. */
#include "t.h"
#include <pthread.h>
#include <stddef.h>
#include <sys/ptrace.h>
#include <sys/user.h>

#define DR(n) (offsetof(struct user, u_debugreg) + 8 * (n))
#define PT(req, pid, addr, data) syscall(SYS_ptrace, (long)(req), (long)(pid), (long)(addr), (long)(data))

enum { EXEC = 0, WRITE = 1, IO = 2, ACCESS = 3 };
enum { ONE = 0, TWO = 4, EIGHT = 8, FOUR = 12 };
#define ON(n, kind) (1UL << 2 * (n) | KIND(n, kind))
#define KIND(n, kind) ((unsigned long)(kind) << (16 + 4 * (n)))

static pid_t pid;
static volatile long __attribute__((aligned(64))) words[8];

static long get(pid_t p, int n) {
    long value = -1;
    if (PT(PTRACE_PEEKUSER, p, DR(n), &value))
        printf("DR%d: %s\n", n, strerrorname_np(errno));
    return value;
}

static long set(int n, unsigned long value) { return PT(PTRACE_POKEUSER, pid, DR(n), value); }

static void show(const char *what, pid_t p) {
    printf("%s: DR6 %lx DR7 %lx", what, get(p, 6), get(p, 7));
    for (int i = 0; i < 4; i++)
        printf("%s", get(p, i) ? " set" : " 0");
    printf("\n");
}

static void start(void (*body)(void)) {
    pid = t_fork();
    if (!pid) {
        PT(PTRACE_TRACEME, 0, 0, 0);
        raise(SIGSTOP);
        body();
        fflush(NULL);
        _exit(42);
    }
    int status;
    waitpid(pid, &status, 0);
}

/* Waits for a stop and tells of it; 0 when there is none any more. */
static int stop(const char *what) {
    int status;
    siginfo_t info;
    struct user_regs_struct r;
    waitpid(pid, &status, __WALL);
    if (!WIFSTOPPED(status)) {
        if (WIFEXITED(status))
            printf("%s: exit %d\n", what, WEXITSTATUS(status));
        else
            printf("%s: killed by %s\n", what, sigabbrev_np(WTERMSIG(status)));
        return 0;
    }
    printf("%s: %s event %d", what, sigabbrev_np(WSTOPSIG(status)), status >> 16);
    if (!PT(PTRACE_GETSIGINFO, pid, 0, &info) && !PT(PTRACE_GETREGS, pid, 0, &r) && !(status >> 16)) {
        printf(" code %d DR6 %lx RF %d", info.si_code, get(pid, 6), (int)(r.eflags >> 16 & 1));
        if (info.si_code > 0)
            printf(" at rip %d", (long)info.si_addr == (long)r.rip);
    }
    printf("\n");
    return 1;
}

static int go(const char *what) {
    PT(PTRACE_CONT, pid, 0, 0);
    return stop(what);
}

static void end(void) {
    kill(pid, SIGKILL);
    waitpid(pid, NULL, __WALL);
}

static void nothing(void) {}

static void errors(void) {
    start(nothing);
    show("at first", pid);
    printf("DR4 %lx DR5 %lx\n", get(pid, 4), get(pid, 5));
    CALL(set(0, -1L));
    CALL(set(0, 1UL << 63));
    CALL(set(0, 1UL << 47));
    CALL(set(0, 0x7ffffffff000));
    CALL(set(0, 0xffffffffff600000));
    CALL(set(4, 0));
    CALL(set(5, 0));
    CALL(PT(PTRACE_POKEUSER, pid, DR(0) + 4, 0));
    CALL(PT(PTRACE_POKEUSER, pid, DR(8), 0));
    CALL(PT(PTRACE_POKEUSER, pid, DR(-1), 0));
    show("after errors", pid);
    CALL(set(7, KIND(1, IO)));
    show("IO off", pid);
    CALL(set(7, ON(1, IO)));
    show("IO on", pid);
    CALL(set(7, ON(1, EXEC | TWO)));
    CALL(set(7, ON(1, EXEC | FOUR)));
    CALL(set(7, ON(1, EXEC | EIGHT)));
    show("odd code", pid);
    CALL(set(7, ON(1, EXEC)));
    show("code at 0", pid);
    CALL(set(7, 0));
    CALL(set(7, KIND(1, IO)));
    CALL(set(1, (long)words + 1));
    CALL(set(7, ON(1, WRITE | ONE)));
    CALL(set(7, ON(1, WRITE | TWO)));
    CALL(set(7, ON(1, WRITE | FOUR)));
    CALL(set(7, ON(1, ACCESS | EIGHT)));
    show("kept", pid);
    CALL(set(1, (long)words));
    CALL(set(7, ON(1, WRITE | FOUR)));
    CALL(set(1, (long)words + 2));
    CALL(set(1, (long)words + 4));
    CALL(set(7, ON(1, WRITE | EIGHT)));
    CALL(set(7, ON(1, WRITE | TWO) | ON(2, IO)));
    show("one good, one bad", pid);
    CALL(set(7, 0));
    CALL(set(7, 0xffffffff00000000));
    show("high bits", pid);
    CALL(set(7, 0xfc00));
    show("reserved bits", pid);
    CALL(set(7, 0x300));
    show("exact", pid);
    CALL(set(6, 0));
    show("DR6 0", pid);
    CALL(set(6, 0xffff4ff1));
    show("DR6 of a hit", pid);
    CALL(set(6, -1L));
    show("DR6 all", pid);
    end();
}

static void writes(void) {
    volatile char *b = (char *)words;
    for (int i = 0; i < 16; i++)
        b[i] = i;
}

static void reads(void) {
    words[0] = 7;
    long sum = words[0] + words[0];
    words[1] = sum;
}

static void hits(void) {
    static const struct { const char *name; int offset, kind; } cases[] = {
        {"1 byte", 3, WRITE | ONE}, {"2 bytes", 4, WRITE | TWO}, {"4 bytes", 4, WRITE | FOUR}, {"8 bytes", 8, WRITE | EIGHT}};
    for (int i = 0; i < 4; i++) {
        start(writes);
        CALL(set(i, (long)words + cases[i].offset));
        CALL(set(7, ON(i, cases[i].kind)));
        while (go(cases[i].name)) {}
    }
    start(reads);
    set(0, (long)words);
    set(7, ON(0, WRITE | EIGHT));
    while (go("a write")) {}
    start(reads);
    set(0, (long)words);
    set(7, ON(0, ACCESS | EIGHT));
    while (go("an access")) {}
    start(reads);
    set(0, (long)words);
    set(2, (long)words + 4);
    set(3, (long)words + 8);
    set(7, ON(0, ACCESS | EIGHT) | ON(2, WRITE | FOUR) | 2UL << 6 | KIND(3, WRITE | ONE));
    while (go("several")) {}
}

static __attribute__((noinline)) void function(void) { words[2]++; }

static void calls(void) {
    for (int i = 0; i < 3; i++) {
        function();
        asm volatile("" ::: "memory");
    }
}

static void code(void) {
    start(calls);
    set(1, (long)function);
    set(7, ON(1, EXEC));
    struct user_regs_struct r;
    for (int i = 0; go("code"); i++) {
        PT(PTRACE_GETREGS, pid, 0, &r);
        printf("  at function %d\n", r.rip == (long)function);
        if (i == 1) { /* back to the same instruction, without RF */
            r.eflags &= ~0x10000UL;
            PT(PTRACE_SETREGS, pid, 0, &r);
        }
    }
}

static void stores(void) {
    asm volatile("nop; nop; movq $5, %0; nop; nop; int3; nop" : "=m"(words[0]));
}

static void steps(void) {
    start(stores);
    set(0, (long)words);
    set(7, ON(0, WRITE | EIGHT));
    go("to the store");
    for (int i = 0; i < 4; i++) {
        PT(PTRACE_SINGLESTEP, pid, 0, 0);
        stop("step");
    }
    set(6, 0xffff0ff0);
    while (go("on")) {}
    start(stores);
    set(0, (long)words);
    set(1, (long)stores);
    set(7, ON(1, EXEC));
    go("to the function");
    set(7, ON(0, WRITE | EIGHT));
    int both = 0, last = 0;
    for (int i = 0; i < 20 && !both; i++) {
        siginfo_t info;
        PT(PTRACE_SINGLESTEP, pid, 0, 0);
        waitpid(pid, NULL, 0);
        if (get(pid, 6) & 1) {
            PT(PTRACE_GETSIGINFO, pid, 0, &info);
            printf("a step that hits: code %d DR6 %lx\n", info.si_code, get(pid, 6));
            both = 1;
        }
    }
    end();
}

static void handler(int s, siginfo_t *info, void *context) {
    ucontext_t *u = context;
    printf("  handler: %s code %d at rip %d trap %d RF %d\n", sigabbrev_np(s), info->si_code,
           (long)info->si_addr == (long)u->uc_mcontext.gregs[REG_RIP], (int)u->uc_mcontext.gregs[REG_TRAPNO],
           (int)(u->uc_mcontext.gregs[REG_EFL] >> 16 & 1));
    fflush(NULL);
}

static void handles(void) {
    struct sigaction a = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    sigaction(SIGTRAP, &a, NULL);
    raise(SIGSTOP);
    calls();
    printf("  %ld\n", words[2]);
}

static void handled(void) {
    start(handles);
    go("handler is set");
    set(1, (long)function);
    set(0, (long)&words[2]);
    set(7, ON(0, WRITE | EIGHT) | ON(1, EXEC));
    int more = go("first");
    while (more) {
        PT(PTRACE_CONT, pid, 0, SIGTRAP);
        more = stop("next");
    }
}

static void *thread(void *p) {
    words[0] = 1;
    return NULL;
}

static void forks(void) {
    pid_t child = fork();
    if (!child) {
        words[0] = 2;
        _exit(3);
    }
    int status;
    waitpid(child, &status, 0);
    pthread_t t;
    pthread_create(&t, NULL, thread, NULL);
    pthread_join(t, NULL);
    words[0] = 3;
}

static void inherited(void) {
    start(forks);
    PT(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACEFORK | PTRACE_O_TRACECLONE);
    set(0, (long)words);
    set(7, ON(0, WRITE | EIGHT));
    set(6, 0xffff4ff4);
    pid_t first = pid;
    for (int i = 0; i < 2; i++) {
        pid = first;
        go("new task");
        long child = 0;
        PT(PTRACE_GETEVENTMSG, pid, 0, &child);
        waitpid(child, NULL, __WALL);
        show("new task", child);
        PT(PTRACE_CONT, first, 0, 0);
        pid = child;
        while (go("its end")) {}
        pid = first;
        if (i == 0) {
            stop("parent");
        }
    }
    while (stop("parent") && (PT(PTRACE_CONT, pid, 0, 0), 1)) {}
}

static char *self;

static void executes(void) { execl(self, self, "child", NULL); }

static void executed(void) {
    start(executes);
    PT(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACEEXEC);
    set(0, (long)words);
    set(6, 0xffff0ff1);
    set(7, ON(0, WRITE | EIGHT));
    show("before exec", pid);
    go("exec");
    show("after exec", pid);
    while (go("its end")) {}
}

static void waits(void) {
    raise(SIGSTOP);
    words[0] = 1;
}

static void detached(void) {
    start(waits);
    set(0, (long)words);
    set(7, ON(0, WRITE | EIGHT));
    go("second stop");
    PT(PTRACE_DETACH, pid, 0, SIGSTOP);
    int status;
    waitpid(pid, &status, WUNTRACED);
    printf("%d\n", WIFSTOPPED(status));
    CALL(PT(PTRACE_SEIZE, pid, 0, 0));
    CALL(PT(PTRACE_INTERRUPT, pid, 0, 0));
    waitpid(pid, &status, 0);
    show("seized", pid);
    kill(pid, SIGCONT);
    for (int i = 0; i < 10 && go("on"); i++) {}
    start(waits);
    set(0, (long)words);
    set(7, ON(0, WRITE | EIGHT));
    go("second stop");
    PT(PTRACE_DETACH, pid, 0, 0);
    waitpid(pid, &status, 0);
    if (WIFEXITED(status))
        printf("detached: exit %d\n", WEXITSTATUS(status));
    else
        printf("detached: killed by %s\n", sigabbrev_np(WTERMSIG(status)));
}

int main(int argc, char **argv) {
    self = "/proc/self/exe";
    if (argc > 1) {
        writes();
        return 5;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    errors();
    hits();
    code();
    steps();
    handled();
    inherited();
    executed();
    detached();
}
