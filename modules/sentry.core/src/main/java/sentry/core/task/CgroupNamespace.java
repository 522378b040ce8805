package sentry.core.task;

/** A view of the cgroup tree (cgroup_namespaces(7)). */
public final class CgroupNamespace extends Namespace {
    public CgroupNamespace(UserNamespace owner) {
        super(owner);
    }

    @Override
    public Kind kind() {
        return Kind.CGROUP;
    }
}
