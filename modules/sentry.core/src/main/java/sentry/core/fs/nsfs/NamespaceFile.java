package sentry.core.fs.nsfs;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.abi.Resource;
import sentry.core.task.Namespace;
import sentry.core.task.PidNamespace;
import sentry.core.task.Task;
import sentry.core.task.UserNamespace;
import sentry.core.vfs.FileDescription;
import sentry.core.vfs.MountNamespace;
import sentry.core.vfs.VfsPath;

/** An open namespace: for setns(2), and for questions about it (ioctl_ns(2)). */
public final class NamespaceFile extends FileDescription {
    private static final int NS_GET_USERNS = 0xb701;
    private static final int NS_GET_PARENT = 0xb702;
    private static final int NS_GET_NSTYPE = 0xb703;
    private static final int NS_GET_OWNER_UID = 0xb704;

    private final Namespace namespace;

    public NamespaceFile(VfsPath path, int flags, Namespace namespace) {
        super(path, flags);
        this.namespace = namespace;
        if (namespace instanceof MountNamespace mounts) {
            mounts.retain();
        }
    }

    @Override
    protected void closed() {
        if (namespace instanceof MountNamespace mounts) {
            mounts.release();
        }
    }

    public Namespace namespace() {
        return namespace;
    }

    @Override
    public long ioctl(Task task, int command, long argument) throws ErrnoException {
        switch (command) {
            case NS_GET_USERNS -> {
                return open(task, namespace.owner());
            }
            case NS_GET_PARENT -> {
                return open(task, parent(task));
            }
            case NS_GET_NSTYPE -> {
                return namespace.kind().flag();
            }
            case NS_GET_OWNER_UID -> {
                if (!(namespace instanceof UserNamespace user)) {
                    throw Errno.EINVAL.error();
                }
                task.memory().putInt(argument, task.credentials().userNamespace().uid(user.ownerUid()));
                return 0;
            }
            default -> throw Errno.ENOTTY.error();
        }
    }

    private Namespace parent(Task task) throws ErrnoException {
        return switch (namespace) {
            case UserNamespace user -> user.parent();
            case PidNamespace pids -> {
                // Only what the caller's own namespace has inside may be seen.
                PidNamespace parent = pids.parent();
                if (parent == null || !task.namespaces().pid().contains(parent)) {
                    throw Errno.EPERM.error();
                }
                yield parent;
            }
            default -> throw Errno.EINVAL.error();
        };
    }

    /** A descriptor for {@code ns}; EPERM when it is none that the caller's user namespace has inside. */
    private static int open(Task task, Namespace ns) throws ErrnoException {
        if (ns == null || ns instanceof UserNamespace user && !inside(task, user)) {
            throw Errno.EPERM.error();
        }
        FileDescription file = new NamespaceFile(NamespaceFiles.INSTANCE.path(ns), Fcntl.O_RDONLY, ns);
        try {
            return task.fds().install(file, 0, true, task.group().rlimit(Resource.RLIMIT_NOFILE));
        } catch (ErrnoException e) {
            file.release();
            throw e;
        }
    }

    private static boolean inside(Task task, UserNamespace ns) {
        for (UserNamespace n = ns; n != null; n = n.parent()) {
            if (n == task.credentials().userNamespace()) {
                return true;
            }
        }
        return false;
    }
}
