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

/** Makes tasks out of tasks (clone(2)). */
public final class TaskClone {
    private TaskClone() {}

    /**
     * Makes a child of {@code parent}, on the parent's thread, and returns its id in the parent's namespace. With
     * CLONE_VFORK returns when the child has given the memory up.
     */
    public static int clone(Task parent, CloneArgs args) throws ErrnoException {
        check(parent, args);
        if (parent.signals().killed()) {
            throw Errno.ERESTARTNOINTR.error();
        }
        Kernel kernel = parent.kernel();
        boolean thread = args.has(Sched.CLONE_THREAD);
        UserAccount user = kernel.tasks().user(parent.credentials().uid());
        countProcess(parent, user);

        PidFile pidFile = null;
        int pidfd = -1;
        MemoryManager mm = null;
        FdTable fds = null;
        Context context = null;
        TaskThreads.Worker worker = null;
        boolean done = false;
        Task child;
        VforkWait vfork = args.has(Sched.CLONE_VFORK) ? new VforkWait(parent) : null;
        try {
            if (args.has(Sched.CLONE_PIDFD)) {
                pidFile = new PidFile(null, 0);
                pidfd = parent.fds().install(pidFile, 0, true, parent.group().rlimit(Resource.RLIMIT_NOFILE));
                parent.memory().putInt(args.pidfd(), pidfd);
            }
            worker = kernel.tasks().threads().reserve();
            Namespaces namespaces = namespaces(parent, args);
            context = newContext(kernel);
            if (args.has(Sched.CLONE_VM)) {
                mm = parent.mm();
                mm.retain();
                mm.platformSpace(parent).prepareContext(parent.context());
            } else {
                mm = parent.mm().fork(parent);
            }
            fds = args.has(Sched.CLONE_FILES) ? parent.fds().share() : parent.fds().fork();
            FsContext fs = args.has(Sched.CLONE_FS) ? parent.fs() : parent.fs().copy();
            copyRegisters(parent, context, args);
            Task.Inherited inherited =
                    new Task.Inherited(mm, fds, fs, parent.credentials(), namespaces, parent.name());
            child = register(parent, args, thread, context, inherited, vfork);
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

    /** unshare(2): the calling task no longer shares what {@code flags} name. */
    public static void unshare(Task task, long flags) throws ErrnoException {
        long alone = Sched.CLONE_THREAD | Sched.CLONE_SIGHAND | Sched.CLONE_VM;
        long known = alone | Sched.CLONE_FS | Sched.CLONE_FILES | Sched.CLONE_SYSVSEM | Sched.NAMESPACES;
        if ((flags & ~known) != 0) {
            throw Errno.EINVAL.error();
        }
        // These cannot be parted with, only be found to be one's own.
        boolean threads = task.group().signals().count() > 1;
        if ((flags & (alone | Sched.CLONE_NEWUSER | Sched.CLONE_NEWPID)) != 0 && threads
                || (flags & Sched.CLONE_VM) != 0 && task.mm().shared()) {
            throw Errno.EINVAL.error();
        }
        if ((flags & Sched.NAMESPACES & ~Sched.CLONE_NEWUSER) != 0
                && !task.credentials().capable(Capability.SYS_ADMIN)) {
            throw Errno.EPERM.error();
        }
        if ((flags & Sched.NAMESPACES & ~Sched.CLONE_NEWUTS) != 0) {
            throw Errno.EINVAL.error();
        }
        if ((flags & Sched.CLONE_FS) != 0) {
            task.setFs(task.fs().copy());
        }
        if ((flags & Sched.CLONE_FILES) != 0 && task.fds().shared()) {
            FdTable old = task.fds();
            task.setFds(old.fork());
            old.release(task);
        }
        if ((flags & Sched.CLONE_SYSVSEM) != 0) {
            task.releaseSemaphoreUndo();
        }
        if ((flags & Sched.CLONE_NEWUTS) != 0) {
            task.setNamespaces(newUts(task.namespaces()));
        }
    }

    private static Namespaces newUts(Namespaces n) {
        return new Namespaces(new UtsNamespace(n.uts().hostname(), n.uts().domainname()), n.pid(), n.mounts(), n.ipc());
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
        if (args.has(Sched.NAMESPACES & ~Sched.CLONE_NEWUSER) && !parent.credentials().capable(Capability.SYS_ADMIN)) {
            throw Errno.EPERM.error();
        }
        if (args.has(Sched.NAMESPACES & ~Sched.CLONE_NEWUTS) || args.has(Sched.CLONE_INTO_CGROUP)) {
            if (Log.enabled()) {
                Log.warn("clone: flags " + Long.toHexString(args.flags()) + " are not there yet");
            }
            throw Errno.EINVAL.error();
        }
        int[] wished = args.setTid();
        if (wished != null) {
            if (wished.length > parent.namespaces().pid().level() + 1) {
                throw Errno.EINVAL.error();
            }
            if (!parent.credentials().capable(Capability.CHECKPOINT_RESTORE)
                    && !parent.credentials().capable(Capability.SYS_ADMIN)) {
                throw Errno.EPERM.error();
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

    private static Namespaces namespaces(Task parent, CloneArgs args) {
        Namespaces n = parent.namespaces();
        if (args.has(Sched.CLONE_NEWUTS)) {
            return newUts(n);
        }
        return n;
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
            Pid pid = inherited.namespaces().pid().allocate(args.setTid());
            boolean done = false;
            try {
                ThreadGroup group = thread ? parent.group() : newGroup(parent, pid, args);
                Task child = new Task(kernel, group, pid, context, inherited);
                inherit(parent, child, args, vfork);
                if (!thread) {
                    group.setLeader(child);
                }
                // A fatal signal to the parent's group came first: the child must not escape it.
                if (parent.signals().killed() || !group.signals().add(child)) {
                    throw Errno.ERESTARTNOINTR.error();
                }
                pid.setTask(child);
                if (!thread) {
                    boolean sibling = args.has(Sched.CLONE_PARENT);
                    ThreadGroup p = sibling ? parent.group().parent() : parent.group();
                    group.setParent(p, sibling ? parent.group().parentTask() : parent);
                    group.setExitSignal(sibling ? parent.group().exitSignal() : args.exitSignal());
                    group.join(parent.group().processGroup());
                }
                Tracing.inherit(parent, child, args);
                done = true;
                return child;
            } finally {
                if (!done) {
                    pid.setTask(null);
                }
            }
        } finally {
            kernel.taskSet().unlock();
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
        group.setHugePagesOff(parent.group().hugePagesOff());
        group.setOomScoreAdjustment(parent.group().oomScoreAdjustment());
        return group;
    }

    private static void inherit(Task parent, Task child, CloneArgs args, VforkWait vfork) {
        child.signals()
                .inherit(parent.signals(), args.has(Sched.CLONE_VM), args.has(Sched.CLONE_VFORK));
        child.scheduling().inherit(parent.scheduling());
        child.setMceKill(parent.mceKill());
        child.setIoFlusher(parent.ioFlusher());
        child.setPersonality(parent.personality());
        child.setKeepCapabilities(parent.keepCapabilities());
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
