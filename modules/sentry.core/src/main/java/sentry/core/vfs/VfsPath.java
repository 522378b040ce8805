package sentry.core.vfs;

/** A place in the mount tree. */
public record VfsPath(Mount mount, Dentry dentry) {
    public Inode inode() {
        return dentry.inode();
    }
}
