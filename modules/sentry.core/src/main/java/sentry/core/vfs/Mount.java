package sentry.core.vfs;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * A filesystem's (sub)tree, attached at a mount point. Attachment is guarded by the mount namespace's lock.
 */
public final class Mount {
    /** Mount flags (MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, ... of mount(2)). */
    volatile int flags;

    private final int id;
    private final FileSystem fileSystem;
    private final Dentry root;
    /** What the user mounted, for /proc/mounts. */
    private final String source;
    /** Where it is attached; null for the root of a namespace. */
    volatile VfsPath mountpoint;
    /** Open files; umount(2) answers EBUSY while there are any. */
    private final AtomicInteger openFiles = new AtomicInteger();

    public Mount(int id, FileSystem fileSystem, Dentry root, String source, int flags) {
        this.id = id;
        this.fileSystem = fileSystem;
        this.root = root;
        this.source = source;
        this.flags = flags;
    }

    public int id() {
        return id;
    }

    public FileSystem fileSystem() {
        return fileSystem;
    }

    public Dentry root() {
        return root;
    }

    public String source() {
        return source;
    }

    public int flags() {
        return flags;
    }

    public VfsPath mountpoint() {
        return mountpoint;
    }

    void fileOpened() {
        openFiles.incrementAndGet();
    }

    void fileClosed() {
        openFiles.decrementAndGet();
    }

    boolean hasOpenFiles() {
        return openFiles.get() != 0;
    }
}
