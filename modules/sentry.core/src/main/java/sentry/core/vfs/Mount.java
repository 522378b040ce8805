package sentry.core.vfs;

import java.util.ArrayList;
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
    /** The namespace that it is in; null for one that is in none (yet, or any more). Guarded by the mount table's lock. */
    MountNamespace namespace;
    /** Its peers, when it is shared. Guarded likewise, as all that follows. */
    PeerGroup group;
    /** Whom it receives from, when it is a slave. */
    PeerGroup master;

    /** What is mounted on it. */
    final ArrayList<Mount> children = new ArrayList<>(0);

    boolean unbindable;
    /** Came from a more privileged namespace with others: may not be taken away alone, to show what it hides. */
    boolean locked;
    /** Flags (MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_NOATIME...) that a less privileged namespace may not take off. */
    int lockedFlags;
    /** MNT_EXPIRE was tried, and nobody has opened anything since. */
    volatile boolean expiring;

    /** Descriptions that may write. */
    private final AtomicInteger writers = new AtomicInteger();
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
        if (expiring) {
            expiring = false;
        }
    }

    void fileClosed() {
        openFiles.decrementAndGet();
    }

    void writerOpened() {
        writers.incrementAndGet();
    }

    void writerClosed() {
        writers.decrementAndGet();
    }

    boolean hasWriters() {
        return writers.get() != 0;
    }

    boolean hasOpenFiles() {
        return openFiles.get() != 0;
    }
}
