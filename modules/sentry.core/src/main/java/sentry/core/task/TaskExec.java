package sentry.core.task;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Resource;
import sentry.core.abi.Personality;
import sentry.core.abi.Signal;
import sentry.core.arch.Registers;
import sentry.core.memory.MemoryManager;
import sentry.core.vfs.FdTable;
import sentry.core.wait.Sleeper;

/** The half of execve(2) that cannot fail: a task becomes another program. */
public final class TaskExec {
    private static final long USER_CS = 0x33;
    private static final long USER_SS = 0x2b;
    /** IF, and the bit that is always set. */
    private static final long INITIAL_FLAGS = 0x202;

    private TaskExec() {}

    /**
     * Replaces the calling task's program. Ends the other tasks of its process first; from then on there is no way back.
     *
     * @throws ErrnoException EAGAIN when the process is ending instead; the image has been given back then
     */
    public static void replace(Task task, ExecImage image) throws ErrnoException {
        Pid ownId = task.id();
        if (!beAlone(task)) {
            image.mm().release(null);
            throw Errno.EAGAIN.error();
        }
        ThreadGroup group = task.group();
        // Linux: unshare_files. Others that share the table keep it.
        FdTable fds = task.fds();
        if (fds.shared()) {
            task.setFds(fds.fork());
            fds.release(task);
        }
        TaskExit.releaseMemory(task);
        task.setRobustList(0);
        task.setClearChildTid(0);
        MemoryManager old = task.mm();
        if (old != null) {
            group.noteUsage(old);
        }
        group.carryUsage();
        task.setMm(image.mm());
        if (old != null) {
            old.release(task);
        }
        setRegisters(task, image);
        task.signals().forgetStack();
        group.signals().setHandlers(group.signals().handlers().forExec());
        group.timers().exec();
        group.setMembarriers(0);
        Credentials before = task.credentials();
        Credentials now = image.credentials().credentials();
        boolean changed = now.euid() != before.euid()
                || now.egid() != before.egid()
                || now.fsuid() != before.fsuid()
                || now.fsgid() != before.fsgid()
                || (now.permitted() & ~before.permitted()) != 0;
        if (changed || image.credentials().secure()) {
            task.setParentDeathSignal(0);
            task.setPersonality(task.personality() & ~Personality.CLEARED_ON_SETID);
        }
        task.setPersonality(task.personality() & ~Personality.READ_IMPLIES_EXEC); // no 64-bit program inherits it
        group.setDumpable(!changed && now.euid() == now.uid() && now.egid() == now.gid());
        setCredentials(task, now);
        Namespaces namespaces = task.namespaces();
        if (namespaces.timeForChildren() != namespaces.time()) {
            task.setNamespaces(namespaces.inside(namespaces.timeForChildren()));
        }
        task.setKeepCapabilities(false);
        task.setName(image.name());
        group.setExecuted(true);
        task.kernel().taskSet().lock();
        try {
            group.setExitSignal(Signal.SIGCHLD);
        } finally {
            task.kernel().taskSet().unlock();
        }
        task.fds().closeOnExec(task);
        if (task.trace() != null) {
            TraceStops.executed(task, ownId);
        }
    }

    /** Gives a new process, which has not run yet, its first program. */
    public static void load(Task task, ExecImage image) {
        task.setMm(image.mm());
        task.setName(image.name());
        task.setCredentials(image.credentials().credentials());
        setRegisters(task, image);
    }

    private static boolean overLimit(Task task, Credentials who) {
        int count = task.kernel().tasks().user(who.uid()).processes().get();
        return who.uid() != 0 && count > task.group().rlimit(Resource.RLIMIT_NPROC);
    }

    /**
     * EAGAIN when the task has become a user with too many processes (RLIMIT_NPROC) and still is one: setuid(2) does not
     * fail for that, as programs forget to check it.
     */
    public static void requireFewProcesses(Task task) throws ErrnoException {
        if (task.processesExceeded() && overLimit(task, task.credentials())) {
            throw Errno.EAGAIN.error();
        }
        task.setProcessesExceeded(false);
    }

    /** Changes credentials and keeps the users' counts of processes right. */
    public static void setCredentials(Task task, Credentials now) {
        Credentials before = task.credentials();
        if (before.uid() != now.uid()) {
            TaskSet tasks = task.kernel().tasks();
            task.setProcessesExceeded(overLimit(task, now));
            tasks.user(now.uid()).processes().incrementAndGet();
            tasks.user(before.uid()).processes().decrementAndGet();
        }
        task.setCredentials(now);
    }

    private static void setRegisters(Task task, ExecImage image) {
        Registers r = task.registers();
        for (int offset = 0; offset < Registers.SIZE; offset += 8) {
            r.set(offset, 0);
        }
        r.set(Registers.ORIG_RAX, -1);
        r.set(Registers.CS, USER_CS);
        r.set(Registers.SS, USER_SS);
        r.set(Registers.EFLAGS, INITIAL_FLAGS);
        r.setIp(image.entry());
        r.setSp(image.stackPointer());
        task.context().fpState().reset();
        task.dropDebugRegisters();
    }

    /** Ends all other tasks of the process and takes the leader's id (Linux: de_thread). False: the process ends. */
    private static boolean beAlone(Task task) {
        ThreadGroup group = task.group();
        if (!group.signals().beginExec(task)) {
            return false;
        }
        try {
            for (;;) {
                task.sleeper().prepare();
                if (group.signals().aloneForExec()) {
                    break;
                }
                if (task.sleepKillable(Sleeper.FOREVER) == Sleeper.Wake.INTERRUPTED) {
                    return false;
                }
            }
            if (group.leader() != task) {
                takeLeadersId(task, group);
                task.identityChanged();
            }
            return !task.signals().killed();
        } finally {
            group.signals().endExec();
        }
    }

    private static void takeLeadersId(Task task, ThreadGroup group) {
        task.kernel().taskSet().lock();
        try {
            Pid own = task.id();
            Task leader = group.leader();
            Tracing.forget(leader);
            task.setId(group.id());
            group.id().setTask(task);
            group.setLeader(task);
            if (leader.ended()) {
                own.setTask(null);
            } else {
                leader.setId(own); // it gives the number back in a moment
                own.setTask(leader);
            }
            for (ThreadGroup child : group.childrenOf(leader)) {
                child.setParent(group, task);
            }
        } finally {
            task.kernel().taskSet().unlock();
        }
    }
}
