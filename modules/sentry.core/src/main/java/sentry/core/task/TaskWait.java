package sentry.core.task;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Signal;
import sentry.core.abi.Wait;
import sentry.core.wait.Sleeper;
import sentry.core.wait.WaitEntry;

/** Waiting for children (wait4(2), waitid(2)). */
public final class TaskWait {
    /**
     * What happened to a child.
     *
     * @param pid the child's id in the waiter's namespace
     * @param uid its real user
     * @param code CLD_ code
     * @param status the exit code or signal, as si_status has it
     * @param raw the status as wait4(2) has it
     * @param userNanos CPU time of the child and of what it waited for
     * @param systemNanos the same in the kernel
     * @param counts what else they used
     */
    public record Result(int pid, int uid, int code, int status, int raw, long userNanos, long systemNanos,
            Usage.Counts counts) {}

    private TaskWait() {}

    /**
     * Waits for a child in one of the states in {@code options}.
     *
     * @param which P_ALL, P_PID, P_PGID, or P_PIDFD with {@code only} instead of {@code id}
     * @return null when there is none yet and WNOHANG is given
     * @throws ErrnoException ECHILD, ERESTARTSYS
     */
    public static Result wait(Task task, int which, int id, int options) throws ErrnoException {
        return wait(task, which, id, null, options);
    }

    /** The same; with P_PIDFD for the process {@code only}. */
    public static Result wait(Task task, int which, int id, ThreadGroup only, int options) throws ErrnoException {
        ThreadGroup self = task.group();
        WaitEntry entry = task.waitEntry();
        boolean nohang = (options & Wait.WNOHANG) != 0;
        Result result = look(task, which, id, only, options);
        if (result != null || nohang) {
            return result;
        }
        self.childEvents().add(entry, 1);
        try {
            boolean interrupted = false;
            for (;;) {
                task.sleeper().prepare();
                result = look(task, which, id, only, options);
                if (result != null) {
                    return result;
                }
                if (interrupted) {
                    throw Errno.ERESTARTSYS.error();
                }
                // A child's end comes as SIGCHLD too: look once more before the signal counts.
                interrupted = task.sleep(Sleeper.FOREVER) == Sleeper.Wake.INTERRUPTED;
            }
        } finally {
            self.childEvents().remove(entry);
        }
    }

    private static Result look(Task task, int which, int id, ThreadGroup only, int options) throws ErrnoException {
        PidNamespace pids = task.namespaces().pid();
        ThreadGroup self = task.group();
        task.kernel().taskSet().lock();
        try {
            ProcessGroup wantedGroup = null;
            if (which == Wait.P_PGID) {
                if (id == 0) {
                    wantedGroup = self.processGroup();
                } else {
                    Pid p = pids.find(id);
                    wantedGroup = p == null ? null : p.processGroup();
                }
            }
            boolean any = false;
            for (ThreadGroup child : self.children()) {
                if (which == Wait.P_PID && child.pid(pids) != id
                        || which == Wait.P_PIDFD && child != only
                        || which == Wait.P_PGID && child.processGroup() != wantedGroup
                        || !eligible(task, child, options)) {
                    continue;
                }
                any = true;
                TraceLink link = child.leader().trace();
                if (link != null && link.tracer().group() == self) {
                    continue; // it is looked at as a tracee
                }
                Result r = state(pids, child, link != null, options);
                if (r != null) {
                    return r;
                }
            }
            if (self.traces()) {
                for (Task t : Tracing.tracees(self, (options & Wait.WNOTHREAD) != 0 ? task : null)) {
                    if (which == Wait.P_PID && t.tid(pids) != id
                            || which == Wait.P_PIDFD && (t.group() != only || t != only.leader())
                            || which == Wait.P_PGID && t.group().processGroup() != wantedGroup) {
                        continue;
                    }
                    any = true;
                    Result r = tracee(pids, t, options);
                    if (r != null) {
                        return r;
                    }
                }
            }
            if (!any) {
                throw Errno.ECHILD.error();
            }
            return null;
        } finally {
            task.kernel().taskSet().unlock();
        }
    }

    private static boolean eligible(Task task, ThreadGroup child, int options) {
        if ((options & Wait.WNOTHREAD) != 0 && child.parentTask() != task) {
            return false;
        }
        if ((options & Wait.WALL) != 0) {
            return true;
        }
        boolean clone = child.exitSignal() != Signal.SIGCHLD;
        return clone == ((options & Wait.WCLONE) != 0);
    }

    /** What a tracer hears of its tracee: its end, its stops without being asked, that its process was continued. */
    private static Result tracee(PidNamespace pids, Task t, int options) {
        boolean consume = (options & Wait.WNOWAIT) == 0;
        TraceLink link = t.trace();
        ThreadGroup group = t.group();
        boolean leader = group.leader() == t;
        if (link.zombie || leader && group.state() == ThreadGroup.State.ZOMBIE) {
            if ((options & Wait.WEXITED) == 0) {
                return null;
            }
            WaitStatus s = leader ? group.exitStatus() : new WaitStatus(TaskExit.endStatus(t));
            int code = s.exited() ? Signal.CLD_EXITED : s.coreDumped() ? Signal.CLD_DUMPED : Signal.CLD_KILLED;
            Result r = leader
                    ? result(pids, group, code, s.exited() ? s.code() : s.signal(), s.raw())
                    : thread(pids, t, code, s.exited() ? s.code() : s.signal(), s.raw());
            if (consume) {
                Tracing.reaped(link);
            }
            return r;
        }
        int code = link.code;
        if (link.stopped && !link.listening() && code != 0) {
            if (consume) {
                link.code = 0;
            }
            return thread(pids, t, Signal.CLD_TRAPPED, code, code << 8 | WaitStatus.STOPPED);
        }
        if (leader && (options & Wait.WCONTINUED) != 0 && group.signals().continued(consume)) {
            return result(pids, group, Signal.CLD_CONTINUED, Signal.SIGCONT, WaitStatus.CONTINUED);
        }
        return null;
    }

    private static Result thread(PidNamespace pids, Task t, int code, int status, int raw) {
        return new Result(
                t.tid(pids), t.credentials().uid(), code, status, raw, t.userNanos(), t.systemNanos(), t.group().counts());
    }

    /** @param traced somebody else traces it, who hears of its end first */
    private static Result state(PidNamespace pids, ThreadGroup child, boolean traced, int options) {
        boolean consume = (options & Wait.WNOWAIT) == 0;
        if (child.state() == ThreadGroup.State.ZOMBIE) {
            if (traced || (options & Wait.WEXITED) == 0) {
                return null;
            }
            WaitStatus s = child.exitStatus();
            int code = s.exited() ? Signal.CLD_EXITED : s.coreDumped() ? Signal.CLD_DUMPED : Signal.CLD_KILLED;
            Result r = result(pids, child, code, s.exited() ? s.code() : s.signal(), s.raw());
            if (consume) {
                TaskExit.reap(child);
            }
            return r;
        }
        if ((options & Wait.WSTOPPED) != 0) {
            int signal = child.signals().stopCode(consume);
            if (signal != 0) {
                return result(pids, child, Signal.CLD_STOPPED, signal, signal << 8 | WaitStatus.STOPPED);
            }
        }
        if ((options & Wait.WCONTINUED) != 0 && child.signals().continued(consume)) {
            return result(pids, child, Signal.CLD_CONTINUED, Signal.SIGCONT, WaitStatus.CONTINUED);
        }
        return null;
    }

    private static Result result(PidNamespace pids, ThreadGroup child, int code, int status, int raw) {
        return new Result(
                child.pid(pids),
                child.leader().credentials().uid(),
                code,
                status,
                raw,
                child.userNanos() + child.childUserNanos(),
                child.systemNanos() + child.childSystemNanos(),
                child.counts().plus(child.usage().children()));
    }
}
