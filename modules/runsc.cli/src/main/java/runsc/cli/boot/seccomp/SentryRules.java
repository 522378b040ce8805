package runsc.cli.boot.seccomp;

import java.util.ArrayList;
import java.util.List;
import sentry.core.platform.HostCall;

/**
 * The host calls of a running Sentry: what the virtual machine needs to collect garbage, compile and start threads;
 * what the kernel does with descriptors that were donated; what the platform asks for. No path is opened, no socket
 * made, no program executed.
 */
public final class SentryRules {
    static final int EPERM = 1;
    static final int ENOSYS = 38;
    static final int CLONE_THREAD = 0x10000;

    /** The virtual machine. */
    static final int[] JVM = {
        202, // futex
        9, // mmap
        12, // brk: libc's heap
        11, // munmap
        10, // mprotect
        25, // mremap
        27, // mincore, of the memory file: how much programs use
        28, // madvise
        273, // set_robust_list
        334, // rseq
        204, // sched_getaffinity
        186, // gettid
        39, // getpid
        110, // getppid
        14, // rt_sigprocmask
        13, // rt_sigaction
        15, // rt_sigreturn
        131, // sigaltstack
        60, // exit
        231, // exit_group
        24, // sched_yield
        35, // nanosleep
        230, // clock_nanosleep
        228, // clock_gettime
        229, // clock_getres
        96, // gettimeofday
        98, // getrusage
        99, // sysinfo
        219, // restart_syscall
        309, // getcpu
        324, // membarrier, for the one of programs
        318, // getrandom
    };

    /** What the virtual machine tries now and then and can do without. */
    static final int[] REFUSED = {
        257, // openat
        2, // open
        89, // readlink
        267, // readlinkat
        6, // lstat
        4, // stat
        262, // newfstatat
        332, // statx
        21, // access
        439, // faccessat2
        41, // socket
        53, // socketpair
        42, // connect
        59, // execve
        87, // unlink
        293, // pipe2
        217, // getdents64
        302, // prlimit64
        63, // uname
        137, // statfs
        80, // chdir
        79, // getcwd
        83, // mkdir
        435, // clone3, replaced below
    };

    /** The kernel, on descriptors that it was given or made from such. */
    private static final int[] DESCRIPTORS = {
        0, // read
        1, // write
        3, // close
        5, // fstat
        7, // poll
        8, // lseek
        17, // pread64
        18, // pwrite64
        19, // readv
        20, // writev
        32, // dup
        46, // sendmsg
        47, // recvmsg
        48, // shutdown
        74, // fsync
        75, // fdatasync
        77, // ftruncate
        138, // fstatfs
        271, // ppoll
        277, // sync_file_range
        285, // fallocate
        288, // accept4
        290, // eventfd2
        291, // epoll_create1
        232, // epoll_wait
        233, // epoll_ctl
        281, // epoll_pwait
        295, // preadv
        296, // pwritev
        319, // memfd_create
        327, // preadv2
        328, // pwritev2
        26, // msync
        221, // fadvise64
        187, // readahead
        102, // getuid
        107, // geteuid
    };

    private SentryRules() {}

    /** @param self our own pid: the only process that the virtual machine may signal */
    public static List<Rule> of(int self, HostCall[] platform) {
        List<Rule> rules = new ArrayList<>();
        for (int nr : JVM) {
            rules.add(new Rule.Allow(nr));
        }
        for (int nr : DESCRIPTORS) {
            rules.add(new Rule.Allow(nr));
        }
        // New threads, but no processes. glibc tries clone3 first, whose flags a filter cannot see.
        rules.add(new Rule.Masked(56, 0, CLONE_THREAD, CLONE_THREAD));
        rules.add(new Rule.Only(234, 0, self)); // tgkill
        rules.add(new Rule.Only(157, 0, 15, 16, 0x53564d41)); // prctl: names of threads and of mappings
        rules.add(new Rule.Only(55, 2, 17)); // getsockopt: SO_PEERCRED
        rules.add(new Rule.Only(54, 2, 20, 21)); // setsockopt: time-outs
        // fcntl: GETFD SETFD GETFL SETFL DUPFD, pipe sizes
        rules.add(new Rule.Only(72, 1, 1, 2, 3, 4, 1030, 1031, 1032));
        rules.add(new Rule.Only(
                16, // ioctl: of terminals, pipes and sockets, on donated descriptors
                1,
                0x5401, // TCGETS
                0x5402, // TCSETS
                0x5403, // TCSETSW
                0x5404, // TCSETSF
                0x540b, // TCFLSH
                0x5409, // TCSBRK
                0x540a, // TCXONC
                0x5411, // TIOCOUTQ
                0x5413, // TIOCGWINSZ
                0x5414, // TIOCSWINSZ
                0x541b)); // FIONREAD
        for (HostCall call : platform) {
            rules.add(
                    call.argument() < 0
                            ? new Rule.Allow(call.nr())
                            : new Rule.Only(call.nr(), call.argument(), call.allowed()));
        }
        for (int nr : REFUSED) { // after the platform's: the first rule that fits decides
            rules.add(new Rule.Refuse(nr, nr == 435 ? ENOSYS : EPERM));
        }
        for (int nr : new int[] {16, 54, 55, 72, 157}) {
            rules.add(new Rule.Refuse(nr, EPERM));
        }
        return rules;
    }
}
