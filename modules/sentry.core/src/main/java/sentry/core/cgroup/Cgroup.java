package sentry.core.cgroup;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.kernel.OutOfMemory;
import sentry.core.memory.MemoryManager;
import sentry.core.task.Task;
import sentry.core.task.ThreadGroup;

/** One control group. */
public final class Cgroup {
    /** No limit. */
    public static final long MAX = Long.MAX_VALUE;

    private final CgroupTree tree;
    private final Cgroup parent;
    private final String name;
    /** Guarded by the tree, as are {@link #removed} and {@link #delegated}. */
    private final Map<String, Cgroup> children = new TreeMap<>();

    private boolean removed;
    /** The controllers that children have: bits of {@link Controller}. */
    private int delegated;

    private volatile long memoryMax = MAX;
    private volatile long pidsMax = MAX;
    private boolean watched;
    private long memoryPeak;
    private long pidsPeak;
    private final AtomicLong pidsRefused = new AtomicLong();
    private final AtomicLong memoryKills = new AtomicLong();

    Cgroup(CgroupTree tree, Cgroup parent, String name) {
        this.tree = tree;
        this.parent = parent;
        this.name = name;
    }

    public CgroupTree tree() {
        return tree;
    }

    public Cgroup parent() {
        return parent;
    }

    public boolean isRoot() {
        return parent == null;
    }

    public String name() {
        return name;
    }

    /** "/" or "/name/name". */
    public String path() {
        if (parent == null) {
            return "/";
        }
        return parent.parent == null ? "/" + name : parent.path() + "/" + name;
    }

    /** Whether {@code other} is this group or inside of it. */
    boolean contains(Cgroup other) {
        for (Cgroup c = other; c != null; c = c.parent) {
            if (c == this) {
                return true;
            }
        }
        return false;
    }

    // The tree.

    public List<Cgroup> children() {
        synchronized (tree) {
            return new ArrayList<>(children.values());
        }
    }

    public Cgroup child(String childName) {
        synchronized (tree) {
            return children.get(childName);
        }
    }

    /** A new group in this one. ENODEV when this one has been removed. */
    public Cgroup make(String childName) throws ErrnoException {
        synchronized (tree) {
            if (removed) {
                throw Errno.ENODEV.error();
            }
            if (children.containsKey(childName)) {
                throw Errno.EEXIST.error();
            }
            Cgroup child = new Cgroup(tree, this, childName);
            children.put(childName, child);
            return child;
        }
    }

    /** Removes this group. EBUSY when it has groups or processes in it. */
    public void remove() throws ErrnoException {
        List<ThreadGroup> members = members(false);
        synchronized (tree) {
            if (parent == null || !children.isEmpty() || !members.isEmpty()) {
                throw Errno.EBUSY.error();
            }
            removed = true;
            parent.children.remove(name);
        }
    }

    public boolean removed() {
        synchronized (tree) {
            return removed;
        }
    }

    /** How many groups are inside, at any depth. */
    public int descendants() {
        synchronized (tree) {
            int n = children.size();
            for (Cgroup c : children.values()) {
                n += c.descendants();
            }
            return n;
        }
    }

    // Controllers.

    /** Whether this group has {@code controller}: its parent gave it. */
    public boolean has(Controller controller) {
        if (tree.version() == 1) {
            return tree.has(controller);
        }
        synchronized (tree) {
            return parent == null || (parent.delegated & controller.bit()) != 0;
        }
    }

    public boolean delegates(Controller controller) {
        synchronized (tree) {
            return (delegated & controller.bit()) != 0;
        }
    }

    /** cgroup.subtree_control: gives {@code add} to the children and takes {@code drop} away. */
    public void delegate(int add, int drop) throws ErrnoException {
        List<ThreadGroup> members = parent == null ? List.of() : members(false);
        synchronized (tree) {
            for (Controller c : Controller.values()) {
                if ((add & c.bit()) != 0) {
                    if (!has(c)) {
                        throw Errno.ENOENT.error();
                    }
                    if (!c.delegated()) {
                        throw Errno.EOPNOTSUPP.error(); // it cannot be applied to a part of the container
                    }
                }
                for (Cgroup child : children.values()) {
                    if ((drop & c.bit()) != 0 && child.delegates(c)) {
                        throw Errno.EBUSY.error();
                    }
                }
            }
            int now = delegated & ~drop | add;
            if (now != 0 && delegated == 0 && !members.isEmpty()) {
                throw Errno.EBUSY.error(); // processes are only in leaves
            }
            delegated = now;
        }
    }

    // Members.

    /** The processes in this group; {@code deep}: also those in groups inside. */
    public List<ThreadGroup> members(boolean deep) {
        List<ThreadGroup> list = new ArrayList<>();
        for (ThreadGroup g : tree.kernel().tasks().rootPids().processes()) {
            Cgroup at = tree.of(g);
            if (at == this || deep && contains(at)) {
                list.add(g);
            }
        }
        return list;
    }

    /** Moves a process here. */
    public void add(ThreadGroup process) throws ErrnoException {
        synchronized (tree) {
            if (removed) {
                throw Errno.ENODEV.error();
            }
            if (tree.version() == 2 && parent != null && delegated != 0) {
                throw Errno.EBUSY.error();
            }
            tree.move(process, this);
        }
    }

    public boolean populated() {
        for (ThreadGroup g : members(true)) {
            if (!g.zombie()) {
                return true;
            }
        }
        return false;
    }

    // Tasks.

    public long pids() {
        long n = 0;
        for (ThreadGroup g : members(true)) {
            n += Math.max(1, g.tasks().size());
        }
        synchronized (tree) {
            pidsPeak = Math.max(pidsPeak, n);
        }
        return n;
    }

    public long pidsPeak() {
        pids();
        synchronized (tree) {
            return pidsPeak;
        }
    }

    public long pidsMax() {
        return pidsMax;
    }

    public void setPidsMax(long value) {
        pidsMax = value;
        if (value != MAX) {
            tree.limitsTasks();
        }
    }

    public long pidsRefused() {
        return pidsRefused.get();
    }

    /** EAGAIN when this group or one around it may have no further task. */
    void requireRoom() throws ErrnoException {
        for (Cgroup c = this; c != null; c = c.parent) {
            if (c.pidsMax != MAX && c.pids() >= c.pidsMax) {
                c.pidsRefused.incrementAndGet();
                throw Errno.EAGAIN.error();
            }
        }
    }

    // Memory.

    /** Bytes in use. */
    public long memory() {
        long n = 0;
        if (parent == null) {
            n = tree.kernel().memory().residentBytes();
        } else {
            Map<MemoryManager, Boolean> seen = new IdentityHashMap<>();
            for (ThreadGroup g : members(true)) {
                for (Task t : g.tasks()) {
                    MemoryManager mm = t.mm();
                    if (mm != null && seen.put(mm, true) == null) {
                        n += mm.residentBytes();
                    }
                    break;
                }
            }
        }
        synchronized (tree) {
            memoryPeak = Math.max(memoryPeak, n);
        }
        return n;
    }

    public long memoryPeak() {
        memory();
        synchronized (tree) {
            return memoryPeak;
        }
    }

    public void resetMemoryPeak() {
        synchronized (tree) {
            memoryPeak = 0;
        }
    }

    public long memoryMax() {
        return memoryMax;
    }

    /** The limit of config.json, that the container's own watch keeps. */
    void configure(long memory, long pids) {
        memoryMax = memory == 0 ? MAX : memory;
        if (pids != 0) {
            setPidsMax(pids);
        }
    }

    public void setMemoryMax(long value) {
        memoryMax = value;
        synchronized (tree) {
            if (watched || value == MAX) {
                return;
            }
            watched = true;
        }
        OutOfMemory.watch(tree.kernel(), this);
    }

    public long memoryKills() {
        return memoryKills.get();
    }

    /** A process was killed because of this group's limit. */
    public void memoryKilled() {
        memoryKills.incrementAndGet();
    }

    // Processors.

    /** Nanoseconds in programs. */
    public long userNanos() {
        long n = 0;
        for (ThreadGroup g : members(true)) {
            n += g.userNanos();
        }
        return n;
    }

    /** Nanoseconds in the kernel. */
    public long systemNanos() {
        long n = 0;
        for (ThreadGroup g : members(true)) {
            n += g.systemNanos();
        }
        return n;
    }
}
