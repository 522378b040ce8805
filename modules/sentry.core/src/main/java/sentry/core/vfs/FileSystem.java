package sentry.core.vfs;

import sentry.core.abi.ErrnoException;

/** One instance of a filesystem (Linux: super block). */
public abstract class FileSystem {
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

    /** Writes everything back (syncfs). */
    public void sync() throws ErrnoException {}

    /** The last mount is gone. */
    public void release() {}
}
