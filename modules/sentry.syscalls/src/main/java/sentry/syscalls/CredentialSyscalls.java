package sentry.syscalls;

import java.util.Arrays;
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
        table.full(Sys.GETUID, (t, a) -> uid(t, t.credentials().uid()) & 0xffffffffL)
                .full(Sys.GETEUID, (t, a) -> uid(t, t.credentials().euid()) & 0xffffffffL)
                .full(Sys.GETGID, (t, a) -> gid(t, t.credentials().gid()) & 0xffffffffL)
                .full(Sys.GETEGID, (t, a) -> gid(t, t.credentials().egid()) & 0xffffffffL)
                .steady(Sys.GETUID)
                .steady(Sys.GETEUID)
                .steady(Sys.GETGID)
                .steady(Sys.GETEGID)
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
        return write3(task.memory(), args, uid(task, c.uid()), uid(task, c.euid()), uid(task, c.suid()));
    }

    private static long getresgid(Task task, SyscallArgs args) throws ErrnoException {
        Credentials c = task.credentials();
        return write3(task.memory(), args, gid(task, c.gid()), gid(task, c.egid()), gid(task, c.sgid()));
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

    /** What the task's user namespace calls the kernel's user {@code kernel}. */
    private static int uid(Task task, int kernel) {
        return task.credentials().userNamespace().uid(kernel);
    }

    private static int gid(Task task, int kernel) {
        return task.credentials().userNamespace().gid(kernel);
    }

    /** The kernel's id for what the program calls {@code uid}; EINVAL when there is none. */
    private static int kernelUid(Task task, int uid) throws ErrnoException {
        return valid(task.credentials().userNamespace().kernelUid(uid));
    }

    private static int kernelGid(Task task, int gid) throws ErrnoException {
        return valid(task.credentials().userNamespace().kernelGid(gid));
    }

    private static int valid(int id) throws ErrnoException {
        if (id == -1) {
            throw Errno.EINVAL.error();
        }
        return id;
    }

    /** The same, but -1 stays: the call leaves that id alone. */
    private static int newUid(Task task, int uid) throws ErrnoException {
        return uid == -1 ? -1 : kernelUid(task, uid);
    }

    private static int newGid(Task task, int gid) throws ErrnoException {
        return gid == -1 ? -1 : kernelGid(task, gid);
    }

    /** Brings new user ids into force, with what they do to capabilities. */
    private static long commit(Task task, CredentialsBuilder b) {
        Credentials old = task.credentials();
        if ((b.securebits & Prctl.SECBIT_NO_SETUID_FIXUP) == 0) {
            int root = old.userNamespace().rootUid();
            boolean wasRoot = old.uid() == root || old.euid() == root || old.suid() == root;
            boolean isRoot = b.uid == root || b.euid == root || b.suid == root;
            if (wasRoot && !isRoot) {
                if (!task.keepCapabilities()) {
                    b.permitted = 0;
                    b.effective = 0;
                }
                b.ambient = 0;
            }
            if (old.euid() == root && b.euid != root) {
                b.effective = 0;
            }
            if (old.euid() != root && b.euid == root) {
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
        int id = kernelUid(task, args.i0());
        CredentialsBuilder b = new CredentialsBuilder(task.credentials());
        if (task.credentials().capableHere(Capability.SETUID)) {
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
        int id = kernelGid(task, args.i0());
        CredentialsBuilder b = new CredentialsBuilder(task.credentials());
        if (task.credentials().capableHere(Capability.SETGID)) {
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
        int real = newUid(task, args.i0());
        int effective = newUid(task, args.i1());
        CredentialsBuilder b = new CredentialsBuilder(task.credentials());
        boolean capable = task.credentials().capableHere(Capability.SETUID);
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
        int real = newGid(task, args.i0());
        int effective = newGid(task, args.i1());
        CredentialsBuilder b = new CredentialsBuilder(task.credentials());
        boolean capable = task.credentials().capableHere(Capability.SETGID);
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
        int real = newUid(task, args.i0());
        int effective = newUid(task, args.i1());
        int saved = newUid(task, args.i2());
        CredentialsBuilder b = new CredentialsBuilder(task.credentials());
        if (!task.credentials().capableHere(Capability.SETUID)) {
            require(oneOf(real, b.uid, b.euid, b.suid)
                    && oneOf(effective, b.uid, b.euid, b.suid)
                    && oneOf(saved, b.uid, b.euid, b.suid));
        }
        b.uid = real == -1 ? b.uid : real;
        b.euid = effective == -1 ? b.euid : effective;
        b.suid = saved == -1 ? b.suid : saved;
        b.fsuid = b.euid;
        return commit(task, b);
    }

    private static long setresgid(Task task, SyscallArgs args) throws ErrnoException {
        int real = newGid(task, args.i0());
        int effective = newGid(task, args.i1());
        int saved = newGid(task, args.i2());
        CredentialsBuilder b = new CredentialsBuilder(task.credentials());
        if (!task.credentials().capableHere(Capability.SETGID)) {
            require(oneOf(real, b.gid, b.egid, b.sgid)
                    && oneOf(effective, b.gid, b.egid, b.sgid)
                    && oneOf(saved, b.gid, b.egid, b.sgid));
        }
        b.gid = real == -1 ? b.gid : real;
        b.egid = effective == -1 ? b.egid : effective;
        b.sgid = saved == -1 ? b.sgid : saved;
        b.fsgid = b.egid;
        return apply(task, b);
    }

    private static long setfsuid(Task task, SyscallArgs args) {
        CredentialsBuilder b = new CredentialsBuilder(task.credentials());
        int old = b.fsuid;
        int id = task.credentials().userNamespace().kernelUid(args.i0());
        boolean allowed =
                oneOf(id, b.uid, b.euid, b.suid) || id == b.fsuid || task.credentials().capableHere(Capability.SETUID);
        if (id != -1 && allowed && id != old) {
            b.fsuid = id;
            if (old == task.credentials().userNamespace().rootUid()) {
                b.effective &= ~FILE_CAPABILITIES;
            } else if (id == task.credentials().userNamespace().rootUid()) {
                b.effective |= b.permitted & FILE_CAPABILITIES;
            }
            apply(task, b);
        }
        return uid(task, old) & 0xffffffffL;
    }

    private static long setfsgid(Task task, SyscallArgs args) {
        CredentialsBuilder b = new CredentialsBuilder(task.credentials());
        int old = b.fsgid;
        int id = task.credentials().userNamespace().kernelGid(args.i0());
        boolean allowed =
                oneOf(id, b.gid, b.egid, b.sgid) || id == b.fsgid || task.credentials().capableHere(Capability.SETGID);
        if (id != -1 && allowed && id != old) {
            b.fsgid = id;
            apply(task, b);
        }
        return gid(task, old) & 0xffffffffL;
    }

    private static long getgroups(Task task, SyscallArgs args) throws ErrnoException {
        int size = args.i0();
        int[] groups = task.credentials().groups();
        if (size < 0 || size > 0 && size < groups.length) {
            throw Errno.EINVAL.error();
        }
        if (size > 0) {
            for (int i = 0; i < groups.length; i++) {
                task.memory().putInt(args.a1 + 4L * i, gid(task, groups[i]));
            }
        }
        return groups.length;
    }

    private static long setgroups(Task task, SyscallArgs args) throws ErrnoException {
        require(task.credentials().capableHere(Capability.SETGID)
                && task.credentials().userNamespace().maySetGroups());
        int size = args.i0();
        if (size < 0 || size > NGROUPS_MAX) {
            throw Errno.EINVAL.error();
        }
        int[] groups = new int[size];
        for (int i = 0; i < size; i++) {
            groups[i] = kernelGid(task, task.memory().getInt(args.a1 + 4L * i));
        }
        CredentialsBuilder b = new CredentialsBuilder(task.credentials());
        sort(groups);
        b.groups = groups;
        task.setCredentials(b.build());
        return 0;
    }

    /** Linux keeps them in order, and getgroups(2) shows that. Ids are unsigned. */
    private static void sort(int[] groups) {
        for (int i = 0; i < groups.length; i++) {
            groups[i] ^= Integer.MIN_VALUE;
        }
        Arrays.sort(groups);
        for (int i = 0; i < groups.length; i++) {
            groups[i] ^= Integer.MIN_VALUE;
        }
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
        boolean setpcap = old.capableHere(Capability.SETPCAP);
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
