/*
 * Throws random and hostile arguments at every system call, from several processes.
 *
 *     fuzz SEED SECONDS [PROCESSES]
 *
 * Only as process 1 of a sandbox: it kills everything it can reach. Process 1 starts the others anew, each with a seed of
 * its own that follows from SEED and the round, kills those that make no progress, and at the end looks whether the
 * kernel still serves it. A call can be left out by FUZZ_SKIP="nr nr ...", or FUZZ_ONLY names the only ones. FUZZ_LOG=1
 * has each call printed before it is made.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CALLS 470
#define MAX_CHILDREN 16
#define AREA (1 << 16)
#define PAGE 4096

static uint64_t state;
static unsigned char *area;     /* readable and writable, full of things that look like structures */
static unsigned char *readonly; /* a page */
static unsigned char *edge;     /* the end of a mapping: nothing behind it */
static volatile uint64_t *progress;
static int logging;
static unsigned char skip[1024];
static int self;

static uint64_t next(void) {
    state += 0x9e3779b97f4a7c15;
    uint64_t z = state;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

static uint64_t below(uint64_t n) { return next() % n; }

/*
 * What the arguments are: f descriptor, p path, b buffer, n length, i small number, F flags, o offset, P process, S signal,
 * a page-aligned address, l length of memory, t time, d directory descriptor, v vector, s structure, u user id, C R O c X command of ioctl, ptrace,
 * prctl, fcntl, futex, . anything
 */
static const struct {
    int nr;
    const char *arguments;
} known[] = {
    {0, "fbn"}, {1, "fbn"}, {2, "pFi"}, {3, "f"}, {4, "pb"}, {5, "fb"}, {6, "pb"}, {7, "sii"}, {8, "foi"},
    {9, "alFFfo"}, {10, "alF"}, {11, "al"}, {12, "a"}, {13, "Ssbi"}, {14, "ibbi"}, {16, "fCs"}, {17, "fbno"},
    {18, "fbno"}, {19, "fvi"}, {20, "fvi"}, {21, "pi"}, {22, "b"}, {23, "issst"}, {25, "allFa"}, {26, "alF"},
    {27, "alb"}, {28, "ali"}, {29, "ilF"}, {30, "iaF"}, {31, "iib"}, {32, "f"}, {33, "ff"}, {35, "tb"}, {36, "ib"},
    {38, "isb"}, {40, "ffsn"}, {41, "iii"}, {42, "fsn"}, {43, "fbb"}, {44, "fbnFsn"}, {45, "fbnFbb"}, {46, "fsF"},
    {47, "fsF"}, {48, "fi"}, {49, "fsn"}, {50, "fi"}, {51, "fbb"}, {52, "fbb"}, {53, "iiib"}, {54, "fiibn"},
    {55, "fiibb"}, {56, "Fabba"}, {59, "pvv"}, {61, "PbFb"}, {62, "PS"}, {63, "b"}, {64, "iiF"}, {65, "isi"},
    {66, "iiis"}, {67, "a"}, {68, "iF"}, {69, "isnF"}, {70, "isniF"}, {71, "iib"}, {72, "fcs"}, {73, "fF"}, {76, "po"},
    {77, "fo"}, {78, "fbn"}, {79, "bn"}, {80, "p"}, {81, "f"}, {82, "pp"}, {83, "pi"}, {84, "p"}, {85, "pi"},
    {86, "pp"}, {87, "p"}, {88, "pp"}, {89, "pbn"}, {90, "pi"}, {91, "fi"}, {92, "puu"}, {93, "fuu"}, {95, "i"},
    {97, "ib"}, {98, "ib"}, {99, "b"}, {100, "b"}, {101, "RP.s"}, {103, "ibn"}, {105, "u"}, {106, "u"}, {109, "PP"},
    {113, "uu"}, {114, "uu"}, {115, "nb"}, {116, "ns"}, {117, "uuu"}, {119, "uuu"}, {121, "P"}, {122, "u"}, {124, "P"},
    {125, "bb"}, {126, "bb"}, {127, "bn"}, {128, "bbtn"}, {129, "PSs"}, {130, "bn"}, {131, "sb"}, {132, "ps"},
    {133, "pii"}, {135, "i"}, {137, "pb"}, {138, "fb"}, {140, "iP"}, {141, "iPi"}, {142, "Ps"}, {143, "Pb"},
    {144, "Pis"}, {145, "P"}, {149, "al"}, {150, "al"}, {151, "F"}, {155, "pp"}, {157, "O...."}, {158, "ia"},
    {160, "is"}, {161, "p"}, {165, "pppFb"}, {166, "pF"}, {170, "bn"}, {187, "fol"}, {188, "ppbnF"}, {191, "ppbn"},
    {194, "pbn"}, {197, "pp"}, {200, "PS"}, {202, "aXitai"}, {203, "Pnb"}, {204, "Pnb"}, {213, "i"}, {217, "fbn"},
    {218, "b"}, {220, "isit"}, {221, "foli"}, {222, "isb"}, {223, "iFsb"}, {224, "ib"}, {226, "i"}, {227, "is"},
    {228, "ib"}, {230, "iFtb"}, {232, "fbii"}, {233, "fifs"}, {234, "PPS"}, {235, "ps"}, {237, "aliniF"}, {247, "iPsFb"},
    {253, ""}, {254, "fpF"}, {255, "fi"}, {257, "dpFi"}, {258, "dpi"}, {259, "dpii"}, {260, "dpuuF"}, {262, "dpbF"},
    {263, "dpF"}, {264, "dpdp"}, {265, "dpdpF"}, {266, "pdp"}, {267, "dpbn"}, {268, "dpi"}, {269, "dpi"},
    {270, "issstb"}, {271, "sitbn"}, {272, "F"}, {273, "bn"}, {274, "Pbb"}, {275, "fbfbnF"}, {276, "ffnF"}, {277, "fooF"},
    {278, "fviF"}, {279, "Pibbb"}, {280, "dpsF"}, {281, "fbii"}, {282, "fbnF"}, {283, "iF"}, {284, "iF"}, {285, "fiol"},
    {286, "fFsb"}, {287, "fb"}, {288, "fbbF"}, {289, "fbnF"}, {290, "iF"}, {291, "F"}, {292, "ffF"}, {293, "bF"},
    {294, "F"}, {295, "fvioo"}, {296, "fvioo"}, {297, "PSs"}, {298, "sPifF"}, {299, "fsiFt"}, {302, "Pisb"}, {303, "fpbbF"},
    {304, "fbF"}, {306, "f"}, {307, "fsiF"}, {308, "fF"}, {309, "bbb"}, {310, "PviviF"}, {311, "PviviF"}, {312, "PPiii"},
    {314, "PsF"}, {315, "PbnF"}, {316, "dpdpF"}, {317, "iFs"}, {318, "bnF"}, {319, "pF"}, {322, "dpvvF"}, {324, "iFi"},
    {325, "alF"}, {326, "fbfbnF"}, {327, "fviooF"}, {328, "fviooF"}, {329, "aliF"}, {330, "Fi"}, {331, "i"},
    {332, "dpFFb"}, {334, "aliF"}, {424, "fSsF"}, {428, "dpF"}, {429, "dpdpF"}, {430, "pF"}, {432, "fFF"}, {434, "PF"},
    {435, "sn"}, {436, "ffF"}, {437, "dpsn"}, {438, "ffF"}, {439, "dpiF"}, {440, "fvilF"}, {441, "fsitbn"}, {442, "dpFsn"},
    {449, "siFti"}, {451, "fssF"}, {452, "dpiF"}, {12, "a"}, {36, "ib"}, {96, "bb"}, {112, ""}, {118, "bbb"}, {120, "bbb"},
    {139, "ipb"}, {136, "ib"}, {154, "ibn"}, {159, "b"}, {164, "bb"}, {167, "pF"}, {168, "p"}, {169, "iiis"}, {171, "bn"},
    {173, "iii"}, {179, "Fpib"}, {186, ""}, {189, "ppbnF"}, {190, "fpbnF"}, {192, "ppbn"}, {193, "fpbn"}, {195, "pbn"},
    {196, "fbn"}, {198, "pp"}, {199, "fp"}, {201, "b"}, {206, "ib"}, {207, "a"}, {208, "aiist"}, {209, "aiv"}, {210, "asb"},
    {216, "aliiF"}, {219, ""}, {225, "i"}, {229, "ib"}, {238, "ibn"}, {239, "bbnaF"}, {240, "pFis"}, {241, "p"},
    {242, "fbnit"}, {243, "fbnbt"}, {244, "fs"}, {245, "fss"}, {248, "ppbni"}, {249, "pppi"}, {250, "iiiii"}, {251, "iPi"},
    {252, "iP"}, {256, "Pnbb"}, {261, "dps"}, {305, "is"}, {321, "isn"}, {323, "F"}, {333, "aiistb"}, {425, "is"},
    {426, "fiiFbn"}, {427, "fisi"}, {431, "fippi"}, {433, "dpF"}, {443, "fFib"}, {444, "snF"}, {445, "fisF"}, {446, "fF"},
    {447, "F"}, {448, "fF"}, {450, "alFF"}, {453, "alF"}, {454, "aniF"}, {455, "annFti"}, {456, "sFii"}, {457, "sbnF"},
    {458, "sbnF"}, {459, "ibbF"}, {460, "isnF"}, {461, "bbF"}, {462, "alF"},
};

static const char *signatures[CALLS];

static const char *const paths[] = {
    "", "/", ".", "..", "/tmp", "/tmp/a", "/tmp/b", "/tmp/a/c", "/tmp/link", "/tmp/fifo", "/dev/null", "/dev/zero",
    "/dev/urandom", "/dev/ptmx", "/dev/tty", "/dev/pts", "/proc", "/proc/self", "/proc/self/mem", "/proc/self/maps",
    "/proc/self/fd", "/proc/self/fd/0", "/proc/self/fd/3", "/proc/self/fd/5", "/proc/self/exe", "/proc/self/root",
    "/proc/self/status", "/proc/self/ns/user", "/proc/self/ns/pid", "/proc/self/comm", "/proc/self/oom_score_adj",
    "/proc/self/uid_map", "/proc/self/task", "/proc/self/cwd", "/proc/1/root/tmp", "/proc/sys/kernel/hostname",
    "/proc/mounts", "/proc/self/stat", "/proc/self/smaps", "/sys", "/sys/devices/system/cpu/online", "/etc/passwd",
    "/usr/bin/true", "/bin/sh", "/tmp/a/../b", "//tmp//a//", "user.x", "security.x", "system.posix_acl_access", "tmpfs",
    "proc", "[anon]", "/tmp/socket", "/usr/lib", "/nonexistent", "/tmp/\xff\xfe", "overlay", "devpts",
};

static const uint32_t ioctls[] = {
    0x5401, 0x5402, 0x5403, 0x5404, 0x5405, 0x5409, 0x540a, 0x540b, 0x540c, 0x540d, 0x540e, 0x540f, 0x5410, 0x5411, 0x5412,
    0x5413, 0x5414, 0x541b, 0x5420, 0x5421, 0x5422, 0x5423, 0x5424, 0x5425, 0x5429, 0x5450, 0x5451, 0x5452, 0x8901, 0x8903,
    0x8904, 0x8905, 0x8906, 0x8912, 0x8913, 0x80045430, 0x40045431, 0x80045432, 0x40045436, 0x80045438, 0x5441, 0xb703,
    0xb704, 0xb701, 0xb702, 0xc0502100, 0xc0182101, 0x40082102, 0x40182103, 0x80045200, 0x40045201, 0x5201, 0xc0045878,
    0x80086601, 0x40086602, 0x40049409, 0xc020660b, 0x1260, 0x4004667e, 0x4004667f,
};

static uint64_t interesting(void) {
    static const uint64_t values[] = {
        0, 1, 2, 3, 4, 5, 7, 8, 16, 31, 32, 63, 64, 65, 100, 127, 128, 255, 256, 511, 512, 1000, 1023, 1024, 1025, 4095, 4096,
        4097, 65535, 65536, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000, 0x7fffffffffffffff, 0x8000000000000000,
        0xfffffffffffff000, 0xffffffffffffffff, 0xfffffffffffffffe, 0xffffffffffffff9c, 0x7ffffffff000, 0x800000000000,
        0xffff800000000000, 0x123456789, 0x40000000, 0x7fff0000,
    };
    return values[below(sizeof values / sizeof *values)];
}

static uint64_t pointer(void) {
    switch (below(12)) {
    case 0: return 0;
    case 1: return (uint64_t)readonly + below(PAGE);
    case 2: return (uint64_t)edge - below(64);
    case 3: return (uint64_t)edge - below(PAGE);
    case 4: return interesting();
    case 5: return (uint64_t)&pointer & ~7UL;
    default: return (uint64_t)area + (below(AREA - PAGE) & ~7UL);
    }
}

static uint64_t flags(void) {
    uint64_t f = 0;
    switch (below(5)) {
    case 0: return interesting();
    case 1: return below(256);
    case 2: return next();
    default:
        for (int n = below(4); n >= 0; n--)
            f |= 1UL << below(32);
        return below(4) ? f : 0;
    }
}

/* A path, sometimes an endless one or one that ends where memory does. */
static uint64_t path(void) {
    const char *p = paths[below(sizeof paths / sizeof *paths)];
    size_t n = strlen(p) + 1;
    unsigned char *at = area + AREA - PAGE + below(PAGE / 2);
    switch (below(16)) {
    case 0: return pointer();
    case 1:
        memcpy(edge - n, p, n);
        return (uint64_t)edge - n;
    case 2:
        memset(edge - 300, 'a', 300);
        return (uint64_t)edge - 300;
    default: memcpy(at, p, n); return (uint64_t)at;
    }
}

static uint64_t descriptor(void) {
    switch (below(16)) {
    case 0: return interesting();
    case 1: return (uint64_t)-100;
    case 2: return below(1024);
    default: return 3 + below(24);
    }
}

static uint64_t process(void) {
    switch (below(10)) {
    case 0: return interesting();
    case 1: return 0;
    case 2: return self + below(6);
    case 3: return below(200);
    default: return self;
    }
}

static uint64_t argument(char kind) {
    if (below(12) == 0)
        kind = '.';
    switch (kind) {
    case 'f': return descriptor();
    case 'd': return below(3) ? (uint64_t)-100 : descriptor();
    case 'p': return path();
    case 'b':
    case 's':
    case 'v': return pointer();
    case 'n': return below(3) ? below(600) : interesting();
    case 'i': return below(3) ? below(20) : interesting();
    case 'F': return flags();
    case 'o': return below(2) ? below(1 << 20) : interesting();
    case 'P': return process();
    case 'S': {
        uint64_t n = below(4) ? below(66) : interesting();
        return (n == SIGKILL || n == SIGSTOP) && below(8) ? 0 : n;
    }
    case 'a': return below(3) ? ((uint64_t)area + below(64) * PAGE) & -PAGE : below(2) ? interesting() : pointer();
    case 'l': return below(3) ? below(32) * PAGE : interesting();
    case 'C': return ioctls[below(sizeof ioctls / sizeof *ioctls)];
    case 'R': return below(2) ? below(34) : 0x4200 + below(20);
    case 'O': return below(80);
    case 'c': return below(2) ? below(20) : 1024 + below(16);
    case 'X': return below(14) | (below(3) ? 0 : 128) | (below(4) ? 0 : 256);
    case 't': return below(2) ? (uint64_t)area + 16 * below(4) : pointer();
    case 'u': return below(3) ? below(3) + 65533 : interesting();
    default:
        switch (below(8)) {
        case 0: return next();
        case 1:
        case 2: return interesting();
        case 3: return pointer();
        case 4: return descriptor();
        case 5: return path();
        default: return below(64);
        }
    }
}

/* Fills the area with what could be meant by a structure: numbers, pointers to itself, short times. */
static void fill(void) {
    uint64_t *w = (uint64_t *)area;
    for (int i = 0; i < AREA / 8; i++)
        switch (below(8)) {
        case 0: w[i] = (uint64_t)area + below(AREA); break;
        case 1: w[i] = interesting(); break;
        case 2: w[i] = next(); break;
        case 3: w[i] = below(64) | below(64) << 32; break;
        case 4: w[i] = (uint64_t)edge - below(64); break;
        default: w[i] = below(32);
        }
    for (int i = 0; i < 4; i++) {
        w[2 * i] = 0;
        w[2 * i + 1] = below(5000000);
    }
    if (below(2)) { /* an address of a socket */
        w[8] = 1;
        strcpy((char *)(w + 8) + 2, "/tmp/socket");
    }
}

static void one(void);

static int along(void *unused) {
    for (int i = 0; i < 2000; i++)
        one();
    syscall(SYS_exit, 0);
    return 0;
}

static void open_things(void) {
    int p[2];
    for (int i = logging ? 3 : 0; i < 64; i++)
        close(i);
    for (int i = logging ? 3 : 0; i < 3; i++)
        (void)!open("/dev/null", O_RDWR);
    mkdir("/tmp/d", 0777);
    (void)!open("/tmp/a", O_RDWR | O_CREAT, 0666);
    (void)!open("/tmp/b", O_RDWR | O_CREAT | O_APPEND, 0666);
    (void)!open("/tmp", O_RDONLY | O_DIRECTORY);
    (void)!open("/proc/self", O_RDONLY | O_DIRECTORY);
    (void)!open("/etc/passwd", O_RDONLY);
    (void)!open("/dev/zero", O_RDWR);
    (void)!pipe2(p, O_NONBLOCK);
    (void)!socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, p);
    (void)!socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, p);
    (void)!socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, p);
    (void)!socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
    (void)!epoll_create1(0);
    (void)!eventfd(1, EFD_NONBLOCK);
    (void)!timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    sigset_t set;
    sigfillset(&set);
    (void)!signalfd(-1, &set, SFD_NONBLOCK);
    int m = memfd_create("m", MFD_ALLOW_SEALING);
    (void)!ftruncate(m, 3 * PAGE + 5);
    (void)!open("/dev/ptmx", O_RDWR | O_NONBLOCK | O_NOCTTY);
    (void)!open("/proc/self/mem", O_RDWR);
    (void)!open("/tmp/d", O_PATH);
    (void)!syscall(SYS_pidfd_open, getpid(), 0);
    (void)!syscall(SYS_inotify_init1, O_NONBLOCK);
    if (below(4) == 0) { /* a thread that runs along */
        static char stack[1 << 14] __attribute__((aligned(16)));
        if (getpid() == syscall(SYS_gettid))
            clone(along, stack + sizeof stack, CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD, NULL);
    }
}

static int forbidden(int nr, const uint64_t *a) {
    switch (nr) {
    case SYS_exit:
    case SYS_exit_group: return below(50) != 0;
    case SYS_pause:
    case SYS_rt_sigsuspend: return below(20) != 0;
    case SYS_vfork: return 1; /* the child would have our stack */
    case SYS_prlimit64: return (int)a[0] == 1;
    default: return nr < 1024 && skip[nr];
    }
}

static void one(void) {
    uint64_t a[6];
    int nr = below(200) ? below(CALLS) : (int)next();
    if (nr >= 0 && nr < CALLS && !signatures[nr] && below(3)) /* rather one that we know something of */
        nr = known[below(sizeof known / sizeof *known)].nr;
    const char *signature = nr >= 0 && nr < CALLS ? signatures[nr] : NULL;
    int wild = !signature || below(8) == 0;
    size_t n = signature ? strlen(signature) : 0;
    for (size_t i = 0; i < 6; i++)
        a[i] = argument(wild || i >= n ? '.' : signature[i]);
    if (forbidden(nr, a))
        return;
    if (logging)
        dprintf(2, "%d: %d %lx %lx %lx %lx %lx %lx\n", self, nr, a[0], a[1], a[2], a[3], a[4], a[5]);
    syscall(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
}

static void drop(int capability) { prctl(PR_CAPBSET_DROP, capability, 0, 0, 0); }

static void limit(int what, rlim_t value) {
    struct rlimit l = {value, value};
    setrlimit(what, &l);
}

static void child(uint64_t seed, volatile uint64_t *counter) {
    state = seed;
    self = getpid();
    progress = counter;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (unshare(CLONE_NEWNS)) /* or what they mount would be what process 1 sees */
        _exit(1);
    limit(RLIMIT_AS, 512 << 20);
    limit(RLIMIT_FSIZE, 16 << 20);
    limit(RLIMIT_NOFILE, 256);
    limit(RLIMIT_NPROC, 100);
    limit(RLIMIT_MEMLOCK, 1 << 20);
    if (seed % 3 == 0) { /* root, but for what would reach process 1 or beyond the limits */
        struct __user_cap_header_struct h = {_LINUX_CAPABILITY_VERSION_3, 0};
        struct __user_cap_data_struct d[2];
        drop(CAP_SYS_PTRACE);
        drop(CAP_SYS_RESOURCE);
        syscall(SYS_capget, &h, d);
        for (int i = 0; i < 2; i++) {
            uint32_t no = i ? 0 : 1u << CAP_SYS_PTRACE | 1u << CAP_SYS_RESOURCE;
            d[i].effective &= ~no;
            d[i].permitted &= ~no;
            d[i].inheritable &= ~no;
        }
        syscall(SYS_capset, &h, d);
    } else if (setresgid(65534, 65534, 65534) || setresuid(65534, 65534, 65534))
        _exit(1);
    area = mmap(NULL, AREA, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    readonly = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    edge = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap(edge + 2 * PAGE, PAGE);
    edge += 2 * PAGE;
    for (int i = 1; i < 65; i++)
        if (i != SIGSEGV && i != SIGBUS && i != SIGILL && i != SIGFPE)
            signal(i, SIG_IGN);
    open_things();
    fill();
    for (uint64_t i = 1;; i++) {
        one();
        if (getpid() != self || syscall(SYS_gettid) != self) { /* born by a clone: not for long */
            for (int n = 0; n < 30; n++)
                one();
            syscall(SYS_exit_group, 0);
        }
        (*progress)++;
        if (i % 64 == 0)
            fill();
        if (i % 512 == 0) {
            open_things();
            for (int n = 1; n < 65; n++)
                if (n != SIGSEGV && n != SIGBUS && n != SIGILL && n != SIGFPE)
                    signal(n, SIG_IGN);
        }
    }
}

static long millis(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void nap(int ms) {
    struct timespec t = {0, ms * 1000000L};
    nanosleep(&t, NULL);
}

/* A copy of ourselves that no other process can spoil. */
static int copy(void) {
    char buffer[1 << 16];
    int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC), to = memfd_create("fuzz", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    for (ssize_t n; (n = read(from, buffer, sizeof buffer)) > 0;)
        if (write(to, buffer, n) != n)
            return -1;
    fcntl(to, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
    return to;
}

/* Says what is known of the processes that are still there. */
static void tell(void) {
    for (int pid = 2; pid < 1 << 22; pid++) {
        char name[64], text[4096];
        if (kill(pid, 0) && errno == ESRCH)
            continue;
        static const char *const files[] = {"stat", "status", "syscall", "wchan"};
        for (int i = 0; i < 4; i++) {
            snprintf(name, sizeof name, "/proc/%d/%s", pid, files[i]);
            int fd = open(name, O_RDONLY);
            ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof text);
            close(fd);
            fprintf(stderr, "%s: %.*s\n", name, n > 0 ? (int)n : 0, text);
        }
    }
}

/* Whether the kernel still does what a program needs. */
static int healthy(int executable) {
    int p[2], status = -1;
    char c = 0;
    if (pipe(p)) {
        printf("pipe: %s\n", strerrorname_np(errno));
        return 0;
    }
    pid_t pid = fork();
    if (!pid) {
        char *arguments[] = {"fuzz", "healthy", NULL}, *environment[] = {NULL};
        (void)!write(p[1], "y", 1);
        syscall(SYS_execveat, executable, "", arguments, environment, AT_EMPTY_PATH);
        _exit(errno);
    }
    if (pid < 0 || read(p[0], &c, 1) != 1 || c != 'y' || waitpid(pid, &status, __WALL) != pid || status) {
        printf("fork, exec and wait: %d %s, status %x\n", c, strerrorname_np(errno), status);
        return 0;
    }
    close(p[0]);
    close(p[1]);
    void *m = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (m == MAP_FAILED) {
        printf("mmap: %s\n", strerrorname_np(errno));
        return 0;
    }
    memset(m, 1, 1 << 20);
    munmap(m, 1 << 20);
    return 1;
}

int main(int argc, char **argv) {
    if (argc == 2 && !strcmp(argv[1], "healthy"))
        return 0;
    if (getpid() != 1 || argc < 3) {
        fprintf(stderr, "usage, as process 1 of a sandbox only: fuzz SEED SECONDS [PROCESSES]\n");
        return 2;
    }
    int executable = copy();
    uint64_t seed = strtoull(argv[1], NULL, 0);
    long end = millis() + atol(argv[2]) * 1000;
    int count = argc > 3 ? atoi(argv[3]) : 4;
    if (count > MAX_CHILDREN)
        count = MAX_CHILDREN;
    logging = getenv("FUZZ_LOG") != NULL;
    for (char *s = getenv("FUZZ_SKIP"); s && *s; s += strspn(s, " "))
        skip[strtol(s, &s, 10) & 1023] = 1;
    if (getenv("FUZZ_ONLY")) {
        memset(skip, 1, sizeof skip);
        for (char *s = getenv("FUZZ_ONLY"); *s; s += strspn(s, " "))
            skip[strtol(s, &s, 10) & 1023] = 0;
    }
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        signatures[known[i].nr] = known[i].arguments;
    printf("seed %lu\n", (unsigned long)seed);
    fflush(stdout);
    volatile uint64_t *counters = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    uint64_t total = 0, children = 0, stuck = 0, rounds = 0;
    int unhealthy = 0;
    while (millis() < end && !unhealthy) {
        long until = millis() + 3000;
        pid_t pids[MAX_CHILDREN] = {0};
        uint64_t seen[MAX_CHILDREN] = {0};
        long since[MAX_CHILDREN] = {0};
        rounds++;
        while (millis() < until && millis() < end) {
            for (int i = 0; i < count; i++) {
                if (!pids[i]) {
                    counters[8 * i] = seen[i] = 0;
                    since[i] = millis();
                    uint64_t s = seed * 1000003 + children++;
                    pids[i] = fork();
                    if (!pids[i])
                        child(s, counters + 8 * i);
                    if (pids[i] < 0)
                        pids[i] = 0;
                }
                if (pids[i] && counters[8 * i] != seen[i]) {
                    seen[i] = counters[8 * i];
                    since[i] = millis();
                } else if (pids[i] && millis() - since[i] > 150) {
                    stuck++;
                    kill(pids[i], SIGKILL);
                }
            }
            nap(5);
            pid_t pid;
            while ((pid = waitpid(-1, NULL, WNOHANG | __WALL)) > 0)
                for (int i = 0; i < count; i++)
                    if (pids[i] == pid) {
                        total += counters[8 * i] < 1000000 ? counters[8 * i] : 0; /* a child may have written it */
                        pids[i] = 0;
                    }
        }
        kill(-1, SIGKILL);
        long patience = millis() + 20000;
        pid_t pid;
        while ((pid = waitpid(-1, NULL, WNOHANG | __WALL)) >= 0 && millis() < patience)
            if (pid == 0) {
                nap(2);
                kill(-1, SIGKILL);
            }
        for (int i = 0; i < count; i++)
            if (pids[i])
                total += counters[8 * i] < 1000000 ? counters[8 * i] : 0; /* a child may have written it */
        if (pid >= 0) {
            printf("processes that do not die\n");
            tell();
            unhealthy = 1;
        }
        if (!healthy(executable)) {
            printf("not healthy after round %lu\n", (unsigned long)rounds);
            unhealthy = 1;
        }
    }
    fprintf(stderr, "%lu calls by %lu processes in %lu rounds, %lu killed for making no progress\n", (unsigned long)total,
            (unsigned long)children, (unsigned long)rounds, (unsigned long)stuck);
    if (!unhealthy)
        printf("alive\n");
    return unhealthy;
}
