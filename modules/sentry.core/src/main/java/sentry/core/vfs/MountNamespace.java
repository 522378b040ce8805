package sentry.core.vfs;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import sentry.core.abi.DeviceNumber;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.FileMode;
import sentry.core.abi.MountFlags;
import sentry.core.kernel.Kernel;
import sentry.core.task.Namespace;
import sentry.core.task.Task;
import sentry.core.task.ThreadGroup;
import sentry.core.task.UserNamespace;

/**
 * The mount tree that a set of tasks sees (mount_namespaces(7)). {@link #TABLE} guards attaching and detaching; a path walk
 * takes no lock and sees a mount or not.
 */
public final class MountNamespace extends Namespace {
    /** Mount flags that a mount keeps; the others of mount(2) say what to do. */
    private static final int KEPT = MountFlags.MS_RDONLY
            | MountFlags.MS_NOSUID
            | MountFlags.MS_NODEV
            | MountFlags.MS_NOEXEC
            | MountFlags.MS_SYNCHRONOUS
            | MountFlags.MS_DIRSYNC
            | MountFlags.MS_MANDLOCK
            | MountFlags.MS_NOATIME
            | MountFlags.MS_NODIRATIME
            | MountFlags.MS_RELATIME
            | MountFlags.MS_NOSYMFOLLOW;

    /** Flags of which a mount has one or none (MS_STRICTATIME: none). */
    private static final int ATIME = MountFlags.MS_NOATIME | MountFlags.MS_NODIRATIME | MountFlags.MS_RELATIME;

    /** Flags that a less privileged namespace may add, not take off. */
    private static final int LOCKABLE =
            MountFlags.MS_RDONLY | MountFlags.MS_NOSUID | MountFlags.MS_NODEV | MountFlags.MS_NOEXEC;

    /** Guards all namespaces' trees: attaching, detaching, propagation (Linux: namespace_sem). */
    static final Object TABLE = new Object();

    private static final AtomicInteger NEXT_ID = new AtomicInteger(20);
    /** Mounts of one namespace at most (Linux: sysctl fs.mount-max). */
    private static final int LIMIT = 100_000;

    /** Tasks in it, open files of it, and whoever makes it, until that is done. */
    private final AtomicInteger users = new AtomicInteger(1);

    private volatile VfsPath root;
    /** In the order of mounting, the root first. Guarded by {@link #TABLE}. */
    private final Set<Mount> mounts = new LinkedHashSet<>();

    /** A namespace whose root is all of {@code fileSystem}. */
    public MountNamespace(FileSystem fileSystem, String source, int flags) {
        super(UserNamespace.INITIAL);
        Mount mount = make(fileSystem, fileSystem.rootDentry(), source, flags);
        register(mount);
        root = new VfsPath(mount, mount.root());
    }

    private MountNamespace(UserNamespace owner) {
        super(owner);
    }

    private static Mount make(FileSystem fileSystem, Dentry tree, String source, int flags) {
        return new Mount(NEXT_ID.incrementAndGet(), fileSystem, tree, source, flags & KEPT);
    }

    private void register(Mount mount) {
        mounts.add(mount);
        mount.namespace = this;
    }

    @Override
    public Kind kind() {
        return Kind.MNT;
    }

    public void retain() {
        users.incrementAndGet();
    }

    /** With the last user all mounts go: nobody can get here any more. */
    public void release() {
        if (users.decrementAndGet() != 0) {
            return;
        }
        List<Mount> going;
        synchronized (TABLE) {
            going = new ArrayList<>(mounts);
            for (Mount m : going) {
                takeOut(m);
            }
        }
        for (Mount m : going) {
            m.fileSystem().unmounted();
        }
    }

    private static void takeOut(Mount m) {
        if (m.mountpoint != null) {
            detach(m);
        }
        PeerGroup.isolate(m);
        if (m.namespace != null) {
            m.namespace.mounts.remove(m);
            m.namespace = null;
        }
    }

    public VfsPath root() {
        return root;
    }

    /** A copy for unshare(2) and clone(2) with CLONE_NEWNS. {@code moved} learns which mount became which. */
    public MountNamespace copy(UserNamespace owner, Map<Mount, Mount> moved) {
        MountNamespace copy = new MountNamespace(owner);
        boolean lesser = owner != owner();
        synchronized (TABLE) {
            for (Mount m : mounts) {
                Mount twin = make(m.fileSystem(), m.root(), m.source(), m.flags);
                PeerGroup.inherit(twin, m, lesser);
                twin.unbindable = m.unbindable;
                twin.locked = m.locked || lesser && m.mountpoint != null;
                twin.lockedFlags = m.lockedFlags | (lesser ? m.flags & LOCKABLE | ATIME : 0);
                moved.put(m, twin);
                copy.register(twin);
                m.fileSystem().mountedAgain();
            }
            for (Mount m : mounts) {
                VfsPath point = m.mountpoint;
                if (point != null) {
                    attach(moved.get(m), new VfsPath(moved.get(point.mount()), point.dentry()));
                }
            }
            copy.root = new VfsPath(moved.get(root.mount()), root.dentry());
        }
        return copy;
    }

    /** Mounts a new filesystem at {@code at}; a directory goes on a directory, a file on a file. */
    public Mount mount(VfsPath at, FileSystem fileSystem, String source, int flags) throws ErrnoException {
        synchronized (TABLE) {
            VfsPath top = topmost(at);
            requirePlace(top, fileSystem.rootDentry(), 1);
            if (top.dentry() == top.mount().root() && top.mount().fileSystem() == fileSystem) {
                throw Errno.EBUSY.error();
            }
            Mount mount = make(fileSystem, fileSystem.rootDentry(), source, flags);
            graft(List.of(mount), top);
            return mount;
        }
    }

    /** A mount that is in no tree yet (fsmount(2)). */
    public static Mount nameless(FileSystem fileSystem, String source, int flags) {
        return make(fileSystem, fileSystem.rootDentry(), source, flags);
    }

    /** A mount that was in no tree, or was taken out of one, is given up, with what is mounted on it. */
    public static void discard(Mount top) {
        List<Mount> going;
        synchronized (TABLE) {
            if (top.namespace != null || top.mountpoint != null) {
                return;
            }
            going = tree(top);
            for (Mount m : going) {
                takeOut(m);
                m.mountpoint = null;
            }
        }
        for (Mount m : going) {
            m.fileSystem().unmounted();
        }
    }

    /** The mount and all on it, parents first. Mounts of detached trees are found by their mount points' dentries. */
    private static List<Mount> tree(Mount top) {
        List<Mount> found = new ArrayList<>();
        found.add(top);
        for (int i = 0; i < found.size(); i++) {
            found.addAll(found.get(i).children);
        }
        return found;
    }

    /** Bind mounts {@code what} at {@code at}; with {@code recursive}, also what is mounted below it. */
    public Mount bind(VfsPath what, VfsPath at, boolean recursive) throws ErrnoException {
        synchronized (TABLE) {
            requireBindable(what);
            VfsPath top = topmost(at);
            requirePlace(top, what.dentry(), 1);
            List<Mount> copy = copyTree(what, recursive);
            try {
                requirePlace(top, what.dentry(), copy.size());
            } catch (ErrnoException e) {
                drop(copy);
                throw e;
            }
            graft(copy, top);
            return copy.getFirst();
        }
    }

    /** open_tree(2) with OPEN_TREE_CLONE: a copy that is in no tree. */
    public Mount clone(VfsPath what, boolean recursive) throws ErrnoException {
        synchronized (TABLE) {
            requireBindable(what);
            return copyTree(what, recursive).getFirst();
        }
    }

    private void requireBindable(VfsPath what) throws ErrnoException {
        // A namespace's file is in no tree, and yet it may be mounted: that keeps the namespace.
        boolean ours = what.mount().namespace == this || what.mount().fileSystem().type().equals("nsfs");
        if (!ours || what.mount().unbindable) {
            throw Errno.EINVAL.error();
        }
    }

    private static void drop(List<Mount> copy) {
        for (Mount m : copy) {
            takeOut(m);
            m.mountpoint = null;
            m.fileSystem().unmounted();
        }
    }

    /** A copy of {@code what}, its mounts attached to each other, parents first; they are in no namespace yet. */
    private List<Mount> copyTree(VfsPath what, boolean recursive) {
        Mount origin = what.mount();
        List<Mount> copies = new ArrayList<>();
        Mount top = twin(origin, what.dentry());
        copies.add(top);
        if (recursive) {
            copyChildren(origin, what.dentry(), top, copies);
        }
        return copies;
    }

    private static void copyChildren(Mount from, Dentry below, Mount to, List<Mount> copies) {
        for (Mount child : new ArrayList<>(from.children)) {
            if (child.unbindable || !below.contains(child.mountpoint.dentry())) {
                continue;
            }
            Mount copy = twin(child, child.root());
            attach(copy, new VfsPath(to, child.mountpoint.dentry()));
            copies.add(copy);
            copyChildren(child, child.root(), copy, copies);
        }
    }

    private static Mount twin(Mount original, Dentry tree) {
        Mount copy = make(original.fileSystem(), tree, original.source(), original.flags);
        copy.lockedFlags = original.lockedFlags;
        copy.locked = original.locked;
        PeerGroup.inherit(copy, original, false);
        original.fileSystem().mountedAgain();
        return copy;
    }

    /** Attaches a tree that is in no namespace, and its copies wherever the place propagates to. */
    private void graft(List<Mount> tree, VfsPath at) {
        Mount top = tree.getFirst();
        if (at.mount().group != null) {
            for (Mount m : tree) {
                PeerGroup.share(m);
            }
        }
        top.locked = false;
        attach(top, at);
        for (Mount m : tree) {
            register(m);
        }
        if (at.mount().group != null) {
            spread(at.mount().group, at.mount(), at.dentry(), tree, new HashSet<>());
        }
    }

    /** Copies of {@code model} go to the group's members but {@code origin}, and to all who receive from them. */
    private static void spread(PeerGroup group, Mount origin, Dentry at, List<Mount> model, Set<PeerGroup> seen) {
        seen.add(group);
        for (Mount m : new ArrayList<>(group.members)) {
            if (m != origin) {
                place(m, at, model, true);
            }
        }
        for (Mount slave : new ArrayList<>(group.slaves)) {
            PeerGroup own = slave.group;
            if (own == null) {
                place(slave, at, model, false);
            } else if (!seen.contains(own)) {
                List<Mount> first = null;
                Mount taker = null;
                for (Mount m : own.members) {
                    first = place(m, at, model, false);
                    if (first != null) {
                        taker = m;
                        break;
                    }
                }
                if (first != null) {
                    for (Mount m : first) {
                        PeerGroup.share(m);
                    }
                    spread(own, taker, at, first, seen);
                } else {
                    spread(own, null, at, model, seen);
                }
            }
        }
    }

    /** Attaches a copy of {@code model} to {@code to}; null when that does not show the place. */
    private static List<Mount> place(Mount to, Dentry at, List<Mount> model, boolean peer) {
        if (!to.root().contains(at) || to.namespace == null) {
            return null;
        }
        Map<Mount, Mount> twins = new HashMap<>();
        List<Mount> copies = new ArrayList<>();
        for (Mount m : model) {
            if (m.unbindable) {
                continue;
            }
            Mount up = copies.isEmpty() ? null : twins.get(m.mountpoint.mount());
            if (up == null && !copies.isEmpty()) {
                continue; // below one that was left out
            }
            Mount copy = make(m.fileSystem(), m.root(), m.source(), m.flags);
            copy.lockedFlags = m.lockedFlags;
            m.fileSystem().mountedAgain();
            if (peer) {
                PeerGroup.accompany(copy, m);
            } else {
                PeerGroup.follow(copy, m);
            }
            twins.put(m, copy);
            attach(copy, up == null ? topmost(new VfsPath(to, at)) : new VfsPath(up, m.mountpoint.dentry()));
            to.namespace.register(copy);
            copies.add(copy);
        }
        return copies;
    }

    /** mount(2) with MS_MOVE, and move_mount(2): also a tree that is in no namespace is put into this one. */
    public void move(VfsPath from, VfsPath at) throws ErrnoException {
        synchronized (TABLE) {
            Mount mount = from.mount();
            boolean attached = mount.mountpoint != null;
            if (from.dentry() != mount.root() || attached && mount.namespace != this || !attached && mount.namespace != null) {
                throw Errno.EINVAL.error();
            }
            VfsPath top = topmost(at);
            if (top.mount().namespace != this || attached && mount.locked) {
                throw Errno.EINVAL.error();
            }
            List<Mount> tree = tree(mount);
            if (FileMode.isDirectory(top.inode().mode()) != FileMode.isDirectory(mount.root().inode().mode())) {
                throw Errno.EINVAL.error();
            }
            requirePlace(top, mount.root(), attached ? 0 : tree.size());
            if (attached && mount.mountpoint.mount().group != null) {
                throw Errno.EINVAL.error();
            }
            if (top.mount().group != null) {
                for (Mount m : tree) {
                    if (m.unbindable) {
                        throw Errno.EINVAL.error();
                    }
                }
            }
            for (Mount up = top.mount(); ; up = up.mountpoint.mount()) {
                if (up == mount) {
                    throw Errno.ELOOP.error();
                }
                if (up.mountpoint == null) {
                    break;
                }
            }
            if (!attached) {
                graft(tree, top);
                return;
            }
            detach(mount);
            attach(mount, top);
            if (top.mount().group != null) {
                for (Mount m : tree) {
                    PeerGroup.share(m);
                }
                spread(top.mount().group, top.mount(), top.dentry(), tree, new HashSet<>());
            }
        }
    }

    /**
     * Changes a mount's flags: MS_REMOUNT with MS_BIND.
     *
     * @throws ErrnoException EBUSY when it becomes read-only while files are open for writing; EPERM for flags that a more
     *     privileged namespace has set
     */
    public void remount(VfsPath at, int flags) throws ErrnoException {
        synchronized (TABLE) {
            Mount mount = requireMount(at);
            change(mount, remounted(mount, flags));
        }
    }

    /** Without any word about access times they stay as they are. */
    private static int remounted(Mount mount, int flags) {
        int wanted = flags & KEPT;
        if ((flags & (ATIME | MountFlags.MS_STRICTATIME)) == 0) {
            return wanted | mount.flags & ATIME;
        }
        return (flags & MountFlags.MS_NOATIME) == 0 && (flags & MountFlags.MS_STRICTATIME) == 0
                ? wanted | MountFlags.MS_RELATIME
                : wanted & ~MountFlags.MS_RELATIME;
    }

    private static void change(Mount mount, int wanted) throws ErrnoException {
        int locked = mount.lockedFlags;
        if ((locked & mount.flags & LOCKABLE & ~wanted) != 0
                || locked != 0 && (locked & ATIME) != 0 && (wanted & ATIME) != (mount.flags & ATIME)) {
            throw Errno.EPERM.error();
        }
        if ((wanted & ~mount.flags & MountFlags.MS_RDONLY) != 0 && mount.hasWriters()) {
            throw Errno.EBUSY.error();
        }
        mount.flags = wanted;
    }

    /** MS_REMOUNT alone: the filesystem's options and the mount's flags. */
    public void remount(VfsPath at, int flags, String data) throws ErrnoException {
        synchronized (TABLE) {
            Mount mount = requireMount(at);
            FileSystem fs = mount.fileSystem();
            boolean readOnly = (flags & MountFlags.MS_RDONLY) != 0;
            requireNoWriters(fs, readOnly);
            fs.remount(data);
            change(mount, remounted(mount, flags));
            fs.setMountedReadOnly(readOnly);
        }
    }

    /** EBUSY when the filesystem shall become read-only and someone writes it. */
    static void requireNoWriters(FileSystem fs, boolean readOnly) throws ErrnoException {
        if (readOnly && !fs.takesNoWrites()) {
            Task task = Kernel.current();
            if (task == null) {
                return;
            }
            for (Mount m : task.namespaces().mounts().mounts()) {
                if (m.fileSystem() == fs && m.hasWriters()) {
                    throw Errno.EBUSY.error();
                }
            }
        }
    }

    private Mount requireMount(VfsPath at) throws ErrnoException {
        Mount mount = at.mount();
        if (at.dentry() != mount.root() || mount.namespace != this) {
            throw Errno.EINVAL.error();
        }
        return mount;
    }

    /**
     * mount_setattr(2).
     *
     * @param set flags that are set, {@code clear} those that are taken off before
     * @param propagation an MS_ flag of propagation, or 0
     */
    public static void setAttributes(VfsPath at, int set, int clear, int propagation, boolean recursive) throws ErrnoException {
        synchronized (TABLE) {
            Mount top = at.mount();
            if (at.dentry() != top.root()) {
                throw Errno.EINVAL.error();
            }
            List<Mount> all = recursive ? tree(top) : List.of(top);
            for (Mount m : all) { // first whether all can: it is done to all or none
                int wanted = m.flags & ~clear | set;
                int was = m.flags;
                change(m, wanted);
                m.flags = was;
            }
            for (Mount m : all) {
                change(m, m.flags & ~clear | set);
                if (propagation != 0) {
                    propagate(m, propagation);
                }
            }
        }
    }

    /** MS_SHARED, MS_SLAVE, MS_PRIVATE or MS_UNBINDABLE, for the mount or for all below it as well. */
    public void setPropagation(VfsPath at, int type, boolean recursive) throws ErrnoException {
        synchronized (TABLE) {
            Mount top = requireMount(at);
            for (Mount m : recursive ? tree(top) : List.of(top)) {
                propagate(m, type);
            }
        }
    }

    private static void propagate(Mount m, int type) {
        switch (type) {
            case MountFlags.MS_SHARED -> PeerGroup.share(m);
            case MountFlags.MS_SLAVE -> {
                PeerGroup.enslave(m);
                m.unbindable = false;
            }
            default -> {
                PeerGroup.isolate(m);
                m.unbindable = type == MountFlags.MS_UNBINDABLE;
            }
        }
    }

    /**
     * umount2(2) of the mount whose root is {@code at}.
     *
     * @param flags MNT_DETACH takes it out of the tree although it is in use; MNT_EXPIRE only at the second time
     */
    public void unmount(VfsPath at, int flags) throws ErrnoException {
        List<Mount> going;
        synchronized (TABLE) {
            Mount mount = requireMount(at);
            if (mount.locked) {
                throw Errno.EINVAL.error();
            }
            boolean lazily = (flags & MountFlags.MNT_DETACH) != 0;
            if (mount.mountpoint == null) {
                throw (lazily || (flags & MountFlags.MNT_EXPIRE) != 0 ? Errno.EINVAL : Errno.EBUSY).error();
            }
            going = new ArrayList<>(tree(mount));
            if (!lazily) {
                boolean busy = inUse(mount);
                if ((flags & MountFlags.MNT_EXPIRE) != 0) {
                    if (busy || going.size() > 1) {
                        throw Errno.EBUSY.error();
                    }
                    if (!mount.expiring) {
                        mount.expiring = true;
                        throw Errno.EAGAIN.error();
                    }
                }
                if (busy || going.size() > 1) {
                    throw Errno.EBUSY.error();
                }
                for (Mount mirror : mirrors(mount)) {
                    if (mirror.children.isEmpty() && inUse(mirror)) {
                        throw Errno.EBUSY.error();
                    }
                }
            }
            for (int i = going.size() - 1; i >= 0; i--) {
                Mount m = going.get(i);
                List<Mount> mirrors = mirrors(m);
                takeOut(m);
                for (Mount mirror : mirrors) {
                    if (mirror.children.isEmpty() && !going.contains(mirror)) {
                        takeOut(mirror);
                        going.add(mirror);
                    }
                }
            }
            for (Mount m : going) {
                m.mountpoint = null;
            }
        }
        for (Mount m : going) {
            m.fileSystem().unmounted();
        }
    }

    /** What is mounted at the place of {@code mount} on the mounts that hear of its going. */
    private static List<Mount> mirrors(Mount mount) {
        VfsPath point = mount.mountpoint;
        List<Mount> found = new ArrayList<>();
        for (Mount receiver : PeerGroup.receivers(point.mount())) {
            Mount on = point.dentry().mounted(receiver);
            if (on != null && on != mount && on.namespace != null) {
                found.add(on);
            }
        }
        return found;
    }

    /** Whether a file of it is open, or is somebody's root or working directory. */
    private static boolean inUse(Mount mount) {
        if (mount.hasOpenFiles()) {
            return true;
        }
        for (FsContext fs : contexts()) {
            if (fs.root().mount() == mount || fs.cwd().mount() == mount) {
                return true;
            }
        }
        return false;
    }

    /** All roots and working directories. */
    private static Set<FsContext> contexts() {
        Set<FsContext> found = Collections.newSetFromMap(new IdentityHashMap<>());
        Task current = Kernel.current();
        if (current != null) {
            current.kernel().taskSet().lock();
            try {
                for (ThreadGroup g : current.kernel().tasks().rootPids().processes()) {
                    for (Task t : g.tasks()) {
                        if (t.fs() != null && !g.zombie()) {
                            found.add(t.fs());
                        }
                    }
                }
            } finally {
                current.kernel().taskSet().unlock();
            }
        }
        return found;
    }

    /**
     * pivot_root(2): {@code newRoot} becomes the root, the old root goes to {@code putOld} below it. Tasks whose root or
     * working directory is the old root go along.
     *
     * @param oldRoot the caller's root
     */
    public void pivot(VfsPath oldRoot, VfsPath newRoot, VfsPath putOld) throws ErrnoException {
        synchronized (TABLE) {
            Mount mount = newRoot.mount();
            Mount old = oldRoot.mount();
            boolean shared = putOld.mount().group != null
                    || mount.mountpoint != null && mount.mountpoint.mount().group != null
                    || old.mountpoint != null && old.mountpoint.mount().group != null;
            if (shared || mount.namespace != this || old.namespace != this || mount.locked) {
                throw Errno.EINVAL.error();
            }
            if (newRoot.dentry().unlinked()) {
                throw Errno.ENOENT.error();
            }
            if (mount == old || putOld.mount() == old) {
                throw Errno.EBUSY.error();
            }
            if (oldRoot.dentry() != old.root()
                    || newRoot.dentry() != mount.root()
                    || mount.mountpoint == null
                    || !Paths.reachable(putOld, newRoot)
                    || !Paths.reachable(newRoot, oldRoot)) {
                throw Errno.EINVAL.error();
            }
            VfsPath above = old.mountpoint;
            if (above != null) {
                detach(old);
            }
            detach(mount);
            if (above != null) {
                attach(mount, above);
            } else {
                mount.mountpoint = null;
                root = new VfsPath(mount, mount.root());
            }
            attach(old, topmost(putOld.equals(newRoot) ? new VfsPath(mount, mount.root()) : putOld));
            VfsPath now = new VfsPath(mount, mount.root());
            for (FsContext fs : contexts()) {
                if (fs.root().equals(oldRoot)) {
                    fs.setRoot(now);
                }
                if (fs.cwd().equals(oldRoot)) {
                    fs.setCwd(now);
                }
            }
        }
    }

    /** The mounts as seen now, parents first. */
    public List<Mount> mounts() {
        synchronized (TABLE) {
            return new ArrayList<>(mounts);
        }
    }

    private static VfsPath topmost(VfsPath at) {
        VfsPath top = at;
        for (Mount on = top.dentry().mounted(top.mount()); on != null; on = top.dentry().mounted(top.mount())) {
            top = new VfsPath(on, on.root());
        }
        return top;
    }

    private void requirePlace(VfsPath at, Dentry tree, int more) throws ErrnoException {
        if (at.mount().namespace != this) {
            throw Errno.EINVAL.error();
        }
        if (mounts.size() + more > LIMIT) {
            throw Errno.ENOSPC.error();
        }
        if (at.dentry().unlinked()) {
            throw Errno.ENOENT.error();
        }
        if (FileMode.isDirectory(at.inode().mode()) != FileMode.isDirectory(tree.inode().mode())) {
            throw Errno.ENOTDIR.error();
        }
    }

    private static void detach(Mount mount) {
        VfsPath point = mount.mountpoint;
        point.mount().children.remove(mount);
        point.dentry().removeMount(mount);
    }

    private static void attach(Mount mount, VfsPath at) {
        mount.mountpoint = at;
        at.mount().children.add(mount);
        at.dentry().addMount(mount);
    }

    // Text for /proc.

    /** /proc/PID/mounts (fstab(5)) for a task whose root is {@code taskRoot}. */
    public String mountsText(VfsPath taskRoot) {
        StringBuilder b = new StringBuilder();
        for (Mount m : mounts()) {
            VfsPath place = new VfsPath(m, m.root());
            if (!Paths.reachable(place, taskRoot)) {
                continue;
            }
            escape(b, m.source()).append(' ');
            escape(b, Paths.of(place, taskRoot)).append(' ').append(m.fileSystem().type()).append(' ');
            b.append(Permissions.readOnly(m) ? "ro" : "rw");
            flagNames(b, m.flags);
            superOptions(b, m.fileSystem());
            b.append(" 0 0\n");
        }
        return b.toString();
    }

    /** /proc/PID/mountinfo (proc(5)) for a task whose root is {@code taskRoot}. */
    public String mountinfoText(VfsPath taskRoot) {
        StringBuilder b = new StringBuilder();
        for (Mount m : mounts()) {
            VfsPath place = new VfsPath(m, m.root());
            if (!Paths.reachable(place, taskRoot)) {
                continue;
            }
            VfsPath point = m.mountpoint;
            long dev = m.fileSystem().dev();
            b.append(m.id()).append(' ').append(point == null ? 1 : point.mount().id()).append(' ');
            b.append(DeviceNumber.major(dev)).append(':').append(DeviceNumber.minor(dev)).append(' ');
            escape(b, Paths.within(m.root())).append(' ');
            escape(b, Paths.of(place, taskRoot)).append(' ');
            b.append((m.flags & MountFlags.MS_RDONLY) != 0 ? "ro" : "rw");
            flagNames(b, m.flags);
            propagationText(b, m, taskRoot);
            b.append(" - ").append(m.fileSystem().type()).append(' ');
            escape(b, m.source()).append(' ').append(m.fileSystem().takesNoWrites() ? "ro" : "rw");
            superOptions(b, m.fileSystem());
            b.append('\n');
        }
        return b.toString();
    }

    private void propagationText(StringBuilder b, Mount m, VfsPath taskRoot) {
        synchronized (TABLE) {
            if (m.group != null) {
                b.append(" shared:").append(m.group.id());
            }
            if (m.master != null) {
                b.append(" master:").append(m.master.id());
                PeerGroup visible = m.master;
                while (visible != null && !seen(visible, taskRoot)) {
                    visible = visible.members.isEmpty() ? null : visible.members.getFirst().master;
                }
                if (visible != null && visible != m.master) {
                    b.append(" propagate_from:").append(visible.id());
                }
            }
            if (m.unbindable) {
                b.append(" unbindable");
            }
        }
    }

    private boolean seen(PeerGroup group, VfsPath taskRoot) {
        for (Mount m : group.members) {
            if (m.namespace == this && Paths.reachable(new VfsPath(m, m.root()), taskRoot)) {
                return true;
            }
        }
        return false;
    }

    private static void superOptions(StringBuilder b, FileSystem fs) {
        String options = fs.options();
        if (!options.isEmpty()) {
            b.append(',').append(options);
        }
    }

    private static void flagNames(StringBuilder b, int flags) {
        name(b, flags, MountFlags.MS_NOSUID, ",nosuid");
        name(b, flags, MountFlags.MS_NODEV, ",nodev");
        name(b, flags, MountFlags.MS_NOEXEC, ",noexec");
        name(b, flags, MountFlags.MS_NOATIME, ",noatime");
        name(b, flags, MountFlags.MS_NODIRATIME, ",nodiratime");
        name(b, flags, MountFlags.MS_RELATIME, ",relatime");
        name(b, flags, MountFlags.MS_NOSYMFOLLOW, ",nosymfollow");
    }

    private static void name(StringBuilder b, int flags, int flag, String text) {
        if ((flags & flag) != 0) {
            b.append(text);
        }
    }

    /** Blanks and backslashes as three octal digits. */
    private static StringBuilder escape(StringBuilder b, String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == ' ' || c == '\t' || c == '\n' || c == '\\' || c == '#') {
                b.append('\\').append((char) ('0' + (c >> 6))).append((char) ('0' + (c >> 3 & 7))).append((char) ('0' + (c & 7)));
            } else {
                b.append(c);
            }
        }
        return b;
    }
}
