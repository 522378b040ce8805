package sentry.core.vfs;

/** Someone's interest in what happens to a file: a watch of inotify(7). It keeps the inode. */
public abstract class Mark {
    private final Inode inode;
    private volatile int mask;

    protected Mark(Inode inode) {
        this.inode = inode;
    }

    public final Inode inode() {
        return inode;
    }

    /** The IN_ events wanted, and IN_EXCL_UNLINK. */
    public final int mask() {
        return mask;
    }

    public final void setMask(int value) {
        mask = value;
    }

    /**
     * One of the wanted events happened. Called on the thread that did it, which may hold the monitor of a directory: it
     * must not block.
     *
     * @param events the event, with IN_ISDIR when it is about a directory
     * @param name of the entry of the watched directory, or null for the file itself
     * @param cookie what the two halves of a rename have in common, else 0
     */
    protected abstract void event(int events, String name, int cookie);

    /** The file is gone, or its filesystem is ({@code unmounted}): the mark has been taken away. */
    protected abstract void gone(boolean unmounted);
}
