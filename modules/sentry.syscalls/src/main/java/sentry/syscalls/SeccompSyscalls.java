package sentry.syscalls;

import sentry.core.abi.Capability;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Resource;
import sentry.core.abi.Seccomp;
import sentry.core.abi.Sys;
import sentry.core.memory.UserMemory;
import sentry.core.seccomp.BpfProgram;
import sentry.core.seccomp.SeccompFilter;
import sentry.core.seccomp.SeccompListener;
import sentry.core.syscall.SyscallArgs;
import sentry.core.syscall.SyscallTable;
import sentry.core.task.Task;

/** seccomp(2), and prctl(2) with PR_SET_SECCOMP. */
final class SeccompSyscalls {
    private SeccompSyscalls() {}

    static void install(SyscallTable.Builder table) {
        table.full(Sys.SECCOMP, SeccompSyscalls::seccomp);
    }

    private static long seccomp(Task task, SyscallArgs a) throws ErrnoException {
        int flags = a.i1();
        switch (a.i0()) {
            case Seccomp.SET_MODE_STRICT -> {
                if (flags != 0 || a.a2 != 0) {
                    throw Errno.EINVAL.error();
                }
                setStrict(task);
            }
            case Seccomp.SET_MODE_FILTER -> {
                return setFilter(task, flags, a.a2);
            }
            case Seccomp.GET_ACTION_AVAIL -> {
                if (flags != 0) {
                    throw Errno.EINVAL.error();
                }
                requireAction(task.memory().getInt(a.a2));
            }
            case Seccomp.GET_NOTIF_SIZES -> {
                if (flags != 0) {
                    throw Errno.EINVAL.error();
                }
                byte[] out = new byte[6];
                Struct.putShort(out, 0, Seccomp.NOTIF_SIZE);
                Struct.putShort(out, 2, Seccomp.RESP_SIZE);
                Struct.putShort(out, 4, Seccomp.DATA_SIZE);
                task.memory().write(a.a2, out, 0, out.length);
            }
            default -> throw Errno.EINVAL.error();
        }
        return 0;
    }

    /** prctl(PR_SET_SECCOMP, mode, program). */
    static long prctl(Task task, long mode, long program) throws ErrnoException {
        if (mode == Seccomp.MODE_STRICT) {
            setStrict(task);
            return 0;
        }
        if (mode == Seccomp.MODE_FILTER) {
            return setFilter(task, 0, program);
        }
        throw Errno.EINVAL.error();
    }

    private static void requireAction(int action) throws ErrnoException {
        switch (action) {
            case Seccomp.RET_KILL_PROCESS, Seccomp.RET_KILL_THREAD, Seccomp.RET_TRAP, Seccomp.RET_ERRNO,
                    Seccomp.RET_USER_NOTIF, Seccomp.RET_TRACE, Seccomp.RET_LOG, Seccomp.RET_ALLOW -> {}
            default -> throw Errno.EOPNOTSUPP.error();
        }
    }

    private static void setStrict(Task task) throws ErrnoException {
        task.kernel().taskSet().lock();
        try {
            if (task.seccompMode() == Seccomp.MODE_FILTER) {
                throw Errno.EINVAL.error();
            }
            task.setSeccomp(Seccomp.MODE_STRICT, null);
        } finally {
            task.kernel().taskSet().unlock();
        }
    }

    private static long setFilter(Task task, int flags, long address) throws ErrnoException {
        boolean sync = (flags & Seccomp.FLAG_TSYNC) != 0;
        boolean listen = (flags & Seccomp.FLAG_NEW_LISTENER) != 0;
        boolean waitKillable = (flags & Seccomp.FLAG_WAIT_KILLABLE_RECV) != 0;
        if ((flags & ~Seccomp.FLAG_MASK) != 0
                || sync && listen && (flags & Seccomp.FLAG_TSYNC_ESRCH) == 0
                || waitKillable && !listen) {
            throw Errno.EINVAL.error();
        }
        BpfProgram program = read(task, address);
        if (!listen) {
            return attach(task, program, flags, null);
        }
        SeccompListener listener = new SeccompListener(waitKillable);
        int fd = task.fds().install(listener, 0, true, task.group().rlimit(Resource.RLIMIT_NOFILE));
        boolean done = false;
        try {
            long other = attach(task, program, flags, listener);
            if (other != 0) {
                return other;
            }
            done = true;
            return fd;
        } finally {
            if (!done) {
                task.fds().close(task, fd);
            }
        }
    }

    /** Reads a struct sock_fprog and what it names. */
    private static BpfProgram read(Task task, long address) throws ErrnoException {
        UserMemory memory = task.memory();
        byte[] head = new byte[16];
        memory.read(address, head, 0, head.length);
        int count = Struct.getShort(head, 0) & 0xffff;
        if (count == 0 || count > BpfProgram.MAX) {
            throw Errno.EINVAL.error();
        }
        if (!task.noNewPrivileges() && !task.credentials().capable(Capability.SYS_ADMIN)) {
            throw Errno.EACCES.error();
        }
        if (Struct.getLong(head, 8) == 0) {
            throw Errno.EINVAL.error();
        }
        byte[] instructions = new byte[count * BpfProgram.INSTRUCTION];
        memory.read(Struct.getLong(head, 8), instructions, 0, instructions.length);
        return new BpfProgram(instructions);
    }

    /** Returns 0, or the id of a thread that cannot be brought into line. */
    private static long attach(Task task, BpfProgram program, int flags, SeccompListener listener) throws ErrnoException {
        boolean sync = (flags & Seccomp.FLAG_TSYNC) != 0;
        task.kernel().taskSet().lock();
        try {
            if (task.seccompMode() == Seccomp.MODE_STRICT) {
                throw Errno.EINVAL.error();
            }
            SeccompFilter old = task.seccomp();
            if (listener != null && old != null && old.hasListener()) {
                throw Errno.EBUSY.error();
            }
            if (sync) {
                Task other = diverging(task, old);
                if (other != null) {
                    if ((flags & Seccomp.FLAG_TSYNC_ESRCH) != 0) {
                        throw Errno.ESRCH.error();
                    }
                    return other.tid(task.namespaces().pid());
                }
            }
            SeccompFilter filter = new SeccompFilter(program, old, (flags & Seccomp.FLAG_LOG) != 0, listener);
            task.setSeccomp(Seccomp.MODE_FILTER, filter);
            if (sync) {
                for (Task t : task.group().tasks()) {
                    if (t != task) {
                        t.setSeccomp(Seccomp.MODE_FILTER, filter);
                        if (task.noNewPrivileges()) {
                            t.setNoNewPrivileges();
                        }
                    }
                }
            }
            return 0;
        } finally {
            task.kernel().taskSet().unlock();
        }
    }

    /** A thread whose filters are not a beginning of the caller's; null when there is none. */
    private static Task diverging(Task task, SeccompFilter own) {
        for (Task t : task.group().tasks()) {
            boolean fits = t == task
                    || t.seccompMode() == Seccomp.MODE_DISABLED
                    || t.seccompMode() == Seccomp.MODE_FILTER && own != null && own.descendsFrom(t.seccomp());
            if (!fits) {
                return t;
            }
        }
        return null;
    }
}
