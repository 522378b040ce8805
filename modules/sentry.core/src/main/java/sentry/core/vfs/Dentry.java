package sentry.core.vfs;

import java.util.Arrays;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A name in a filesystem's tree: positive (with an inode) or negative (known not to exist). Shared by all mounts of the
 * filesystem. {@code parent} and {@code name} change only under the filesystem's rename lock.
 */
public final class Dentry {
    private volatile Dentry parent;
    private volatile String name;
    private volatile Inode inode;
    /** Made on first use. */
    private volatile ConcurrentHashMap<String, Dentry> children;
    private static final Mount[] NO_MOUNTS = {};
    /** Negative children kept at most; a program could fill the Sentry's memory by asking for names that are not there. */
    private static final int NEGATIVE_LIMIT = 4096;

    /** Mounts on this dentry, of whatever parent mount; empty lets the walk go on at once. Guarded by the mount lock. */
    private volatile Mount[] mounts = NO_MOUNTS;
    /** About how many of the children are negative. */
    private final AtomicInteger negatives = new AtomicInteger();
    /** Taken out of the tree by unlink, rmdir or rename over it. */
    private volatile boolean unlinked;

    public Dentry(Dentry parent, String name, Inode inode) {
        this.parent = parent == null ? this : parent;
        this.name = name;
        this.inode = inode;
    }

    /** A root dentry: its own parent. */
    public static Dentry root(Inode inode) {
        return new Dentry(null, "/", inode);
    }

    public Dentry parent() {
        return parent;
    }

    public boolean isRoot() {
        return parent == this;
    }

    public String name() {
        return name;
    }

    /** Null for a negative dentry. */
    public Inode inode() {
        return inode;
    }

    public boolean unlinked() {
        return unlinked;
    }

    /** The cached child, positive or negative, or null when nothing is known. */
    public Dentry child(String childName) {
        ConcurrentHashMap<String, Dentry> c = children;
        return c == null ? null : c.get(childName);
    }

    /** Caches {@code childInode} (null: the name does not exist) under {@code childName}; an existing entry wins. */
    public Dentry cache(String childName, Inode childInode) {
        ConcurrentHashMap<String, Dentry> c = childrenForWriting();
        if (childInode == null) {
            countNegative(c);
        }
        Dentry fresh = new Dentry(this, childName, childInode);
        Dentry old = c.putIfAbsent(childName, fresh);
        return old == null ? fresh : old;
    }

    /** Makes a negative child positive, or caches a new positive one, after creation. */
    public Dentry instantiate(String childName, Inode childInode) {
        Dentry fresh = new Dentry(this, childName, childInode);
        childrenForWriting().put(childName, fresh);
        return fresh;
    }

    /** Forgets what is known of {@code child}. */
    public void drop(Dentry child) {
        ConcurrentHashMap<String, Dentry> c = children;
        if (c != null) {
            c.remove(child.name, child);
        }
    }

    /** After unlink or rmdir: takes the child out of the tree and remembers that the name is free. */
    public void unlinkChild(Dentry child, boolean rememberNegative) {
        child.unlinked = true;
        ConcurrentHashMap<String, Dentry> c = childrenForWriting();
        if (rememberNegative) {
            countNegative(c);
            c.put(child.name, new Dentry(this, child.name, null));
        } else {
            c.remove(child.name, child);
        }
    }

    /** After rename: moves this dentry below {@code newParent} as {@code newName}. The rename lock is held. */
    public void move(Dentry newParent, String newName) {
        // A negative entry stays behind, so that a look-up of the old name that is under way cannot bring it back.
        parent.childrenForWriting().replace(name, this, new Dentry(parent, name, null));
        Dentry replaced = newParent.child(newName);
        if (replaced != null && replaced != this) {
            replaced.unlinked = true;
        }
        parent = newParent;
        name = newName;
        newParent.childrenForWriting().put(newName, this);
    }

    /** After rename with RENAME_EXCHANGE: this dentry and {@code other} change places. The rename lock is held. */
    public void exchange(Dentry other) {
        Dentry otherParent = other.parent;
        String otherName = other.name;
        other.parent = parent;
        other.name = name;
        parent = otherParent;
        name = otherName;
        other.parent.childrenForWriting().put(other.name, other);
        parent.childrenForWriting().put(name, this);
    }

    /** A file without a name (O_TMPFILE) that was opened by way of {@code directory}: in no cache. */
    public static Dentry nameless(Dentry directory, String label, Inode inode) {
        Dentry d = new Dentry(directory, label, inode);
        d.unlinked = true;
        return d;
    }

    // Mounts.

    /** The mount whose mount point is this dentry in {@code parentMount}, or null. */
    Mount mounted(Mount parentMount) {
        Mount[] m = mounts;
        for (Mount candidate : m) {
            VfsPath point = candidate.mountpoint;
            if (point != null && point.mount() == parentMount) {
                return candidate;
            }
        }
        return null;
    }

    /** Whether something is mounted here, by whatever way one comes here. */
    public boolean isMountpoint() {
        return mounts.length != 0;
    }

    void addMount(Mount mount) {
        Mount[] grown = Arrays.copyOf(mounts, mounts.length + 1);
        grown[mounts.length] = mount;
        mounts = grown;
    }

    void removeMount(Mount mount) {
        Mount[] left = new Mount[mounts.length - 1];
        int n = 0;
        for (Mount m : mounts) {
            if (m != mount) {
                left[n++] = m;
            }
        }
        mounts = left.length == 0 ? NO_MOUNTS : left;
    }

    /** Whether {@code other} is this dentry or below it. */
    public boolean contains(Dentry other) {
        for (Dentry d = other; ; d = d.parent) {
            if (d == this) {
                return true;
            }
            if (d.isRoot()) {
                return false;
            }
        }
    }

    /** Nothing refers to a negative dentry but this cache, so they may go at any time. */
    private void countNegative(ConcurrentHashMap<String, Dentry> c) {
        if (negatives.incrementAndGet() > NEGATIVE_LIMIT) {
            negatives.set(0);
            for (Dentry d : c.values()) {
                if (d.inode == null) {
                    c.remove(d.name, d);
                }
            }
        }
    }

    private ConcurrentHashMap<String, Dentry> childrenForWriting() {
        ConcurrentHashMap<String, Dentry> c = children;
        if (c == null) {
            synchronized (this) {
                c = children;
                if (c == null) {
                    c = new ConcurrentHashMap<>(8);
                    children = c;
                }
            }
        }
        return c;
    }
}
