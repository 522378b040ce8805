package sentry.core.task;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;

/** Process groups and sessions (setpgid(2), setsid(2)). */
public final class JobControl {
    private JobControl() {}

    /** setpgid(2) with numbers of the caller's namespace; 0 stands for the caller. */
    public static void setProcessGroup(Task task, int pid, int pgid) throws ErrnoException {
        ThreadGroup self = task.group();
        PidNamespace pids = task.namespaces().pid();
        if ((pgid == 0 ? pid : pgid) < 0) {
            throw Errno.EINVAL.error();
        }
        task.kernel().taskSet().lock();
        try {
            ThreadGroup target = self;
            if (pid != 0 && pid != self.pid(pids)) {
                Task t = pids.task(pid);
                if (t == null) {
                    throw Errno.ESRCH.error();
                }
                if (t.group().leader() != t) {
                    throw Errno.EINVAL.error();
                }
                target = t.group();
                if (target.parent() != self && target != self) {
                    throw Errno.ESRCH.error();
                }
                if (target != self) {
                    if (target.session() != self.session()) {
                        throw Errno.EPERM.error();
                    }
                    if (target.executed()) {
                        throw Errno.EACCES.error();
                    }
                }
            }
            if (target.session().leader() == target) {
                throw Errno.EPERM.error();
            }
            int number = pgid == 0 ? target.pid(pids) : pgid;
            if (number == target.processGroup().id().in(pids)) {
                return;
            }
            ProcessGroup group;
            if (number == target.pid(pids)) {
                group = target.id().processGroup();
                if (group == null) {
                    group = new ProcessGroup(target.id(), target.session());
                }
            } else {
                Pid p = pids.find(number);
                group = p == null ? null : p.processGroup();
                if (group == null || group.session() != self.session()) {
                    throw Errno.EPERM.error();
                }
            }
            ProcessGroup old = target.processGroup();
            target.join(group);
            TaskExit.hangUpIfOrphaned(old.members().isEmpty() ? null : old, null);
        } finally {
            task.kernel().taskSet().unlock();
        }
    }

    /** setsid(2): EPERM when the caller leads a process group. */
    public static int newSession(Task task) throws ErrnoException {
        ThreadGroup self = task.group();
        task.kernel().taskSet().lock();
        try {
            if (self.id().processGroup() != null || self.session().leader() == self) {
                throw Errno.EPERM.error();
            }
            Session session = new Session(self.id(), self);
            self.forgetTerminal();
            self.join(new ProcessGroup(self.id(), session));
            return self.pid(task.namespaces().pid());
        } finally {
            task.kernel().taskSet().unlock();
        }
    }

    /** The process that a call names by {@code pid} (0: the caller); ESRCH when there is none. */
    public static ThreadGroup find(Task task, int pid) throws ErrnoException {
        if (pid == 0) {
            return task.group();
        }
        Task t = task.namespaces().pid().task(pid);
        if (t == null) {
            throw Errno.ESRCH.error();
        }
        return t.group();
    }
}
