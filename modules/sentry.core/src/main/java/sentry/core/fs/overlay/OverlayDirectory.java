package sentry.core.fs.overlay;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.abi.FileMode;
import sentry.core.fs.tmpfs.TmpInode;
import sentry.core.task.Task;
import sentry.core.vfs.Dentry;
import sentry.core.vfs.DirectorySink;
import sentry.core.vfs.FileDescription;
import sentry.core.vfs.Inode;
import sentry.core.vfs.Stat;
import sentry.core.vfs.VfsPath;

/**
 * A directory: the names that changed, and the lower directory for all others. Guarded by its monitor, which whoever
 * changes or looks up names holds already.
 */
final class OverlayDirectory extends OverlayInode {
    /** New names, and names moved here. */
    private final Map<String, OverlayInode> changed = new LinkedHashMap<>();
    /** Names of the lower directory that do not show: removed, moved away or replaced. */
    private final Set<String> covered = new HashSet<>();
    /** Files of the lower directory under their old names, so that a name leads to the same inode each time. */
    private final Map<String, OverlayInode> known = new HashMap<>();

    OverlayDirectory(OverlayFileSystem fs, Inode lower) {
        super(fs, lower);
    }

    OverlayDirectory(OverlayFileSystem fs, TmpInode upper) {
        super(fs, upper);
    }

    /** Whether names here differ from the lower directory's. */
    synchronized boolean differs() {
        return lower() == null || !changed.isEmpty() || !covered.isEmpty();
    }

    /** A merged directory says one link, which tells find(1) that the number means nothing. */
    @Override
    public void stat(Stat out) throws ErrnoException {
        super.stat(out);
        if (upperOrNull() != null) {
            out.nlink = 1;
            out.size = 4096;
        }
    }

    @Override
    public FileDescription open(VfsPath path, int flags, Task task) {
        return new OverlayDirectoryFile(this, path, flags);
    }

    // Looking up.

    @Override
    public synchronized Inode lookup(String name) throws ErrnoException {
        OverlayInode found = changed.get(name);
        if (found != null) {
            return found;
        }
        if (lower() == null || covered.contains(name)) {
            return null;
        }
        found = known.get(name);
        if (found != null) {
            return found;
        }
        Inode inode = lower().lookup(name);
        if (inode == null) {
            return null;
        }
        found = fs().wrap(inode);
        known.put(name, found);
        return found;
    }

    /** Hands the names to the lower filesystem, from the first directory on whose content is its. */
    @Override
    public void prefetch(Dentry here, String[] names, int from, int to) throws ErrnoException {
        OverlayDirectory directory = this;
        int at = from;
        while (at < to) {
            OverlayInode next;
            synchronized (directory) {
                next = directory.changed.get(names[at]);
                if (next == null) {
                    if (directory.lower() == null || directory.covered.contains(names[at])) {
                        return;
                    }
                    break;
                }
            }
            if (!(next instanceof OverlayDirectory d)) {
                return;
            }
            directory = d;
            at++;
        }
        if (at < to) {
            Inode lower = directory.lower();
            lower.prefetch(Dentry.root(lower), names, at, to);
        }
    }

    // Changing.

    /** The upper directory's inode: it holds attributes only. Stamped, because names change. */
    private void stamp() throws ErrnoException {
        copyUp(true).modified();
    }

    private synchronized void put(String name, OverlayInode inode) {
        changed.put(name, inode);
    }

    /** Takes a name away, wherever it comes from. */
    private synchronized void take(String name) {
        if (changed.remove(name) == null) {
            known.remove(name);
            covered.add(name);
        }
    }

    @Override
    public Inode create(String name, int mode, int uid, int gid) throws ErrnoException {
        return add(name, new OverlayFile(fs(), fs().upper().file(mode, 0, uid, gid)));
    }

    @Override
    public Inode mkdir(String name, int mode, int uid, int gid) throws ErrnoException {
        return add(name, new OverlayDirectory(fs(), fs().upper().file(mode, 0, uid, gid)));
    }

    @Override
    public Inode symlink(String name, String target, int uid, int gid) throws ErrnoException {
        return add(name, new OverlayFile(fs(), fs().upper().symlink(target, uid, gid)));
    }

    @Override
    public Inode mknod(String name, int mode, long rdev, int uid, int gid) throws ErrnoException {
        return add(name, new OverlayFile(fs(), fs().upper().file(mode, rdev, uid, gid)));
    }

    @Override
    public Inode tmpfile(int mode, int uid, int gid) throws ErrnoException {
        TmpInode file = fs().upper().nameless(mode, uid, gid);
        return new OverlayFile(fs(), file);
    }

    private OverlayInode add(String name, OverlayInode inode) throws ErrnoException {
        stamp();
        put(name, inode);
        return inode;
    }

    @Override
    public void link(String name, Inode target) throws ErrnoException {
        OverlayFile file = (OverlayFile) target;
        stamp();
        file.linked(1);
        put(name, file);
    }

    @Override
    public void unlink(String name, Inode victim) throws ErrnoException {
        stamp();
        take(name);
        ((OverlayInode) victim).linked(-1);
    }

    @Override
    public void rmdir(String name, Inode victim) throws ErrnoException {
        OverlayDirectory directory = (OverlayDirectory) victim;
        if (!directory.isEmpty()) {
            throw Errno.ENOTEMPTY.error();
        }
        stamp();
        take(name);
    }

    private boolean isEmpty() throws ErrnoException {
        synchronized (this) {
            if (!changed.isEmpty()) {
                return false;
            }
            if (lower() == null) {
                return true;
            }
        }
        return merged(null).isEmpty();
    }

    @Override
    public void rename(String name, Inode file, Inode newDirectory, String newName, Inode replaced, int flags)
            throws ErrnoException {
        OverlayDirectory to = (OverlayDirectory) newDirectory;
        OverlayInode moved = (OverlayInode) file;
        if ((flags & Fcntl.RENAME_EXCHANGE) != 0) {
            stamp();
            to.stamp();
            OverlayInode other = (OverlayInode) replaced;
            take(name);
            to.take(newName);
            put(name, other);
            to.put(newName, moved);
            return;
        }
        if (replaced instanceof OverlayDirectory directory && !directory.isEmpty()) {
            throw Errno.ENOTEMPTY.error();
        }
        stamp();
        to.stamp();
        if (replaced != null) {
            to.take(newName);
            if (replaced instanceof OverlayFile gone) {
                gone.linked(-1);
            }
        }
        take(name);
        to.put(newName, moved);
        if ((flags & Fcntl.RENAME_WHITEOUT) != 0) {
            mknod(name, FileMode.S_IFCHR, 0, 0, 0);
        }
    }

    // Listing.

    /** One entry of a listing. */
    record Entry(String name, long ino, int type) {}

    /** All names but "." and "..". */
    ArrayList<Entry> merged(Task task) throws ErrnoException {
        ArrayList<Entry> entries = new ArrayList<>();
        Set<String> hidden;
        synchronized (this) {
            for (Map.Entry<String, OverlayInode> e : changed.entrySet()) {
                OverlayInode inode = e.getValue();
                entries.add(new Entry(e.getKey(), inode.ino(), FileMode.direntType(inode.mode())));
            }
            hidden = new HashSet<>(covered);
            hidden.addAll(changed.keySet());
        }
        if (lower() == null) {
            return entries;
        }
        FileDescription listing = openLower(task);
        try {
            boolean[] more = {false};
            DirectorySink sink = (name, ino, type, next) -> {
                more[0] = true;
                if (!name.equals(".") && !name.equals("..") && !hidden.contains(name)) {
                    entries.add(new Entry(name, ino, type));
                }
                return true;
            };
            do {
                more[0] = false;
                listing.iterate(task, sink);
            } while (more[0]);
        } finally {
            listing.release();
        }
        return entries;
    }

    /** The lower directory, opened for listing; its "." and ".." are not to be shown. */
    FileDescription openLower(Task task) throws ErrnoException {
        VfsPath path = new VfsPath(fs().scratchMount(), Dentry.root(lower()));
        return lower().open(path, Fcntl.O_RDONLY | Fcntl.O_DIRECTORY, task);
    }
}
