package sentry.core.fs.mqueue;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import sentry.core.abi.Capability;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.abi.Resource;
import sentry.core.kernel.Kernel;
import sentry.core.task.Task;
import sentry.core.task.UserAccount;
import sentry.core.vfs.AnonymousDevices;
import sentry.core.vfs.Dentry;
import sentry.core.vfs.FileDescription;
import sentry.core.vfs.FileSystem;
import sentry.core.vfs.Mount;
import sentry.core.vfs.Namei;
import sentry.core.vfs.PathWalk;
import sentry.core.vfs.Permissions;
import sentry.core.vfs.StatFs;
import sentry.core.vfs.VfsPath;

/** The message queues of one IPC namespace, whether or not it is mounted anywhere. */
public final class MqueueFileSystem extends FileSystem {
    private static final long MAGIC = 0x19800202;
    /** Priorities of messages are less than this (MQ_PRIO_MAX). */
    public static final int PRIORITIES = 32768;
    /** What Linux counts for the bookkeeping of a message, and of a priority that is in use (getrlimit(2)). */
    private static final int MESSAGE_COST = 48;

    private static final int PRIORITY_COST = 48;

    private final Kernel kernel;
    private final long dev = AnonymousDevices.next();
    private final AtomicLong lastIno = new AtomicLong();
    private final AtomicInteger count = new AtomicInteger();
    private final QueueLimits limits = new QueueLimits();
    private final QueueDirectory root = new QueueDirectory(this);
    /** For calls that name a queue without a path. */
    private final Mount mount = new Mount(0, this, rootDentry(), "none", 0);

    public MqueueFileSystem(Kernel kernel) {
        this.kernel = kernel;
    }

    @Override
    public String type() {
        return "mqueue";
    }

    @Override
    public long dev() {
        return dev;
    }

    @Override
    public QueueDirectory root() {
        return root;
    }

    @Override
    public boolean prefetches() {
        return false;
    }

    @Override
    public StatFs statfs() {
        return new StatFs(MAGIC, 4096, 0, 0, 0, 0, 0, 255);
    }

    public QueueLimits limits() {
        return limits;
    }

    long nextIno() {
        return lastIno.incrementAndGet();
    }

    /**
     * mq_open(2).
     *
     * @param name without the slash that the library takes away
     * @param mode permission bits of a new queue, before the umask
     * @param attributes mq_maxmsg and mq_msgsize of a new queue, or null
     */
    public FileDescription open(Task task, String name, int flags, int mode, long[] attributes) throws ErrnoException {
        PathWalk w = walk(task, name);
        synchronized (root) {
            Dentry child = w.lookupLast();
            if (child.inode() == null) {
                if ((flags & Fcntl.O_CREAT) == 0) {
                    throw Errno.ENOENT.error();
                }
                Permissions.require(w.credentials(), root, Permissions.WRITE | Permissions.EXEC);
                MessageQueueInode made = root.create(
                        task, name, mode & ~w.umask(), w.credentials().fsuid(), w.credentials().fsgid(), attributes);
                child = rootDentry().instantiate(name, made);
            } else {
                if ((flags & (Fcntl.O_CREAT | Fcntl.O_EXCL)) == (Fcntl.O_CREAT | Fcntl.O_EXCL)) {
                    throw Errno.EEXIST.error();
                }
                Permissions.require(w.credentials(), child.inode(), switch (flags & Fcntl.O_ACCMODE) {
                    case Fcntl.O_RDONLY -> Permissions.READ;
                    case Fcntl.O_WRONLY -> Permissions.WRITE;
                    case Fcntl.O_RDWR -> Permissions.READ | Permissions.WRITE;
                    default -> throw Errno.EINVAL.error();
                });
            }
            return child.inode().open(new VfsPath(mount, child), flags, task);
        }
    }

    /** mq_unlink(2). */
    public void unlink(Task task, String name) throws ErrnoException {
        Namei.unlink(walk(task, name), new VfsPath(mount, rootDentry()), name);
    }

    private PathWalk walk(Task task, String name) throws ErrnoException {
        if (name.isEmpty()) {
            throw Errno.ENOENT.error();
        }
        if (name.indexOf('/') >= 0 || name.equals(".") || name.equals("..")) {
            throw Errno.EACCES.error();
        }
        PathWalk w = PathWalk.of(task);
        w.toParent(new VfsPath(mount, rootDentry()), name, 0);
        return w;
    }

    /** A new queue, with its memory charged to the user. */
    MessageQueueInode make(Task task, int mode, int uid, int gid, long[] attributes) throws ErrnoException {
        boolean mighty = task == null || task.credentials().capable(Capability.SYS_RESOURCE);
        if (count.get() >= limits.queues && !mighty) {
            throw Errno.ENOSPC.error();
        }
        long messages = attributes == null ? Math.min(limits.messages, limits.defaultMessages) : attributes[0];
        long size = attributes == null ? Math.min(limits.size, limits.defaultSize) : attributes[1];
        if (messages <= 0
                || size <= 0
                || messages > (mighty ? QueueLimits.HARD_MESSAGES : limits.messages)
                || size > (mighty ? QueueLimits.HARD_SIZE : limits.size)) {
            throw Errno.EINVAL.error();
        }
        long charge = messages * MESSAGE_COST + Math.min(messages, PRIORITIES) * PRIORITY_COST + messages * size;
        UserAccount account = kernel.tasks().user(task == null ? uid : task.credentials().uid());
        long limit = task == null ? Resource.RLIM_INFINITY : task.group().rlimits().soft(Resource.RLIMIT_MSGQUEUE);
        long used = account.messageQueueBytes().addAndGet(charge);
        if (Long.compareUnsigned(used, limit) > 0) {
            account.messageQueueBytes().addAndGet(-charge);
            throw Errno.EMFILE.error();
        }
        count.incrementAndGet();
        return new MessageQueueInode(this, mode, uid, gid, messages, size, account, charge);
    }

    /** A queue that {@link #make} made is gone. */
    void removed() {
        count.decrementAndGet();
    }
}
