package sentry.core.task;

import java.util.LinkedHashSet;
import java.util.Set;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Prctl;
import sentry.core.abi.Ptrace;
import sentry.core.abi.Signal;
import sentry.core.arch.DebugRegisters;
import sentry.core.arch.Registers;
import sentry.core.kernel.Kernel;
import sentry.core.ipc.SemaphoreUndo;
import sentry.core.log.Log;
import sentry.core.memory.MemoryManager;
import sentry.core.memory.MemoryPolicy;
import sentry.core.memory.UserMemory;
import sentry.core.platform.Context;
import sentry.core.platform.Fault;
import sentry.core.seccomp.SeccompFilter;
import sentry.core.signal.SignalDelivery;
import sentry.core.signal.TaskSignals;
import sentry.core.syscall.SyscallArgs;
import sentry.core.syscall.SyscallHandler;
import sentry.core.syscall.SyscallTable;
import sentry.core.vfs.FdTable;
import sentry.core.vfs.FsContext;
import sentry.core.wait.Sleeper;
import sentry.core.wait.WaitEntry;

/**
 * One thread of a program. Served by one thread of the JVM, which runs {@link #run} from the task's birth to its end.
 *
 * <p>Methods are for the task's own thread unless they say otherwise.
 */
public final class Task implements Runnable {
    /** The processor's trap number of single steps and breakpoints. */
    private static final int DEBUG_EXCEPTION = 1;

    private final Kernel kernel;
    private final ThreadGroup group;
    private final Context context;
    private final SyscallArgs args = new SyscallArgs();
    private final Sleeper sleeper = new Sleeper();
    private final WaitEntry waitEntry = new WaitEntry(sleeper);
    private final TaskSignals signals;
    private final long startNanos = System.nanoTime();

    /** Changes only when a task takes over its leader's id in execve(2). */
    private volatile Pid id;

    /** Own thread writes; /proc and others read. */
    private volatile MemoryManager mm;

    private volatile FdTable fds;
    private volatile FsContext fs;
    private volatile Credentials credentials;
    private volatile Namespaces namespaces;
    private volatile String name;
    private volatile boolean exiting;
    private volatile SyscallTable table;
    private volatile Thread thread;

    /** The raw wait status that the task ends with. */
    private int exitCode;

    private boolean ended;

    // Set by the program for the task's end or for its children; own thread, but for the first which others read.
    private volatile long robustList;
    private long clearChildTid;
    private long setChildTid;
    private VforkWait vforkWait;
    private int parentDeathSignal;
    private volatile boolean noNewPrivileges;

    /** Null until somebody has set one, or the processor. */
    private DebugRegisters debugRegisters;

    /** Null while nobody traces the task. Changes under the task-set lock. */
    private volatile TraceLink trace;

    /** The tasks that this one traces; made when it traces its first. Guarded by the task-set lock. */
    private Set<Task> tracees;

    /** SECCOMP_MODE_. Changes, with the next, under the task-set lock. */
    private volatile int seccompMode;

    /** The filters that judge the system calls; null when there are none. */
    private volatile SeccompFilter seccomp;

    /** Somebody looks at the system calls: a tracer, a filter, or the log. */
    private volatile boolean watchesSyscalls;
    private final SteadyAnswers answers = new SteadyAnswers();
    private volatile boolean keepCapabilities;
    private int personality;
    private int mceKill = Prctl.PR_MCE_KILL_DEFAULT;
    private boolean ioFlusher;
    /** Became a user who had too many processes already: execve(2) looks again. */
    private boolean processesExceeded;
    private final Scheduling scheduling;
    private RestartBlock restartBlock;
    /** Made by the first semop(2) with SEM_UNDO, or by a child that shares it. */
    private SemaphoreUndo semaphoreUndo;
    private MemoryPolicy memoryPolicy;

    private final Freezer freezer;

    // Time. Own thread writes; others read a value that may be a moment old.
    private long userNanos;
    private long systemNanos;
    /** When the task last went from program to kernel or back. */
    private long lastChange = System.nanoTime();

    private boolean inProgram;
    private volatile boolean asleep;
    private volatile long voluntarySwitches;
    private volatile long faults;

    private final IoAccount io = new IoAccount();

    Task(Kernel kernel, ThreadGroup group, Pid id, Context context, Inherited inherited) {
        this.kernel = kernel;
        this.group = group;
        this.id = id;
        this.context = context;
        this.signals = new TaskSignals(this);
        this.mm = inherited.mm();
        this.fds = inherited.fds();
        this.fs = inherited.fs();
        this.credentials = inherited.credentials();
        this.namespaces = inherited.namespaces();
        namespaces.mounts().retain();
        this.name = inherited.name();
        this.scheduling = new Scheduling();
        this.table = kernel.syscalls();
        this.watchesSyscalls = table.logging();
        this.freezer = kernel.tasks().freezer();
    }

    /** What a new task starts with. */
    record Inherited(
            MemoryManager mm,
            FdTable fds,
            FsContext fs,
            Credentials credentials,
            Namespaces namespaces,
            String name) {}

    /** How restart_syscall(2) goes on with a call that a stop interrupted. */
    @FunctionalInterface
    public interface RestartBlock {
        long restart(Task task) throws ErrnoException;
    }

    public Kernel kernel() {
        return kernel;
    }

    public ThreadGroup group() {
        return group;
    }

    public Pid id() {
        return id;
    }

    void setId(Pid value) {
        id = value;
    }

    /** The thread id in the root pid namespace. */
    public int tid() {
        return id.number();
    }

    /** The thread id in {@code namespace}; 0 when it is not visible there. */
    public int tid(PidNamespace namespace) {
        return id.in(namespace);
    }

    /** The process id in the root pid namespace. */
    public int pid() {
        return group.pid();
    }

    /** The process id as the task itself knows it. */
    public int ownPid() {
        return group.pid(namespaces.pid());
    }

    /** The real user id as the task itself knows it. */
    public int ownUid() {
        Credentials c = credentials;
        return c.userNamespace().uid(c.uid());
    }

    public Context context() {
        return context;
    }

    public Registers registers() {
        return context.registers();
    }

    public SyscallArgs args() {
        return args;
    }

    /** Null once the task has given its memory up. */
    public MemoryManager mm() {
        return mm;
    }

    public void setMm(MemoryManager value) {
        mm = value;
    }

    /** The program's memory, by its addresses. */
    public UserMemory memory() {
        return mm;
    }

    public FdTable fds() {
        return fds;
    }

    public void setFds(FdTable value) {
        fds = value;
    }

    public FsContext fs() {
        return fs;
    }

    public void setFs(FsContext value) {
        fs = value;
    }

    public Credentials credentials() {
        return credentials;
    }

    public void setCredentials(Credentials value) {
        credentials = value;
        identityChanged();
    }

    public Namespaces namespaces() {
        return namespaces;
    }

    public void setNamespaces(Namespaces value) {
        Namespaces old = namespaces;
        value.mounts().retain();
        namespaces = value;
        old.mounts().release();
        identityChanged();
    }

    /** set_mempolicy(2); null for the default. */
    public MemoryPolicy memoryPolicy() {
        return memoryPolicy;
    }

    public void setMemoryPolicy(MemoryPolicy value) {
        memoryPolicy = value;
    }

    /** The command name (PR_SET_NAME), at most 15 bytes. */
    public String name() {
        return name;
    }

    public void setName(String value) {
        name = value.length() > 15 ? value.substring(0, 15) : value;
    }

    public TaskSignals signals() {
        return signals;
    }

    public Scheduling scheduling() {
        return scheduling;
    }

    /** When the task began, as System.nanoTime(). */
    public long startNanos() {
        return startNanos;
    }

    public boolean exiting() {
        return exiting;
    }

    /** Ends the loop; the task ends with the raw wait status {@code code}. */
    public void beginExit(int code) {
        if (!exiting) {
            exitCode = code;
            exiting = true;
        }
    }

    /** Its end has been told to the family. Under the task-set lock. */
    boolean ended() {
        return ended;
    }

    void setEnded() {
        ended = true;
    }

    int exitCode() {
        return exitCode;
    }

    /** The head of the robust futex list, or 0. From any thread. */
    public long robustList() {
        return robustList;
    }

    public void setRobustList(long value) {
        robustList = value;
    }

    /** Where to write 0 and wake a futex when the task ends, or 0. */
    public long clearChildTid() {
        return clearChildTid;
    }

    public void setClearChildTid(long value) {
        clearChildTid = value;
    }

    /** Where the task writes its id when it first runs, or 0. Before it runs. */
    void setSetChildTid(long value) {
        setChildTid = value;
    }

    VforkWait vforkWait() {
        return vforkWait;
    }

    void setVforkWait(VforkWait value) {
        vforkWait = value;
    }

    /** The signal that the task's process gets when its parent ends (PR_SET_PDEATHSIG), or 0. */
    public int parentDeathSignal() {
        return parentDeathSignal;
    }

    public void setParentDeathSignal(int value) {
        parentDeathSignal = value;
    }

    public boolean noNewPrivileges() {
        return noNewPrivileges;
    }

    public void setNoNewPrivileges() {
        noNewPrivileges = true;
    }

    /**
     * Whether every system call must come to {@link #run}: somebody traces the task, a filter judges its calls, or they are
     * logged. A platform that answers some calls by itself asks before each switch. From any thread.
     */
    public boolean watchesSyscalls() {
        return watchesSyscalls;
    }

    private void rewatch() {
        boolean watches = trace != null || seccompMode != 0 || table.logging();
        if (watches != watchesSyscalls) {
            watchesSyscalls = watches;
            identityChanged();
        }
    }

    /** What the platform answers in our place holds no longer. From any thread. */
    public void identityChanged() {
        if (!answers.stale) {
            answers.stale = true;
            if (Thread.currentThread() != thread) {
                context.interrupt();
            }
        }
    }

    /** SECCOMP_MODE_DISABLED, _STRICT or _FILTER. From any thread. */
    public int seccompMode() {
        return seccompMode;
    }

    /** The system call filters; null when there are none. From any thread. */
    public SeccompFilter seccomp() {
        return seccomp;
    }

    /** With the task-set lock held, or before the task runs. The old filters are given up. */
    public void setSeccomp(int mode, SeccompFilter filter) {
        SeccompFilter old = seccomp;
        if (filter != null) {
            filter.use();
        }
        seccomp = filter;
        seccompMode = mode;
        rewatch();
        if (old != null) {
            old.leave();
        }
    }

    /** How the task is traced; null when it is not. From any thread. */
    public TraceLink trace() {
        return trace;
    }

    void setTrace(TraceLink value) {
        trace = value;
        rewatch();
    }

    /** For whoever holds the task in a stop, else for its own thread. */
    public DebugRegisters debugRegisters() {
        if (debugRegisters == null) {
            debugRegisters = new DebugRegisters();
        }
        return debugRegisters;
    }

    /** Of a new task; {@code parent} is the caller. */
    void inheritDebugRegisters(Task parent) {
        if (parent.debugRegisters != null) {
            debugRegisters = parent.debugRegisters.forNewTask();
        }
    }

    /** Brings into force what the tracer has changed. */
    void loadDebugRegisters() {
        if (debugRegisters != null && debugRegisters.takeChange()) {
            context.debugRegisters(debugRegisters.inForce());
        }
    }

    /** The program that had them is gone. */
    void dropDebugRegisters() {
        if (debugRegisters != null) {
            debugRegisters = null;
            context.debugRegisters(null);
        }
    }

    boolean hasTracees() {
        return tracees != null && !tracees.isEmpty();
    }

    Set<Task> tracees() {
        if (tracees == null) {
            tracees = new LinkedHashSet<>();
        }
        return tracees;
    }

    /** PR_SET_KEEPCAPS. */
    public boolean keepCapabilities() {
        return keepCapabilities;
    }

    public void setKeepCapabilities(boolean value) {
        keepCapabilities = value;
    }

    public int personality() {
        return personality;
    }

    public void setPersonality(int value) {
        personality = value;
    }

    /** PR_MCE_KILL: which signal a broken page gives; kept only. */
    public int mceKill() {
        return mceKill;
    }

    public void setMceKill(int value) {
        mceKill = value;
    }

    boolean processesExceeded() {
        return processesExceeded;
    }

    void setProcessesExceeded(boolean value) {
        processesExceeded = value;
    }

    /** PR_SET_IO_FLUSHER; kept only. */
    public boolean ioFlusher() {
        return ioFlusher;
    }

    public void setIoFlusher(boolean value) {
        ioFlusher = value;
    }

    /** Leaves word how restart_syscall(2) goes on; the caller then fails with ERESTART_RESTARTBLOCK. */
    public void setRestartBlock(RestartBlock value) {
        restartBlock = value;
    }

    /** Takes the restart block; null when there is none. */
    public RestartBlock takeRestartBlock() {
        RestartBlock block = restartBlock;
        restartBlock = null;
        return block;
    }

    /** What the end of the process takes back of its semaphore operations; made when first asked for. */
    public SemaphoreUndo semaphoreUndo() {
        if (semaphoreUndo == null) {
            semaphoreUndo = new SemaphoreUndo();
        }
        return semaphoreUndo;
    }

    /** CLONE_SYSVSEM; before the task runs, on the parent's thread. */
    void shareSemaphoreUndo(Task parent) {
        semaphoreUndo = parent.semaphoreUndo().retain();
    }

    /** Null when it has none; for comparing. From any thread. */
    public SemaphoreUndo semaphoreUndoOrNull() {
        return semaphoreUndo;
    }

    void releaseSemaphoreUndo() {
        if (semaphoreUndo != null) {
            semaphoreUndo.release(group.id());
            semaphoreUndo = null;
        }
    }

    // Time.

    /** CPU time in the program. From any thread. */
    public long userNanos() {
        long base = userNanos;
        return inProgram ? base + Math.max(0, System.nanoTime() - lastChange) : base;
    }

    /** CPU time in the kernel. From any thread. */
    public long systemNanos() {
        long base = systemNanos;
        return inProgram || asleep || thread == null ? base : base + Math.max(0, System.nanoTime() - lastChange);
    }

    /** How often the task slept in the kernel. */
    public long voluntarySwitches() {
        return voluntarySwitches;
    }

    /** What it has read and written. */
    public IoAccount io() {
        return io;
    }

    /** How many faults the kernel resolved for it. */
    public long faults() {
        return faults;
    }

    /** The state letter of /proc/PID/stat. From any thread. */
    public char stateLetter() {
        if (group.zombie() || exiting) {
            return 'Z';
        }
        if (signals.stopped()) {
            return 'T';
        }
        TraceLink link = trace;
        if (link != null && link.stopped()) {
            return 't';
        }
        return asleep ? 'S' : 'R';
    }

    // Sleeping.

    public Sleeper sleeper() {
        return sleeper;
    }

    /** The entry for waiting on one queue; in no queue between calls. */
    public WaitEntry waitEntry() {
        return waitEntry;
    }

    /** Sleeps until woken, a signal wants attention, or {@code deadline} (System.nanoTime() or Sleeper.FOREVER). */
    public Sleeper.Wake sleep(long deadline) {
        return sleep(deadline, true);
    }

    /** Sleeps until woken, the task is to end (INTERRUPTED), or {@code deadline}: signals do not end it. */
    public Sleeper.Wake sleepKillable(long deadline) {
        boolean again = false;
        Sleeper.Wake wake;
        for (;;) {
            wake = sleep(deadline, true);
            if (wake != Sleeper.Wake.INTERRUPTED) {
                break;
            }
            sleeper.clearInterrupted();
            again = true;
            if (signals.killed()) {
                break;
            }
        }
        if (again) {
            sleeper.interrupt(); // what interrupted us has still to be looked at
        }
        return wake;
    }

    /** Rests in a stop: only {@link Sleeper#wake} ends it. */
    public void rest() {
        sleep(Sleeper.FOREVER, false);
    }

    private Sleeper.Wake sleep(long deadline, boolean interruptible) {
        long start = System.nanoTime();
        systemNanos += start - lastChange;
        asleep = true;
        voluntarySwitches++;
        context.sleeping();
        Sleeper.Wake wake = sleeper.sleep(deadline, interruptible);
        context.waking();
        lastChange = System.nanoTime();
        asleep = false;
        return wake;
    }

    /** Makes the task look at its signals and exit state soon, wherever it is. From any thread. */
    public void interrupt() {
        sleeper.interrupt();
        if (Thread.currentThread() != thread) {
            context.interrupt();
        }
    }

    // The loop.

    /** Starts the task: a thread of the kernel's pool serves it from now on. From any thread, once. */
    public void start() {
        TaskThreads threads = kernel.tasks().threads();
        try {
            start(threads.reserve());
        } catch (ErrnoException e) {
            throw new IllegalStateException("the host gives no thread for the first process", e);
        }
        threads.spare();
    }

    /** Starts the task on a thread that was reserved for it. */
    void start(TaskThreads.Worker worker) {
        kernel.tasks().threads().run(worker, this);
    }

    @Override
    public void run() {
        thread = Thread.currentThread();
        lastChange = System.nanoTime();
        kernel.bind(this);
        try {
            born();
            while (!exiting) {
                if (sleeper.interrupted()) {
                    sleeper.clearInterrupted();
                    SignalDelivery.deliver(this);
                    if (exiting) {
                        break;
                    }
                }
                if (freezer.frozen()) {
                    freezer.hold(this);
                    continue;
                }
                switch (runProgram()) {
                    case SYSCALL -> syscall();
                    case FAULT -> fault();
                    case INTERRUPTED -> {}
                    case LOST -> TaskExit.killGroup(this, 9);
                }
            }
            if (trace != null) {
                TraceStops.event(this, Ptrace.EVENT_EXIT, exitCode);
            }
        } catch (Throwable t) {
            Log.error("task " + tid() + " failed inside the kernel", t);
            TaskExit.killGroup(this, 9);
        } finally {
            try {
                TaskExit.finish(this);
            } catch (Throwable t) {
                Log.error("task " + tid() + " failed at its end", t);
            } finally {
                kernel.unbind(this);
                thread = null;
            }
        }
    }

    private void born() {
        if (setChildTid != 0) {
            try {
                mm.putInt(setChildTid, tid(namespaces.pid()));
            } catch (ErrnoException e) {
                // As in Linux, a bad address here is the program's own misfortune.
            }
        }
    }

    /** From any thread; the answer may be a moment old. */
    boolean inProgram() {
        return inProgram;
    }

    private Context.Exit runProgram() {
        var space = mm.platformSpace(this);
        if (answers.stale) {
            answers.tell(this);
        }
        long start = System.nanoTime();
        systemNanos += start - lastChange;
        lastChange = start;
        inProgram = true;
        Context.Exit exit = context.switchTo(space, signals.singleStep());
        long end = System.nanoTime();
        userNanos += end - start;
        inProgram = false;
        lastChange = end;
        return exit;
    }

    private void syscall() {
        Registers r = registers();
        args.load(r);
        if (watchesSyscalls) {
            WatchedCall.run(this);
        } else {
            finish(invoke());
        }
    }

    /** Makes the call in {@link #args}; returns what its handler does, errors as negative numbers. */
    long invoke() {
        try {
            return table.handler(args.nr).call(this, args);
        } catch (ErrnoException e) {
            return -e.errno().number();
        } catch (OutOfMemoryError e) {
            Log.warn("task " + tid() + ": no memory in the Sentry for system call " + args.nr, e);
            return -Errno.ENOMEM.number();
        } catch (RuntimeException | Error e) {
            // Nobody knows what the call has left behind: the program ends, and nothing else.
            Log.error(failure(), e);
            TaskExit.killGroup(this, Signal.SIGKILL);
            return -Errno.EFAULT.number();
        }
    }

    private String failure() {
        return "task " + tid() + ": system call " + args.nr + "(" + Long.toHexString(args.a0) + ", "
                + Long.toHexString(args.a1) + ", " + Long.toHexString(args.a2) + ", " + Long.toHexString(args.a3) + ", "
                + Long.toHexString(args.a4) + ", " + Long.toHexString(args.a5) + ") failed inside the kernel";
    }

    /** Gives the program a call's result. */
    void finish(long result) {
        if (result == SyscallHandler.REGISTERS_SET) {
            return;
        }
        if (result <= -Errno.ERESTARTSYS.number() && result >= -Errno.ERESTART_RESTARTBLOCK.number()) {
            SignalDelivery.restart(this, (int) -result);
            return;
        }
        registers().setResult(result);
    }

    private void fault() {
        faults++;
        Fault fault = context.fault();
        if (Vsyscall.isCall(registers().ip())) {
            Vsyscall.emulate(this);
            return;
        }
        if (fault.trap == DEBUG_EXCEPTION) {
            debugRegisters().trapped(fault);
        }
        int signal = mm.handleFault(this, fault);
        if (signal != 0) {
            SignalDelivery.forceFault(this, fault, signal);
        }
    }
}
