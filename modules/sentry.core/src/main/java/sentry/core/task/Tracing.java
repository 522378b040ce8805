package sentry.core.task;

import java.util.ArrayList;
import java.util.List;
import sentry.core.abi.Capability;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Ptrace;
import sentry.core.abi.Sched;
import sentry.core.abi.Signal;
import sentry.core.signal.SignalInfo;

/** Who traces whom (ptrace(2)): attaching, detaching, and the ends of tracers and of the traced. */
public final class Tracing {
    private Tracing() {}

    /** PTRACE_TRACEME: the parent traces {@code task}. EPERM when it is traced, or nobody inside is its parent. */
    public static void traceMe(Task task) throws ErrnoException {
        task.kernel().taskSet().lock();
        try {
            Task parent = task.group().parentTask();
            if (task.trace() != null || parent == null || parent.ended()) {
                throw Errno.EPERM.error();
            }
            Credentials theirs = parent.credentials();
            if ((task.credentials().permitted() & ~theirs.permitted()) != 0
                    && !theirs.capable(Capability.SYS_PTRACE)) {
                throw Errno.EPERM.error();
            }
            link(parent, task, false, 0);
        } finally {
            task.kernel().taskSet().unlock();
        }
    }

    /** PTRACE_ATTACH and PTRACE_SEIZE; the rights have been checked. EPERM when it cannot be traced. */
    public static void attach(Task tracer, Task task, boolean seize, int options) throws ErrnoException {
        task.kernel().taskSet().lock();
        try {
            if (task.group() == tracer.group() || task.trace() != null || task.ended() || task.exiting()) {
                throw Errno.EPERM.error();
            }
            TraceLink link = link(tracer, task, seize, options);
            if (!seize) {
                task.signals().send(SignalInfo.kernel(Signal.SIGSTOP));
            }
            if (task.signals().beginTraceOfStopped()) {
                link.trap();
                task.sleeper().wake();
            }
        } finally {
            task.kernel().taskSet().unlock();
        }
    }

    /** A new task of a traced one: CLONE_PTRACE, or an event that the tracer wants. With the task-set lock held. */
    static void inherit(Task parent, Task child, CloneArgs args) {
        TraceLink link = parent.trace();
        if (link == null || !args.has(Sched.CLONE_PTRACE) && event(parent, args) == 0) {
            return;
        }
        TraceLink own = link(link.tracer(), child, link.seized(), link.options());
        if (link.seized()) {
            own.trap();
        } else {
            child.signals().pendBare(Signal.SIGSTOP);
        }
    }

    /** The event that {@code args} make, if the tracer wants it; else 0. */
    static int event(Task parent, CloneArgs args) {
        TraceLink link = parent.trace();
        if (link == null || args.has(Sched.CLONE_UNTRACED)) {
            return 0;
        }
        int event = args.has(Sched.CLONE_VFORK)
                ? Ptrace.EVENT_VFORK
                : args.exitSignal() != Signal.SIGCHLD ? Ptrace.EVENT_CLONE : Ptrace.EVENT_FORK;
        return link.wants(event) ? event : 0;
    }

    private static TraceLink link(Task tracer, Task task, boolean seize, int options) {
        TraceLink link = new TraceLink(tracer, task, seize, options);
        tracer.tracees().add(task);
        tracer.group().traces(1);
        task.setTrace(link);
        return link;
    }

    /** With the task-set lock held. */
    private static void unlink(TraceLink link) {
        Task task = link.tracee();
        link.tracer().tracees().remove(task);
        link.tracer().group().traces(-1);
        task.signals().setSingleStep(false);
        task.setTrace(null);
    }

    /** PTRACE_DETACH of a task that the caller {@linkplain TraceLink#hold holds}; it goes on with {@code signal}. */
    public static void detach(TraceLink link, int signal) {
        // The task-set lock comes before the hold: let go, and look whether it is still ours.
        link.letGo();
        var lock = link.tracee().kernel().taskSet();
        lock.lock();
        try {
            if (link.tracee().trace() == link && link.hold()) {
                try {
                    unlink(link);
                    link.leave(signal);
                } finally {
                    link.letGo();
                }
                link.tracee().signals().endTrace();
            }
        } finally {
            lock.unlock();
        }
    }

    /** A tracer has ended: its tracees run on, or are killed. With the task-set lock held. */
    static void tracerEnded(Task tracer) {
        if (!tracer.hasTracees()) {
            return;
        }
        for (Task t : new ArrayList<>(tracer.tracees())) {
            TraceLink link = t.trace();
            if ((link.options() & Ptrace.O_EXITKILL) != 0) {
                t.group().signals().exit(Signal.SIGKILL);
            }
            unlink(link);
            if (t.ended()) {
                buried(link);
            } else {
                link.killed = true; // a stop at its end, if it is in one, is over
                link.release();
                t.signals().endTrace();
            }
        }
    }

    /** What a traced zombie's tracer would have waited for is the parent's business again. */
    private static void buried(TraceLink link) {
        Task t = link.tracee();
        ThreadGroup group = t.group();
        if (link.zombie) {
            TaskExit.releaseThread(link);
        } else if (group.state() == ThreadGroup.State.ZOMBIE && group.leader() == t) {
            TaskExit.tellParent(group);
        }
    }

    /** A traced zombie was waited for by its tracer. With the task-set lock held. */
    static void reaped(TraceLink link) {
        Task t = link.tracee();
        ThreadGroup group = t.group();
        boolean own = link.tracer().group() == group.parent();
        unlink(link);
        if (link.zombie) {
            TaskExit.releaseThread(link);
        } else if (own) {
            TaskExit.reap(group);
        } else {
            TaskExit.tellParent(group);
        }
    }

    /** The old leader of a process that executes a program: its id is taken, nobody hears of its end. */
    static void forget(Task leader) {
        TraceLink link = leader.trace();
        if (link != null) {
            unlink(link);
        }
    }

    /** The tracees of {@code group}'s tasks, or of {@code only}. With the task-set lock held. */
    static List<Task> tracees(ThreadGroup group, Task only) {
        if (only != null) {
            return only.hasTracees() ? new ArrayList<>(only.tracees()) : List.of();
        }
        List<Task> all = new ArrayList<>();
        for (Task t : group.tasks()) {
            if (t.hasTracees()) {
                all.addAll(t.tracees());
            }
        }
        return all;
    }
}
