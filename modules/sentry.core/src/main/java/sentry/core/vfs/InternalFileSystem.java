package sentry.core.vfs;

import java.util.concurrent.atomic.AtomicLong;

/**
 * A filesystem that no program can mount or walk: home of pipes, sockets and anonymous inodes, whose descriptions need a
 * path. Its dentries are nobody's children, and their names are the whole text that /proc/PID/fd shows.
 */
public abstract class InternalFileSystem extends FileSystem {
    private final long dev = AnonymousDevices.next();
    private final AtomicLong inodes = new AtomicLong();
    private final Mount mount = new Mount(0, this, null, "none", 0);

    protected InternalFileSystem() {}

    @Override
    public final long dev() {
        return dev;
    }

    /** There is no tree. */
    @Override
    public final Inode root() {
        throw new UnsupportedOperationException();
    }

    @Override
    public StatFs statfs() {
        return new StatFs(magic(), 4096, 0, 0, 0, 0, 0, 255);
    }

    /** f_type of statfs(2). */
    protected abstract long magic();

    /** A new inode number. */
    protected final long nextInode() {
        return inodes.incrementAndGet();
    }

    /** A path for {@code inode}, shown as {@code name}. */
    public final VfsPath path(Inode inode, String name) {
        return new VfsPath(mount, new Dentry(null, name, inode));
    }
}
