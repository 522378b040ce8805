/*
 * Looks for what a platform may have put into the upper half of the program's address space, writes garbage there and jumps
 * into every byte of it with forged registers. Whatever happens to a child, the parent lives on and its calls work.
 */
#include "t.h"
#include <setjmp.h>

static sigjmp_buf back;
static volatile int hangs;

static void caught(int signal) {
    siglongjmp(back, signal);
}

static void catch_all(void) {
    static char stack[65536];
    stack_t s = {.ss_sp = stack, .ss_size = sizeof stack};
    sigaltstack(&s, NULL);
    struct sigaction a = {.sa_handler = caught, .sa_flags = SA_ONSTACK | SA_NODEFER};
    int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE, SIGALRM, SIGSYS};
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        sigaction(signals[i], &a, NULL);
    }
}

/* 0, or the signal that the access raised. */
static int reads(unsigned long at) {
    int signal = sigsetjmp(back, 0);
    if (signal == 0) {
        (void) *(volatile char *) at;
    }
    return signal;
}

static int writes(unsigned long at, char value) {
    int signal = sigsetjmp(back, 0);
    if (signal == 0) {
        *(volatile char *) at = value;
    }
    return signal;
}

static unsigned long saved_stack;
extern char landing[];

/* Jumps to at. Returns 0 when that came back to where rcx pointed, else the signal. */
static int jumps(unsigned long at, unsigned long rax, unsigned long rcx, unsigned long r11, unsigned long stack) {
    struct itimerval soon = {.it_value = {0, 50000}}, none = {{0}};
    int signal = sigsetjmp(back, 0);
    if (signal == 0) {
        setitimer(ITIMER_REAL, &soon, NULL);
        asm volatile("push %%rbp\n push %%rbx\n mov %%rsp, %[saved]\n"
                     "test %[stack], %[stack]\n jz 1f\n mov %[stack], %%rsp\n1:\n"
                     "mov %[r11], %%r11\n"
                     "jmp *%[at]\n"
                     ".globl landing\nlanding:\n"
                     "mov %[saved], %%rsp\n pop %%rbx\n pop %%rbp\n push $0x202\n popfq\n cld\n"
                     : [saved] "+m"(saved_stack), "+a"(rax), "+c"(rcx)
                     : [stack] "d"(stack), [r11] "D"(r11), [at] "S"(at)
                     : "memory", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "cc");
    }
    asm volatile("sub $128, %%rsp\n push $0x202\n popfq\n add $128, %%rsp\n cld" : : : "cc", "memory");
    setitimer(ITIMER_REAL, &none, NULL);
    hangs += signal == SIGALRM;
    return signal;
}

/* Runs what in a child, for some seconds at most: it may do to itself what it likes, but a signal must end it. */
static void apart(void (*what)(unsigned long), unsigned long at) {
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        what(at);
        _exit(0);
    }
    int status;
    pid_t ended = 0;
    for (int i = 0; i < 400 && ended == 0; i++) {
        ended = waitpid(child, &status, WNOHANG);
        usleep(10000);
    }
    if (ended == 0) {
        hangs++;
        kill(child, SIGKILL);
        ended = waitpid(child, &status, 0);
    }
    if (ended != child) {
        printf("waitpid: %s\n", strerrorname_np(errno));
        exit(1);
    }
}

static void calls_work(void) {
    int ends[2];
    char c = 'x';
    if (getpid() <= 0 || pipe(ends) || write(ends[1], &c, 1) != 1 || read(ends[0], &c, 1) != 1) {
        _exit(1);
    }
    close(ends[0]);
    close(ends[1]);
}

static void fill(unsigned long page) {
    static const int values[] = {0, 0xff, 1, 0x41};
    for (size_t v = 0; v < sizeof values / sizeof *values; v++) {
        for (int i = 0; i < 4096; i++) {
            writes(page + i, values[v]);
        }
        calls_work();
        for (int i = 0; i < 4096; i += 8) { /* one word at a time, a call after each */
            if (writes(page + i, values[v] ^ 0x55) == 0) {
                calls_work();
            }
        }
    }
}

static void enter(unsigned long page) {
    unsigned long forged[][4] = { /* rax, rcx, r11, stack (0: our own) */
        {39, (unsigned long) landing, 0x202, 0},
        {39, (unsigned long) landing, ~0ul, 0},
        {39, (unsigned long) landing, 0, 0x8000000000000000},
        {39, 0xffffffff80000000, 0x202, 0},
        {39, 0x8000000000000000, 0x202, 0},
        {~0ul, page, 0x40302, 0xffffffffc0001000},
    };
    for (int i = 0; i < 4096; i++) {
        for (size_t f = 0; f < sizeof forged / sizeof *forged; f++) {
            jumps(page + i, forged[f][0], forged[f][1], forged[f][2], forged[f][3]);
            if (hangs > 20) {
                _exit(0); /* the program's own problem: it was interrupted each time */
            }
        }
    }
    calls_work();
}

static int found, writable, entered;

static void look(unsigned long page) {
    int readable = reads(page) == 0;
    int w = writes(page + 8, 0) == 0 || writes(page + 4088, 0) == 0;
    int x = page != 0xffffffffff600000 && jumps(page, 39, (unsigned long) landing, 0x202, 0) != SIGSEGV;
    found += readable;
    if (readable || w || x) {
        fprintf(stderr, "%lx: %s%s%s\n", page, readable ? "r" : "-", w ? "w" : "-", x ? "x" : "-");
    }
    if (w) {
        writable++;
        apart(fill, page);
    }
    if (readable || x) {
        entered++;
        apart(enter, page);
    }
}

static void range(unsigned long start, int pages, unsigned long step) {
    for (int i = 0; i < pages; i++) {
        look(start + i * step);
    }
}

int main(void) {
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    catch_all();
    range(0xffffffff80000000, 512, 4096);
    range(0xffffffff80200000, 64, 0x200000);
    range(0xffffffffc0000000, 512, 4096);
    range(0xffffffffc0200000, 511, 0x200000);
    range(0xffffff0000000000, 64, 4096);
    range(0xffff800000000000, 256, 1ul << 39); /* the start of each top-level entry */
    range(0x00007ffffffff000, 1, 4096);
    for (unsigned long bit = 1ul << 47; bit; bit <<= 1) { /* not canonical */
        reads(bit);
        writes(bit, 0);
        jumps(bit, 39, (unsigned long) landing, 0x202, 0);
    }
    calls_work();
    fprintf(stderr, "%d readable, %d writable, %d entered, %d interrupted\n", found, writable, entered, hangs);
    printf("alive\n");
    return 0;
}
