package sentry.core.fs.proc;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.fs.pseudo.PseudoSymlink;
import sentry.core.kernel.Kernel;
import sentry.core.task.PidNamespace;
import sentry.core.task.Task;

/** /proc/self and /proc/thread-self: who reads them. */
final class SelfLink extends PseudoSymlink {
    private final boolean thread;

    SelfLink(ProcFileSystem fs, boolean thread) {
        super(fs, fs.nextIno(), null);
        this.thread = thread;
    }

    @Override
    public String readlink() throws ErrnoException {
        Task task = Kernel.current();
        if (task == null) {
            throw Errno.ENOENT.error();
        }
        PidNamespace pids = task.namespaces().pid();
        int pid = task.group().pid(pids);
        return thread ? pid + "/task/" + task.tid(pids) : Integer.toString(pid);
    }
}
