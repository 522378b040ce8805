/* Faults of the processor and the frame of a handler: codes, addresses, registers, vector state. */
#include "t.h"
#include <immintrin.h>
#include <pthread.h>
#include <setjmp.h>
#include <ucontext.h>

static sigjmp_buf back;
static siginfo_t info;
static volatile long err, trap, cr2, faulting;

static void catcher(int signo, siginfo_t *i, void *context) {
    ucontext_t *u = context;
    __asm__ volatile("pushf; andq $~0x40000, (%%rsp); popf" ::: "memory", "cc"); /* no alignment check here */
    info = *i;
    err = u->uc_mcontext.gregs[REG_ERR];
    trap = u->uc_mcontext.gregs[REG_TRAPNO];
    cr2 = u->uc_mcontext.gregs[REG_CR2];
    faulting = u->uc_mcontext.gregs[REG_RIP];
    siglongjmp(back, 1);
}

#define FAULT(what, address, ...)                                                                              \
    do {                                                                                                        \
        memset(&info, 0, sizeof info);                                                                          \
        if (!sigsetjmp(back, 1)) {                                                                              \
            __VA_ARGS__;                                                                                        \
            printf("%s: no fault\n", what);                                                                     \
        } else                                                                                                  \
            printf("%s: %s code %d address %d at ip %d err %lx trap %ld cr2 %d\n", what, sigabbrev_np(info.si_signo), \
                   info.si_code, info.si_addr == (void *)(address), info.si_addr == (void *)faulting,               \
                   trap == 14 ? err : 0, trap, /* the selector in others is seldom known */                        \
                   cr2 == (long)(address));                                                                     \
    } while (0)

static void memory_faults(void) {
    volatile char c;
    char *page = mmap(NULL, 4096 * 3, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    FAULT("read of nothing", 16, c = *(volatile char *)16);
    FAULT("write to nothing", 16, *(volatile char *)16 = 1);
    FAULT("execution of nothing", 16, ((void (*)(void))16)());
    page[0] = (char)0xc3;
    FAULT("execution of data", page, ((void (*)(void))page)());
    mprotect(page, 4096, PROT_READ);
    FAULT("write to what may be read", page + 5, page[5] = 1);
    mprotect(page, 4096, PROT_NONE);
    FAULT("read of no access", page + 5, c = page[5]);
    FAULT("write of no access", page + 5, page[5] = 1);
    munmap(page + 4096, 4096);
    FAULT("read of unmapped", page + 4100, c = page[4100]);
    FAULT("read across pages", page + 8191, c = page[8191]);
    FAULT("read of a non-canonical address", 0, c = *(volatile char *)0x8000000000000000ul);
    FAULT("read of the kernel's half", 0xffffffff80000000ul, c = *(volatile char *)0xffffffff80000000ul);
    t_enter();
    int fd = open("f", O_RDWR | O_CREAT, 0600);
    ftruncate(fd, 100);
    char *m = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    c = m[50];
    m[200] = 1;
    FAULT("read past the end of a file", m + 4096, c = m[4096]);
    FAULT("write past the end of a file", m + 5000, m[5000] = 1);
    char *priv = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    FAULT("private past the end of a file", priv + 5000, priv[5000] = 1);
    ftruncate(fd, 0);
    FAULT("read of a file that was cut", m, c = m[0]);
    t_leave();
}

static void instructions(void) {
    FAULT("ud2", faulting, __asm__ volatile("ud2"));
    FAULT("hlt", 0, __asm__ volatile("hlt"));
    FAULT("cli", 0, __asm__ volatile("cli"));
    FAULT("mov to cr3", 0, __asm__ volatile("mov %0, %%cr3" ::"r"(0l)));
    FAULT("int 3", 0, __asm__ volatile("int3"));
    FAULT("int 0x42", 0, __asm__ volatile("int $0x42"));
    FAULT("division", faulting, __asm__ volatile("div %0" ::"r"(0) : "eax", "edx"));
    FAULT("overflow of a quotient", faulting, {
        int lo = INT_MIN, hi = -1;
        __asm__ volatile("idivl %2" : "+a"(lo), "+d"(hi) : "r"(-1));
    });
    unsigned short cw = 0x37b; /* division by zero unmasked */
    FAULT("x87 division", faulting, __asm__ volatile("fldcw %0; fldz; fld1; fdivp; fwait" ::"m"(cw)));
    cw = 0x37e;
    FAULT("x87 invalid", faulting, __asm__ volatile("fninit; fldcw %0; fldz; fldz; fdivp; fwait" ::"m"(cw)));
    __asm__ volatile("fninit");
    unsigned csr = 0x1f80, old = _mm_getcsr();
    float zero = 0, one = 1;
    int bits[] = {7, 9, 10, 11, 12};
    csr = 0x1f80 & ~(1 << 9);
    FAULT("SSE division", faulting, {
        __asm__ volatile("ldmxcsr %0; movss %1, %%xmm0; divss %2, %%xmm0" ::"m"(csr), "m"(one), "m"(zero) : "xmm0");
    });
    _mm_setcsr(old);
    csr = 0x1f80 & ~(1 << 7);
    FAULT("SSE invalid", faulting, {
        __asm__ volatile("ldmxcsr %0; movss %1, %%xmm0; divss %2, %%xmm0" ::"m"(csr), "m"(zero), "m"(zero) : "xmm0");
    });
    _mm_setcsr(old);
    csr = 0x1f80 & ~(1 << 10);
    float big = 3e38f;
    FAULT("SSE overflow", faulting, {
        __asm__ volatile("ldmxcsr %0; movss %1, %%xmm0; mulss %1, %%xmm0" ::"m"(csr), "m"(big) : "xmm0");
    });
    _mm_setcsr(old);
    csr = 0x1f80 & ~(1 << 12);
    float three = 3;
    FAULT("SSE precision", faulting, {
        __asm__ volatile("ldmxcsr %0; movss %1, %%xmm0; divss %2, %%xmm0" ::"m"(csr), "m"(one), "m"(three) : "xmm0");
    });
    _mm_setcsr(old);
    FAULT("misaligned SSE", 0, __asm__ volatile("movaps 1(%%rsp), %%xmm0" ::: "xmm0"));
    FAULT("bad mxcsr", 0, {
        unsigned bad = 0xffff0000;
        __asm__ volatile("ldmxcsr %0" ::"m"(bad));
    });
    FAULT("alignment check", 0, {
        __asm__ volatile("pushf; orq $0x40000, (%%rsp); popf; mov 1(%%rsp), %%eax; pushf; andq $~0x40000, (%%rsp); popf"
                         ::: "eax", "memory");
    });
    __asm__ volatile("pushf; andq $~0x40000, (%%rsp); popf" ::: "memory", "cc");
    FAULT("trap flag", 0, __asm__ volatile("pushf; orq $0x100, (%%rsp); popf; nop" ::: "memory", "cc"));
    FAULT("bad segment", 0, __asm__ volatile("mov %0, %%ds" ::"r"(0x1234)));
    FAULT("bound-less jump", 0, __asm__ volatile("jmp *%0" ::"r"(0x8000000000000000ul)));
}

/* What a handler does to vector registers is undone; what it writes into the frame is loaded. */
static volatile int magic_ok, ymm_seen;
static unsigned long long features;

static void frame(int signo, siginfo_t *i, void *context) {
    ucontext_t *u = context;
    char *fp = (char *)u->uc_mcontext.fpregs;
    unsigned *sw = (unsigned *)(fp + 464);
    magic_ok = sw[0] == 0x46505853 && *(unsigned *)(fp + sw[1] - 4) == 0x46505845 && sw[4] == sw[1] - 4;
    features = *(unsigned long long *)(sw + 2);
    printf("magic %d aligned %d flags %lx features %d\n", magic_ok, ((long)fp & 63) == 0, (long)u->uc_flags & 7,
           (features & 3) == 3);
    printf("cs %x ss %x mask %lx\n", (unsigned)(u->uc_mcontext.gregs[REG_CSGSFS] & 0xffff),
           (unsigned)((unsigned long)u->uc_mcontext.gregs[REG_CSGSFS] >> 48), *(unsigned long *)&u->uc_sigmask);
    printf("xmm5 %x %x\n", *(unsigned *)(fp + 160 + 5 * 16), *(unsigned *)(fp + 160 + 5 * 16 + 12));
    *(unsigned *)(fp + 160 + 6 * 16) = 0x66666666;
    *(unsigned long long *)(fp + 512) |= 2; /* SSE is there */
    if ((features & 4) && (*(unsigned long long *)(fp + 512) & 4)) {
        printf("ymm7 %x\n", *(unsigned *)(fp + 576 + 7 * 16));
        ymm_seen = 1;
    }
    __asm__ volatile("pxor %%xmm5, %%xmm5; pxor %%xmm6, %%xmm6; fninit; fldpi" ::: "xmm5", "xmm6");
    if (__builtin_cpu_supports("avx"))
        __asm__ volatile("vzeroall" ::: "memory");
    _mm_setcsr(0x1fc0);
}

__attribute__((target("avx"))) static void vectors(void) {
    struct sigaction a = {.sa_sigaction = frame, .sa_flags = SA_SIGINFO};
    sigaction(SIGUSR1, &a, NULL);
    unsigned five[4] = {0x55, 0x56, 0x57, 0x58}, six[4] = {1, 2, 3, 4}, seven[8] = {7, 7, 7, 7, 0x70, 0x71, 0x72, 0x73};
    unsigned five_after[4], six_after[4], seven_after[8];
    long pid = getpid(), tid = gettid();
    int avx = __builtin_cpu_supports("avx");
    unsigned csr = _mm_getcsr();
    __asm__ volatile("movups %0, %%xmm5; movups %1, %%xmm6" ::"m"(five), "m"(six) : "xmm5", "xmm6");
    if (avx)
        __asm__ volatile("vmovups %0, %%ymm7" ::"m"(seven) : "xmm7");
    long r;
    __asm__ volatile("syscall" : "=a"(r) : "a"(SYS_tgkill), "D"(pid), "S"(tid), "d"(SIGUSR1) : "rcx", "r11", "memory");
    __asm__ volatile("movups %%xmm5, %0; movups %%xmm6, %1" : "=m"(five_after), "=m"(six_after));
    if (avx)
        __asm__ volatile("vmovups %%ymm7, %0; vzeroupper" : "=m"(seven_after));
    printf("xmm5 kept %d xmm6 %x %x mxcsr kept %d\n", !memcmp(five, five_after, 16), six_after[0], six_after[1],
           _mm_getcsr() == csr);
    if (avx)
        printf("ymm7 kept %d seen %d\n", !memcmp(seven, seven_after, 32), ymm_seen);
    if (__builtin_cpu_supports("avx512f")) {
        static unsigned char in[64], out[64];
        for (int i = 0; i < 64; i++)
            in[i] = i * 3;
        unsigned short k = 0xa5c3, k_after;
        __asm__ volatile("vmovups %1, %%zmm9; vmovups %1, %%zmm25; kmovw %2, %%k3\n syscall\n"
                         "vmovups %%zmm9, %3; kmovw %%k3, %%eax; mov %%ax, %4"
                         : "+a"(r)
                         : "m"(in), "r"((int)k), "m"(out), "m"(k_after), "D"(pid), "S"(tid), "d"(SIGUSR1)
                         : "rcx", "r11", "memory");
        printf("zmm9 kept %d k3 kept %d\n", !memcmp(in, out, 64), k == k_after);
    }
}

static void step(int signo, siginfo_t *i, void *context) {
    ucontext_t *u = context;
    u->uc_mcontext.gregs[REG_RAX] = 0x1234;
    u->uc_mcontext.gregs[REG_R15] = 0x5678;
    u->uc_mcontext.gregs[REG_EFL] |= 1; /* carry */
}

static void changed(void) {
    struct sigaction a = {.sa_sigaction = step, .sa_flags = SA_SIGINFO};
    sigaction(SIGUSR1, &a, NULL);
    long rax, r15, carry;
    __asm__ volatile("xor %%r15, %%r15; clc; syscall; setc %%cl; movzx %%cl, %2; mov %%r15, %1"
                     : "=a"(rax), "=r"(r15), "=r"(carry)
                     : "a"(SYS_tgkill), "D"(getpid()), "S"(gettid()), "d"(SIGUSR1)
                     : "rcx", "r11", "r15", "memory");
    printf("rax %lx r15 %lx carry %ld\n", rax, r15, carry & 1);
}

/* SS_AUTODISARM: the stack is disarmed while the handler runs and armed again after it. */
static char stack[65536];
static void on_stack(int signo, siginfo_t *i, void *context) {
    char here;
    stack_t s;
    ucontext_t *u = context;
    sigaltstack(NULL, &s);
    printf("on it %d flags %x size %zu frame: flags %x size %zu\n", &here > stack && &here < stack + sizeof stack, s.ss_flags,
           s.ss_size, u->uc_stack.ss_flags, u->uc_stack.ss_size);
    stack_t other = {.ss_sp = stack, .ss_size = 8192};
    CALL(sigaltstack(&other, NULL));
}

static void stacks(void) {
    struct sigaction a = {.sa_sigaction = on_stack, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    sigaction(SIGUSR1, &a, NULL);
    int flags[] = {0, SS_ONSTACK, (int)(1u << 31)};
    for (int i = 0; i < 3; i++) {
        stack_t s = {.ss_sp = stack, .ss_size = sizeof stack, .ss_flags = flags[i]};
        CALL(sigaltstack(&s, NULL));
        raise(SIGUSR1);
        sigaltstack(NULL, &s);
        printf("after: flags %x size %zu\n", s.ss_flags, s.ss_size);
    }
    stack_t s = {.ss_flags = SS_DISABLE};
    sigaltstack(&s, NULL);
}

/* A frame that cannot be written kills. */
static void nothing(int signo) {}
static void unwritable(void) {
    pid_t pid = t_fork();
    if (!pid) {
        struct rlimit none = {0, 0};
        setrlimit(RLIMIT_CORE, &none);
        signal(SIGUSR1, nothing);
        signal(SIGSEGV, nothing);
        long me = getpid();
        __asm__ volatile("mov $8, %%rsp; syscall; ud2" ::"a"(SYS_kill), "D"(me), "S"(SIGUSR1) : "rcx", "r11", "memory");
    }
    t_reap("no stack", pid);
    pid = t_fork();
    if (!pid) {
        struct rlimit none = {0, 0};
        setrlimit(RLIMIT_CORE, &none);
        __asm__ volatile("mov $8, %%rsp; syscall; ud2" ::"a"(SYS_rt_sigreturn) : "rcx", "r11", "memory");
    }
    t_reap("sigreturn from nowhere", pid);
    pid = t_fork();
    if (!pid) {
        struct rlimit none = {0, 0};
        setrlimit(RLIMIT_CORE, &none);
        struct {
            void *handler;
            unsigned long flags;
            void *restorer;
            unsigned long mask;
        } k = {nothing, 0, 0, 0};
        syscall(SYS_rt_sigaction, SIGUSR1, &k, NULL, 8);
        kill(getpid(), SIGUSR1);
        _exit(1);
    }
    t_reap("no restorer", pid);
    pid = t_fork();
    if (!pid) {
        struct rlimit none = {0, 0};
        setrlimit(RLIMIT_CORE, &none);
        sigset_t s;
        sigfillset(&s);
        sigprocmask(SIG_BLOCK, &s, NULL);
        signal(SIGSEGV, nothing);
        *(volatile int *)8 = 1; /* blocked: kills all the same */
        _exit(1);
    }
    t_reap("blocked fault", pid);
}

int main(void) {
    struct sigaction a = {.sa_sigaction = catcher, .sa_flags = SA_SIGINFO};
    int list[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP};
    for (int i = 0; i < 5; i++)
        sigaction(list[i], &a, NULL);
    memory_faults();
    instructions();
    vectors();
    changed();
    stacks();
    unwritable();
    return 0;
}
