package sentry.syscalls;

import java.nio.charset.StandardCharsets;
import sentry.core.abi.Capability;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Prctl;
import sentry.core.abi.Signal;
import sentry.core.abi.Sys;
import sentry.core.arch.Registers;
import sentry.core.log.Log;
import sentry.core.memory.UserMemory;
import sentry.core.syscall.SyscallArgs;
import sentry.core.syscall.SyscallTable;
import sentry.core.task.Credentials;
import sentry.core.task.CredentialsBuilder;
import sentry.core.task.Task;

/** Attributes of the calling process: prctl, arch_prctl, personality. */
final class ProcessSyscalls {
    private static final int COMM_LENGTH = 16;
    /** struct prctl_mm_map. */
    private static final int PRCTL_MM_MAP_SIZE = 104;

    private ProcessSyscalls() {}

    static void install(SyscallTable.Builder table) {
        table.partial(Sys.PRCTL, "the common options", ProcessSyscalls::prctl)
                .partial(Sys.ARCH_PRCTL, "FS and GS", ProcessSyscalls::archPrctl)
                .partial(Sys.PERSONALITY, "of the flags those that are about memory have an effect", ProcessSyscalls::personality);
    }

    private static long archPrctl(Task task, SyscallArgs args) throws ErrnoException {
        Registers r = task.registers();
        switch (args.i0()) {
            case Prctl.ARCH_SET_FS -> r.set(Registers.FS_BASE, userAddress(task, args.a1));
            case Prctl.ARCH_SET_GS -> r.set(Registers.GS_BASE, userAddress(task, args.a1));
            case Prctl.ARCH_GET_CPUID -> {
                return 1; // cpuid works
            }
            case Prctl.ARCH_SET_CPUID -> throw Errno.ENODEV.error(); // and cannot be made to fault
            case Prctl.ARCH_GET_FS -> task.memory().putLong(args.a1, r.get(Registers.FS_BASE));
            case Prctl.ARCH_GET_GS -> task.memory().putLong(args.a1, r.get(Registers.GS_BASE));
            default -> throw Errno.EINVAL.error();
        }
        return 0;
    }

    private static long userAddress(Task task, long address) throws ErrnoException {
        if (Long.compareUnsigned(address, task.kernel().platform().traits().maxAddress()) >= 0) {
            throw Errno.EPERM.error();
        }
        return address;
    }

    private static long personality(Task task, SyscallArgs args) {
        int old = task.personality();
        if (args.i0() != -1) {
            task.setPersonality(args.i0());
        }
        return old & 0xffffffffL;
    }

    private static long prctl(Task task, SyscallArgs args) throws ErrnoException {
        UserMemory memory = task.memory();
        long a = args.a1;
        switch (args.i0()) {
            case Prctl.PR_SET_PDEATHSIG -> {
                if (a < 0 || a > Signal.NSIG) {
                    throw Errno.EINVAL.error();
                }
                task.setParentDeathSignal((int) a);
            }
            case Prctl.PR_GET_PDEATHSIG -> memory.putInt(a, task.parentDeathSignal());
            case Prctl.PR_GET_DUMPABLE -> {
                return task.group().dumpable() ? 1 : 0;
            }
            case Prctl.PR_SET_DUMPABLE -> {
                if (a != 0 && a != 1) {
                    throw Errno.EINVAL.error();
                }
                task.group().setDumpable(a == 1);
            }
            case Prctl.PR_SET_NAME -> {
                byte[] name = new byte[COMM_LENGTH];
                int n = memory.readSome(a, name, 0, COMM_LENGTH - 1);
                int length = 0;
                while (length < n && name[length] != 0) {
                    length++;
                }
                if (length == n && n < COMM_LENGTH - 1) {
                    throw Errno.EFAULT.error(); // it ran into memory that is not there
                }
                task.setName(new String(name, 0, length, StandardCharsets.ISO_8859_1));
            }
            case Prctl.PR_GET_NAME -> {
                byte[] name = new byte[COMM_LENGTH];
                byte[] current = task.name().getBytes(StandardCharsets.ISO_8859_1);
                System.arraycopy(current, 0, name, 0, Math.min(current.length, COMM_LENGTH - 1));
                memory.write(a, name, 0, COMM_LENGTH);
            }
            case Prctl.PR_GET_KEEPCAPS -> {
                return task.keepCapabilities() ? 1 : 0;
            }
            case Prctl.PR_SET_KEEPCAPS -> {
                if (a != 0 && a != 1) {
                    throw Errno.EINVAL.error();
                }
                if ((task.credentials().securebits() & Prctl.SECBIT_KEEP_CAPS_LOCKED) != 0) {
                    throw Errno.EPERM.error();
                }
                task.setKeepCapabilities(a == 1);
            }
            case Prctl.PR_GET_TIMING -> {
                return 0; // PR_TIMING_STATISTICAL
            }
            case Prctl.PR_SET_TIMING -> {
                if (a != 0) {
                    throw Errno.EINVAL.error();
                }
            }
            case Prctl.PR_GET_SECUREBITS -> {
                return task.credentials().securebits() | (task.keepCapabilities() ? Prctl.SECBIT_KEEP_CAPS : 0);
            }
            case Prctl.PR_SET_SECUREBITS -> setSecurebits(task, (int) a);
            case Prctl.PR_CAPBSET_READ -> {
                return task.credentials().bounding() >>> capability(a) & 1;
            }
            case Prctl.PR_CAPBSET_DROP -> {
                if (!task.credentials().capableHere(Capability.SETPCAP)) {
                    throw Errno.EPERM.error();
                }
                CredentialsBuilder c = new CredentialsBuilder(task.credentials());
                c.bounding &= ~(1L << capability(a));
                task.setCredentials(c.build());
            }
            case Prctl.PR_CAP_AMBIENT -> {
                return ambient(task, args);
            }
            case Prctl.PR_SET_TIMERSLACK -> task.scheduling().setTimerSlack(Math.max(a, 0));
            case Prctl.PR_GET_TIMERSLACK -> {
                return task.scheduling().timerSlack();
            }
            case Prctl.PR_SET_CHILD_SUBREAPER -> task.group().setSubreaper(a != 0);
            case Prctl.PR_GET_CHILD_SUBREAPER -> memory.putInt(a, task.group().subreaper() ? 1 : 0);
            case Prctl.PR_SET_NO_NEW_PRIVS -> {
                if (a != 1 || args.a2 != 0 || args.a3 != 0 || args.a4 != 0) {
                    throw Errno.EINVAL.error();
                }
                task.setNoNewPrivileges();
            }
            case Prctl.PR_GET_NO_NEW_PRIVS -> {
                if (a != 0 || args.a2 != 0 || args.a3 != 0 || args.a4 != 0) {
                    throw Errno.EINVAL.error();
                }
                return task.noNewPrivileges() ? 1 : 0;
            }
            case Prctl.PR_GET_TID_ADDRESS -> memory.putLong(a, task.clearChildTid());
            case Prctl.PR_SET_SECCOMP -> {
                return SeccompSyscalls.prctl(task, a, args.a2);
            }
            case Prctl.PR_GET_SECCOMP -> {
                return task.seccompMode();
            }
            case Prctl.PR_GET_TSC -> memory.putInt(a, Prctl.PR_TSC_ENABLE);
            case Prctl.PR_SET_TSC -> {
                if (args.i1() != Prctl.PR_TSC_ENABLE) {
                    return unknown(task, args); // nothing here makes rdtsc fault
                }
            }
            case Prctl.PR_TASK_PERF_EVENTS_DISABLE, Prctl.PR_TASK_PERF_EVENTS_ENABLE -> {} // of none
            case Prctl.PR_MCE_KILL -> setMceKill(task, args);
            case Prctl.PR_MCE_KILL_GET -> {
                require((a | args.a2 | args.a3 | args.a4) == 0);
                return task.mceKill();
            }
            case Prctl.PR_SET_MM -> setMm(task, args);
            case Prctl.PR_GET_THP_DISABLE -> {
                require((a | args.a2 | args.a3 | args.a4) == 0);
                return task.group().hugePagesOff() ? 1 : 0;
            }
            case Prctl.PR_SET_THP_DISABLE -> {
                require((args.a2 | args.a3 | args.a4) == 0);
                task.group().setHugePagesOff(a != 0);
            }
            case Prctl.PR_GET_SPECULATION_CTRL -> {
                require((args.a2 | args.a3 | args.a4) == 0);
                if (a < 0 || a > 2) {
                    throw Errno.ENODEV.error();
                }
                return 0; // PR_SPEC_NOT_AFFECTED: not by anything that could be switched here
            }
            case Prctl.PR_SET_SPECULATION_CTRL -> {
                require((args.a3 | args.a4) == 0);
                throw (a < 0 || a > 2 ? Errno.ENODEV : Errno.ENXIO).error();
            }
            case Prctl.PR_SET_IO_FLUSHER -> {
                requireResource(task);
                require((args.a2 | args.a3 | args.a4) == 0 && (a == 0 || a == 1));
                task.setIoFlusher(a == 1);
            }
            case Prctl.PR_GET_IO_FLUSHER -> {
                requireResource(task);
                require((a | args.a2 | args.a3 | args.a4) == 0);
                return task.ioFlusher() ? 1 : 0;
            }
            case Prctl.PR_SET_SYSCALL_USER_DISPATCH -> {
                if ((a | args.a2 | args.a3 | args.a4) != 0) {
                    return unknown(task, args); // off is all there is
                }
            }
            default -> {
                return unknown(task, args);
            }
        }
        return 0;
    }

    private static void require(boolean valid) throws ErrnoException {
        if (!valid) {
            throw Errno.EINVAL.error();
        }
    }

    private static void requireResource(Task task) throws ErrnoException {
        if (!task.credentials().capable(Capability.SYS_RESOURCE)) {
            throw Errno.EPERM.error();
        }
    }

    private static void setMceKill(Task task, SyscallArgs args) throws ErrnoException {
        require((args.a3 | args.a4) == 0);
        if (args.a1 == Prctl.PR_MCE_KILL_CLEAR) {
            require(args.a2 == 0);
            task.setMceKill(Prctl.PR_MCE_KILL_DEFAULT);
        } else {
            require(args.a1 == Prctl.PR_MCE_KILL_SET && args.a2 >= 0 && args.a2 <= Prctl.PR_MCE_KILL_DEFAULT);
            task.setMceKill((int) args.a2);
        }
    }

    /** PR_SET_MM: only the size of its structure can be had; the memory map is not changed this way. */
    private static void setMm(Task task, SyscallArgs args) throws ErrnoException {
        boolean map = args.a1 == Prctl.PR_SET_MM_MAP || args.a1 == Prctl.PR_SET_MM_MAP_SIZE;
        require(args.a4 == 0 && (args.a3 == 0 || map || args.a1 == Prctl.PR_SET_MM_AUXV));
        if (args.a1 == Prctl.PR_SET_MM_MAP_SIZE) {
            task.memory().putInt(args.a2, PRCTL_MM_MAP_SIZE);
            return;
        }
        if (!map) {
            requireResource(task);
        }
        unknown(task, args);
    }

    private static long unknown(Task task, SyscallArgs args) throws ErrnoException {
        if (Log.enabled()) {
            Log.warn("task " + task.tid() + ": prctl option " + args.i0() + " (" + args.a1 + ") is not implemented");
        }
        throw Errno.EINVAL.error();
    }

    private static int capability(long number) throws ErrnoException {
        if (number < 0 || number > Capability.CHECKPOINT_RESTORE) {
            throw Errno.EINVAL.error();
        }
        return (int) number;
    }

    private static void setSecurebits(Task task, int bits) throws ErrnoException {
        Credentials c = task.credentials();
        int old = c.securebits();
        int locks = Prctl.SECURE_ALL_LOCKS;
        boolean changesLocked = ((old & locks) >> 1 & (old ^ bits)) != 0;
        boolean unlocks = (old & locks & ~bits) != 0;
        if (changesLocked || unlocks || (bits & ~(locks | Prctl.SECURE_ALL_BITS)) != 0
                || !c.capableHere(Capability.SETPCAP)) {
            throw Errno.EPERM.error();
        }
        CredentialsBuilder b = new CredentialsBuilder(c);
        b.securebits = bits & ~Prctl.SECBIT_KEEP_CAPS;
        task.setKeepCapabilities((bits & Prctl.SECBIT_KEEP_CAPS) != 0);
        task.setCredentials(b.build());
    }

    private static long ambient(Task task, SyscallArgs args) throws ErrnoException {
        CredentialsBuilder b = new CredentialsBuilder(task.credentials());
        if (args.a3 != 0 || args.a4 != 0) {
            throw Errno.EINVAL.error();
        }
        if (args.i1() == Prctl.PR_CAP_AMBIENT_CLEAR_ALL) {
            if (args.a2 != 0) {
                throw Errno.EINVAL.error();
            }
            b.ambient = 0;
            task.setCredentials(b.build());
            return 0;
        }
        long bit = 1L << capability(args.a2);
        switch (args.i1()) {
            case Prctl.PR_CAP_AMBIENT_IS_SET -> {
                return (b.ambient & bit) != 0 ? 1 : 0;
            }
            case Prctl.PR_CAP_AMBIENT_RAISE -> {
                if ((b.permitted & b.inheritable & bit) == 0
                        || (b.securebits & Prctl.SECBIT_NO_CAP_AMBIENT_RAISE) != 0) {
                    throw Errno.EPERM.error();
                }
                b.ambient |= bit;
            }
            case Prctl.PR_CAP_AMBIENT_LOWER -> b.ambient &= ~bit;
            default -> throw Errno.EINVAL.error();
        }
        task.setCredentials(b.build());
        return 0;
    }
}
