/*
 * Runs instructions that a program has no business to run, each in a child. Prints how each child ended; "= " marks what
 * Linux on amd64 fixes, "~ " what the processor or a hypervisor below may decide. No child may hang, and the parent lives on.
 */
#include "t.h"

enum { LENGTH = 24 };
#define CODE ((unsigned char *) 0x10000000)
#define DATA ((unsigned char *) 0x10010000)
#define STACK (DATA + 0x8000)

struct item {
    const char *name;
    int exact;
    int length;
    unsigned char code[LENGTH];
};

#define I(exact, name, ...) {name, exact, sizeof((unsigned char[]) {__VA_ARGS__}), {__VA_ARGS__}}

/* rdi: data, zeroed; rsp: the middle of the data; rax, rcx, rdx: 0; rbx: not canonical. */
static const struct item items[] = {
    I(1, "nop", 0x90),
    I(1, "hlt", 0xf4), I(1, "cli", 0xfa), I(1, "sti", 0xfb),
    I(1, "in al, dx", 0xec), I(1, "out dx, al", 0xee), I(1, "in eax, 0x80", 0xe5, 0x80), I(1, "insb", 0x6c), I(1, "outsb", 0x6e),
    I(1, "rep outsd", 0xf3, 0x6f),
    I(1, "lgdt", 0x0f, 0x01, 0x17), I(1, "lidt", 0x0f, 0x01, 0x1f), I(1, "lldt", 0x0f, 0x00, 0xd0), I(1, "ltr", 0x0f, 0x00, 0xd8),
    I(0, "sgdt", 0x0f, 0x01, 0x07), I(0, "sidt", 0x0f, 0x01, 0x0f), I(0, "sldt", 0x0f, 0x00, 0xc0), I(0, "str", 0x0f, 0x00, 0xc8),
    I(0, "smsw", 0x0f, 0x01, 0xe0), I(1, "lmsw", 0x0f, 0x01, 0xf0), I(1, "clts", 0x0f, 0x06),
    I(1, "mov rax, cr0", 0x0f, 0x20, 0xc0), I(1, "mov cr0, rax", 0x0f, 0x22, 0xc0), I(1, "mov cr3, rax", 0x0f, 0x22, 0xd8),
    I(1, "mov cr4, rax", 0x0f, 0x22, 0xe0), I(1, "mov cr8, rax", 0x44, 0x0f, 0x22, 0xc0), I(0, "mov cr1, rax", 0x0f, 0x22, 0xc8),
    I(1, "mov dr7, rax", 0x0f, 0x23, 0xf8), I(1, "mov rax, dr0", 0x0f, 0x21, 0xc0),
    I(1, "rdmsr", 0x0f, 0x32), I(1, "wrmsr", 0x0f, 0x30), I(0, "rdpmc", 0x0f, 0x33),
    I(1, "invlpg", 0x0f, 0x01, 0x3f), I(1, "invd", 0x0f, 0x08), I(1, "wbinvd", 0x0f, 0x09), I(0, "invpcid", 0x66, 0x0f, 0x38, 0x82, 0x07),
    I(1, "swapgs", 0x0f, 0x01, 0xf8), I(1, "sysretq", 0x48, 0x0f, 0x07), I(1, "sysretl", 0x0f, 0x07), I(0, "sysexit", 0x0f, 0x35),
    I(0, "sysenter", 0x0f, 0x34), I(1, "xsetbv", 0x0f, 0x01, 0xd1), I(1, "rsm", 0x0f, 0xaa),
    I(1, "clac", 0x0f, 0x01, 0xca), I(1, "stac", 0x0f, 0x01, 0xcb),
    I(1, "ud2", 0x0f, 0x0b), I(1, "ud1", 0x0f, 0xb9, 0xc0), I(1, "int3", 0xcc), I(1, "int1", 0xf1),
    I(1, "into, not in long mode", 0xce), I(1, "push es, not in long mode", 0x06),
    I(0, "monitor", 0x0f, 0x01, 0xc8), I(0, "mwait", 0x0f, 0x01, 0xc9), I(0, "monitorx", 0x0f, 0x01, 0xfa), I(0, "mwaitx", 0x0f, 0x01, 0xfb),
    I(0, "vmcall", 0x0f, 0x01, 0xc1), I(0, "vmmcall", 0x0f, 0x01, 0xd9), I(0, "vmlaunch", 0x0f, 0x01, 0xc2), I(0, "vmresume", 0x0f, 0x01, 0xc3),
    I(0, "vmxoff", 0x0f, 0x01, 0xc4), I(0, "vmrun", 0x0f, 0x01, 0xd8), I(0, "vmload", 0x0f, 0x01, 0xda), I(0, "vmsave", 0x0f, 0x01, 0xdb),
    I(0, "stgi", 0x0f, 0x01, 0xdc), I(0, "clgi", 0x0f, 0x01, 0xdd), I(0, "skinit", 0x0f, 0x01, 0xde), I(0, "invlpga", 0x0f, 0x01, 0xdf),
    I(0, "vmfunc", 0x0f, 0x01, 0xd4), I(0, "vmptrld", 0x0f, 0xc7, 0x37), I(0, "vmxon", 0xf3, 0x0f, 0xc7, 0x37), I(0, "vmread", 0x0f, 0x78, 0xc0),
    I(0, "encls", 0x0f, 0x01, 0xcf), I(0, "enclu", 0x0f, 0x01, 0xd7), I(0, "getsec", 0x0f, 0x37), I(0, "tdcall", 0x66, 0x0f, 0x01, 0xcc),
    I(0, "seamcall", 0x66, 0x0f, 0x01, 0xcf), I(0, "pconfig", 0x0f, 0x01, 0xc5), I(0, "pvalidate", 0xf2, 0x0f, 0x01, 0xff),
    I(0, "psmash", 0xf3, 0x0f, 0x01, 0xff), I(0, "invlpgb", 0x0f, 0x01, 0xfe), I(0, "tlbsync", 0x0f, 0x01, 0xff),
    I(0, "wrpkru", 0x0f, 0x01, 0xef), I(0, "rdpkru", 0x0f, 0x01, 0xee), I(0, "xbegin", 0xc7, 0xf8, 0, 0, 0, 0), I(0, "xabort", 0xc6, 0xf8, 0),
    I(0, "xgetbv 0", 0x0f, 0x01, 0xd0), I(0, "xrstor of zeros", 0x0f, 0xae, 0x2f), I(0, "xrstors", 0x0f, 0xc7, 0x1f),
    I(0, "xsaves", 0x0f, 0xc7, 0x2f), I(0, "hreset", 0xf3, 0x0f, 0x3a, 0xf0, 0xc0, 0), I(0, "rdpid", 0xf3, 0x0f, 0xc7, 0xf8),
    I(1, "cpuid", 0x0f, 0xa2), I(1, "rdtsc", 0x0f, 0x31), I(0, "rdtscp", 0x0f, 0x01, 0xf9), I(0, "serialize", 0x0f, 0x01, 0xe8),
    I(0, "umwait", 0xf2, 0x0f, 0xae, 0xf0), I(0, "tpause", 0x66, 0x0f, 0xae, 0xf0), I(0, "clui", 0xf3, 0x0f, 0x01, 0xee),
    I(0, "senduipi", 0xf3, 0x0f, 0xc7, 0xf0), I(0, "wrss", 0x48, 0x0f, 0x38, 0xf6, 0x07), I(0, "wruss", 0x66, 0x48, 0x0f, 0x38, 0xf5, 0x07),
    I(0, "wrfsbase, not canonical", 0xf3, 0x48, 0x0f, 0xae, 0xd3), I(0, "wrgsbase, not canonical", 0xf3, 0x48, 0x0f, 0xae, 0xdb),
    I(0, "wrgsbase, upper half", 0x48, 0xc7, 0xc0, 0, 0, 0, 0x80, 0xf3, 0x48, 0x0f, 0xae, 0xd8),
    I(0, "ldmxcsr of ones", 0xc7, 0x07, 0xff, 0xff, 0xff, 0xff, 0x0f, 0xae, 0x17),
    I(1, "fxrstor with bad mxcsr", 0xc7, 0x47, 24, 0xff, 0xff, 0xff, 0xff, 0x0f, 0xae, 0x0f),
    I(1, "16 bytes", 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x90),
    I(1, "lock nop", 0xf0, 0x90), I(1, "div by zero", 0xf7, 0xf1),
    I(1, "load, not canonical", 0x8a, 0x03), I(1, "store, not canonical", 0x88, 0x03), I(1, "jmp, not canonical", 0xff, 0xe3),
    I(1, "push, stack not canonical", 0x48, 0x89, 0xdc, 0x50), I(1, "syscall, stack not canonical", 0x48, 0x89, 0xdc),
    I(1, "load, upper half", 0x48, 0xc7, 0xc0, 0, 0, 0, 0x80, 0x8a, 0x00),
    I(1, "jmp, upper half", 0x48, 0xc7, 0xc0, 0, 0, 0, 0x80, 0xff, 0xe0),
    /* Flags: IOPL 3, nested task, alignment check, identification, virtual interrupts, and those of programs. */
    I(1, "popfq of nearly all", 0x68, 0xd7, 0x7e, 0x7d, 0x00, 0x9d),
    I(1, "popfq with the trap flag", 0x68, 0x02, 0x03, 0x00, 0x00, 0x9d),
    I(1, "misaligned load with alignment check", 0x68, 0x02, 0x02, 0x04, 0x00, 0x9d, 0x8b, 0x47, 0x01),
    I(1, "syscall with the trap flag", 0x68, 0x02, 0x03, 0x00, 0x00, 0xb8, 39, 0, 0, 0, 0x9d, 0x0f, 0x05),
    /* iretq: ss, rsp, flags, cs, rip = 0x10000017, where the child's exit stands. */
    I(1, "iretq to level 0", 0x6a, 0x18, 0x57, 0x68, 0x02, 0x02, 0, 0, 0x6a, 0x10, 0x68, 24, 0, 0, 0x10, 0x48, 0xcf),
    I(1, "iretq to ourselves", 0x6a, 0x2b, 0x57, 0x68, 0x02, 0x32, 0, 0, 0x6a, 0x33, 0x68, 24, 0, 0, 0x10, 0x48, 0xcf),
    I(0, "iretq with virtual-8086 mode", 0x6a, 0x2b, 0x57, 0x68, 0x02, 0x32, 2, 0, 0x6a, 0x33, 0x68, 24, 0, 0, 0x10, 0x48, 0xcf),
    I(0, "iretq to an odd stack segment", 0x6a, 0x0b, 0x57, 0x68, 0x02, 0x02, 0, 0, 0x6a, 0x33, 0x68, 24, 0, 0, 0x10, 0x48, 0xcf),
    I(1, "pop ss and int3", 0x6a, 0x2b, 0x58, 0x8e, 0xd0, 0xcc), I(1, "mov ss and ud2", 0x6a, 0x2b, 0x58, 0x8e, 0xd0, 0x0f, 0x0b),
    I(0, "mov ss and syscall with the trap flag", 0x68, 0x02, 0x03, 0, 0, 0xb9, 0x2b, 0, 0, 0, 0xb8, 39, 0, 0, 0, 0x9d, 0x8e, 0xd1, 0x0f, 0x05),
};

/* Behind the item: getpid twice, for the segments and flags that it left, then exit(42). */
static const unsigned char END[] = {0xb8, 39, 0, 0, 0, 0x0f, 0x05, 0xb8, 24, 0, 0, 0, 0x0f, 0x05,
    0xb8, 231, 0, 0, 0, 0xbf, 42, 0, 0, 0, 0x0f, 0x05, 0x0f, 0x0b};

static int hangs;

static void put(const unsigned char *code, int length) {
    memset(CODE, 0x90, LENGTH);
    memcpy(CODE, code, length);
    memcpy(CODE + LENGTH, END, sizeof END);
}

/* How a child ends that runs what is at CODE. */
static int outcome(void) {
    pid_t child = fork();
    if (child == 0) {
        alarm(10);
        asm volatile("mov %1, %%rsp\n"
                     "xor %%eax, %%eax\n xor %%ecx, %%ecx\n xor %%edx, %%edx\n xor %%ebp, %%ebp\n"
                     "mov $0x8000000000000000, %%rbx\n"
                     "jmp *%2"
                     : : "D"(DATA), "r"(STACK), "r"((long) CODE) : "memory", "rax", "rcx", "rdx", "rbx");
    }
    int status = -1;
    if (waitpid(child, &status, 0) != child) {
        printf("waitpid: %s\n", strerrorname_np(errno));
        exit(1);
    }
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM) {
        hangs++;
    }
    return status;
}

static void show(int exact, const char *name, int status) {
    if (WIFSIGNALED(status)) {
        printf("%s%s: SIG%s\n", exact ? "= " : "~ ", name, sigabbrev_np(WTERMSIG(status)));
    } else {
        printf("%s%s: %d\n", exact ? "= " : "~ ", name, WEXITSTATUS(status));
    }
}

/* A family of which only the sum is told. */
static void sum(const char *name, int *counts) {
    printf("~ %s:", name);
    for (int i = 0; i < 65; i++) {
        if (counts[i]) {
            printf(" %s %d", i == 64 ? "exit" : sigabbrev_np(i), counts[i]);
        }
        counts[i] = 0;
    }
    printf("\n");
}

static void count(int *counts, int status) {
    counts[WIFSIGNALED(status) ? WTERMSIG(status) : 64]++;
}

int main(void) {
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (mmap(CODE, 0x1000, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED
        || mmap(DATA, 0x10000, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED) {
        return 1;
    }
    for (size_t i = 0; i < sizeof items / sizeof *items; i++) {
        put(items[i].code, items[i].length);
        show(items[i].exact, items[i].name, outcome());
    }
    int counts[65] = {0};
    for (int n = 0; n < 256; n++) {
        unsigned char code[] = {0xcd, n};
        put(code, sizeof code);
        count(counts, outcome());
    }
    sum("int 0 to 255", counts);
    static const struct { const char *name; unsigned char modrm; } segments[] = {
        {"es", 0xc0}, {"ss", 0xd0}, {"ds", 0xd8}, {"fs", 0xe0}, {"gs", 0xe8}};
    for (size_t s = 0; s < sizeof segments / sizeof *segments; s++) {
        for (int selector = 0; selector < 128; selector++) {
            unsigned char code[] = {0xb8, selector, 0, 0, 0, 0x8e, segments[s].modrm};
            put(code, sizeof code);
            count(counts, outcome());
        }
        char name[32];
        snprintf(name, sizeof name, "mov %s", segments[s].name);
        sum(name, counts);
    }
    for (int selector = 0; selector < 128; selector++) { /* push selector; push CODE + LENGTH; lretq */
        unsigned char code[] = {0x6a, selector, 0x68, LENGTH, 0, 0, 0x10, 0x48, 0xcb};
        put(code, sizeof code);
        count(counts, outcome());
    }
    sum("far return", counts);
    for (int first = 0; first < 256; first++) { /* all of 0f xx that was not named, with a memory operand */
        unsigned char code[] = {0x0f, first, 0x07, 0, 0, 0, 0};
        put(code, sizeof code);
        count(counts, outcome());
    }
    sum("0f 00 to 0f ff", counts);
    printf("%d hang\nalive\n", hangs);
    return 0;
}
