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

    private ProcessSyscalls() {}

    static void install(SyscallTable.Builder table) {
        table.partial(Sys.PRCTL, "the common options", ProcessSyscalls::prctl)
                .partial(Sys.ARCH_PRCTL, "FS and GS", ProcessSyscalls::archPrctl)
                .partial(Sys.PERSONALITY, "kept and reported", ProcessSyscalls::personality);
    }

    private static long archPrctl(Task task, SyscallArgs args) throws ErrnoException {
        Registers r = task.registers();
        switch (args.i0()) {
            case Prctl.ARCH_SET_FS -> r.set(Registers.FS_BASE, userAddress(task, args.a1));
            case Prctl.ARCH_SET_GS -> r.set(Registers.GS_BASE, userAddress(task, args.a1));
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
                if (!task.credentials().capable(Capability.SETPCAP)) {
                    throw Errno.EPERM.error();
                }
                CredentialsBuilder c = new CredentialsBuilder(task.credentials());
                c.bounding &= ~(1L << capability(a));
                task.setCredentials(c.build());
            }
            case Prctl.PR_CAP_AMBIENT -> {
                return ambient(task, args);
            }
            case Prctl.PR_SET_TIMERSLACK -> task.scheduling().setTimerSlack(a > 0 ? a : 50_000);
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
            case Prctl.PR_GET_SECCOMP -> {
                return 0; // no filter can have been set
            }
            default -> {
                if (Log.enabled()) {
                    Log.warn("task " + task.tid() + ": prctl option " + args.i0() + " is not implemented");
                }
                throw Errno.EINVAL.error();
            }
        }
        return 0;
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
                || !c.capable(Capability.SETPCAP)) {
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
