package sentry.core.fs.overlay;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.abi.FileMode;
import sentry.core.task.Task;
import sentry.core.vfs.Dentry;
import sentry.core.vfs.DirectoryFile;
import sentry.core.vfs.DirectorySink;
import sentry.core.vfs.FileDescription;
import sentry.core.vfs.Inode;
import sentry.core.vfs.Stat;
import sentry.core.vfs.VfsPath;

/** A directory: what the layers have of it, the upper one first. Guarded by its monitor, as all directories are. */
final class LayeredDirectory extends LayeredInode {
    private record Entry(String name, long ino, int type) {}

    private final List<Dentry> lowers;

    LayeredDirectory(LayeredFileSystem fs, LayeredDirectory parent, Dentry upper, List<Dentry> lowers) {
        super(fs, parent, upper, lowers.isEmpty() ? null : lowers.getFirst());
        this.lowers = lowers;
    }

    /** Linux does not count the directories in a merged one. */
    @Override
    public void stat(Stat out) throws ErrnoException {
        super.stat(out);
        if (hasLower()) {
            out.nlink = 1;
        }
    }

    @Override
    public Inode lookup(String name) throws ErrnoException {
        Dentry above = null;
        List<Dentry> below = new ArrayList<>();
        Dentry up = upperOrNull();
        if (up != null) {
            Dentry d = LayeredFileSystem.child(up, name);
            if (d.inode() != null) {
                if (LayeredFileSystem.whiteout(d.inode())) {
                    return null;
                }
                if (!FileMode.isDirectory(d.inode().mode())) {
                    return new LayeredInode(fs(), this, d, null);
                }
                above = d;
                if (LayeredFileSystem.opaque(d.inode())) {
                    return new LayeredDirectory(fs(), this, above, below);
                }
            }
        }
        for (Dentry layer : lowers) {
            Dentry d = LayeredFileSystem.child(layer, name);
            if (d.inode() == null) {
                continue;
            }
            if (LayeredFileSystem.whiteout(d.inode())) {
                break;
            }
            if (!FileMode.isDirectory(d.inode().mode())) {
                if (above == null && below.isEmpty()) {
                    return new LayeredInode(fs(), this, null, d);
                }
                break;
            }
            below.add(d);
            if (LayeredFileSystem.opaque(d.inode())) {
                break;
            }
        }
        return above == null && below.isEmpty() ? null : new LayeredDirectory(fs(), this, above, below);
    }

    /** Whether a lower layer shows the name. */
    private boolean lowerHas(String name) throws ErrnoException {
        for (Dentry layer : lowers) {
            Dentry d = LayeredFileSystem.child(layer, name);
            if (d.inode() != null) {
                return !LayeredFileSystem.whiteout(d.inode());
            }
        }
        return false;
    }

    @FunctionalInterface
    private interface Maker {
        Inode make(Inode upper) throws ErrnoException;
    }

    /** Makes a name in the upper layer, in place of a whiteout if there is one. */
    private Dentry make(String name, Maker maker) throws ErrnoException {
        Dentry up = copyUp(true);
        Inode dir = up.inode();
        synchronized (dir) {
            clear(up, name);
            return up.instantiate(name, maker.make(dir));
        }
    }

    private static void clear(Dentry up, String name) throws ErrnoException {
        Dentry there = LayeredFileSystem.child(up, name);
        if (there.inode() != null && LayeredFileSystem.whiteout(there.inode())) {
            up.inode().unlink(name, there.inode());
            up.unlinkChild(there, true);
        }
    }

    private void hide(Dentry up, String name) throws ErrnoException {
        if (lowerHas(name)) {
            up.instantiate(name, up.inode().mknod(name, FileMode.S_IFCHR, 0, 0, 0));
        }
    }

    @Override
    public Inode create(String name, int mode, int uid, int gid) throws ErrnoException {
        return new LayeredInode(fs(), this, make(name, d -> d.create(name, mode, uid, gid)), null);
    }

    @Override
    public Inode mkdir(String name, int mode, int uid, int gid) throws ErrnoException {
        Dentry made = make(name, d -> d.mkdir(name, mode, uid, gid));
        if (lowerHas(name)) {
            LayeredFileSystem.makeOpaque(made.inode());
        }
        return new LayeredDirectory(fs(), this, made, List.of());
    }

    @Override
    public Inode symlink(String name, String target, int uid, int gid) throws ErrnoException {
        return new LayeredInode(fs(), this, make(name, d -> d.symlink(name, target, uid, gid)), null);
    }

    @Override
    public Inode mknod(String name, int mode, long rdev, int uid, int gid) throws ErrnoException {
        if ((mode & FileMode.S_IFMT) == FileMode.S_IFCHR && rdev == 0) {
            throw Errno.EPERM.error(); // it would be a whiteout
        }
        return new LayeredInode(fs(), this, make(name, d -> d.mknod(name, mode, rdev, uid, gid)), null);
    }

    @Override
    public Inode tmpfile(int mode, int uid, int gid) throws ErrnoException {
        Dentry up = copyUp(true);
        Inode made;
        synchronized (up.inode()) {
            made = up.inode().tmpfile(mode, uid, gid);
        }
        return new LayeredInode(fs(), this, Dentry.nameless(up, "#" + made.ino(), made), null);
    }

    @Override
    public void link(String name, Inode target) throws ErrnoException {
        Inode real = ((LayeredInode) target).copyUp(true).inode();
        make(name, d -> {
            d.link(name, real);
            return real;
        });
    }

    @Override
    public void unlink(String name, Inode victim) throws ErrnoException {
        Dentry up = copyUp(true);
        synchronized (up.inode()) {
            Dentry there = LayeredFileSystem.child(up, name);
            if (there.inode() != null) {
                up.inode().unlink(name, there.inode());
                up.unlinkChild(there, true);
            }
            hide(up, name);
        }
    }

    @Override
    public void rmdir(String name, Inode victim) throws ErrnoException {
        LayeredDirectory v = (LayeredDirectory) victim;
        if (!v.merged(null).isEmpty()) {
            throw Errno.ENOTEMPTY.error();
        }
        Dentry up = copyUp(true);
        synchronized (up.inode()) {
            Dentry there = LayeredFileSystem.child(up, name);
            if (there.inode() != null) {
                v.clearWhiteouts(there);
                up.inode().rmdir(name, there.inode());
                up.unlinkChild(there, true);
            }
            hide(up, name);
        }
    }

    /** An empty directory of ours may hold whiteouts in the upper layer. */
    private void clearWhiteouts(Dentry up) throws ErrnoException {
        List<String> names = new ArrayList<>();
        list(up.inode(), null, (name, ino, type, next) -> names.add(name));
        synchronized (up.inode()) {
            for (String name : names) {
                if (!name.equals(".") && !name.equals("..")) {
                    clear(up, name);
                }
            }
        }
    }

    @Override
    public void rename(String name, Inode file, Inode newDirectory, String newName, Inode replaced, int flags)
            throws ErrnoException {
        LayeredDirectory to = (LayeredDirectory) newDirectory;
        LayeredInode moving = (LayeredInode) file;
        if ((flags & ~Fcntl.RENAME_NOREPLACE) != 0) {
            throw Errno.EINVAL.error();
        }
        // A directory that lower layers have a part in would need to be redirected: programs copy it then (EXDEV).
        if (moving instanceof LayeredDirectory && moving.hasLower()) {
            throw Errno.EXDEV.error();
        }
        Dentry source = moving.copyUp(true);
        Dentry from = copyUp(true);
        Dentry into = to.copyUp(true);
        if (replaced instanceof LayeredDirectory d) {
            if (!d.merged(null).isEmpty()) {
                throw Errno.ENOTEMPTY.error();
            }
            Dentry there = d.upperOrNull();
            if (there != null) {
                d.clearWhiteouts(there);
            }
        }
        Dentry target = LayeredFileSystem.child(into, newName);
        Inode over = target.inode();
        if (over != null && LayeredFileSystem.whiteout(over) && moving instanceof LayeredDirectory) {
            synchronized (into.inode()) {
                clear(into, newName);
            }
            over = null;
        }
        boolean hides = to.lowerHas(newName) && moving instanceof LayeredDirectory;
        from.inode().rename(name, source.inode(), into.inode(), newName, over, 0);
        source.move(into, newName);
        if (hides) {
            LayeredFileSystem.makeOpaque(source.inode());
        }
        moving.setParent(to);
        synchronized (from.inode()) {
            hide(from, name);
        }
    }

    @Override
    public FileDescription open(VfsPath path, int flags, Task task) {
        return new Listing(path, flags);
    }

    private static void list(Inode layer, Task task, DirectorySink sink) throws ErrnoException {
        FileDescription file = layer.open(place(layer), Fcntl.O_RDONLY | Fcntl.O_DIRECTORY, null);
        try {
            file.iterate(task, sink);
        } finally {
            file.release();
        }
    }

    /** The names that are to be seen, without "." and "..". */
    private List<Entry> merged(Task task) throws ErrnoException {
        List<Entry> found = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        Dentry up = upperOrNull();
        if (up != null) {
            add(up, task, seen, found);
        }
        for (Dentry layer : lowers) {
            add(layer, task, seen, found);
        }
        return found;
    }

    private static void add(Dentry layer, Task task, Set<String> seen, List<Entry> found) throws ErrnoException {
        List<Entry> here = new ArrayList<>();
        list(layer.inode(), task, (name, ino, type, next) -> here.add(new Entry(name, ino, type)));
        for (Entry e : here) {
            if (e.name.equals(".") || e.name.equals("..") || !seen.add(e.name)) {
                continue;
            }
            boolean gone = false;
            if (e.type == FileMode.direntType(FileMode.S_IFCHR)) {
                Inode inode = LayeredFileSystem.child(layer, e.name).inode();
                gone = inode == null || LayeredFileSystem.whiteout(inode);
            }
            if (!gone) {
                found.add(e);
            }
        }
    }

    /** An open directory: its names as they were when the reading of them began. */
    private final class Listing extends DirectoryFile {
        private List<Entry> entries;

        Listing(VfsPath path, int flags) {
            super(path, flags);
        }

        @Override
        protected void rewound() {
            entries = null;
        }

        @Override
        protected long entries(Task task, long from, DirectorySink sink) throws ErrnoException {
            if (entries == null) {
                entries = merged(task);
            }
            long at = from;
            while (at - FIRST < entries.size()) {
                Entry e = entries.get((int) (at - FIRST));
                if (!sink.entry(e.name, e.ino, e.type, at + 1)) {
                    break;
                }
                at++;
            }
            return at;
        }
    }
}
