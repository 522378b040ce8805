package sentry.core.fs.tmpfs;

import java.util.HashMap;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.abi.FileMode;
import sentry.core.task.Task;
import sentry.core.vfs.DirectoryFile;
import sentry.core.vfs.DirectorySink;
import sentry.core.vfs.FileDescription;
import sentry.core.vfs.Inode;
import sentry.core.vfs.VfsPath;

/**
 * A tmpfs directory: names by hash, and in the order of their making for readdir. An entry keeps its position for life, so
 * a listing goes on correctly while names come and go. Guarded by its monitor.
 */
final class TmpDirectory extends TmpInode {
    /** What Linux pretends an entry takes of a directory's size. */
    private static final int ENTRY_SIZE = 20;

    private static final class Entry {
        final String name;
        final long position;
        TmpInode inode;
        Entry next;
        Entry previous;
        boolean removed;

        Entry(String name, TmpInode inode, long position) {
            this.name = name;
            this.inode = inode;
            this.position = position;
        }
    }

    private final HashMap<String, Entry> entries = new HashMap<>();
    private Entry first;
    private Entry last;
    private long nextPosition = 2;

    TmpDirectory(TmpFileSystem fs, int mode, int uid, int gid) {
        super(fs, mode, uid, gid);
        linked(1); // "."
    }

    @Override
    long size() {
        return (long) entries.size() * ENTRY_SIZE;
    }

    @Override
    public FileDescription open(VfsPath path, int flags, Task task) {
        return new Listing(path, flags);
    }

    @Override
    public synchronized Inode lookup(String name) {
        Entry e = entries.get(name);
        return e == null ? null : e.inode;
    }

    private synchronized void add(String name, TmpInode inode) {
        Entry e = new Entry(name, inode, nextPosition++);
        entries.put(name, e);
        e.previous = last;
        if (last == null) {
            first = e;
        } else {
            last.next = e;
        }
        last = e;
        modified();
    }

    private synchronized void remove(String name) {
        Entry e = entries.remove(name);
        if (e.previous == null) {
            first = e.next;
        } else {
            e.previous.next = e.next;
        }
        if (e.next == null) {
            last = e.previous;
        } else {
            e.next.previous = e.previous;
        }
        e.removed = true;
        modified();
    }

    @Override
    public Inode create(String name, int mode, int uid, int gid) throws ErrnoException {
        fs().chargeInode();
        TmpRegular made = new TmpRegular(fs(), mode, uid, gid, 1);
        add(name, made);
        return made;
    }

    @Override
    public Inode mkdir(String name, int mode, int uid, int gid) throws ErrnoException {
        fs().chargeInode();
        TmpDirectory made = new TmpDirectory(fs(), mode, uid, gid);
        add(name, made);
        linked(1);
        return made;
    }

    @Override
    public Inode symlink(String name, String target, int uid, int gid) throws ErrnoException {
        fs().chargeInode();
        TmpSymlink made = new TmpSymlink(fs(), target, uid, gid);
        add(name, made);
        return made;
    }

    @Override
    public Inode mknod(String name, int mode, long rdev, int uid, int gid) throws ErrnoException {
        fs().chargeInode();
        TmpSpecial made = new TmpSpecial(fs(), mode, rdev, uid, gid);
        add(name, made);
        return made;
    }

    @Override
    public Inode tmpfile(int mode, int uid, int gid) throws ErrnoException {
        fs().chargeInode();
        TmpRegular made = new TmpRegular(fs(), mode, uid, gid, 0);
        made.linkable();
        return made;
    }

    @Override
    public void link(String name, Inode target) throws ErrnoException {
        TmpInode inode = (TmpInode) target;
        inode.requireLinkable();
        inode.linked(1);
        add(name, inode);
    }

    @Override
    public void unlink(String name, Inode victim) {
        remove(name);
        ((TmpInode) victim).unlinked();
    }

    @Override
    public void rmdir(String name, Inode victim) throws ErrnoException {
        TmpDirectory dir = (TmpDirectory) victim;
        if (!dir.isEmpty()) {
            throw Errno.ENOTEMPTY.error();
        }
        remove(name);
        dir.linked(-1);
        dir.unlinked();
        linked(-1);
    }

    private synchronized boolean isEmpty() {
        return entries.isEmpty();
    }

    @Override
    public void rename(String name, Inode file, Inode newDirectory, String newName, Inode replaced, int flags)
            throws ErrnoException {
        TmpDirectory to = (TmpDirectory) newDirectory;
        TmpInode inode = (TmpInode) file;
        boolean directory = inode instanceof TmpDirectory;
        if ((flags & Fcntl.RENAME_EXCHANGE) != 0) {
            TmpInode other = (TmpInode) replaced;
            swap(name, other);
            to.swap(newName, inode);
            if (to != this && directory != other instanceof TmpDirectory) {
                linked(directory ? -1 : 1);
                to.linked(directory ? 1 : -1);
            }
            inode.changed();
            other.changed();
            return;
        }
        if (replaced != null) {
            if (directory) {
                to.rmdir(newName, replaced);
            } else {
                to.unlink(newName, replaced);
            }
        }
        remove(name);
        to.add(newName, inode);
        if (directory && to != this) {
            linked(-1);
            to.linked(1);
        }
        inode.changed();
        if ((flags & Fcntl.RENAME_WHITEOUT) != 0) {
            mknod(name, FileMode.S_IFCHR, 0, 0, 0);
        }
    }

    private synchronized void swap(String name, TmpInode inode) {
        entries.get(name).inode = inode;
        modified();
    }

    /** An open directory; remembers the entry that comes next, so that a long listing is linear. */
    private final class Listing extends DirectoryFile {
        private Entry next;

        Listing(VfsPath path, int flags) {
            super(path, flags);
        }

        @Override
        protected long entries(Task task, long from, DirectorySink sink) {
            TmpDirectory dir = TmpDirectory.this;
            synchronized (dir) {
                Entry e = next != null && !next.removed && next.position >= from ? next : dir.first;
                // A remembered entry is right only when nothing between the position and it was skipped.
                if (e == next && e != null && e.previous != null && e.previous.position >= from) {
                    e = dir.first;
                }
                while (e != null && e.position < from) {
                    e = e.next;
                }
                long position = from;
                while (e != null && sink.entry(e.name, e.inode.ino(), FileMode.direntType(e.inode.mode()), e.position + 1)) {
                    position = e.position + 1;
                    e = e.next;
                }
                next = e;
                accessed();
                return position;
            }
        }
    }
}
