package sentry.core.vfs;

import java.util.ArrayList;
import java.util.HashMap;
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
import sentry.core.task.Namespace;
import sentry.core.task.UserNamespace;

/**
 * The mount tree that a set of tasks sees (mount_namespaces(7)). Its monitor guards attaching and detaching; a path walk
 * takes no lock and sees a mount or not. All mounts are private: nothing propagates between namespaces.
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

    private static final AtomicInteger NEXT_ID = new AtomicInteger(20);
    /** Mounts of one namespace at most (Linux: sysctl fs.mount-max). */
    private static final int LIMIT = 100_000;

    /** Tasks in it, open files of it, and whoever makes it, until that is done. */
    private final AtomicInteger users = new AtomicInteger(1);

    private VfsPath root;
    /** In the order of mounting, the root first. */
    private final Set<Mount> mounts = new LinkedHashSet<>();

    /** A namespace whose root is all of {@code fileSystem}. */
    public MountNamespace(FileSystem fileSystem, String source, int flags) {
        super(UserNamespace.INITIAL);
        Mount mount = new Mount(NEXT_ID.incrementAndGet(), fileSystem, fileSystem.rootDentry(), source, flags & KEPT);
        mounts.add(mount);
        root = new VfsPath(mount, mount.root());
    }

    private MountNamespace(UserNamespace owner) {
        super(owner);
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
        synchronized (this) {
            going = new ArrayList<>(mounts);
            mounts.clear();
            for (Mount m : going) {
                if (m.mountpoint != null) {
                    detach(m);
                }
            }
        }
        for (Mount m : going) {
            m.fileSystem().unmounted();
        }
    }

    public synchronized VfsPath root() {
        return root;
    }

    /** A copy for unshare(2) and clone(2) with CLONE_NEWNS. {@code moved} learns which mount became which. */
    public synchronized MountNamespace copy(UserNamespace owner, Map<Mount, Mount> moved) {
        MountNamespace copy = new MountNamespace(owner);
        for (Mount m : mounts) {
            Mount twin = new Mount(NEXT_ID.incrementAndGet(), m.fileSystem(), m.root(), m.source(), m.flags);
            moved.put(m, twin);
            copy.mounts.add(twin);
            m.fileSystem().mountedAgain();
        }
        for (Mount m : mounts) {
            VfsPath point = m.mountpoint;
            if (point != null) {
                attach(moved.get(m), new VfsPath(moved.get(point.mount()), point.dentry()));
            }
        }
        copy.root = new VfsPath(moved.get(root.mount()), root.dentry());
        return copy;
    }

    /** Mounts a new filesystem at {@code at}; a directory goes on a directory, a file on a file. */
    public Mount mount(VfsPath at, FileSystem fileSystem, String source, int flags) throws ErrnoException {
        return attachNew(at, fileSystem, fileSystem.rootDentry(), source, flags);
    }

    private synchronized Mount attachNew(VfsPath at, FileSystem fileSystem, Dentry tree, String source, int flags)
            throws ErrnoException {
        VfsPath top = topmost(at);
        requirePlace(top, tree);
        Mount mount = new Mount(NEXT_ID.incrementAndGet(), fileSystem, tree, source, flags & KEPT);
        attach(mount, top);
        mounts.add(mount);
        return mount;
    }

    /** Bind mounts {@code what} at {@code at}; with {@code recursive}, also what is mounted below it. */
    public synchronized Mount bind(VfsPath what, VfsPath at, boolean recursive) throws ErrnoException {
        // A namespace's file is in no tree, and yet it may be mounted: that keeps the namespace.
        if (!mounts.contains(what.mount()) && !what.mount().fileSystem().type().equals("nsfs")) {
            throw Errno.EINVAL.error();
        }
        List<Mount> below = new ArrayList<>();
        if (recursive) {
            for (Mount m : mounts) {
                if (isBelow(m, what)) {
                    below.add(m);
                }
            }
        }
        Mount origin = what.mount();
        Mount top = attachNew(at, origin.fileSystem(), what.dentry(), origin.source(), origin.flags);
        origin.fileSystem().mountedAgain();
        Map<Mount, Mount> twins = new HashMap<>();
        twins.put(origin, top);
        for (Mount m : below) { // parents come before children in the order of mounting, but for moved mounts
            Mount parent = twins.get(m.mountpoint.mount());
            if (parent != null) {
                VfsPath place = new VfsPath(parent, m.mountpoint.dentry());
                twins.put(m, attachNew(place, m.fileSystem(), m.root(), m.source(), m.flags));
                m.fileSystem().mountedAgain();
            }
        }
        return top;
    }

    /** Whether {@code m} is mounted at or below {@code place}, directly or by other mounts. */
    private static boolean isBelow(Mount m, VfsPath place) {
        for (Mount up = m; up.mountpoint != null; up = up.mountpoint.mount()) {
            if (up.mountpoint.mount() == place.mount()) {
                return place.dentry().contains(up.mountpoint.dentry());
            }
        }
        return false;
    }

    /** mount(2) with MS_MOVE. */
    public synchronized void move(VfsPath from, VfsPath at) throws ErrnoException {
        Mount mount = from.mount();
        if (from.dentry() != mount.root() || mount.mountpoint == null || !mounts.contains(mount)) {
            throw Errno.EINVAL.error();
        }
        VfsPath top = topmost(at);
        requirePlace(top, mount.root());
        for (Mount up = top.mount(); ; up = up.mountpoint.mount()) {
            if (up == mount) {
                throw Errno.ELOOP.error();
            }
            if (up.mountpoint == null) {
                break;
            }
        }
        detach(mount);
        attach(mount, top);
    }

    /** Changes a mount's flags: MS_REMOUNT, with MS_BIND or without. */
    public synchronized void remount(VfsPath at, int flags) throws ErrnoException {
        Mount mount = at.mount();
        if (at.dentry() != mount.root() || !mounts.contains(mount)) {
            throw Errno.EINVAL.error();
        }
        mount.flags = flags & KEPT;
    }

    /**
     * umount2(2) of the mount whose root is {@code at}.
     *
     * @param detach MNT_DETACH: takes it out of the tree although it is in use
     */
    public synchronized void unmount(VfsPath at, boolean detach) throws ErrnoException {
        Mount mount = at.mount();
        if (at.dentry() != mount.root() || !mounts.contains(mount)) {
            throw Errno.EINVAL.error();
        }
        if (mount.mountpoint == null) {
            throw (detach ? Errno.EINVAL : Errno.EBUSY).error();
        }
        List<Mount> going = new ArrayList<>();
        for (Mount m : mounts) {
            for (Mount up = m; up != null; up = up.mountpoint == null ? null : up.mountpoint.mount()) {
                if (up == mount) {
                    going.add(m);
                    break;
                }
            }
        }
        if (!detach && (going.size() > 1 || mount.hasOpenFiles())) {
            throw Errno.EBUSY.error();
        }
        for (Mount m : going) {
            detach(m);
            mounts.remove(m);
        }
        for (Mount m : going) {
            m.mountpoint = null;
            m.fileSystem().unmounted();
        }
    }

    /** pivot_root(2): {@code newRoot} becomes the root, the old root goes to {@code putOld} below it. */
    public synchronized void pivot(VfsPath newRoot, VfsPath putOld) throws ErrnoException {
        Mount mount = newRoot.mount();
        Mount old = root.mount();
        if (newRoot.dentry() != mount.root() || mount.mountpoint == null || !mounts.contains(mount)) {
            throw Errno.EINVAL.error();
        }
        if (mount == old || putOld.mount() == old) {
            throw Errno.EBUSY.error();
        }
        if (!Paths.reachable(putOld, newRoot)) {
            throw Errno.EINVAL.error();
        }
        detach(mount);
        mount.mountpoint = null;
        attach(old, putOld.equals(newRoot) ? new VfsPath(mount, mount.root()) : putOld);
        root = new VfsPath(mount, mount.root());
    }

    /** The mounts as seen now, parents first. */
    public synchronized List<Mount> mounts() {
        return new ArrayList<>(mounts);
    }

    private static VfsPath topmost(VfsPath at) {
        VfsPath top = at;
        for (Mount on = top.dentry().mounted(top.mount()); on != null; on = top.dentry().mounted(top.mount())) {
            top = new VfsPath(on, on.root());
        }
        return top;
    }

    private void requirePlace(VfsPath at, Dentry tree) throws ErrnoException {
        if (!mounts.contains(at.mount())) {
            throw Errno.EINVAL.error();
        }
        if (mounts.size() >= LIMIT) {
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
        Dentry point = mount.mountpoint.dentry();
        synchronized (point) {
            point.removeMount(mount);
        }
    }

    private static void attach(Mount mount, VfsPath at) {
        mount.mountpoint = at;
        synchronized (at.dentry()) { // namespaces have a lock each, dentries are shared
            at.dentry().addMount(mount);
        }
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
            b.append(" - ").append(m.fileSystem().type()).append(' ');
            escape(b, m.source()).append(' ').append(m.fileSystem().readOnly() ? "ro" : "rw");
            superOptions(b, m.fileSystem());
            b.append('\n');
        }
        return b.toString();
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
