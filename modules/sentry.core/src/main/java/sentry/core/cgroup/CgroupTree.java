package sentry.core.cgroup;

import java.util.Map;
import java.util.WeakHashMap;
import sentry.core.kernel.Kernel;
import sentry.core.task.ThreadGroup;

/** One hierarchy. Its monitor guards its groups and who is in them. */
public final class CgroupTree {
    private final Kernel kernel;
    private final int version;
    /** What /proc/PID/cgroup calls it: its number and, in version 1, its controllers. */
    private final int id;

    private final String label;
    private final int controllers;
    private final Cgroup root = new Cgroup(this, null, "");
    /** Who is not in the root. Guarded by this. */
    private final Map<ThreadGroup, Cgroup> members = new WeakHashMap<>();

    private volatile boolean moved;
    private volatile boolean limitsTasks;

    CgroupTree(Kernel kernel, int version, int id, String label, int controllers) {
        this.kernel = kernel;
        this.version = version;
        this.id = id;
        this.label = label;
        this.controllers = controllers;
    }

    public Kernel kernel() {
        return kernel;
    }

    /** 1 or 2. */
    public int version() {
        return version;
    }

    public int id() {
        return id;
    }

    public String label() {
        return label;
    }

    /** Whether version 1 was mounted with {@code controller}. */
    public boolean has(Controller controller) {
        return (controllers & controller.bit()) != 0;
    }

    public Cgroup root() {
        return root;
    }

    /** Where {@code process} is. */
    public Cgroup of(ThreadGroup process) {
        if (!moved) {
            return root;
        }
        synchronized (this) {
            Cgroup c = members.get(process);
            return c == null ? root : c;
        }
    }

    /** Under the monitor. */
    void move(ThreadGroup process, Cgroup to) {
        if (to == root) {
            members.remove(process);
        } else {
            members.put(process, to);
            moved = true;
        }
    }

    /** A new process begins where its parent is. */
    void inherit(ThreadGroup from, ThreadGroup to) {
        if (moved) {
            synchronized (this) {
                move(to, of(from));
            }
        }
    }

    void limitsTasks() {
        limitsTasks = true;
    }

    boolean limited() {
        return limitsTasks;
    }
}
