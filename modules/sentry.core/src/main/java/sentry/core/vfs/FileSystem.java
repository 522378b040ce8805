package sentry.core.vfs;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import sentry.core.abi.ErrnoException;

/** One instance of a filesystem (Linux: super block). */
public abstract class FileSystem {
    /** Held while names move between directories (Linux: s_vfs_rename_mutex). */
    private final ReentrantLock renameLock = new ReentrantLock();

    /** How many mounts show it. */
    private final AtomicInteger mounts = new AtomicInteger(1);

    private Dentry rootDentry;
    /** Mounted or remounted with MS_RDONLY. */
    private volatile boolean mountedReadOnly;

    protected FileSystem() {}

    /** The dentry of {@link #root}; all mounts share it. */
    public final synchronized Dentry rootDentry() {
        if (rootDentry == null) {
            rootDentry = Dentry.root(root());
        }
        return rootDentry;
    }

    /** One more mount shows it; the first, made with the filesystem, is counted already. */
    final void mountedAgain() {
        mounts.incrementAndGet();
    }

    /** A mount of it is gone. */
    final void unmounted() {
        if (mounts.decrementAndGet() == 0) {
            FileEvents.unmounted(this);
            release();
        }
    }

    public final ReentrantLock renameLock() {
        return renameLock;
    }

    /** The name in /proc/mounts. */
    public abstract String type();

    /** Device number that stat(2) reports; instances without a device draw one from {@link AnonymousDevices}. */
    public abstract long dev();

    public abstract Inode root();

    public abstract StatFs statfs() throws ErrnoException;

    /** Whether the filesystem itself takes no writes. */
    public boolean readOnly() {
        return false;
    }

    /** Whether nothing may be written, by its nature or because it was mounted so. */
    public final boolean takesNoWrites() {
        return mountedReadOnly || readOnly();
    }

    public final void setMountedReadOnly(boolean value) {
        mountedReadOnly = value;
    }

    /** Changes options (mount(2) with MS_REMOUNT); EINVAL for those that it does not have. Most have none. */
    public void remount(String data) throws ErrnoException {}

    /** Options for /proc/mounts beyond the mount flags, such as "size=64k"; empty when there are none. */
    public String options() {
        return "";
    }

    /**
     * Asked before a cached dentry is used. False drops it, and the name is looked up anew. Filesystems whose content
     * changes behind the kernel's back override it.
     */
    public boolean revalidate(Dentry dentry) throws ErrnoException {
        return true;
    }

    /** Whether names may be cached in dentries; {@link Inode#caches} can say it name by name, as /proc does. */
    public boolean cachesNames() {
        return true;
    }

    /** Whether {@link Inode#prefetch} is of use: looking up a name is a round trip to a server. */
    public boolean prefetches() {
        return true;
    }

    /** Writes everything back (syncfs). */
    public void sync() throws ErrnoException {}

    /** The last mount is gone. */
    public void release() {}
}
