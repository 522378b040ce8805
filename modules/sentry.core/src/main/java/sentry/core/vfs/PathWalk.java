package sentry.core.vfs;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.abi.FileMode;
import sentry.core.abi.MountFlags;
import sentry.core.task.Credentials;
import sentry.core.task.Task;

/**
 * Follows a path through dentries, mounts and symbolic links (path_resolution(7)). One object per thread, reused: a walk
 * over cached names allocates nothing but the names.
 *
 * <p>A walk has two halves. {@link #toParent} goes as far as the directory of the last component; {@link #finish}
 * resolves that. What creates, removes or renames looks at the last component itself.
 */
public final class PathWalk {
    /** Follow a symbolic link in the last component. */
    public static final int FOLLOW = 1;
    /** The result must be a directory. */
    public static final int DIRECTORY = 2;
    /** Shift from openat2(2)'s RESOLVE_ flags to ours. */
    public static final int RESOLVE_SHIFT = 8;

    private static final int NO_XDEV = Fcntl.RESOLVE_NO_XDEV << RESOLVE_SHIFT;
    private static final int NO_MAGICLINKS = Fcntl.RESOLVE_NO_MAGICLINKS << RESOLVE_SHIFT;
    private static final int NO_SYMLINKS = Fcntl.RESOLVE_NO_SYMLINKS << RESOLVE_SHIFT;
    private static final int BENEATH = Fcntl.RESOLVE_BENEATH << RESOLVE_SHIFT;
    private static final int IN_ROOT = Fcntl.RESOLVE_IN_ROOT << RESOLVE_SHIFT;

    private static final int CACHED = Fcntl.RESOLVE_CACHED << RESOLVE_SHIFT;

    /** Links followed at most in one walk. */
    private static final int MAX_LINKS = 40;
    /** Names handed to a filesystem at once at most. */
    private static final int MAX_PREFETCH = 64;

    /** What the last component is. */
    public enum Last {
        /** A name. */
        NORMAL,
        DOT,
        DOTDOT,
        /** There is none: the path is all slashes. */
        ROOT
    }

    private static final ThreadLocal<PathWalk> OF_THREAD = ThreadLocal.withInitial(PathWalk::new);

    private Task task;
    private Credentials credentials;
    private VfsPath taskRoot;
    private int umask;

    private VfsPath root;
    private Mount mount;
    private Dentry dentry;
    private String name;
    private Last last;
    private boolean trailingSlash;
    private int flags;
    private int links;
    /** What is left of the paths whose links are being followed. */
    private final String[] rest = new String[MAX_LINKS + 1];

    private final int[] restAt = new int[MAX_LINKS + 1];
    private int depth;

    private PathWalk() {}

    /** The calling thread's walker, set up for {@code task}. */
    public static PathWalk of(Task task) {
        PathWalk w = OF_THREAD.get();
        w.task = task;
        w.credentials = task.credentials();
        FsContext fs = task.fs();
        w.taskRoot = fs.root();
        w.umask = fs.umask();
        return w;
    }

    /** The calling thread's walker without a task; null credentials pass every check. */
    public static PathWalk of(Credentials credentials, VfsPath root, int umask) {
        PathWalk w = OF_THREAD.get();
        w.task = null;
        w.credentials = credentials;
        w.taskRoot = root;
        w.umask = umask;
        return w;
    }

    /** Walks with other credentials, as access(2) does with the real ids. */
    public PathWalk as(Credentials who) {
        credentials = who;
        return this;
    }

    public Task task() {
        return task;
    }

    public Credentials credentials() {
        return credentials;
    }

    public int umask() {
        return umask;
    }

    // Results.

    public Mount mount() {
        return mount;
    }

    public Dentry dentry() {
        return dentry;
    }

    public Inode inode() {
        return dentry.inode();
    }

    public VfsPath path() {
        return new VfsPath(mount, dentry);
    }

    /** After {@link #toParent}: the last component when {@link #last} is NORMAL. */
    public String name() {
        return name;
    }

    public Last last() {
        return last;
    }

    /** Whether slashes follow the last component. */
    public boolean trailingSlash() {
        return trailingSlash;
    }

    // Walks.

    /** Walks the whole path; the result is positive. */
    public PathWalk resolve(VfsPath base, String path, int walkFlags) throws ErrnoException {
        toParent(base, path, walkFlags);
        finish();
        return this;
    }

    /** Starts at {@code start} itself: the empty path of the AT_EMPTY_PATH calls. */
    public PathWalk at(VfsPath start) {
        mount = start.mount();
        dentry = start.dentry();
        last = Last.ROOT;
        return this;
    }

    /** Walks to the directory that holds the last component. It is a directory and may be searched. */
    public void toParent(VfsPath base, String path, int walkFlags) throws ErrnoException {
        flags = walkFlags;
        links = 0;
        depth = 0;
        trailingSlash = false;
        root = taskRoot;
        if (path.isEmpty()) {
            throw Errno.ENOENT.error();
        }
        if ((walkFlags & (BENEATH | IN_ROOT)) != 0) {
            root = base;
        }
        if (path.charAt(0) == '/') {
            if ((walkFlags & BENEATH) != 0) {
                throw Errno.EXDEV.error();
            }
            mount = root.mount();
            dentry = root.dentry();
        } else {
            mount = base.mount();
            dentry = base.dentry();
        }
        toParent(path);
    }

    private void toParent(String path) throws ErrnoException {
        String p = path;
        int i = 0;
        for (; ; ) {
            int length = p.length();
            while (i < length && p.charAt(i) == '/') {
                i++;
            }
            if (i == length) {
                if (depth == 0) {
                    last = Last.ROOT;
                    return;
                }
                depth--;
                p = rest[depth];
                i = restAt[depth];
                rest[depth] = null;
                continue;
            }
            Inode dir = dentry.inode();
            int mode = dir.mode();
            if (!FileMode.isDirectory(mode)) {
                throw Errno.ENOTDIR.error();
            }
            if ((mode & 0111) != 0111) {
                Permissions.require(credentials, dir, Permissions.EXEC);
            }
            int end = p.indexOf('/', i);
            boolean slash = end >= 0;
            boolean isLast;
            if (slash) {
                isLast = depth == 0 && onlySlashes(p, end);
            } else {
                end = length;
                isLast = depth == 0;
            }
            if (p.charAt(i) == '.') {
                int n = end - i;
                if (n == 1) {
                    if (isLast) {
                        last = Last.DOT;
                        trailingSlash |= slash;
                        return;
                    }
                    i = end;
                    continue;
                }
                if (n == 2 && p.charAt(i + 1) == '.') {
                    if (isLast) {
                        last = Last.DOTDOT;
                        trailingSlash |= slash;
                        return;
                    }
                    dotdot();
                    i = end;
                    continue;
                }
            }
            if (end - i > Fcntl.NAME_MAX) {
                throw Errno.ENAMETOOLONG.error();
            }
            String component = p.substring(i, end);
            if (isLast) {
                last = Last.NORMAL;
                name = component;
                trailingSlash |= slash;
                return;
            }
            Dentry child = child(component, p, end);
            if (child.inode() == null) {
                throw Errno.ENOENT.error();
            }
            i = end;
            String target = step(child, true);
            if (target != null) {
                rest[depth] = p;
                restAt[depth] = i;
                depth++;
                p = target;
                i = 0;
            }
        }
    }

    /** Resolves the last component after {@link #toParent}. */
    public void finish() throws ErrnoException {
        for (; ; ) {
            if (last == Last.NORMAL) {
                Dentry child = lookupLast();
                if (child.inode() == null) {
                    throw Errno.ENOENT.error();
                }
                if (stepLast(child, (flags & FOLLOW) != 0 || trailingSlash)) {
                    continue;
                }
            } else if (last == Last.DOTDOT) {
                dotdot();
            }
            break;
        }
        if (trailingSlash || (flags & DIRECTORY) != 0) {
            if (!FileMode.isDirectory(dentry.inode().mode())) {
                throw Errno.ENOTDIR.error();
            }
        }
    }

    /** The last component's dentry, positive or negative, after {@link #toParent} gave NORMAL. Mounts are not crossed. */
    public Dentry lookupLast() throws ErrnoException {
        return child(name, name, name.length());
    }

    /** The dentry called {@code component} in {@code directory}, positive or negative. */
    Dentry lookup(Dentry directory, String component) throws ErrnoException {
        dentry = directory;
        return child(component, component, component.length());
    }

    /**
     * Goes on to {@code child}, the last component: crosses mounts and follows a link if wanted.
     *
     * @return true when a link was followed: there is a new last component; false when this is the end
     */
    boolean stepLast(Dentry child, boolean follow) throws ErrnoException {
        String target = step(child, follow);
        if (target == null) {
            return false;
        }
        toParent(target);
        return true;
    }

    /** Moves to a child of the current directory. Returns the text of a link to walk on with, else null. */
    private String step(Dentry child, boolean follow) throws ErrnoException {
        Mount m = mount;
        Dentry d = child;
        for (Mount on = d.mounted(m); on != null; on = d.mounted(m)) {
            if ((flags & NO_XDEV) != 0) {
                throw Errno.EXDEV.error();
            }
            m = on;
            d = on.root();
        }
        Inode inode = d.inode();
        if (!follow || !FileMode.isSymlink(inode.mode())) {
            mount = m;
            dentry = d;
            return null;
        }
        return follow(inode);
    }

    private String follow(Inode link) throws ErrnoException {
        if (++links > MAX_LINKS || (flags & NO_SYMLINKS) != 0 || (mount.flags & MountFlags.MS_NOSYMFOLLOW) != 0) {
            throw Errno.ELOOP.error();
        }
        VfsPath magic = link.magicLink(task);
        if (magic != null) {
            if ((flags & NO_MAGICLINKS) != 0) {
                throw Errno.ELOOP.error();
            }
            if ((flags & (BENEATH | IN_ROOT)) != 0 || (flags & NO_XDEV) != 0 && magic.mount() != mount) {
                throw Errno.EXDEV.error();
            }
            mount = magic.mount();
            dentry = magic.dentry();
            return null;
        }
        String target = link.readlink();
        if (target.isEmpty()) {
            throw Errno.ENOENT.error();
        }
        if (target.charAt(0) == '/') {
            if ((flags & BENEATH) != 0 || (flags & NO_XDEV) != 0 && ((flags & IN_ROOT) == 0 || root.mount() != mount)) {
                throw Errno.EXDEV.error();
            }
            mount = root.mount();
            dentry = root.dentry();
        }
        return target;
    }

    private void dotdot() throws ErrnoException {
        for (; ; ) {
            if (dentry == root.dentry() && mount == root.mount()) {
                if ((flags & BENEATH) != 0) {
                    throw Errno.EXDEV.error();
                }
                break;
            }
            if (dentry != mount.root()) {
                dentry = dentry.parent();
                break;
            }
            VfsPath point = mount.mountpoint;
            if (point == null) {
                break;
            }
            if ((flags & NO_XDEV) != 0) {
                throw Errno.EXDEV.error();
            }
            mount = point.mount();
            dentry = point.dentry();
        }
        for (Mount on = dentry.mounted(mount); on != null; on = dentry.mounted(mount)) {
            mount = on;
            dentry = on.root();
        }
    }

    private Dentry child(String component, String p, int end) throws ErrnoException {
        Dentry dir = dentry;
        Dentry d = dir.child(component);
        if (d != null) {
            if (dir.inode().fileSystem().revalidate(d)) {
                return d;
            }
            dir.drop(d);
        }
        return lookUp(dir, component, p, end);
    }

    /** Asks the filesystem, once for the rest of the path when that helps. */
    private Dentry lookUp(Dentry dir, String component, String p, int end) throws ErrnoException {
        if ((flags & CACHED) != 0) {
            throw Errno.EAGAIN.error();
        }
        Inode inode = dir.inode();
        synchronized (inode) {
            Dentry d = dir.child(component);
            if (d != null) {
                return d;
            }
            if (dir.unlinked()) {
                return new Dentry(dir, component, null);
            }
            if (inode.prefetches()) {
                String[] names = names(component, p, end);
                if (names.length > 1) {
                    inode.prefetch(dir, names, 0, names.length);
                    d = dir.child(component);
                    if (d != null) {
                        return d;
                    }
                }
            }
            Inode found = inode.lookup(component);
            if (inode.caches(component, found)) {
                return dir.cache(component, found);
            }
            return new Dentry(dir, component, found);
        }
    }

    /** {@code component} and the names behind it in {@code p}, as far as they lead downwards. */
    private static String[] names(String component, String p, int end) {
        String[] found = new String[MAX_PREFETCH];
        found[0] = component;
        int n = 1;
        int i = end;
        int length = p.length();
        while (n < MAX_PREFETCH) {
            while (i < length && p.charAt(i) == '/') {
                i++;
            }
            if (i == length) {
                break;
            }
            int next = p.indexOf('/', i);
            if (next < 0) {
                next = length;
            }
            if (next - i > Fcntl.NAME_MAX) {
                break;
            }
            if (p.charAt(i) == '.' && (next - i == 1 || next - i == 2 && p.charAt(i + 1) == '.')) {
                if (next - i == 2) {
                    break;
                }
            } else {
                found[n++] = p.substring(i, next);
            }
            i = next;
        }
        String[] names = new String[n];
        System.arraycopy(found, 0, names, 0, n);
        return names;
    }

    private static boolean onlySlashes(String p, int from) {
        for (int i = from; i < p.length(); i++) {
            if (p.charAt(i) != '/') {
                return false;
            }
        }
        return true;
    }
}
