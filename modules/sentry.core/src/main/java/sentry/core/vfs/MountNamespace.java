package sentry.core.vfs;

/** The mount tree that a set of tasks sees (mount_namespaces(7)). */
public final class MountNamespace {
    private final VfsPath root;

    public MountNamespace(VfsPath root) {
        this.root = root;
    }

    public VfsPath root() {
        return root;
    }
}
