package sentry.core.strace;

import java.util.HashMap;
import java.util.Map;
import sentry.core.abi.SyscallNames;
import sentry.core.syscall.SyscallHandler;
import sentry.core.task.Task;

/** The types of one call's arguments, and its result's. */
final class Signature {
    /**
     * A call and the letters of its argument types: d int, D directory fd, u unsigned, x hexadecimal, p pointer, s string,
     * v strings, o mode, f open flags, P protection, M map flags, C clone flags, S signal, F futex operation, W wait options, b input
     * buffer, B output buffer (both with their length in the next argument), t timespec, i output int, k signal set. A
     * final = makes the result hexadecimal.
     */
    private static final String TABLE = "read dBu,write dbu,open sfo,close d,stat sp,fstat dp,lstat sp,poll pud,lseek ddd,"
            + "mmap puPMdx=,mprotect puP,munmap pu,brk p=,rt_sigaction Sppu,rt_sigprocmask dkpu,ioctl dxp,"
            + "pread64 dBud,pwrite64 dbud,readv dpd,writev dpd,access so,pipe p,select dpppp,sched_yield,mremap puuxp=,"
            + "madvise pud,dup d,dup2 dd,pause,nanosleep tp,getpid,socket ddd,connect dpd,clone Cpppp,fork,vfork,"
            + "execve svv,exit d,wait4 diWp,kill dS,uname p,fcntl ddx,flock dd,fsync d,truncate sd,ftruncate dd,"
            + "getdents dpu,getcwd pu,chdir s,fchdir d,rename ss,mkdir so,rmdir s,creat so,link ss,unlink s,symlink ss,"
            + "readlink spu,chmod so,fchmod do,chown sdd,fchown ddd,lchown sdd,umask o,gettimeofday pp,getrlimit dp,"
            + "getrusage dp,sysinfo p,times p,getuid,getgid,setuid d,setgid d,geteuid,getegid,setpgid dd,getppid,getpgrp,"
            + "setsid,setreuid dd,setregid dd,getgroups dp,setgroups dp,setresuid ddd,getresuid ppp,setresgid ddd,"
            + "getresgid ppp,getpgid d,getsid d,rt_sigpending pu,rt_sigtimedwait kptu,rt_sigqueueinfo dSp,rt_sigsuspend ku,"
            + "sigaltstack pp,mknod sox,statfs sp,fstatfs dp,getpriority dd,setpriority ddd,prctl dxxxx,arch_prctl xp,"
            + "setrlimit dp,chroot s,sync,mount sssxp,umount2 sx,sethostname su,gettid,tkill dS,time p,futex pFdtpx,"
            + "sched_setaffinity dup,sched_getaffinity dup,epoll_create d,getdents64 dpu,set_tid_address p,timer_create dpp,"
            + "timer_settime ddpp,clock_gettime dp,clock_getres dp,clock_nanosleep ddtp,exit_group d,epoll_wait dpdd,"
            + "epoll_ctl dddp,tgkill ddS,waitid ddpWp,openat Dsfo,mkdirat Dso,mknodat Dsox,fchownat Dsddx,"
            + "newfstatat Dspx,unlinkat Dsx,renameat DsDs,linkat DsDsx,symlinkat sDs,readlinkat Dspu,fchmodat Dso,"
            + "faccessat Dso,pselect6 dpppp,ppoll putku,set_robust_list pu,utimensat Dspx,epoll_pwait dpddk,"
            + "eventfd u,fallocate dxdd,eventfd2 uf,epoll_create1 f,dup3 ddf,pipe2 pf,prlimit64 ddpp,renameat2 DsDsx,"
            + "getrandom pux,memfd_create sx,execveat Dsvvx,membarrier dx,copy_file_range dpdpux,statx Dsxxp,rseq puxx,"
            + "clone3 pu,close_range uux,openat2 Dspu,faccessat2 Dsox,rt_sigreturn,getxattr sspu,lgetxattr sspu";

    private static final Map<String, String> BY_NAME = new HashMap<>();
    private static final Signature[] CACHE = new Signature[512];

    static {
        for (String line : TABLE.split(",")) {
            int space = line.indexOf(' ');
            BY_NAME.put(space < 0 ? line : line.substring(0, space), space < 0 ? "" : line.substring(space + 1));
        }
    }

    private final String name;
    private final String types;
    private final boolean hexResult;

    private Signature(String name, String types) {
        this.name = name;
        this.hexResult = types.endsWith("=");
        this.types = hexResult ? types.substring(0, types.length() - 1) : types;
    }

    static Signature of(int nr) {
        if (nr < 0 || nr >= CACHE.length) {
            return new Signature(SyscallNames.name(nr), "xxxxxx");
        }
        Signature s = CACHE[nr];
        if (s == null) {
            String name = SyscallNames.name(nr);
            s = new Signature(name, BY_NAME.getOrDefault(name, "xxxxxx"));
            CACHE[nr] = s;
        }
        return s;
    }

    /** Whether arguments are worth another look when the call has been made. */
    boolean hasOutput() {
        return types.indexOf('B') >= 0 || types.indexOf('i') >= 0;
    }

    /** @param result null before the call */
    String decode(Task task, long[] args, Long result) {
        StringBuilder b = new StringBuilder(name).append('(');
        for (int i = 0; i < types.length(); i++) {
            if (i > 0) {
                b.append(", ");
            }
            ArgumentWriter.write(b, task, types.charAt(i), args[i], i + 1 < args.length ? args[i + 1] : 0, result);
        }
        return b.append(')').toString();
    }

    String result(long value) {
        if (value == SyscallHandler.REGISTERS_SET) {
            return "?";
        }
        return hexResult ? "0x" + Long.toHexString(value) : Long.toString(value);
    }
}
