package sentry.core.task;

import sentry.core.ipc.IpcNamespace;
import sentry.core.vfs.MountNamespace;

/**
 * The namespaces of a task (namespaces(7); Linux: nsproxy). Immutable. The user namespace is among the {@link Credentials}.
 *
 * @param pid the one that the task itself is in
 * @param pidForChildren the one that its children will be in
 * @param timeForChildren the same of time namespaces; the task itself goes there by execve(2)
 */
public record Namespaces(
        UtsNamespace uts,
        PidNamespace pid,
        MountNamespace mounts,
        IpcNamespace ipc,
        NetNamespace net,
        CgroupNamespace cgroup,
        PidNamespace pidForChildren,
        TimeNamespace time,
        TimeNamespace timeForChildren) {

    /** Those of a container's first process. */
    public Namespaces(UtsNamespace uts, PidNamespace pid, MountNamespace mounts, IpcNamespace ipc) {
        this(
                uts,
                pid,
                mounts,
                ipc,
                new NetNamespace(UserNamespace.INITIAL),
                new CgroupNamespace(UserNamespace.INITIAL),
                pid,
                new TimeNamespace(UserNamespace.INITIAL));
    }

    private Namespaces(
            UtsNamespace uts,
            PidNamespace pid,
            MountNamespace mounts,
            IpcNamespace ipc,
            NetNamespace net,
            CgroupNamespace cgroup,
            PidNamespace pidForChildren,
            TimeNamespace time) {
        this(uts, pid, mounts, ipc, net, cgroup, pidForChildren, time, time);
        time.enter();
    }

    /** With {@code ns} in place of the one of its kind; a pid or time namespace becomes the children's. */
    public Namespaces with(Namespace ns) {
        return switch (ns) {
            case UtsNamespace n -> new Namespaces(n, pid, mounts, ipc, net, cgroup, pidForChildren, time, timeForChildren);
            case MountNamespace n -> new Namespaces(uts, pid, n, ipc, net, cgroup, pidForChildren, time, timeForChildren);
            case IpcNamespace n -> new Namespaces(uts, pid, mounts, n, net, cgroup, pidForChildren, time, timeForChildren);
            case NetNamespace n -> new Namespaces(uts, pid, mounts, ipc, n, cgroup, pidForChildren, time, timeForChildren);
            case CgroupNamespace n -> new Namespaces(uts, pid, mounts, ipc, net, n, pidForChildren, time, timeForChildren);
            case PidNamespace n -> new Namespaces(uts, pid, mounts, ipc, net, cgroup, n, time, timeForChildren);
            case TimeNamespace n -> new Namespaces(uts, pid, mounts, ipc, net, cgroup, pidForChildren, time, n);
            default -> throw new IllegalArgumentException(ns.text());
        };
    }

    /**
     * Those of a new process or thread: it is in the pid namespace that was meant for children, and if it has memory of its
     * own, in that time namespace, too.
     */
    Namespaces ofChild(boolean sharesMemory) {
        TimeNamespace childTime = sharesMemory ? time : timeForChildren;
        if (childTime != time) {
            childTime.enter();
        }
        return pid == pidForChildren && childTime == time
                ? this
                : new Namespaces(
                        uts, pidForChildren, mounts, ipc, net, cgroup, pidForChildren, childTime, timeForChildren);
    }

    /** Those of a task that is in {@code ns} from now on, and its children. */
    Namespaces inside(TimeNamespace ns) {
        ns.enter();
        return new Namespaces(uts, pid, mounts, ipc, net, cgroup, pidForChildren, ns, ns);
    }
}
