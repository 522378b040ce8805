package sentry.core.task;

import host.linux.Processes;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.kernel.Kernel;
import sentry.core.memory.MemoryManager;
import sentry.core.platform.Context;
import sentry.core.platform.PlatformException;
import sentry.core.signal.SignalHandlers;
import sentry.core.vfs.FdTable;
import sentry.core.vfs.FsContext;

/** All tasks of a kernel: the threads that serve them, the users that own them, the first process. */
public final class TaskSet {
    private final Kernel kernel;
    private final PidNamespace root = new PidNamespace();
    private final AtomicInteger auditSessions = new AtomicInteger();
    private final TaskThreads threads = new TaskThreads();
    private final ConcurrentHashMap<Integer, UserAccount> users = new ConcurrentHashMap<>();

    /** Signalled when a task has ended. */
    private final Freezer freezer = new Freezer();
    private final Condition taskEnded;

    public TaskSet(Kernel kernel) {
        this.kernel = kernel;
        this.taskEnded = kernel.taskSet().newCondition();
        // The threads that will serve tasks and timers come from this one and inherit it: what a program sleeps is late
        // enough by our own doing.
        Processes.timerSlack(1);
    }

    /** Signalled, under the task-set lock, whenever a task has ended or a zombie was taken away. */
    Condition taskEnded() {
        return taskEnded;
    }

    public Freezer freezer() {
        return freezer;
    }

    /** The namespace that every task has a number in. */
    public PidNamespace rootPids() {
        return root;
    }

    /** The account of {@code uid}. From any thread. */
    public UserAccount user(int uid) {
        UserAccount account = users.get(uid);
        return account != null ? account : users.computeIfAbsent(uid, u -> new UserAccount());
    }

    int nextAuditSession() {
        return auditSessions.incrementAndGet();
    }

    TaskThreads threads() {
        return threads;
    }

    /**
     * A process without a parent: a container's first one, or one that is brought in from outside. Its program is not
     * loaded yet: see {@link TaskExec#load}. It runs from {@link Task#start} on.
     *
     * @param mm an empty or finished address space; the task takes over the caller's reference
     */
    public Task createProcess(
            String name,
            MemoryManager mm,
            FdTable fds,
            FsContext fs,
            Credentials credentials,
            Namespaces namespaces,
            Rlimits limits)
            throws ErrnoException {
        Context context;
        try {
            context = kernel.platform().newContext();
        } catch (PlatformException e) {
            throw Errno.ENOMEM.error();
        }
        kernel.taskSet().lock();
        try {
            PidNamespace pids = namespaces.pid();
            Pid pid = pids.allocate();
            ThreadGroup group = new ThreadGroup(kernel, pid, new SignalHandlers(), limits);
            Task task = new Task(
                    kernel, group, pid, context, new Task.Inherited(mm, fds, fs, credentials, namespaces, name));
            group.setLeader(task);
            pid.setTask(task);
            Session session = new Session(pid, group);
            group.join(new ProcessGroup(pid, session));
            if (pids.init() == null) {
                pids.setInit(group);
                group.signals().protect();
            }
            group.taskBorn();
            group.signals().add(task);
            user(credentials.uid()).processes().incrementAndGet();
            return task;
        } finally {
            kernel.taskSet().unlock();
        }
    }
}
