/* Floating point and vector registers survive system calls, handlers, forks and other threads. */
#include "t.h"
#include <fenv.h>
#include <pthread.h>

static volatile double noise;
static volatile int ran;

static void scramble(void) {
    __asm__ volatile("pcmpeqd %%xmm0, %%xmm0\n pcmpeqd %%xmm1, %%xmm1\n pcmpeqd %%xmm2, %%xmm2\n"
                     "pcmpeqd %%xmm7, %%xmm7\n pcmpeqd %%xmm15, %%xmm15\n fninit\n fldpi\n" ::
                         : "xmm0", "xmm1", "xmm2", "xmm7", "xmm15");
    fesetround(FE_UPWARD);
}

static void handler(int signo) {
    ran++;
    scramble();
}

/* Loads patterns, does something, and compares. */
#define CHECK(name, action)                                                                  \
    do {                                                                                     \
        unsigned long in[8], out[8];                                                         \
        for (int i = 0; i < 8; i++)                                                          \
            in[i] = 0x0123456789abcdefUL * (i + 3);                                          \
        unsigned mxcsr_in = 0x7f80, mxcsr_out; /* round towards zero */                      \
        double st = 2.5, st_out;                                                             \
        register long rax __asm__("rax") = 0;                                                \
        __asm__ volatile("ldmxcsr %[mi]\n"                                                   \
                         "movdqu (%[in]), %%xmm0\n movdqu 16(%[in]), %%xmm2\n"               \
                         "movdqu 32(%[in]), %%xmm7\n movdqu 48(%[in]), %%xmm15\n fldl %[st]\n" \
                         action                                                              \
                         "fstpl %[so]\n movdqu %%xmm0, (%[out])\n movdqu %%xmm2, 16(%[out])\n" \
                         "movdqu %%xmm7, 32(%[out])\n movdqu %%xmm15, 48(%[out])\n stmxcsr %[mo]\n" \
                         : [so] "=m"(st_out), [mo] "=m"(mxcsr_out), "+r"(rax)                \
                         : [mi] "m"(mxcsr_in), [in] "r"(in), [out] "r"(out), [st] "m"(st),   \
                           [pid] "r"((long)getpid())                                         \
                         : "memory", "rcx", "r11", "rdi", "rsi", "xmm0", "xmm2", "xmm7", "xmm15"); \
        printf("%s: vectors %s, x87 %s, mxcsr %x\n", name,                                   \
               memcmp(in, out, sizeof in) ? "LOST" : "kept", st_out == st ? "kept" : "LOST", mxcsr_out); \
        unsigned normal = 0x1f80;                                                            \
        __asm__ volatile("ldmxcsr %0" ::"m"(normal));                                        \
    } while (0)

static void *other(void *stop) {
    double x = 1;
    while (!*(volatile int *)stop) {
        scramble();
        x = x * 1.0000001;
        sched_yield();
    }
    noise = x;
    return NULL;
}

int main(void) {
    signal(SIGUSR1, handler);
    CHECK("getpid", "mov $39, %%eax\n syscall\n");
    CHECK("sched_yield", "mov $24, %%eax\n syscall\n");
    CHECK("kill with handler", "mov %[pid], %%rdi\n mov $10, %%esi\n mov $62, %%eax\n syscall\n");
    printf("handler ran %d\n", ran);
    int stop = 0;
    pthread_t t;
    pthread_create(&t, NULL, other, &stop);
    CHECK("beside another thread", "mov $200, %%edi\n 1: mov $24, %%eax\n syscall\n dec %%edi\n jnz 1b\n");
    stop = 1;
    pthread_join(t, NULL);
    fesetround(FE_DOWNWARD);
    pid_t pid = t_fork();
    if (!pid)
        _exit(fegetround() == FE_DOWNWARD ? 0 : 1);
    t_reap("rounding in a child", pid);
    TRUE(fegetround() == FE_DOWNWARD);
    fesetround(FE_TONEAREST);
    if (__builtin_cpu_supports("avx")) {
        float in[8] = {1, 2, 3, 4, 5, 6, 7, 8}, out[8];
        long self = getpid();
        __asm__ volatile("vmovups %1, %%ymm5\n mov %2, %%rdi\n mov $10, %%esi\n mov $62, %%eax\n syscall\n vmovups %%ymm5, %0\n"
                         : "=m"(out)
                         : "m"(in), "r"(self)
                         : "rax", "rcx", "r11", "rdi", "rsi", "memory", "xmm5");
        printf("ymm %s\n", memcmp(in, out, sizeof in) ? "LOST" : "kept");
    } else
        printf("ymm kept\n");
    return 0;
}
