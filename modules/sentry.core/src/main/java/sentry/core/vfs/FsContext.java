package sentry.core.vfs;

import java.util.Map;

/**
 * Root, working directory and umask (Linux: fs_struct). Shared by tasks cloned with CLONE_FS. Thread-safe.
 */
public final class FsContext {
    private volatile VfsPath root;
    private volatile VfsPath cwd;
    private volatile int umask;

    public FsContext(VfsPath root, VfsPath cwd, int umask) {
        this.root = root;
        this.cwd = cwd;
        this.umask = umask;
    }

    public FsContext copy() {
        return new FsContext(root, cwd, umask);
    }

    /** Follows its mounts into a copy of their namespace: {@code moved} tells which mount became which. */
    public void move(Map<Mount, Mount> moved) {
        root = moved(root, moved);
        cwd = moved(cwd, moved);
    }

    private static VfsPath moved(VfsPath path, Map<Mount, Mount> moved) {
        Mount mount = moved.get(path.mount());
        return mount == null ? path : new VfsPath(mount, path.dentry());
    }

    public VfsPath root() {
        return root;
    }

    public void setRoot(VfsPath value) {
        root = value;
    }

    public VfsPath cwd() {
        return cwd;
    }

    public void setCwd(VfsPath value) {
        cwd = value;
    }

    public int umask() {
        return umask;
    }

    /** Sets the umask and returns the old one. */
    public synchronized int setUmask(int value) {
        int old = umask;
        umask = value & 0777;
        return old;
    }
}
