package sentry.core.vfs;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * Mounts among which mounting and unmounting propagates (mount_namespaces(7)). All members have the same master. Guarded by
 * {@link MountNamespace#TABLE}.
 */
final class PeerGroup {
    private static final TreeSet<Integer> FREE = new TreeSet<>();
    private static int highest;

    private final int id;
    final List<Mount> members = new ArrayList<>();
    /** Mounts, of groups and alone, that receive from here. */
    final List<Mount> slaves = new ArrayList<>();

    private PeerGroup() {
        Integer free = FREE.pollFirst();
        id = free == null ? ++highest : free;
    }

    int id() {
        return id;
    }

    /** MS_SHARED: a mount without a group founds one. */
    static void share(Mount mount) {
        mount.unbindable = false;
        if (mount.group == null) {
            join(mount, new PeerGroup());
        }
    }

    private static void join(Mount mount, PeerGroup group) {
        mount.group = group;
        group.members.add(mount);
    }

    private static void obey(Mount mount, PeerGroup master) {
        mount.master = master;
        if (master != null) {
            master.slaves.add(mount);
        }
    }

    /** MS_SLAVE: it receives from its former peers; one that had none goes on receiving from its group's master. */
    static void enslave(Mount mount) {
        PeerGroup group = mount.group;
        if (group == null) {
            return;
        }
        boolean peers = group.members.size() > 1;
        leave(mount);
        if (peers) {
            if (mount.master != null) {
                mount.master.slaves.remove(mount);
            }
            obey(mount, group);
        }
    }

    /** MS_PRIVATE, or the mount goes: nothing comes in or goes out any more. */
    static void isolate(Mount mount) {
        leave(mount);
        if (mount.master != null) {
            mount.master.slaves.remove(mount);
            mount.master = null;
        }
        mount.unbindable = false;
    }

    /** Out of the group, not away from the master. The last member's slaves go to its master. */
    private static void leave(Mount mount) {
        PeerGroup group = mount.group;
        if (group == null) {
            return;
        }
        mount.group = null;
        group.members.remove(mount);
        if (group.members.isEmpty()) {
            for (Mount slave : group.slaves) {
                obey(slave, mount.master);
            }
            group.slaves.clear();
            FREE.add(group.id);
        }
    }

    /** A copy receives what its original does, and is its peer; or, if {@code below}, its slave. */
    static void inherit(Mount copy, Mount original, boolean below) {
        if (below && original.group != null) {
            obey(copy, original.group);
            return;
        }
        if (original.group != null) {
            join(copy, original.group);
        }
        obey(copy, original.master);
    }

    /** The same for a propagated copy: a peer of {@code model}. */
    static void accompany(Mount copy, Mount model) {
        join(copy, model.group);
        obey(copy, model.master);
    }

    /** A propagated copy on a slave: it receives from {@code model}'s group. */
    static void follow(Mount copy, Mount model) {
        obey(copy, model.group);
    }

    /** All mounts that hear of what happens on {@code mount}, without itself. */
    static List<Mount> receivers(Mount mount) {
        List<Mount> found = new ArrayList<>();
        if (mount.group != null) {
            collect(mount.group, found);
            found.remove(mount);
        }
        return found;
    }

    private static void collect(PeerGroup group, List<Mount> found) {
        for (Mount m : group.members) {
            if (!found.contains(m)) {
                found.add(m);
            }
        }
        for (Mount s : group.slaves) {
            if (!found.contains(s)) {
                found.add(s);
                if (s.group != null) {
                    collect(s.group, found);
                }
            }
        }
    }
}
