package sentry.core.cgroup;

import java.util.ArrayList;
import java.util.List;
import sentry.core.abi.ErrnoException;
import sentry.core.kernel.Kernel;
import sentry.core.task.ThreadGroup;

/** All hierarchies of a kernel: that of version 2, and those of version 1 that were mounted. Thread-safe. */
public final class Cgroups {
    private final Kernel kernel;
    private final CgroupTree unified;
    private volatile List<CgroupTree> trees;
    private volatile CgroupLimits limits = CgroupLimits.NONE;

    public Cgroups(Kernel kernel) {
        this.kernel = kernel;
        unified = new CgroupTree(kernel, 2, 0, "", 0);
        trees = List.of(unified);
    }

    /** Sets the container's limits, before its first process. */
    public void configure(CgroupLimits value) {
        limits = value;
        unified.root().configure(value.memory(), value.pids());
    }

    public CgroupLimits limits() {
        return limits;
    }

    public CgroupTree unified() {
        return unified;
    }

    public List<CgroupTree> trees() {
        return trees;
    }

    /** The hierarchy of version 1 with exactly these controllers, made when there is none; {@code label} names it. */
    public synchronized CgroupTree old(int controllers, String label) {
        int id = 0;
        for (CgroupTree t : trees) {
            if (t.version() == 1 && t.label().equals(label)) {
                return t;
            }
            id = Math.max(id, t.id());
        }
        CgroupTree made = new CgroupTree(kernel, 1, id + 1, label, controllers);
        made.root().configure(limits.memory(), limits.pids());
        List<CgroupTree> all = new ArrayList<>(trees);
        all.add(made);
        trees = List.copyOf(all);
        return made;
    }

    /** The hierarchy of version 1 that has {@code controller}, or null. */
    public CgroupTree oldWith(Controller controller) {
        for (CgroupTree t : trees) {
            if (t.version() == 1 && t.has(controller)) {
                return t;
            }
        }
        return null;
    }

    /** EAGAIN when {@code parent}'s groups may have no further task. */
    public void requireRoom(ThreadGroup parent) throws ErrnoException {
        for (CgroupTree t : trees) {
            if (t.limited()) {
                t.of(parent).requireRoom();
            }
        }
    }

    /** {@code child} is in {@code parent}'s groups. */
    public void inherit(ThreadGroup parent, ThreadGroup child) {
        for (CgroupTree t : trees) {
            t.inherit(parent, child);
        }
    }
}
