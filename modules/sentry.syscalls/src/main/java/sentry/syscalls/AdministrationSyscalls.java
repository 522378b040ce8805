package sentry.syscalls;

import sentry.core.abi.Capability;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.abi.FileMode;
import sentry.core.abi.Sys;
import sentry.core.memory.UserMemory;
import sentry.core.syscall.SyscallArgs;
import sentry.core.syscall.SyscallTable;
import sentry.core.task.ControllingTerminal;
import sentry.core.task.Task;
import sentry.core.vfs.PathWalk;

/**
 * Calls that administer the machine, and those that Linux has only by its configuration. A process in a container may not
 * use them; it hears of wrong arguments before that where Linux looks at the arguments first.
 */
final class AdministrationSyscalls {
    private static final String NOT_HERE = "not from a container";
    private static final String GONE = "as Linux has it: long gone, or never there";

    private static final String NO_KEYS = "as a kernel without keys";
    private static final String NEWER = "newer than the release that uname(2) tells";

    private static final int SWAP_FLAGS_VALID = 0x7ffff;

    private static final int MAX_QUOTAS = 3;
    private static final int Q_SYNC = 0x800001;

    private static final int PERF_FLAGS = 0xf;
    /** struct perf_event_attr: its first published size, and the one of today. */
    private static final int PERF_ATTR_SIZE_VER0 = 64;

    private static final int PERF_ATTR_SIZE = 128;
    private static final int PAGE_SIZE = 4096;

    private static final int LDT_ENTRIES = 8192;
    private static final int USER_DESC_SIZE = 16;
    private static final int DEFAULT_LDT_SIZE = 128;

    private AdministrationSyscalls() {}

    static void install(SyscallTable.Builder table) {
        table.partial(Sys.SWAPON, "checks its flags; EPERM: " + NOT_HERE, AdministrationSyscalls::swapon)
                .error(Sys.SWAPOFF, Errno.EPERM, NOT_HERE)
                .error(Sys.ACCT, Errno.EPERM, NOT_HERE)
                .full(Sys.VHANGUP, AdministrationSyscalls::vhangup)
                .error(Sys.INIT_MODULE, Errno.EPERM, NOT_HERE)
                .error(Sys.FINIT_MODULE, Errno.EPERM, NOT_HERE)
                .error(Sys.DELETE_MODULE, Errno.EPERM, NOT_HERE)
                .error(Sys.KEXEC_LOAD, Errno.EPERM, NOT_HERE)
                .error(Sys.KEXEC_FILE_LOAD, Errno.EPERM, NOT_HERE)
                .error(Sys.LOOKUP_DCOOKIE, Errno.EPERM, NOT_HERE)
                .error(Sys.BPF, Errno.EPERM, NOT_HERE)
                .partial(Sys.QUOTACTL, "no filesystem has quotas", AdministrationSyscalls::quotactl)
                .partial(Sys.QUOTACTL_FD, "no filesystem has quotas", AdministrationSyscalls::quotactlFd)
                .partial(
                        Sys.PERF_EVENT_OPEN,
                        "checks its arguments; no counters: EACCES, ENOENT with the capability",
                        AdministrationSyscalls::perfEventOpen)
                .partial(Sys.MODIFY_LDT, "an empty table: no segments can be made (ENOSYS)", AdministrationSyscalls::modifyLdt)
                .error(Sys.LANDLOCK_CREATE_RULESET, Errno.EOPNOTSUPP, "as a kernel that was not told to use it")
                .error(Sys.LANDLOCK_ADD_RULE, Errno.EOPNOTSUPP, "as a kernel that was not told to use it")
                .error(Sys.LANDLOCK_RESTRICT_SELF, Errno.EOPNOTSUPP, "as a kernel that was not told to use it")
                .error(Sys.ADD_KEY, Errno.ENOSYS, NO_KEYS)
                .error(Sys.REQUEST_KEY, Errno.ENOSYS, NO_KEYS)
                .error(Sys.KEYCTL, Errno.ENOSYS, NO_KEYS);
        int[] gone = {
            Sys.USELIB, Sys.SYSCTL, Sys.CREATE_MODULE, Sys.GET_KERNEL_SYMS, Sys.QUERY_MODULE, Sys.NFSSERVCTL, Sys.GETPMSG,
            Sys.PUTPMSG, Sys.AFS_SYSCALL, Sys.TUXCALL, Sys.SECURITY, Sys.SET_THREAD_AREA, Sys.GET_THREAD_AREA,
            Sys.EPOLL_CTL_OLD, Sys.EPOLL_WAIT_OLD, Sys.VSERVER
        };
        for (int nr : gone) {
            table.error(nr, Errno.ENOSYS, GONE);
        }
        int[] newer = {
            Sys.MAP_SHADOW_STACK, Sys.FUTEX_WAKE, Sys.FUTEX_WAIT, Sys.FUTEX_REQUEUE, Sys.STATMOUNT, Sys.LISTMOUNT,
            Sys.LSM_GET_SELF_ATTR, Sys.LSM_SET_SELF_ATTR, Sys.LSM_LIST_MODULES, Sys.MSEAL
        };
        for (int nr : newer) {
            table.error(nr, Errno.ENOSYS, NEWER);
        }
    }

    private static long vhangup(Task task, SyscallArgs args) throws ErrnoException {
        if (!task.credentials().capable(Capability.SYS_TTY_CONFIG)) {
            throw Errno.EPERM.error();
        }
        ControllingTerminal terminal = task.group().terminal();
        if (terminal != null) {
            terminal.hangUp();
        }
        return 0;
    }

    private static long swapon(Task task, SyscallArgs args) throws ErrnoException {
        throw ((args.i1() & ~SWAP_FLAGS_VALID) != 0 ? Errno.EINVAL : Errno.EPERM).error();
    }

    /** quotactl(cmd, special, id, addr): there is no block device to name. */
    private static long quotactl(Task task, SyscallArgs args) throws ErrnoException {
        if ((args.i0() & 0xff) >= MAX_QUOTAS) {
            throw Errno.EINVAL.error();
        }
        if (args.a1 == 0) {
            if (args.i0() >>> 8 == Q_SYNC) {
                return 0;
            }
            throw Errno.ENODEV.error();
        }
        PathWalk w = PathArgs.resolve(task, Fcntl.AT_FDCWD, args.a1, 0, true);
        boolean block = (w.inode().mode() & FileMode.S_IFMT) == FileMode.S_IFBLK;
        throw (block ? Errno.ENODEV : Errno.ENOTBLK).error();
    }

    private static long quotactlFd(Task task, SyscallArgs args) throws ErrnoException {
        task.fds().get(args.i0());
        throw ((args.i1() & 0xff) >= MAX_QUOTAS ? Errno.EINVAL : Errno.ENOSYS).error();
    }

    /** perf_event_open(attr, pid, cpu, group, flags). */
    private static long perfEventOpen(Task task, SyscallArgs args) throws ErrnoException {
        if ((args.a4 & ~PERF_FLAGS) != 0) {
            throw Errno.EINVAL.error();
        }
        UserMemory memory = task.memory();
        long size = memory.getInt(args.a0 + 4) & 0xffffffffL;
        if (size == 0) {
            size = PERF_ATTR_SIZE_VER0;
        }
        boolean fits = size >= PERF_ATTR_SIZE_VER0 && size <= PAGE_SIZE;
        if (fits) {
            byte[] attr = new byte[(int) size];
            memory.read(args.a0, attr, 0, attr.length);
            for (int i = PERF_ATTR_SIZE; i < attr.length && fits; i++) {
                fits = attr[i] == 0;
            }
        }
        if (!fits) {
            memory.putInt(args.a0 + 4, PERF_ATTR_SIZE);
            throw Errno.E2BIG.error();
        }
        boolean may = task.credentials().capable(Capability.PERFMON) || task.credentials().capable(Capability.SYS_ADMIN);
        throw (may ? Errno.ENOENT : Errno.EACCES).error();
    }

    /** modify_ldt(2). Its result is 32 bits wide: errors are not negative as a long, and libraries take them for success. */
    private static long modifyLdt(Task task, SyscallArgs args) throws ErrnoException {
        try {
            return switch (args.i0()) {
                case 0 -> 0; // nothing was ever written
                case 2 -> {
                    long size = args.a2 < 0 ? DEFAULT_LDT_SIZE : Math.min(args.a2, DEFAULT_LDT_SIZE);
                    task.memory().fill(args.a1, (int) size, (byte) 0);
                    yield size;
                }
                case 1 -> writeLdt(task, args, true);
                case 0x11 -> writeLdt(task, args, false);
                default -> throw Errno.ENOSYS.error();
            };
        } catch (ErrnoException e) {
            return -e.errno().number() & 0xffffffffL;
        }
    }

    /** Segments cannot be made: the host's tables are not the program's. Entries that are empty can be emptied. */
    private static long writeLdt(Task task, SyscallArgs args, boolean old) throws ErrnoException {
        if (args.a2 != USER_DESC_SIZE) {
            throw Errno.EINVAL.error();
        }
        byte[] desc = new byte[USER_DESC_SIZE];
        task.memory().read(args.a1, desc, 0, desc.length);
        int flags = Struct.getInt(desc, 12) & 0x7f;
        boolean notPresent = (flags & 1 << 5) != 0;
        if (Integer.compareUnsigned(Struct.getInt(desc, 0), LDT_ENTRIES) >= 0
                || (flags >> 1 & 3) == 3 && (old || !notPresent)) {
            throw Errno.EINVAL.error();
        }
        boolean nothing = Struct.getInt(desc, 4) == 0 && Struct.getInt(desc, 8) == 0;
        if (nothing && (old || flags == (1 << 3 | 1 << 5))) {
            return 0;
        }
        throw Errno.ENOSYS.error();
    }
}
