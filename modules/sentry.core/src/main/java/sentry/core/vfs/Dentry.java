package sentry.core.vfs;

import java.util.concurrent.ConcurrentHashMap;

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
    /** How many mounts have this as their mount point; zero lets the walk skip the mount table. */
    volatile int mountpoints;
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
            c.put(child.name, new Dentry(this, child.name, null));
        } else {
            c.remove(child.name, child);
        }
    }

    /** After rename: moves this dentry below {@code newParent} as {@code newName}. The rename lock is held. */
    public void move(Dentry newParent, String newName) {
        parent.drop(this);
        Dentry replaced = newParent.child(newName);
        if (replaced != null) {
            replaced.unlinked = true;
        }
        parent = newParent;
        name = newName;
        newParent.childrenForWriting().put(newName, this);
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
