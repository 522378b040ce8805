package sentry.syscalls;

import sentry.core.abi.Capability;
import sentry.core.task.Credentials;
import sentry.core.task.Task;

/** Which task may do something to another one (ptrace(2), "Ptrace access mode checking"; kill(2)). */
final class Access {
    private Access() {}

    /** PTRACE_MODE_READ_REALCREDS. */
    static boolean mayInspect(Task task, Task target) {
        if (task.group() == target.group()) {
            return true;
        }
        Credentials c = task.credentials();
        Credentials t = target.credentials();
        if (c.capableIn(t.userNamespace(), Capability.SYS_PTRACE)) {
            return true;
        }
        return c.uid() == t.euid()
                && c.uid() == t.suid()
                && c.uid() == t.uid()
                && c.gid() == t.egid()
                && c.gid() == t.sgid()
                && c.gid() == t.gid()
                && t.userNamespace() == c.userNamespace()
                && (t.permitted() & ~c.permitted()) == 0
                && target.group().dumpable();
    }

    /** Whether {@code task} owns {@code target} in the sense of setpriority(2) and sched_setaffinity(2). */
    static boolean sameOwner(Task task, Task target, int capability) {
        Credentials c = task.credentials();
        Credentials t = target.credentials();
        return c.euid() == t.euid() || c.euid() == t.uid() || c.capableIn(t.userNamespace(), capability);
    }

    /** kill(2)'s rule, SIGCONT aside. */
    static boolean maySignal(Task task, Task target) {
        if (task.group() == target.group()) {
            return true;
        }
        Credentials c = task.credentials();
        Credentials t = target.credentials();
        return c.euid() == t.suid()
                || c.euid() == t.uid()
                || c.uid() == t.suid()
                || c.uid() == t.uid()
                || c.capableIn(t.userNamespace(), Capability.KILL);
    }
}
