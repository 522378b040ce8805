package sentry.core.task;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import sentry.core.abi.Signal;
import sentry.core.kernel.Kernel;
import sentry.core.memory.MemoryManager;
import sentry.core.signal.GroupSignals;
import sentry.core.signal.SignalHandlers;
import sentry.core.signal.SignalInfo;
import sentry.core.time.GroupTimers;
import sentry.core.wait.WaitQueue;

/** A process (Linux: thread group with its signal_struct). Family ties are guarded by the task-set lock. */
public final class ThreadGroup {
    /** Where a process is in its life. */
    public enum State {
        RUNNING,
        /** All tasks have ended; the parent has not asked yet. */
        ZOMBIE,
        /** Gone. */
        DEAD
    }

    private final Kernel kernel;
    private final Pid id;
    private final GroupSignals signals;
    private final Rlimits rlimits;
    private final GroupTimers timers = new GroupTimers(this);
    /** Notified when a child changes state. */
    private final WaitQueue childEvents = new WaitQueue();

    /** Notified (POLLIN) when the process has ended, for pidfds. */
    private final WaitQueue exitEvents = new WaitQueue();

    private final long startNanos = System.nanoTime();

    private volatile Task leader;
    private volatile ThreadGroup parent;
    /** The parent's task that made this process, for __WNOTHREAD and PR_SET_PDEATHSIG. */
    private Task parentTask;

    private final Set<ThreadGroup> children = new LinkedHashSet<>();
    private volatile ProcessGroup processGroup;
    private volatile State state = State.RUNNING;
    /** What the parent gets when the process ends; 0: nothing. */
    private int exitSignal;

    /** How many tasks the tasks of this process trace. Under the task-set lock. */
    private int traced;

    /** Tasks whose end has not been told yet. Under the task-set lock. */
    private int living;

    /** Traced threads that have ended and that their tracers have not asked for. Under the task-set lock. */
    private int zombieThreads;

    private volatile boolean subreaper;
    private volatile boolean executed;
    private volatile boolean dumpable = true;
    /** /proc/PID/oom_score_adj: -1000 to 1000. */
    private volatile int oomScoreAdjustment;

    private volatile int leastOomScoreAdjustment;
    private volatile int dumpFilter = 0x33;
    private volatile int membarriers;
    private volatile boolean hugePagesOff;
    private volatile boolean terminalGivenUp;
    /** Who logged in (/proc/PID/loginuid), and in which session; -1: not said. */
    private volatile int loginUid = -1;

    private volatile int auditSession = -1;
    /** The status of a zombie. */
    private volatile WaitStatus exitStatus;

    // Times of tasks that have ended and of children that were waited for; nanoseconds, guarded by the task-set lock.
    private long deadUser;
    private long deadSystem;
    private long childUser;
    private long childSystem;
    private final Usage usage = new Usage();
    private final IoAccount gone = new IoAccount();

    ThreadGroup(Kernel kernel, Pid id, SignalHandlers handlers, Rlimits rlimits) {
        this.kernel = kernel;
        this.id = id;
        this.signals = new GroupSignals(this, handlers);
        this.rlimits = rlimits;
    }

    public Kernel kernel() {
        return kernel;
    }

    public Pid id() {
        return id;
    }

    /** The process id in the root pid namespace. */
    public int pid() {
        return id.number();
    }

    /** The process id in {@code namespace}; 0 when it is not visible there. */
    public int pid(PidNamespace namespace) {
        return id.in(namespace);
    }

    public Task leader() {
        return leader;
    }

    void setLeader(Task value) {
        leader = value;
    }

    /** The tasks that have not ended. From any thread. */
    public List<Task> tasks() {
        return signals.tasks();
    }

    public GroupSignals signals() {
        return signals;
    }

    public GroupTimers timers() {
        return timers;
    }

    public Rlimits rlimits() {
        return rlimits;
    }

    /** The soft limit, for comparing: {@link Long#MAX_VALUE} when there is none. From any thread. */
    public long rlimit(int resource) {
        long soft = rlimits.soft(resource);
        return soft < 0 ? Long.MAX_VALUE : soft;
    }

    /** When the process began, as System.nanoTime(). */
    public long startNanos() {
        return startNanos;
    }

    public State state() {
        return state;
    }

    void setState(State value) {
        state = value;
    }

    public boolean zombie() {
        return state != State.RUNNING;
    }

    /** Whether all tasks rest in a job control stop. */
    public boolean stopped() {
        return signals.stopped();
    }

    /** Whether this is process 1 of its namespace. */
    public boolean isNamespaceInit() {
        return id.namespace().init() == this;
    }

    /** How the process ended; null while it has not. */
    public WaitStatus exitStatus() {
        return exitStatus;
    }

    void setExitStatus(WaitStatus value) {
        exitStatus = value;
    }

    /** Waits for the end of a process that has no parent inside. For threads that serve no task. */
    public WaitStatus awaitExit() throws InterruptedException {
        synchronized (this) {
            while (state != State.DEAD) {
                wait();
            }
        }
        return exitStatus;
    }

    /** The process is gone for good. */
    void dead() {
        synchronized (this) {
            state = State.DEAD;
            notifyAll();
        }
    }

    // Family.

    /** Null for a process that came from outside. */
    public ThreadGroup parent() {
        return parent;
    }

    /** The parent's process id as {@code namespace} sees it; 0 when it is outside. */
    public int parentPid(PidNamespace namespace) {
        ThreadGroup p = parent;
        return p == null ? 0 : p.pid(namespace);
    }

    Task parentTask() {
        return parentTask;
    }

    void setParent(ThreadGroup group, Task task) {
        if (parent != group) {
            if (parent != null) {
                parent.children.remove(this);
            }
            parent = group;
            if (group != null) {
                group.children.add(this);
            }
        }
        parentTask = task;
    }

    /** Under the task-set lock. */
    public Set<ThreadGroup> children() {
        return children;
    }

    void traces(int more) {
        traced += more;
    }

    boolean traces() {
        return traced > 0;
    }

    void taskBorn() {
        living++;
    }

    void taskEnded() {
        living--;
    }

    int living() {
        return living;
    }

    void addZombieThreads(int more) {
        zombieThreads += more;
    }

    /** Whether traced threads have ended that their tracers have not asked for. */
    boolean hasZombieThreads() {
        return zombieThreads > 0;
    }

    public WaitQueue exitEvents() {
        return exitEvents;
    }

    public WaitQueue childEvents() {
        return childEvents;
    }

    public ProcessGroup processGroup() {
        return processGroup;
    }

    /** The terminal that controls this process, or null. */
    public ControllingTerminal terminal() {
        return terminalGivenUp ? null : session().terminal();
    }

    /** The process does without its session's terminal from now on (TIOCNOTTY); its children will, too. */
    public void giveUpTerminal() {
        terminalGivenUp = true;
    }

    void inheritLogin(ThreadGroup parentGroup) {
        terminalGivenUp = parentGroup.terminalGivenUp;
        loginUid = parentGroup.loginUid;
        auditSession = parentGroup.auditSession;
    }

    /** /proc/PID/loginuid, as the kernel's id; -1: nobody has said. */
    public int loginUid() {
        return loginUid;
    }

    public void setLoginUid(int value) {
        loginUid = value;
        auditSession = value == -1 ? -1 : kernel.tasks().nextAuditSession();
    }

    /** /proc/PID/sessionid. */
    public int auditSession() {
        return auditSession;
    }

    /** In a new session it may get one again. */
    void forgetTerminal() {
        terminalGivenUp = false;
    }

    public Session session() {
        return processGroup.session();
    }

    void join(ProcessGroup group) {
        ProcessGroup old = processGroup;
        group.add(this);
        processGroup = group;
        if (old != null) {
            old.remove(this);
        }
    }

    void leaveProcessGroup() {
        processGroup.remove(this);
    }

    int exitSignal() {
        return exitSignal;
    }

    void setExitSignal(int value) {
        exitSignal = value;
    }

    public boolean subreaper() {
        return subreaper;
    }

    public void setSubreaper(boolean value) {
        subreaper = value;
    }

    /** Whether it has called execve(2) since it was forked; setpgid(2) asks. */
    public boolean executed() {
        return executed;
    }

    void setExecuted(boolean value) {
        executed = value;
    }

    /** /proc/PID/oom_score_adj. */
    public int oomScoreAdjustment() {
        return oomScoreAdjustment;
    }

    /** How low a process without privilege may set it. */
    public int leastOomScoreAdjustment() {
        return leastOomScoreAdjustment;
    }

    public void setLeastOomScoreAdjustment(int value) {
        leastOomScoreAdjustment = value;
    }

    /** /proc/PID/coredump_filter: kinds of memory that a dump would have in it. */
    public int dumpFilter() {
        return dumpFilter;
    }

    public void setDumpFilter(int value) {
        dumpFilter = value;
    }

    public void setOomScoreAdjustment(int value) {
        oomScoreAdjustment = value;
    }

    /** PR_GET_DUMPABLE. */
    public boolean dumpable() {
        return dumpable;
    }

    public void setDumpable(boolean value) {
        dumpable = value;
    }

    /** PR_SET_THP_DISABLE; kept only, the host gives pages as it likes. */
    public boolean hugePagesOff() {
        return hugePagesOff;
    }

    public void setHugePagesOff(boolean value) {
        hugePagesOff = value;
    }

    /** Whether nobody in the session could continue this process if it stopped. */
    public boolean inOrphanedProcessGroup() {
        kernel.taskSet().lock();
        try {
            return processGroup.orphaned(null);
        } finally {
            kernel.taskSet().unlock();
        }
    }

    /** The MEMBARRIER_CMD_REGISTER_ commands that the process has given (membarrier(2)). */
    public int membarriers() {
        return membarriers;
    }

    public void setMembarriers(int value) {
        membarriers = value;
    }

    // Signals.

    /** Queues a signal for the process, as the kernel; one of its tasks will take it. From any thread. */
    public void send(SignalInfo info) {
        signals.send(info, null, true);
    }

    /** Tells the parent of a stop or continuation (a CLD_ code). Takes the task-set lock. */
    public void childStateChanged(int why) {
        kernel.taskSet().lock();
        try {
            ThreadGroup p = parent;
            if (p == null) {
                return;
            }
            int status = why == Signal.CLD_CONTINUED ? Signal.SIGCONT : signals.stopSignal();
            if (!p.signals.handlers().get(Signal.SIGCHLD).isIgnore()
                    && !p.signals.handlers().get(Signal.SIGCHLD).has(Signal.SA_NOCLDSTOP)) {
                p.send(childInfo(p, why, status));
            }
            p.childEvents.notify(1);
        } finally {
            kernel.taskSet().unlock();
        }
    }

    /** The SIGCHLD of this process for {@code to}. Under the task-set lock. */
    SignalInfo childInfo(ThreadGroup to, int code, int status) {
        return new SignalInfo(
                Signal.SIGCHLD,
                code,
                pid(to.id.namespace()),
                to.leader.credentials().userNamespace().uid(leader.credentials().uid()),
                status,
                0,
                userNanos() / NANOS_PER_TICK,
                systemNanos() / NANOS_PER_TICK);
    }

    // Times.

    /** USER_HZ is 100. */
    public static final long NANOS_PER_TICK = 10_000_000;

    void addDeadTask(Task task) {
        deadUser += task.userNanos();
        deadSystem += task.systemNanos();
        gone.add(task.io());
        usage.addDead(task.faults(), task.voluntarySwitches());
    }

    /** What ended threads, and children that were waited for, have read and written. Guarded by the task-set lock. */
    public IoAccount goneIo() {
        return gone;
    }

    /** What the process has read and written, its ended threads and waited-for children with it. */
    public IoAccount ioInAll() {
        IoAccount sum = new IoAccount();
        sum.add(gone);
        for (Task t : tasks()) {
            sum.add(t.io());
        }
        return sum;
    }

    /** A child has been waited for. */
    void addChildIo(ThreadGroup child) {
        gone.add(child.gone);
    }

    void addChildTimes(long user, long system) {
        childUser += user;
        childSystem += system;
    }

    /**
     * CPU time in programs, all tasks that ever were. The tasks measure how long they were away in the program; when CPUs
     * are scarce that is more than they got, and what the platform knows counts.
     */
    public long userNanos() {
        long wall = wallNanos() - usage.wallBefore;
        long cpu = cpuNanos();
        return usage.userBefore + (cpu < 0 ? wall : Math.min(wall, cpu));
    }

    private long wallNanos() {
        long sum = deadUser;
        for (Task t : tasks()) {
            sum += t.userNanos();
        }
        return sum;
    }

    /** CPU time in the present address space; as last seen when the process has given it up; -1: not known. */
    private long cpuNanos() {
        long cpu = -1;
        for (Task t : tasks()) {
            MemoryManager mm = t.mm();
            if (mm != null) {
                cpu = mm.cpuNanos();
                break;
            }
        }
        if (cpu >= 0) {
            usage.lastCpu = cpu;
        }
        return usage.lastCpu;
    }

    /** A task is about to leave the address space: what is known of it now is what counts. */
    void noteUsage(MemoryManager mm) {
        if (!signals.severalIn(mm)) {
            cpuNanos(); // the host adds up all threads to tell
        }
        if (mm.shared()) {
            usage.look(mm); // others will look again
        } else {
            usage.sawResident(mm.residentBytes());
        }
    }

    /** The last task has left an address space that had had so much CPU time; -1: it was not the last. */
    void noteCpu(long nanos) {
        if (nanos >= 0) {
            usage.lastCpu = nanos;
        }
    }

    /** The process goes on in a new address space. */
    void carryUsage() {
        long user = userNanos();
        usage.wallBefore = wallNanos();
        usage.userBefore = user;
        usage.lastCpu = -1;
    }

    /** What the process has used apart from time. */
    public Usage usage() {
        return usage;
    }

    /** getrusage(2)'s numbers for all tasks that ever were. */
    public Usage.Counts counts() {
        long seen = 0;
        long switches = 0;
        MemoryManager mm = null;
        for (Task t : tasks()) {
            seen += t.faults();
            switches += t.voluntarySwitches();
            mm = t.mm() == null ? mm : t.mm();
        }
        if (mm != null) {
            usage.look(mm);
        }
        return usage.counts(seen, switches);
    }

    /** CPU time in the kernel, all tasks that ever were. */
    public long systemNanos() {
        long sum = deadSystem;
        for (Task t : tasks()) {
            sum += t.systemNanos();
        }
        return sum;
    }

    /** The same for children that were waited for, and theirs. */
    public long childUserNanos() {
        return childUser;
    }

    public long childSystemNanos() {
        return childSystem;
    }

    /** Children whose maker was {@code task}. Under the task-set lock. */
    List<ThreadGroup> childrenOf(Task task) {
        List<ThreadGroup> list = new ArrayList<>();
        for (ThreadGroup c : children) {
            if (c.parentTask == task) {
                list.add(c);
            }
        }
        return list;
    }
}
