package sentry.core.task;

import java.util.HashMap;
import java.util.Map;
import sentry.core.abi.Capability;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Sched;
import sentry.core.ipc.IpcNamespace;
import sentry.core.vfs.FdTable;
import sentry.core.vfs.FsContext;
import sentry.core.vfs.Mount;
import sentry.core.vfs.MountNamespace;

/** Makes namespaces and enters them: clone(2), unshare(2), setns(2). */
public final class NewNamespaces {
    private NewNamespaces() {}

    /** The credentials of {@code task} in a new user namespace. */
    static Credentials user(Task task) throws ErrnoException {
        if (chrooted(task)) {
            throw Errno.EPERM.error();
        }
        Credentials maker = task.credentials();
        return maker.in(UserNamespace.create(maker));
    }

    /** Whether the task's root is not the one of its mount namespace. */
    private static boolean chrooted(Task task) {
        return !task.fs().root().equals(task.namespaces().mounts().root());
    }

    /**
     * The namespaces of {@code task} with new ones for {@code flags}.
     *
     * @param who whose they will be
     * @param fs is moved to the new mount namespace, if one is made
     */
    static Namespaces of(Task task, long flags, Credentials who, FsContext fs) throws ErrnoException {
        Namespaces n = task.namespaces();
        if ((flags & Sched.NAMESPACES & ~Sched.CLONE_NEWUSER) == 0) {
            return n;
        }
        if (!who.capableHere(Capability.SYS_ADMIN)) {
            throw Errno.EPERM.error();
        }
        UserNamespace owner = who.userNamespace();
        if ((flags & Sched.CLONE_NEWPID) != 0) {
            if (n.pidForChildren() != n.pid()) {
                throw Errno.EINVAL.error();
            }
            if (!n.pid().mayNest()) {
                throw Errno.ENOSPC.error();
            }
            n = n.with(new PidNamespace(n.pid(), owner));
        }
        if ((flags & Sched.CLONE_NEWNS) != 0) {
            Map<Mount, Mount> moved = new HashMap<>();
            n = n.with(n.mounts().copy(owner, moved));
            fs.move(moved);
        }
        if ((flags & Sched.CLONE_NEWUTS) != 0) {
            n = n.with(new UtsNamespace(n.uts().hostname(), n.uts().domainname(), owner));
        }
        if ((flags & Sched.CLONE_NEWIPC) != 0) {
            n = n.with(n.ipc().fresh(owner));
        }
        if ((flags & Sched.CLONE_NEWNET) != 0) {
            n = n.with(new NetNamespace(owner));
        }
        if ((flags & Sched.CLONE_NEWCGROUP) != 0) {
            n = n.with(new CgroupNamespace(owner));
        }
        if ((flags & Sched.CLONE_NEWTIME) != 0) {
            n = n.with(new TimeNamespace(owner));
        }
        return n;
    }

    /** unshare(2): the calling task no longer shares what {@code flags} name. */
    public static void unshare(Task task, long given) throws ErrnoException {
        long alone = Sched.CLONE_THREAD | Sched.CLONE_SIGHAND | Sched.CLONE_VM;
        long known = alone | Sched.CLONE_FS | Sched.CLONE_FILES | Sched.CLONE_SYSVSEM | Sched.NAMESPACES;
        long flags = given;
        // Some cannot be parted with without others.
        if ((flags & Sched.CLONE_NEWUSER) != 0) {
            flags |= Sched.CLONE_THREAD | Sched.CLONE_FS;
        }
        if ((flags & Sched.CLONE_NEWNS) != 0) {
            flags |= Sched.CLONE_FS;
        }
        if ((flags & ~known) != 0) {
            throw Errno.EINVAL.error();
        }
        // These cannot be parted with at all, only be found to be one's own.
        if ((flags & alone) != 0 && task.group().signals().count() > 1
                || (flags & Sched.CLONE_VM) != 0 && task.mm().shared()) {
            throw Errno.EINVAL.error();
        }
        FsContext fs = (flags & Sched.CLONE_FS) != 0 ? task.fs().copy() : task.fs();
        Credentials who = (flags & Sched.CLONE_NEWUSER) != 0 ? user(task) : task.credentials();
        Namespaces namespaces = of(task, flags, who, fs);
        if ((flags & Sched.CLONE_FILES) != 0 && task.fds().shared()) {
            FdTable old = task.fds();
            task.setFds(old.fork());
            old.release(task);
        }
        if ((flags & (Sched.CLONE_SYSVSEM | Sched.CLONE_NEWIPC)) != 0) {
            task.releaseSemaphoreUndo();
        }
        task.setFs(fs);
        MountNamespace before = task.namespaces().mounts();
        task.setNamespaces(namespaces);
        if (namespaces.mounts() != before) {
            namespaces.mounts().release(); // of() held it; the task does now
        }
        task.setCredentials(who);
    }

    /** setns(2) with the namespace {@code ns}. */
    public static void enter(Task task, Namespace ns) throws ErrnoException {
        Credentials c = task.credentials();
        if (ns instanceof TimeNamespace && (task.group().signals().count() > 1 || task.mm().shared())) {
            throw Errno.EUSERS.error();
        }
        if (ns instanceof UserNamespace user) {
            if (user == c.userNamespace() || task.group().signals().count() > 1 || sharesFs(task)) {
                throw Errno.EINVAL.error();
            }
            if (!c.capableIn(user, Capability.SYS_ADMIN)) {
                throw Errno.EPERM.error();
            }
            task.setCredentials(c.in(user));
            return;
        }
        if (!c.capableIn(ns.owner(), Capability.SYS_ADMIN) || !c.capableHere(Capability.SYS_ADMIN)) {
            throw Errno.EPERM.error();
        }
        switch (ns) {
            case MountNamespace mounts -> {
                if (!c.capableHere(Capability.SYS_CHROOT)) {
                    throw Errno.EPERM.error();
                }
                if (sharesFs(task)) {
                    throw Errno.EINVAL.error();
                }
                task.setNamespaces(task.namespaces().with(mounts));
                task.fs().setRoot(mounts.root());
                task.fs().setCwd(mounts.root());
            }
            case PidNamespace pids -> {
                if (!task.namespaces().pid().contains(pids)) {
                    throw Errno.EINVAL.error();
                }
                task.setNamespaces(task.namespaces().with(pids));
            }
            case TimeNamespace time -> {
                task.setNamespaces(task.namespaces().inside(time));
                task.kernel().followClocks(task.mm(), time);
            }
            case IpcNamespace ipc -> {
                task.releaseSemaphoreUndo();
                task.setNamespaces(task.namespaces().with(ipc));
            }
            default -> task.setNamespaces(task.namespaces().with(ns));
        }
    }

    /** Whether another task has the same root and working directory, by CLONE_FS. */
    private static boolean sharesFs(Task task) {
        for (ThreadGroup g : task.kernel().tasks().rootPids().processes()) {
            for (Task t : g.tasks()) {
                if (t != task && t.fs() == task.fs()) {
                    return true;
                }
            }
        }
        return false;
    }
}
