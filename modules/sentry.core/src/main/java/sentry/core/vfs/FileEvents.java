package sentry.core.vfs;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.FileMode;
import sentry.core.abi.Inotify;
import sentry.core.kernel.Kernel;
import sentry.core.task.Task;
import sentry.core.task.ThreadGroup;

/**
 * Tells those who watch files what happens to them (Linux: fsnotify). Whoever does something asks {@link #watched} first:
 * while nobody watches anything, that load is all that events cost.
 */
public final class FileEvents {
    /** How many marks there are. Changed under the class's monitor. */
    private static volatile int count;

    private static final Set<Mark> MARKS = ConcurrentHashMap.newKeySet();
    private static final AtomicInteger COOKIES = new AtomicInteger();
    private static final Mark[] NONE = {};

    private FileEvents() {}

    /** Whether anybody watches anything. */
    public static boolean watched() {
        return count != 0;
    }

    /** Begins to tell {@code mark} of its inode's events. */
    public static synchronized void add(Mark mark) {
        mark.inode().state().addMark(mark);
        MARKS.add(mark);
        count = MARKS.size();
    }

    /** Ends that; no effect on a mark that is gone. */
    public static synchronized void remove(Mark mark) {
        if (MARKS.remove(mark)) {
            mark.inode().state().removeMark(mark);
            count = MARKS.size();
        }
    }

    static Mark[] marks(Inode inode) {
        InodeState s = inode == null ? null : inode.stateOrNull();
        return s == null ? NONE : s.marks();
    }

    /** An event of the file that {@code dentry} names: its directory's watchers hear of it, then its own. */
    public static void happened(Dentry dentry, int event) {
        Inode inode = dentry.inode();
        if (inode == null) {
            return;
        }
        Dentry parent = dentry.parent();
        Mark[] above = parent == dentry ? NONE : marks(parent.inode());
        Mark[] own = marks(inode);
        if (above.length == 0 && own.length == 0) {
            return;
        }
        int events = event | directory(inode);
        for (Mark m : above) {
            if ((m.mask() & event) != 0 && !((m.mask() & Inotify.IN_EXCL_UNLINK) != 0 && dentry.unlinked())) {
                m.event(events, dentry.name(), 0);
            }
        }
        tell(own, event, events);
    }

    /** The file of a description was used: read, written, closed. */
    public static void happened(FileDescription file, int event) {
        VfsPath path = file.path();
        if (path != null && !(file instanceof PathFile)) {
            happened(path.dentry(), event);
        }
    }

    private static void tell(Mark[] marks, int event, int events) {
        for (Mark m : marks) {
            if ((m.mask() & event) != 0) {
                m.event(events, null, 0);
            }
        }
    }

    private static int directory(Inode inode) {
        try {
            return FileMode.isDirectory(inode.mode()) ? Inotify.IN_ISDIR : 0;
        } catch (ErrnoException e) {
            return 0; // a file whose server is gone
        }
    }

    private static void entry(Inode directory, String name, int event, int flags, int cookie) {
        for (Mark m : marks(directory)) {
            if ((m.mask() & event) != 0) {
                m.event(event | flags, name, cookie);
            }
        }
    }

    /** A name was made in a directory. */
    static void created(Inode directory, String name, Inode made) {
        if (watched() && marks(directory).length != 0) {
            entry(directory, name, Inotify.IN_CREATE, directory(made), 0);
        }
    }

    /** The number of the file's names changed. */
    static void linkCount(Inode file) {
        if (watched()) {
            tell(marks(file), Inotify.IN_ATTRIB, Inotify.IN_ATTRIB);
        }
    }

    /** Attributes were changed; {@code mask} is of {@link SetAttr}. */
    static void changed(Dentry dentry, int mask) {
        int event = 0;
        int times = mask & (SetAttr.ATIME | SetAttr.MTIME);
        if ((mask & (SetAttr.UID | SetAttr.GID | SetAttr.MODE)) != 0 || times == (SetAttr.ATIME | SetAttr.MTIME)) {
            event = Inotify.IN_ATTRIB;
        } else if (times != 0) {
            event = times == SetAttr.ATIME ? Inotify.IN_ACCESS : Inotify.IN_MODIFY;
        }
        if ((mask & SetAttr.SIZE) != 0) {
            event |= Inotify.IN_MODIFY;
        }
        if (event != 0) {
            happened(dentry, event);
        }
    }

    /**
     * Asked before a name is taken away: whether that leaves the file without any.
     *
     * @return false as well when nobody watches it
     */
    static boolean lastName(Inode victim) {
        if (!watched() || marks(victim).length == 0) {
            return false;
        }
        try {
            if (FileMode.isDirectory(victim.mode())) {
                return true;
            }
            Stat s = new Stat();
            victim.stat(s);
            return s.nlink <= 1;
        } catch (ErrnoException e) {
            return false;
        }
    }

    /** A name was removed; {@code last} is what {@link #lastName} said. */
    static void removed(Inode directory, String name, Inode victim, boolean last) {
        if (!watched()) {
            return;
        }
        int flags = directory(victim);
        if (flags == 0) {
            linkCount(victim);
        }
        if (last) {
            goes(victim);
        }
        entry(directory, name, Inotify.IN_DELETE, flags, 0);
    }

    /** A file moved. {@code replaced} lost its name by that, or is null. */
    static void moved(Inode from, String name, Inode to, String newName, Inode file, Inode replaced, boolean last) {
        if (!watched()) {
            return;
        }
        int flags = directory(file);
        int cookie = COOKIES.incrementAndGet();
        entry(from, name, Inotify.IN_MOVED_FROM, flags, cookie);
        entry(to, newName, Inotify.IN_MOVED_TO, flags, cookie);
        if (replaced != null) {
            linkCount(replaced);
        }
        tell(marks(file), Inotify.IN_MOVE_SELF, Inotify.IN_MOVE_SELF);
        if (last) {
            goes(replaced);
        }
    }

    /** A file has lost its last name: it is gone now, or with the last description of it. */
    private static void goes(Inode victim) {
        List<FileDescription> open = open(victim);
        if (open.isEmpty()) {
            gone(victim);
            return;
        }
        AtomicInteger left = new AtomicInteger(open.size() + 1);
        CloseListener listener = file -> {
            if (left.decrementAndGet() == 0) {
                gone(victim);
            }
        };
        for (FileDescription f : open) {
            f.addCloseListener(listener);
            f.release(); // if that was the last, it tells the listener at once
        }
        listener.fileClosed(null);
    }

    private static void gone(Inode victim) {
        Mark[] marks = marks(victim);
        tell(marks, Inotify.IN_DELETE_SELF, Inotify.IN_DELETE_SELF);
        for (Mark m : marks) {
            remove(m);
            m.gone(false);
        }
    }

    /** The descriptions of a file that some process has, a reference to each. Looks through all tables: it is seldom asked. */
    public static List<FileDescription> open(Inode inode) {
        List<FileDescription> found = new ArrayList<>();
        Task current = Kernel.current();
        if (current == null) {
            return found;
        }
        List<FdTable> tables = new ArrayList<>();
        current.kernel().taskSet().lock();
        try {
            for (ThreadGroup g : current.kernel().tasks().rootPids().processes()) {
                for (Task t : g.tasks()) {
                    FdTable table = t.fds();
                    if (table != null && !tables.contains(table)) {
                        tables.add(table);
                    }
                }
            }
        } finally {
            current.kernel().taskSet().unlock();
        }
        for (FdTable table : tables) {
            for (int fd : table.open()) {
                FileDescription f = table.peek(fd);
                if (f != null && f.path() != null && f.inode() == inode && !found.contains(f) && f.retain()) {
                    found.add(f);
                }
            }
        }
        return found;
    }

    /** The last mount of a filesystem is gone, and so are the marks on its files. */
    static void unmounted(FileSystem fileSystem) {
        if (!watched()) {
            return;
        }
        for (Mark m : MARKS) {
            if (m.inode().fileSystem() == fileSystem) {
                remove(m);
                m.gone(true);
            }
        }
    }
}
