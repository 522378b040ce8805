package sentry.core.task;

import sentry.core.abi.Capability;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Ptrace;
import sentry.core.abi.Resource;
import sentry.core.abi.Sched;
import sentry.core.arch.Registers;
import sentry.core.kernel.Kernel;
import sentry.core.log.Log;
import sentry.core.memory.MemoryManager;
import sentry.core.platform.Context;
import sentry.core.platform.PlatformException;
import sentry.core.signal.SignalHandlers;
import sentry.core.vfs.FdTable;
import sentry.core.vfs.FsContext;
import sentry.core.vfs.MountNamespace;

/** Makes tasks out of tasks (clone(2)). */
public final class TaskClone {
    private TaskClone() {}

    /**
     * Makes a child of {@code parent}, on the parent's thread, and returns its id in the parent's namespace. With
     * CLONE_VFORK returns when the child has given the memory up.
     */
    public static int clone(Task parent, CloneArgs args) throws ErrnoException {
        check(parent, args);
        if (args.has(Sched.CLONE_PARENT_SETTID) && args.has(Sched.CLONE_PIDFD) && args.pidfd() == args.parentTid()) {
            throw Errno.EINVAL.error();
        }
        if (parent.signals().killed()) {
            throw Errno.ERESTARTNOINTR.error();
        }
        Kernel kernel = parent.kernel();
        boolean thread = args.has(Sched.CLONE_THREAD);
        UserAccount user = kernel.tasks().user(parent.credentials().uid());
        kernel.cgroups().requireRoom(parent.group());
        countProcess(parent, user);

        PidFile pidFile = null;
        int pidfd = -1;
        MemoryManager mm = null;
        FdTable fds = null;
        Context context = null;
        TaskThreads.Worker worker = null;
        boolean done = false;
        MountNamespace madeMounts = null;
        Task child;
        VforkWait vfork = args.has(Sched.CLONE_VFORK) ? new VforkWait(parent) : null;
        try {
            if (args.has(Sched.CLONE_PIDFD)) {
                pidFile = new PidFile(null, 0);
                pidfd = parent.fds().install(pidFile, 0, true, parent.group().rlimit(Resource.RLIMIT_NOFILE));
                parent.memory().putInt(args.pidfd(), pidfd);
            }
            worker = kernel.tasks().threads().reserve();
            Credentials who = parent.credentials();
            if (args.has(Sched.CLONE_NEWUSER)) {
                who = NewNamespaces.user(parent);
            }
            FsContext fs = args.has(Sched.CLONE_FS) ? parent.fs() : parent.fs().copy();
            Namespaces namespaces =
                    NewNamespaces.of(parent, args.flags(), who, fs).ofChild(args.has(Sched.CLONE_VM));
            if (namespaces.mounts() != parent.namespaces().mounts()) {
                madeMounts = namespaces.mounts();
            }
            context = newContext(kernel);
            if (args.has(Sched.CLONE_VM)) {
                mm = parent.mm();
                mm.retain();
                mm.platformSpace(parent).prepareContext(parent.context());
            } else {
                mm = parent.mm().fork(parent);
                if (namespaces.time() != parent.namespaces().time()) {
                    kernel.followClocks(mm, namespaces.time());
                }
            }
            fds = args.has(Sched.CLONE_FILES) ? parent.fds().share() : parent.fds().fork();
            copyRegisters(parent, context, args);
            Task.Inherited inherited =
                    new Task.Inherited(mm, fds, fs, who, namespaces, parent.name());
            child = register(parent, args, thread, context, inherited, vfork);
            child.setMemoryPolicy(parent.memoryPolicy());
            if (args.has(Sched.CLONE_SYSVSEM)) {
                child.shareSemaphoreUndo(parent);
            }
            if (pidFile != null) {
                pidFile.setGroup(child.group());
            }
            done = true;
        } catch (PlatformException e) {
            Log.warn("no platform context for a new task", e);
            throw Errno.ENOMEM.error();
        } finally {
            if (madeMounts != null) {
                madeMounts.release(); // the child holds it now, if there is one
            }
            if (!done) {
                user.processes().decrementAndGet();
                if (pidfd >= 0) {
                    parent.fds().remove(pidfd).release();
                }
                if (worker != null) {
                    kernel.tasks().threads().rest(worker);
                }
                if (fds != null) {
                    fds.release(parent);
                }
                if (mm != null) {
                    mm.release(parent);
                }
                if (context != null) {
                    context.release();
                }
            }
        }
        int tid = child.tid(parent.namespaces().pid());
        if (args.has(Sched.CLONE_PARENT_SETTID)) {
            try {
                parent.memory().putInt(args.parentTid(), tid);
            } catch (ErrnoException e) {
                // The child exists: as in Linux the bad address goes unpunished.
            }
        }
        int event = Tracing.event(parent, args);
        Pid childId = child.id();
        child.start(worker);
        kernel.tasks().threads().spare();
        if (event != 0) {
            TraceStops.event(parent, event, childId);
        }
        if (vfork != null) {
            vfork.await();
            if (parent.trace() != null && !args.has(Sched.CLONE_UNTRACED)) {
                TraceStops.event(parent, Ptrace.EVENT_VFORK_DONE, childId);
            }
        }
        return tid;
    }

    private static void check(Task parent, CloneArgs args) throws ErrnoException {
        boolean thread = args.has(Sched.CLONE_THREAD);
        if (args.has(Sched.CLONE_FS) && args.has(Sched.CLONE_NEWNS | Sched.CLONE_NEWUSER)
                || thread && !args.has(Sched.CLONE_SIGHAND)
                || args.has(Sched.CLONE_SIGHAND) && !args.has(Sched.CLONE_VM)
                || thread && args.has(Sched.CLONE_NEWUSER | Sched.CLONE_NEWPID)
                || args.has(Sched.CLONE_SIGHAND) && args.has(Sched.CLONE_CLEAR_SIGHAND)
                || args.has(Sched.CLONE_NEWIPC) && args.has(Sched.CLONE_SYSVSEM)
                || thread && args.has(Sched.CLONE_PIDFD)
                || args.has(Sched.CLONE_PARENT) && parent.group().isNamespaceInit()) {
            throw Errno.EINVAL.error();
        }
        if (thread && parent.namespaces().pid() != parent.namespaces().pidForChildren()) {
            throw Errno.EINVAL.error();
        }
        if (args.has(Sched.CLONE_INTO_CGROUP)) {
            // A descriptor of a cgroup's directory, which cannot be had here.
            parent.fds().get(args.cgroup());
            throw Errno.EBADF.error();
        }
        if (parent.scheduling().deadline() != null && !parent.scheduling().resetOnFork()) {
            throw Errno.EAGAIN.error();
        }
        int[] wished = args.setTid();
        if (wished != null) {
            int levels = parent.namespaces().pidForChildren().level() + (args.has(Sched.CLONE_NEWPID) ? 2 : 1);
            if (wished.length > levels) {
                throw Errno.EINVAL.error();
            }
        }
    }

    private static void countProcess(Task parent, UserAccount user) throws ErrnoException {
        Credentials c = parent.credentials();
        int count = user.processes().incrementAndGet();
        if (count > parent.group().rlimit(Resource.RLIMIT_NPROC)
                && c.uid() != 0
                && !c.capable(Capability.SYS_RESOURCE)
                && !c.capable(Capability.SYS_ADMIN)) {
            user.processes().decrementAndGet();
            throw Errno.EAGAIN.error();
        }
    }

    private static Context newContext(Kernel kernel) throws PlatformException {
        return kernel.platform().newContext();
    }

    private static void copyRegisters(Task parent, Context context, CloneArgs args) throws ErrnoException {
        Registers r = context.registers();
        r.copyFrom(parent.registers());
        r.set(Registers.RAX, 0);
        r.set(Registers.ORIG_RAX, -1);
        if (args.stackPointer() != 0) {
            r.setSp(args.stackPointer());
        }
        if (args.has(Sched.CLONE_SETTLS)) {
            if (Long.compareUnsigned(args.tls(), parent.kernel().platform().traits().maxAddress()) >= 0) {
                throw Errno.EPERM.error();
            }
            r.set(Registers.FS_BASE, args.tls());
        }
        context.fpState().copyFrom(parent.context().fpState());
    }

    private static Task register(
            Task parent, CloneArgs args, boolean thread, Context context, Task.Inherited inherited, VforkWait vfork)
            throws ErrnoException {
        Kernel kernel = parent.kernel();
        kernel.taskSet().lock();
        try {
            PidNamespace pids = inherited.namespaces().pid();
            if (args.setTid() != null) {
                requireChoice(inherited.credentials(), pids, args.setTid().length);
            }
            Pid pid = pids.allocate(args.setTid());
            boolean done = false;
            Task child = null;
            try {
                ThreadGroup group = thread ? parent.group() : newGroup(parent, pid, args);
                child = new Task(kernel, group, pid, context, inherited);
                inherit(parent, child, args, vfork);
                if (!thread) {
                    group.setLeader(child);
                }
                // A fatal signal to the parent's group came first: the child must not escape it.
                if (parent.signals().killed() || !group.signals().add(child)) {
                    throw Errno.ERESTARTNOINTR.error();
                }
                group.taskBorn();
                pid.setTask(child);
                if (!thread) {
                    boolean sibling = args.has(Sched.CLONE_PARENT);
                    ThreadGroup p = sibling ? parent.group().parent() : parent.group();
                    group.setParent(p, sibling ? parent.group().parentTask() : parent);
                    group.setExitSignal(sibling ? parent.group().exitSignal() : args.exitSignal());
                    group.join(parent.group().processGroup());
                    if (pids.init() == null) {
                        pids.setInit(group);
                        group.signals().protect();
                    }
                }
                Tracing.inherit(parent, child, args);
                done = true;
                return child;
            } finally {
                if (!done) {
                    pid.setTask(null);
                    if (child != null) {
                        child.setSeccomp(parent.seccompMode(), null);
                        child.namespaces().mounts().release();
                    }
                }
            }
        } finally {
            kernel.taskSet().unlock();
        }
    }

    /** Choosing process ids takes a capability over each namespace concerned. */
    private static void requireChoice(Credentials who, PidNamespace pids, int levels) throws ErrnoException {
        PidNamespace n = pids;
        for (int i = 0; i < levels && n != null; i++, n = n.parent()) {
            if (!who.capableIn(n.owner(), Capability.CHECKPOINT_RESTORE)
                    && !who.capableIn(n.owner(), Capability.SYS_ADMIN)) {
                throw Errno.EPERM.error();
            }
        }
    }

    private static ThreadGroup newGroup(Task parent, Pid pid, CloneArgs args) {
        SignalHandlers handlers = parent.group().signals().handlers();
        SignalHandlers childHandlers = args.has(Sched.CLONE_SIGHAND)
                ? handlers
                : args.has(Sched.CLONE_CLEAR_SIGHAND) ? handlers.cleared() : handlers.copy();
        ThreadGroup group = new ThreadGroup(
                parent.kernel(), pid, childHandlers, parent.group().rlimits().copy());
        group.setDumpable(parent.group().dumpable());
        group.inheritLogin(parent.group());
        group.setMembarriers(parent.group().membarriers());
        group.setHugePagesOff(parent.group().hugePagesOff());
        group.setOomScoreAdjustment(parent.group().oomScoreAdjustment());
        group.setLeastOomScoreAdjustment(parent.group().leastOomScoreAdjustment());
        group.setDumpFilter(parent.group().dumpFilter());
        parent.kernel().cgroups().inherit(parent.group(), group);
        return group;
    }

    private static void inherit(Task parent, Task child, CloneArgs args, VforkWait vfork) {
        child.signals()
                .inherit(parent.signals(), args.has(Sched.CLONE_VM), args.has(Sched.CLONE_VFORK));
        child.scheduling().inherit(parent.scheduling());
        child.setMceKill(parent.mceKill());
        child.setIoFlusher(parent.ioFlusher());
        child.setPersonality(parent.personality());
        child.inheritDebugRegisters(parent);
        child.setKeepCapabilities(parent.keepCapabilities());
        child.setSeccomp(parent.seccompMode(), parent.seccomp());
        if (parent.noNewPrivileges()) {
            child.setNoNewPrivileges();
        }
        if (args.has(Sched.CLONE_CHILD_SETTID)) {
            child.setSetChildTid(args.childTid());
        }
        if (args.has(Sched.CLONE_CHILD_CLEARTID)) {
            child.setClearChildTid(args.childTid());
        }
        child.setVforkWait(vfork);
    }
}
