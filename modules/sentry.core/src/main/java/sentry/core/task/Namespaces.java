package sentry.core.task;

import sentry.core.ipc.IpcNamespace;
import sentry.core.vfs.MountNamespace;

/**
 * The namespaces of a task (namespaces(7); Linux: nsproxy). Immutable. The user namespace is among the {@link Credentials}.
 *
 * @param pid the one that the task itself is in
 * @param pidForChildren the one that its children will be in
 */
public record Namespaces(
        UtsNamespace uts,
        PidNamespace pid,
        MountNamespace mounts,
        IpcNamespace ipc,
        NetNamespace net,
        CgroupNamespace cgroup,
        PidNamespace pidForChildren) {

    /** Those of a container's first process. */
    public Namespaces(UtsNamespace uts, PidNamespace pid, MountNamespace mounts, IpcNamespace ipc) {
        this(
                uts,
                pid,
                mounts,
                ipc,
                new NetNamespace(UserNamespace.INITIAL),
                new CgroupNamespace(UserNamespace.INITIAL),
                pid);
    }

    /** With {@code ns} in place of the one of its kind; a pid namespace becomes the children's. */
    public Namespaces with(Namespace ns) {
        return switch (ns) {
            case UtsNamespace n -> new Namespaces(n, pid, mounts, ipc, net, cgroup, pidForChildren);
            case MountNamespace n -> new Namespaces(uts, pid, n, ipc, net, cgroup, pidForChildren);
            case IpcNamespace n -> new Namespaces(uts, pid, mounts, n, net, cgroup, pidForChildren);
            case NetNamespace n -> new Namespaces(uts, pid, mounts, ipc, n, cgroup, pidForChildren);
            case CgroupNamespace n -> new Namespaces(uts, pid, mounts, ipc, net, n, pidForChildren);
            case PidNamespace n -> new Namespaces(uts, pid, mounts, ipc, net, cgroup, n);
            default -> throw new IllegalArgumentException(ns.text());
        };
    }

    /** Those of a new process: it is in the namespace that was meant for children. */
    Namespaces ofChild() {
        return pid == pidForChildren
                ? this
                : new Namespaces(uts, pidForChildren, mounts, ipc, net, cgroup, pidForChildren);
    }
}
