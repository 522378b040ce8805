package sentry.syscalls;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Sched;
import sentry.core.abi.Sys;
import sentry.core.fs.nsfs.NamespaceFile;
import sentry.core.syscall.SyscallArgs;
import sentry.core.syscall.SyscallTable;
import sentry.core.task.Namespace;
import sentry.core.task.Namespaces;
import sentry.core.task.NewNamespaces;
import sentry.core.task.PidFile;
import sentry.core.task.Task;
import sentry.core.task.ThreadGroup;
import sentry.core.vfs.FileDescription;

/** unshare(2) and setns(2). */
final class NamespaceSyscalls {
    private NamespaceSyscalls() {}

    static void install(SyscallTable.Builder table) {
        table.full(Sys.UNSHARE, NamespaceSyscalls::unshare)
                .full(Sys.SETNS, NamespaceSyscalls::setns);
    }

    private static long unshare(Task task, SyscallArgs args) throws ErrnoException {
        NewNamespaces.unshare(task, args.a0);
        return 0;
    }

    private static long setns(Task task, SyscallArgs args) throws ErrnoException {
        FileDescription file = task.fds().get(args.i0());
        long kinds = args.i1() & 0xffffffffL;
        if (file instanceof NamespaceFile ns) {
            if (kinds != 0 && ns.namespace().kind().flag() != kinds) {
                throw Errno.EINVAL.error();
            }
            NewNamespaces.enter(task, ns.namespace());
            return 0;
        }
        if (file instanceof PidFile process) {
            enterThoseOf(task, process.group(), kinds);
            return 0;
        }
        throw Errno.EINVAL.error();
    }

    /** Enters the namespaces of a process; the user namespace first, which gives the right to the others. */
    private static void enterThoseOf(Task task, ThreadGroup process, long kinds) throws ErrnoException {
        if (kinds == 0 || (kinds & ~Sched.NAMESPACES) != 0) {
            throw Errno.EINVAL.error();
        }
        if (process == null || process.zombie()) {
            throw Errno.ESRCH.error();
        }
        Task target = process.leader();
        if (!Access.mayInspect(task, target)) {
            throw Errno.EPERM.error();
        }
        Namespaces n = target.namespaces();
        Namespace[] all = {
            target.credentials().userNamespace(), n.mounts(), n.uts(), n.ipc(), n.pid(), n.cgroup(), n.net(), n.time()
        };
        for (Namespace ns : all) {
            if ((kinds & ns.kind().flag()) != 0) {
                NewNamespaces.enter(task, ns);
            }
        }
    }
}
