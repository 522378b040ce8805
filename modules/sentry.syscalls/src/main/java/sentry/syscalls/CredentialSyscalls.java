package sentry.syscalls;

import sentry.core.abi.Capability;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Prctl;
import sentry.core.abi.Sys;
import sentry.core.memory.UserMemory;
import sentry.core.syscall.SyscallArgs;
import sentry.core.syscall.SyscallTable;
import sentry.core.task.Credentials;
import sentry.core.task.CredentialsBuilder;
import sentry.core.task.Task;
import sentry.core.task.TaskExec;

/** Users, groups and capabilities (credentials(7), capabilities(7)). */
final class CredentialSyscalls {
    private static final int NGROUPS_MAX = 65536;
    private static final int CAPABILITY_VERSION_1 = 0x19980330;
    private static final int CAPABILITY_VERSION_2 = 0x20071026;
    private static final int CAPABILITY_VERSION_3 = 0x20080522;
    /** Capabilities that act on files, which follow the filesystem user id. */
    private static final long FILE_CAPABILITIES = 1L << Capability.CHOWN
            | 1L << Capability.DAC_OVERRIDE
            | 1L << Capability.DAC_READ_SEARCH
            | 1L << Capability.FOWNER
            | 1L << Capability.FSETID
            | 1L << Capability.LINUX_IMMUTABLE
            | 1L << Capability.MKNOD
            | 1L << Capability.MAC_OVERRIDE;

    private CredentialSyscalls() {}

    static void install(SyscallTable.Builder table) {
        table.full(Sys.GETUID, (t, a) -> t.credentials().uid() & 0xffffffffL)
                .full(Sys.GETEUID, (t, a) -> t.credentials().euid() & 0xffffffffL)
                .full(Sys.GETGID, (t, a) -> t.credentials().gid() & 0xffffffffL)
                .full(Sys.GETEGID, (t, a) -> t.credentials().egid() & 0xffffffffL)
                .full(Sys.GETRESUID, CredentialSyscalls::getresuid)
                .full(Sys.GETRESGID, CredentialSyscalls::getresgid)
                .full(Sys.SETUID, CredentialSyscalls::setuid)
                .full(Sys.SETGID, CredentialSyscalls::setgid)
                .full(Sys.SETREUID, CredentialSyscalls::setreuid)
                .full(Sys.SETREGID, CredentialSyscalls::setregid)
                .full(Sys.SETRESUID, CredentialSyscalls::setresuid)
                .full(Sys.SETRESGID, CredentialSyscalls::setresgid)
                .full(Sys.SETFSUID, CredentialSyscalls::setfsuid)
                .full(Sys.SETFSGID, CredentialSyscalls::setfsgid)
                .full(Sys.GETGROUPS, CredentialSyscalls::getgroups)
                .full(Sys.SETGROUPS, CredentialSyscalls::setgroups)
                .full(Sys.CAPGET, CredentialSyscalls::capget)
                .full(Sys.CAPSET, CredentialSyscalls::capset);
    }

    private static long getresuid(Task task, SyscallArgs args) throws ErrnoException {
        Credentials c = task.credentials();
        return write3(task.memory(), args, c.uid(), c.euid(), c.suid());
    }

    private static long getresgid(Task task, SyscallArgs args) throws ErrnoException {
        Credentials c = task.credentials();
        return write3(task.memory(), args, c.gid(), c.egid(), c.sgid());
    }

    private static long write3(UserMemory memory, SyscallArgs args, int a, int b, int c) throws ErrnoException {
        memory.putInt(args.a0, a);
        memory.putInt(args.a1, b);
        memory.putInt(args.a2, c);
        return 0;
    }

    private static void require(boolean allowed) throws ErrnoException {
        if (!allowed) {
            throw Errno.EPERM.error();
        }
    }

    private static void requireId(int id) throws ErrnoException {
        if (id == -1) {
            throw Errno.EINVAL.error();
        }
    }

    /** Brings new user ids into force, with what they do to capabilities. */
    private static long commit(Task task, CredentialsBuilder b) {
        Credentials old = task.credentials();
        if ((b.securebits & Prctl.SECBIT_NO_SETUID_FIXUP) == 0) {
            boolean wasRoot = old.uid() == 0 || old.euid() == 0 || old.suid() == 0;
            boolean isRoot = b.uid == 0 || b.euid == 0 || b.suid == 0;
            if (wasRoot && !isRoot) {
                if (!task.keepCapabilities()) {
                    b.permitted = 0;
                    b.effective = 0;
                }
                b.ambient = 0;
            }
            if (old.euid() == 0 && b.euid != 0) {
                b.effective = 0;
            }
            if (old.euid() != 0 && b.euid == 0) {
                b.effective = b.permitted;
            }
        }
        apply(task, b);
        return 0;
    }

    private static long apply(Task task, CredentialsBuilder b) {
        Credentials old = task.credentials();
        if (b.euid != old.euid() || b.egid != old.egid() || b.fsuid != old.fsuid() || b.fsgid != old.fsgid()
                || (b.permitted & ~old.permitted()) != 0) {
            task.group().setDumpable(false);
            task.setParentDeathSignal(0);
        }
        TaskExec.setCredentials(task, b.build());
        return 0;
    }

    private static long setuid(Task task, SyscallArgs args) throws ErrnoException {
        int id = args.i0();
        requireId(id);
        CredentialsBuilder b = new CredentialsBuilder(task.credentials());
        if (task.credentials().capable(Capability.SETUID)) {
            b.uid = id;
            b.suid = id;
        } else {
            require(id == b.uid || id == b.suid);
        }
        b.euid = id;
        b.fsuid = id;
        return commit(task, b);
    }

    private static long setgid(Task task, SyscallArgs args) throws ErrnoException {
        int id = args.i0();
        requireId(id);
        CredentialsBuilder b = new CredentialsBuilder(task.credentials());
        if (task.credentials().capable(Capability.SETGID)) {
            b.gid = id;
            b.sgid = id;
        } else {
            require(id == b.gid || id == b.sgid);
        }
        b.egid = id;
        b.fsgid = id;
        return apply(task, b);
    }

    private static long setreuid(Task task, SyscallArgs args) throws ErrnoException {
        int real = args.i0();
        int effective = args.i1();
        CredentialsBuilder b = new CredentialsBuilder(task.credentials());
        boolean capable = task.credentials().capable(Capability.SETUID);
        int oldReal = b.uid;
        if (real != -1) {
            require(capable || real == b.uid || real == b.euid);
            b.uid = real;
        }
        if (effective != -1) {
            require(capable || effective == oldReal || effective == b.euid || effective == b.suid);
            b.euid = effective;
        }
        if (real != -1 || effective != -1 && effective != oldReal) {
            b.suid = b.euid;
        }
        b.fsuid = b.euid;
        return commit(task, b);
    }

    private static long setregid(Task task, SyscallArgs args) throws ErrnoException {
        int real = args.i0();
        int effective = args.i1();
        CredentialsBuilder b = new CredentialsBuilder(task.credentials());
        boolean capable = task.credentials().capable(Capability.SETGID);
        int oldReal = b.gid;
        if (real != -1) {
            require(capable || real == b.gid || real == b.egid);
            b.gid = real;
        }
        if (effective != -1) {
            require(capable || effective == oldReal || effective == b.egid || effective == b.sgid);
            b.egid = effective;
        }
        if (real != -1 || effective != -1 && effective != oldReal) {
            b.sgid = b.egid;
        }
        b.fsgid = b.egid;
        return apply(task, b);
    }

    private static boolean oneOf(int id, int a, int b, int c) {
        return id == -1 || id == a || id == b || id == c;
    }

    private static long setresuid(Task task, SyscallArgs args) throws ErrnoException {
        CredentialsBuilder b = new CredentialsBuilder(task.credentials());
        if (!task.credentials().capable(Capability.SETUID)) {
            require(oneOf(args.i0(), b.uid, b.euid, b.suid)
                    && oneOf(args.i1(), b.uid, b.euid, b.suid)
                    && oneOf(args.i2(), b.uid, b.euid, b.suid));
        }
        b.uid = args.i0() == -1 ? b.uid : args.i0();
        b.euid = args.i1() == -1 ? b.euid : args.i1();
        b.suid = args.i2() == -1 ? b.suid : args.i2();
        b.fsuid = b.euid;
        return commit(task, b);
    }

    private static long setresgid(Task task, SyscallArgs args) throws ErrnoException {
        CredentialsBuilder b = new CredentialsBuilder(task.credentials());
        if (!task.credentials().capable(Capability.SETGID)) {
            require(oneOf(args.i0(), b.gid, b.egid, b.sgid)
                    && oneOf(args.i1(), b.gid, b.egid, b.sgid)
                    && oneOf(args.i2(), b.gid, b.egid, b.sgid));
        }
        b.gid = args.i0() == -1 ? b.gid : args.i0();
        b.egid = args.i1() == -1 ? b.egid : args.i1();
        b.sgid = args.i2() == -1 ? b.sgid : args.i2();
        b.fsgid = b.egid;
        return apply(task, b);
    }

    private static long setfsuid(Task task, SyscallArgs args) {
        CredentialsBuilder b = new CredentialsBuilder(task.credentials());
        int old = b.fsuid;
        int id = args.i0();
        boolean allowed =
                oneOf(id, b.uid, b.euid, b.suid) || id == b.fsuid || task.credentials().capable(Capability.SETUID);
        if (id != -1 && allowed && id != old) {
            b.fsuid = id;
            if (old == 0) {
                b.effective &= ~FILE_CAPABILITIES;
            } else if (id == 0) {
                b.effective |= b.permitted & FILE_CAPABILITIES;
            }
            apply(task, b);
        }
        return old & 0xffffffffL;
    }

    private static long setfsgid(Task task, SyscallArgs args) {
        CredentialsBuilder b = new CredentialsBuilder(task.credentials());
        int old = b.fsgid;
        int id = args.i0();
        boolean allowed =
                oneOf(id, b.gid, b.egid, b.sgid) || id == b.fsgid || task.credentials().capable(Capability.SETGID);
        if (id != -1 && allowed && id != old) {
            b.fsgid = id;
            apply(task, b);
        }
        return old & 0xffffffffL;
    }

    private static long getgroups(Task task, SyscallArgs args) throws ErrnoException {
        int size = args.i0();
        int[] groups = task.credentials().groups();
        if (size < 0 || size > 0 && size < groups.length) {
            throw Errno.EINVAL.error();
        }
        if (size > 0) {
            for (int i = 0; i < groups.length; i++) {
                task.memory().putInt(args.a1 + 4L * i, groups[i]);
            }
        }
        return groups.length;
    }

    private static long setgroups(Task task, SyscallArgs args) throws ErrnoException {
        require(task.credentials().capable(Capability.SETGID));
        int size = args.i0();
        if (size < 0 || size > NGROUPS_MAX) {
            throw Errno.EINVAL.error();
        }
        int[] groups = new int[size];
        for (int i = 0; i < size; i++) {
            groups[i] = task.memory().getInt(args.a1 + 4L * i);
            requireId(groups[i]);
        }
        CredentialsBuilder b = new CredentialsBuilder(task.credentials());
        b.groups = groups;
        task.setCredentials(b.build());
        return 0;
    }

    /** How many struct __user_cap_data_struct there are for the version in the header. */
    private static int capabilityWords(UserMemory memory, long header) throws ErrnoException {
        switch (memory.getInt(header)) {
            case CAPABILITY_VERSION_1 -> {
                return 1;
            }
            case CAPABILITY_VERSION_2, CAPABILITY_VERSION_3 -> {
                return 2;
            }
            default -> {
                memory.putInt(header, CAPABILITY_VERSION_3);
                return 0;
            }
        }
    }

    private static long capget(Task task, SyscallArgs args) throws ErrnoException {
        UserMemory memory = task.memory();
        int words = capabilityWords(memory, args.a0);
        if (words == 0) {
            if (args.a1 == 0) {
                return 0; // a query for the version
            }
            throw Errno.EINVAL.error();
        }
        int pid = memory.getInt(args.a0 + 4);
        if (pid < 0) {
            throw Errno.EINVAL.error();
        }
        Task target = pid == 0 ? task : task.namespaces().pid().task(pid);
        if (target == null) {
            throw Errno.ESRCH.error();
        }
        if (args.a1 != 0) {
            Credentials c = target.credentials();
            for (int i = 0; i < words; i++) {
                memory.putInt(args.a1 + 12L * i, (int) (c.effective() >>> 32 * i));
                memory.putInt(args.a1 + 12L * i + 4, (int) (c.permitted() >>> 32 * i));
                memory.putInt(args.a1 + 12L * i + 8, (int) (c.inheritable() >>> 32 * i));
            }
        }
        return 0;
    }

    private static long capset(Task task, SyscallArgs args) throws ErrnoException {
        UserMemory memory = task.memory();
        int words = capabilityWords(memory, args.a0);
        if (words == 0) {
            throw Errno.EINVAL.error();
        }
        int pid = memory.getInt(args.a0 + 4);
        require(pid == 0 || pid == task.tid(task.namespaces().pid()));
        long effective = 0;
        long permitted = 0;
        long inheritable = 0;
        for (int i = 0; i < words; i++) {
            effective |= (memory.getInt(args.a1 + 12L * i) & 0xffffffffL) << 32 * i;
            permitted |= (memory.getInt(args.a1 + 12L * i + 4) & 0xffffffffL) << 32 * i;
            inheritable |= (memory.getInt(args.a1 + 12L * i + 8) & 0xffffffffL) << 32 * i;
        }
        effective &= Credentials.ALL_CAPABILITIES;
        permitted &= Credentials.ALL_CAPABILITIES;
        inheritable &= Credentials.ALL_CAPABILITIES;
        Credentials old = task.credentials();
        boolean setpcap = old.capable(Capability.SETPCAP);
        require((inheritable & ~(old.inheritable() | old.permitted())) == 0 || setpcap);
        require((inheritable & ~(old.inheritable() | old.bounding())) == 0);
        require((permitted & ~old.permitted()) == 0);
        require((effective & ~permitted) == 0);
        CredentialsBuilder b = new CredentialsBuilder(old);
        b.effective = effective;
        b.permitted = permitted;
        b.inheritable = inheritable;
        b.ambient &= permitted & inheritable;
        task.setCredentials(b.build());
        return 0;
    }
}
