package sentry.core.task;

import java.util.ArrayList;
import java.util.List;
import sentry.core.abi.PollEvents;
import sentry.core.abi.Signal;
import sentry.core.memory.MemoryManager;
import sentry.core.signal.SignalAction;
import sentry.core.signal.SignalInfo;
import sentry.core.vfs.FdTable;

/** The end of tasks and thread groups (exit(2), exit_group(2)). */
public final class TaskExit {
    private TaskExit() {}

    /** exit(2): ends the calling task only. */
    public static void exit(Task task, int code) {
        task.beginExit(WaitStatus.exit(code).raw());
    }

    /** exit_group(2): ends all tasks of the process. */
    public static void exitGroup(Task task, int code) {
        task.group().signals().exit(WaitStatus.exit(code).raw());
        task.beginExit(task.group().signals().groupExitCode());
    }

    /** Ends the whole group as if killed by {@code signal}. On the task's own thread. */
    public static void killGroup(Task task, int signal) {
        task.group().signals().exit(WaitStatus.killed(signal, false).raw());
        task.beginExit(task.group().signals().groupExitCode());
    }

    /** Runs on the task's thread when its loop has ended: gives everything back and tells who waits. */
    static void finish(Task task) {
        task.beginExit(WaitStatus.killed(Signal.SIGKILL, false).raw());
        ThreadGroup group = task.group();
        MemoryManager mm = task.mm();
        releaseMemory(task);
        FdTable fds = task.fds();
        if (fds != null) {
            fds.release(task);
            task.setFds(null);
        }
        if (mm != null) {
            group.noteUsage(mm);
        }
        task.setMm(null);
        if (mm != null) {
            mm.release(task);
            group.noteCpu(mm.finalCpuNanos());
        }
        task.releaseSemaphoreUndo();
        task.context().release();
        task.namespaces().mounts().release();
        int left = group.signals().remove(task);
        if (left == 0) {
            group.timers().close();
            PidNamespace pids = group.id().namespace();
            if (pids.init() == group) {
                endNamespace(task, pids);
            }
        }
        notifyFamily(task);
    }

    /**
     * The task will not use its memory any more (Linux: mm_release): robust futexes are handed on, the word that
     * pthread_join(3) waits on is cleared, a parent in vfork(2) goes on.
     */
    static void releaseMemory(Task task) {
        if (task.mm() != null) {
            task.kernel().futexes().exit(task);
        }
        VforkWait vfork = task.vforkWait();
        if (vfork != null) {
            task.setVforkWait(null);
            vfork.complete();
        }
    }

    /** Process 1 of a namespace has ended: everything in it does, before anybody is told. */
    private static void endNamespace(Task task, PidNamespace pids) {
        TaskSet set = task.kernel().tasks();
        task.kernel().taskSet().lock();
        pids.close();
        task.kernel().taskSet().unlock();
        // Children that end from now on are nobody's business.
        task.group().signals().setAction(Signal.SIGCHLD, SignalAction.IGNORE);
        for (ThreadGroup g : pids.processes()) {
            if (g != task.group()) {
                g.signals().exit(WaitStatus.killed(Signal.SIGKILL, false).raw());
            }
        }
        task.kernel().taskSet().lock();
        try {
            Tracing.tracerEnded(task);
            for (;;) {
                // Also later ones: a child whose end makes another signal than SIGCHLD does not go by itself.
                for (ThreadGroup child : new ArrayList<>(task.group().children())) {
                    if (child.state() == ThreadGroup.State.ZOMBIE && child.leader().trace() == null) {
                        reap(child);
                    }
                }
                if (!othersIn(pids, task.group())) {
                    break;
                }
                set.taskEnded().awaitUninterruptibly();
            }
        } finally {
            task.kernel().taskSet().unlock();
        }
    }

    private static boolean othersIn(PidNamespace pids, ThreadGroup init) {
        for (ThreadGroup g : pids.processes()) {
            if (g != init && g.state() != ThreadGroup.State.DEAD) {
                return true;
            }
        }
        return false;
    }

    private static void notifyFamily(Task task) {
        ThreadGroup group = task.group();
        task.kernel().taskSet().lock();
        try {
            task.setEnded();
            group.taskEnded();
            task.setSeccomp(task.seccompMode(), null);
            group.addDeadTask(task);
            task.kernel()
                    .tasks()
                    .user(task.credentials().uid())
                    .processes()
                    .decrementAndGet();
            Tracing.tracerEnded(task);
            reparentChildren(task);
            if (task != group.leader()) {
                endThread(task, group);
            }
            if (group.living() == 0 && !group.hasZombieThreads() && group.state() == ThreadGroup.State.RUNNING) {
                endGroup(group);
            }
            task.kernel().tasks().taskEnded().signalAll();
        } finally {
            task.kernel().taskSet().unlock();
        }
    }

    /** A thread that is traced stays until its tracer has asked for it. */
    private static void endThread(Task task, ThreadGroup group) {
        TraceLink link = task.trace();
        if (link == null) {
            task.id().setTask(null);
            return;
        }
        link.zombie = true;
        group.addZombieThreads(1);
        if (tellTracer(link, new WaitStatus(endStatus(task)), Signal.SIGCHLD)) {
            Tracing.reaped(link);
        }
    }

    /** How {@code task} ended, as its tracer sees it. */
    static int endStatus(Task task) {
        return task.group().signals().groupExit() ? task.group().signals().groupExitCode() : task.exitCode();
    }

    /** A traced thread's last trace goes. */
    static void releaseThread(TraceLink link) {
        Task task = link.tracee();
        ThreadGroup group = task.group();
        link.zombie = false;
        task.id().setTask(null);
        group.addZombieThreads(-1);
        if (!group.hasZombieThreads() && group.living() == 0 && group.state() == ThreadGroup.State.RUNNING) {
            endGroup(group);
        }
        task.kernel().tasks().taskEnded().signalAll();
    }

    /** Sends the signal of a traced task's end to its tracer; true when that does not care. */
    private static boolean tellTracer(TraceLink link, WaitStatus status, int signal) {
        ThreadGroup tracer = link.tracer().group();
        SignalAction action = tracer.signals().handlers().get(Signal.SIGCHLD);
        boolean child = signal == Signal.SIGCHLD;
        if (signal != 0 && !(child && action.isIgnore())) {
            int code = status.exited() ? Signal.CLD_EXITED : status.coreDumped() ? Signal.CLD_DUMPED : Signal.CLD_KILLED;
            SignalInfo info = TraceStops.childInfo(
                    tracer, link.tracee(), code, status.exited() ? status.code() : status.signal());
            tracer.signals().send(info.withNumber(signal), null, true);
        }
        tracer.childEvents().notify(1);
        return child && (action.isIgnore() || action.has(Signal.SA_NOCLDWAIT));
    }

    /** Children of a task go to another one of its process; those of a process to a subreaper or process 1. */
    private static void reparentChildren(Task task) {
        ThreadGroup group = task.group();
        // The last one to end leaves none behind, whoever made it.
        List<ThreadGroup> children =
                group.living() > 0 ? group.childrenOf(task) : new ArrayList<>(group.children());
        if (children.isEmpty()) {
            return;
        }
        ThreadGroup newParent = group.living() > 0 ? group : reaper(group);
        Task newTask = newParent == null ? null : aliveTask(newParent);
        for (ThreadGroup child : children) {
            child.setParent(newParent, newTask);
            for (Task t : child.tasks()) {
                if (t.parentDeathSignal() != 0) {
                    PidNamespace pids = child.id().namespace();
                    SignalInfo info = SignalInfo.user(
                            t.parentDeathSignal(), group.pid(pids), task.credentials().uid());
                    child.signals().send(info, null, false);
                }
            }
            if (newParent == group) {
                continue;
            }
            child.setExitSignal(Signal.SIGCHLD);
            if (child.state() == ThreadGroup.State.ZOMBIE && child.leader().trace() == null) {
                // Whoever gets it hears of it anew.
                tellParent(child);
            }
            hangUpIfOrphaned(child.processGroup(), null);
        }
    }

    private static Task aliveTask(ThreadGroup group) {
        List<Task> tasks = group.tasks();
        return tasks.isEmpty() ? group.leader() : tasks.getFirst();
    }

    private static ThreadGroup reaper(ThreadGroup group) {
        PidNamespace pids = group.id().namespace();
        for (ThreadGroup p = group.parent(); p != null; p = p.parent()) {
            if (p.id().namespace() != pids) {
                break;
            }
            if (p.subreaper() && !p.zombie() && !p.signals().groupExit()) {
                return p;
            }
        }
        ThreadGroup init = pids.init();
        return init == group ? null : init;
    }

    /** The last task has ended. */
    private static void endGroup(ThreadGroup group) {
        int raw = group.signals().groupExit()
                ? group.signals().groupExitCode()
                : group.leader().exitCode();
        group.setExitStatus(new WaitStatus(raw));
        group.setState(ThreadGroup.State.ZOMBIE);
        group.exitEvents().notify(PollEvents.POLLIN | PollEvents.POLLRDNORM);
        hangUpIfOrphaned(group.processGroup(), group);
        for (ThreadGroup child : group.children()) {
            hangUpIfOrphaned(child.processGroup(), null);
        }
        Session session = group.session();
        if (session.leader() == group && session.terminal() != null) {
            ControllingTerminal terminal = session.terminal();
            session.setTerminal(null);
            terminal.sessionEnded(session);
        }
        TraceLink link = group.leader().trace();
        if (link == null) {
            tellParent(group);
        } else {
            boolean own = link.tracer().group() == group.parent();
            if (tellTracer(link, group.exitStatus(), own ? group.exitSignal() : Signal.SIGCHLD)) {
                Tracing.reaped(link);
            }
        }
    }

    /** Sends SIGCHLD and wakes wait(2); a parent that does not care has the child reaped at once. */
    static void tellParent(ThreadGroup group) {
        ThreadGroup parent = group.parent();
        if (parent == null) {
            release(group);
            return;
        }
        SignalAction action = parent.signals().handlers().get(Signal.SIGCHLD);
        boolean child = group.exitSignal() == Signal.SIGCHLD;
        boolean uncared = child && (action.isIgnore() || action.has(Signal.SA_NOCLDWAIT));
        WaitStatus status = group.exitStatus();
        if (group.exitSignal() != 0 && group.exitSignal() <= Signal.NSIG && !(child && action.isIgnore())) {
            int code = status.exited() ? Signal.CLD_EXITED : status.coreDumped() ? Signal.CLD_DUMPED : Signal.CLD_KILLED;
            SignalInfo info = group.childInfo(parent, code, status.exited() ? status.code() : status.signal());
            parent.signals().send(info.withNumber(group.exitSignal()), null, true);
        }
        if (uncared) {
            reap(group);
        }
        parent.childEvents().notify(1);
    }

    /** Takes a zombie away. Under the task-set lock. */
    static void reap(ThreadGroup group) {
        ThreadGroup parent = group.parent();
        if (parent != null) {
            parent.addChildIo(group);
            parent.addChildTimes(
                    group.userNanos() + group.childUserNanos(), group.systemNanos() + group.childSystemNanos());
            parent.usage().addChild(group.counts().plus(group.usage().children()));
        }
        release(group);
    }

    private static void release(ThreadGroup group) {
        group.setParent(null, null);
        group.leaveProcessGroup();
        group.leader().id().setTask(null);
        group.dead();
        group.kernel().tasks().taskEnded().signalAll();
    }

    /** A group of processes that lost its last link to a job-control shell and has stopped members is hung up. */
    static void hangUpIfOrphaned(ProcessGroup job, ThreadGroup leaving) {
        if (job == null || !job.hasStopped() || !job.orphaned(leaving)) {
            return;
        }
        for (ThreadGroup member : new ArrayList<>(job.members())) {
            member.send(SignalInfo.kernel(Signal.SIGHUP));
            member.send(SignalInfo.kernel(Signal.SIGCONT));
        }
    }
}
