package sentry.core.signal;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import sentry.core.abi.Resource;
import sentry.core.abi.Signal;
import sentry.core.memory.MemoryManager;
import sentry.core.task.Task;
import sentry.core.task.ThreadGroup;
import sentry.core.task.TraceLink;
import sentry.core.wait.WaitQueue;

/**
 * The signal state of a process: dispositions, signals for the process as a whole, job control and group exit (Linux:
 * the signal part of signal_struct). {@link #lock} guards all fields here and those of the tasks' {@link TaskSignals}.
 */
public final class GroupSignals {
    private static final int POLLIN = 1;

    private final ThreadGroup group;
    private final ReentrantLock lock = new ReentrantLock();
    final SignalQueue shared = new SignalQueue();
    private volatile SignalHandlers handlers;

    /** Tasks that have not ended. */
    private final ArrayList<Task> tasks = new ArrayList<>();

    /** Where the search for a task that takes a shared signal goes on. */
    private int nextTarget;

    /** Process 1: signals without handler do not harm it. */
    boolean unkillable;

    private volatile boolean groupExit;
    private int groupExitCode;
    /** Executes a new program and waits until it is alone. */
    private Task execTask;

    // Job control.

    /** Tasks that have yet to stop before the stop is complete. */
    int stopCount;

    /** All tasks rest. */
    private boolean stopped;

    /** The signal that stopped the group, for wait(2); 0 when none or when it was reported. */
    private int stopCode;

    /** The signal of the stop that is going on. */
    volatile int stopSignal;

    /** The group was continued and no wait(2) has reported it. */
    private boolean continued;

    /** CLD_STOPPED or CLD_CONTINUED to be told to the parent by the next task that looks; 0: none. */
    int notify;

    /** Notified when a signal arrives, for signalfd. */
    private final WaitQueue arrivals = new WaitQueue();

    public GroupSignals(ThreadGroup group, SignalHandlers handlers) {
        this.group = group;
        this.handlers = handlers;
    }

    public void lock() {
        lock.lock();
    }

    public void unlock() {
        lock.unlock();
    }

    public SignalHandlers handlers() {
        return handlers;
    }

    public void setHandlers(SignalHandlers value) {
        handlers = value;
    }

    public WaitQueue arrivals() {
        return arrivals;
    }

    /** Makes this the process that signals without handler do not harm. */
    public void protect() {
        unkillable = true;
    }

    // Membership.

    /** Adds a new task; false when the group is ending and takes no more. */
    public boolean add(Task task) {
        lock();
        try {
            if (groupExit || execTask != null) {
                return false;
            }
            tasks.add(task);
            if (stopCount > 0 || stopped) {
                // The creator came here, so a stop can only be starting: the new task takes part.
                task.signals().stopPending = true;
                stopCount++;
                task.interrupt();
            }
            return true;
        } finally {
            unlock();
        }
    }

    /** Takes out a task that ends; returns how many remain. */
    public int remove(Task task) {
        boolean stopDone = false;
        int left;
        lock();
        try {
            tasks.remove(task);
            left = tasks.size();
            TaskSignals s = task.signals();
            if (s.stopPending) {
                s.stopPending = false;
                stopDone = left > 0 && participated();
            }
            s.queue.flush(-1L);
            if (left == 0) {
                shared.flush(-1L);
            } else {
                retarget(s, ~s.mask());
                if (execTask != null && left == 1) {
                    execTask.sleeper().wake();
                }
            }
        } finally {
            unlock();
        }
        if (stopDone) {
            group.childStateChanged(Signal.CLD_STOPPED);
        }
        return left;
    }

    /** The tasks that have not ended. From any thread. */
    public List<Task> tasks() {
        lock();
        try {
            return new ArrayList<>(tasks);
        } finally {
            unlock();
        }
    }

    /** Whether more than one of the tasks that have not ended is in the address space. */
    public boolean severalIn(MemoryManager mm) {
        boolean found = false;
        lock();
        try {
            for (Task t : tasks) {
                if (t.mm() == mm) {
                    if (found) {
                        return true;
                    }
                    found = true;
                }
            }
            return false;
        } finally {
            unlock();
        }
    }

    /** How many tasks have not ended. */
    public int count() {
        lock();
        try {
            return tasks.size();
        } finally {
            unlock();
        }
    }

    // Sending.

    /**
     * Sends a signal.
     *
     * @param target the task it is for; null for the process as a whole
     * @param force from the kernel or from outside: SIGKILL and SIGSTOP reach process 1 as well
     * @return false when the user's limit of queued signals is reached and the sender must be told (EAGAIN)
     */
    public boolean send(SignalInfo info, Task target, boolean force) {
        return send(info, target, force, null);
    }

    /**
     * Sends a signal on behalf of whoever runs the container. It may end process 1 even without a handler: Linux protects
     * that one from its own kind, but here somebody outside has asked for the end and expects it.
     */
    public void sendFromOutside(SignalInfo info) {
        int signo = info.signo();
        lock();
        try {
            boolean blocked = !tasks.isEmpty() && Signal.in(signo, tasks.getFirst().signals().mask());
            if (unkillable && !blocked && Signal.fatalByDefault(signo) && handlers.get(signo).isDefault()) {
                exitLocked(signo);
                return;
            }
        } finally {
            unlock();
        }
        send(info, null, true);
    }

    /** The same for a signal that comes from a timer: {@code source} is told when it is taken, dropped or not sent. */
    public boolean send(SignalInfo info, Task target, boolean force, SignalSource source) {
        int signo = info.signo();
        lock();
        try {
            if (tasks.isEmpty()) {
                if (source != null) {
                    source.taken(info);
                }
                return true;
            }
            Task first = target != null ? target : tasks.getFirst();
            if (!prepare(signo, first.signals(), force)) {
                if (source != null) {
                    source.taken(info);
                }
                return true;
            }
            SignalQueue queue = target != null ? target.signals().queue : shared;
            if (signo < Signal.SIGRTMIN && queue.has(signo)) {
                if (source != null) {
                    source.taken(info);
                }
                return true;
            }
            if (signo == Signal.SIGKILL) {
                queue.addBare(signo);
            } else if (!enqueue(queue, info, first, source)) {
                return false;
            }
            complete(signo, target);
        } finally {
            unlock();
        }
        arrivals.notify(POLLIN);
        return true;
    }

    private boolean enqueue(SignalQueue queue, SignalInfo info, Task target, SignalSource source) {
        AtomicInteger account = source != null ? null : group.kernel().tasks().user(target.credentials().uid()).signals();
        if (account != null) {
            long limit = group.rlimits().soft(Resource.RLIMIT_SIGPENDING);
            int count = account.incrementAndGet();
            boolean mustQueue = info.signo() < Signal.SIGRTMIN && info.code() >= 0;
            if (Long.compareUnsigned(count, limit) > 0 && !mustQueue) {
                account.decrementAndGet();
                if (info.signo() >= Signal.SIGRTMIN && info.code() != SignalInfo.SI_USER) {
                    return false;
                }
                queue.addBare(info.signo());
                return true;
            }
        }
        queue.add(info, account, source);
        return true;
    }

    /** Effects that come with sending, whether or not the signal is blocked. False: it is ignored. */
    private boolean prepare(int signo, TaskSignals target, boolean force) {
        if (groupExit) {
            if (signo == Signal.SIGKILL) {
                endLastStops();
            }
            return false;
        }
        if (Signal.in(signo, Signal.STOP)) {
            flushAll(Signal.bit(Signal.SIGCONT));
        } else if (signo == Signal.SIGCONT) {
            flushAll(Signal.STOP);
            int why = stopped ? Signal.CLD_CONTINUED : stopCount > 0 ? Signal.CLD_STOPPED : 0;
            for (Task t : tasks) {
                TaskSignals s = t.signals();
                s.stopPending = false;
                s.stopDequeued = false;
                if (s.stopped) {
                    s.stopped = false;
                    t.sleeper().interrupt();
                    t.sleeper().wake();
                }
                TraceLink link = t.trace();
                if (link != null) {
                    link.news();
                }
            }
            if (why != 0) {
                notify = why;
                continued = true;
                stopped = false;
                stopCount = 0;
                stopCode = 0;
                tasks.getFirst().interrupt();
            }
        }
        return !ignored(signo, target, force);
    }

    private boolean ignored(int signo, TaskSignals target, boolean force) {
        if (Signal.in(signo, target.mask() | target.realMask)) {
            return false;
        }
        if (signo != Signal.SIGKILL && target.task.trace() != null) {
            return false; // the tracer may want it
        }
        SignalAction action = handlers.get(signo);
        if (unkillable && action.isDefault() && !(force && Signal.in(signo, Signal.KERNEL_ONLY))) {
            return true;
        }
        return action.ignores(signo);
    }

    /** Traced tasks may rest in the stop at their end; another SIGKILL ends that as well. */
    private void endLastStops() {
        for (Task t : tasks) {
            TraceLink link = t.trace();
            if (link != null) {
                link.endLastStop();
            }
        }
    }

    private void flushAll(long signals) {
        shared.flush(signals);
        for (Task t : tasks) {
            t.signals().queue.flush(signals);
        }
    }

    private static boolean wants(int signo, Task t) {
        TaskSignals s = t.signals();
        if (Signal.in(signo, s.mask()) || t.exiting()) {
            return false;
        }
        TraceLink link = t.trace();
        return signo == Signal.SIGKILL || !s.stopped && (link == null || !link.stopped());
    }

    /** Finds a task that takes the signal and makes it look. */
    private void complete(int signo, Task target) {
        Task chosen = null;
        if (target != null) {
            chosen = wants(signo, target) ? target : null;
        } else if (wants(signo, tasks.getFirst())) {
            chosen = tasks.getFirst();
        } else {
            for (int i = 0; i < tasks.size(); i++) {
                Task t = tasks.get((nextTarget + i) % tasks.size());
                if (wants(signo, t)) {
                    chosen = t;
                    nextTarget = (nextTarget + i) % tasks.size();
                    break;
                }
            }
        }
        if (chosen == null) {
            if (signo == Signal.SIGKILL) {
                // All end already; one that rests in the stop at its end does not do so for long.
                endLastStops();
                exitLocked(signo);
            }
            return;
        }
        boolean fatal = Signal.fatalByDefault(signo) && handlers.get(signo).isDefault();
        boolean waitedFor = Signal.in(signo, chosen.signals().realMask);
        boolean traced = chosen.trace() != null && signo != Signal.SIGKILL;
        if (fatal && !traced && !waitedFor && (signo == Signal.SIGKILL || !unkillable) && !Signal.in(signo, Signal.CORE)) {
            // No task could do anything else with it: end all at once, so that no sleep has to be left first.
            exitLocked(signo);
            return;
        }
        chosen.interrupt();
    }

    /** Shared signals in {@code signals} that {@code from} will not take are offered to the other tasks. */
    void retarget(TaskSignals from, long signals) {
        long open = shared.set() & signals;
        if (open == 0) {
            return;
        }
        for (Task t : tasks) {
            if (t.signals() != from && (open & ~t.signals().mask()) != 0 && !t.exiting()) {
                open &= t.signals().mask();
                t.interrupt();
                if (open == 0) {
                    return;
                }
            }
        }
    }

    /** Takes the next signal that {@code blocked} lets through: synchronous ones first, then by number. Null: none. */
    SignalInfo dequeue(TaskSignals s, long blocked) {
        long ready = s.queue.set() & ~blocked;
        SignalQueue queue = s.queue;
        if (ready == 0) {
            ready = shared.set() & ~blocked;
            queue = shared;
        }
        if (ready == 0) {
            return null;
        }
        long first = queue == s.queue && (ready & Signal.SYNCHRONOUS) != 0 ? ready & Signal.SYNCHRONOUS : ready;
        int signo = Long.numberOfTrailingZeros(first) + 1;
        SignalInfo info = queue.take(signo);
        if (Signal.in(signo, Signal.STOP)) {
            s.stopDequeued = true;
        }
        return info;
    }

    /** Signals pending for the process as a whole. */
    public long pending() {
        lock();
        try {
            return shared.set();
        } finally {
            unlock();
        }
    }

    /** Whether a signal that {@code task} may take is pending for it or the process; a snapshot. */
    public boolean deliverable(Task task, long set) {
        lock();
        try {
            return ((shared.set() | task.signals().queue.set()) & set) != 0;
        } finally {
            unlock();
        }
    }

    /** Sets an action; an action that ignores the signal also drops what is pending. Returns the old one. */
    public SignalAction setAction(int signo, SignalAction action) {
        lock();
        try {
            SignalAction old = handlers.replace(signo, action);
            if (action.ignores(signo)) {
                flushAll(Signal.bit(signo));
            }
            return old;
        } finally {
            unlock();
        }
    }

    // Group exit.

    /** Ends all tasks; the first status given counts. From any thread. */
    public void exit(int rawStatus) {
        lock();
        try {
            exitLocked(rawStatus);
        } finally {
            unlock();
        }
    }

    private void exitLocked(int rawStatus) {
        if (groupExit) {
            return;
        }
        groupExit = true;
        groupExitCode = rawStatus;
        stopCount = 0;
        stopped = false;
        for (Task t : tasks) {
            kill(t);
        }
    }

    private static void kill(Task t) {
        TaskSignals s = t.signals();
        s.killed = true;
        s.stopPending = false;
        s.stopped = false;
        t.interrupt();
        t.sleeper().wake();
    }

    public boolean groupExit() {
        return groupExit;
    }

    /** The status that the whole group ends with, if {@link #groupExit}. */
    public int groupExitCode() {
        lock();
        try {
            return groupExitCode;
        } finally {
            unlock();
        }
    }

    /** Starts to end all tasks but {@code task}, which executes a new program. False: the group is ending. */
    public boolean beginExec(Task task) {
        lock();
        try {
            if (groupExit || execTask != null || task.signals().killed) {
                return false;
            }
            execTask = task;
            stopCount = 0;
            for (Task t : tasks) {
                if (t != task) {
                    kill(t);
                }
            }
            return true;
        } finally {
            unlock();
        }
    }

    public boolean aloneForExec() {
        lock();
        try {
            return tasks.size() == 1;
        } finally {
            unlock();
        }
    }

    public void endExec() {
        lock();
        try {
            execTask = null;
        } finally {
            unlock();
        }
    }

    // Job control.

    /** A task has stopped or ended that counted for the stop; true when the stop is complete now. */
    boolean participated() {
        if (stopCount > 0 && --stopCount == 0) {
            stopped = true;
            stopCode = stopSignal;
            continued = false;
            return true;
        }
        return false;
    }

    /** Starts a stop of the whole group by {@code signo}, unless one goes on. With the lock held. */
    void beginStop(int signo) {
        if (stopCount == 0) {
            if (!stopped) {
                stopSignal = signo;
            }
            for (Task t : tasks) {
                TaskSignals s = t.signals();
                if (!s.stopped && !s.killed && !t.exiting()) {
                    s.stopPending = true;
                    stopCount++;
                    t.interrupt();
                    TraceLink link = t.trace();
                    if (link != null) {
                        link.news();
                    }
                }
            }
        }
    }

    /** The signal of the stop that goes on or is complete; 0 when there is none. */
    int stopInForce() {
        lock();
        try {
            return stopped || stopCount > 0 ? stopSignal : 0;
        } finally {
            unlock();
        }
    }

    /** All tasks rest. */
    public boolean stopped() {
        return stopped;
    }

    /** The signal of the last stop. */
    public int stopSignal() {
        return stopSignal;
    }

    /** The stop signal to report to wait(2), or 0; taken away when {@code consume}. */
    public int stopCode(boolean consume) {
        lock();
        try {
            int code = stopped ? stopCode : 0;
            if (consume) {
                stopCode = 0;
            }
            return code;
        } finally {
            unlock();
        }
    }

    /** Whether a continuation is to be reported to wait(2); taken away when {@code consume}. */
    public boolean continued(boolean consume) {
        lock();
        try {
            boolean c = continued;
            if (consume) {
                continued = false;
            }
            return c;
        } finally {
            unlock();
        }
    }

    /** Takes the change of state that the parent has not heard of; 0: none. With the lock held. */
    int takeNotify() {
        int why = notify;
        notify = 0;
        return why;
    }
}
