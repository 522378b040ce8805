package sentry.core.vfs;

import java.util.concurrent.ConcurrentHashMap;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.abi.FileMode;
import sentry.core.abi.Inotify;
import sentry.core.task.Task;

/** F_NOTIFY of fcntl(2): a signal when something happens to what a directory holds. */
public final class DirectoryNotice extends Mark implements CloseListener {
    public static final int DN_ACCESS = 1;
    public static final int DN_MODIFY = 2;
    public static final int DN_CREATE = 4;
    public static final int DN_DELETE = 8;
    public static final int DN_RENAME = 16;
    public static final int DN_ATTRIB = 32;
    public static final int DN_MULTISHOT = 0x80000000;
    private static final int EVENTS = 63;

    private static final ConcurrentHashMap<FileDescription, DirectoryNotice> ALL = new ConcurrentHashMap<>();

    private final FileDescription file;
    private final int fd;
    private volatile boolean again;

    private DirectoryNotice(FileDescription file, int fd) {
        super(file.inode());
        this.file = file;
        this.fd = fd;
    }

    /** Asks for signals; {@code events} 0 ends it. ENOTDIR for what is not a directory. */
    public static void set(Task task, FileDescription file, int fd, int events) throws ErrnoException {
        if ((events & EVENTS) == 0) {
            DirectoryNotice old = ALL.get(file);
            if (old != null) {
                old.end();
            }
            return;
        }
        if (!FileMode.isDirectory(file.inode().mode())) {
            throw Errno.ENOTDIR.error();
        }
        DirectoryNotice fresh = new DirectoryNotice(file, fd);
        DirectoryNotice there = ALL.putIfAbsent(file, fresh);
        DirectoryNotice n = there == null ? fresh : there;
        n.setMask(n.mask() | inotify(events));
        n.again |= (events & DN_MULTISHOT) != 0;
        if (there == null) {
            file.addCloseListener(fresh);
            FileEvents.add(fresh);
        }
        if (file.owner().who() == null) {
            file.owner().set(task, Fcntl.F_OWNER_PID, task.group().pid(task.namespaces().pid()));
        }
    }

    private static int inotify(int events) {
        int mask = 0;
        mask |= (events & DN_ACCESS) != 0 ? Inotify.IN_ACCESS : 0;
        mask |= (events & DN_MODIFY) != 0 ? Inotify.IN_MODIFY : 0;
        mask |= (events & DN_CREATE) != 0 ? Inotify.IN_CREATE | Inotify.IN_MOVED_TO : 0;
        mask |= (events & DN_DELETE) != 0 ? Inotify.IN_DELETE | Inotify.IN_MOVED_FROM : 0;
        mask |= (events & DN_RENAME) != 0 ? Inotify.IN_MOVED_FROM | Inotify.IN_MOVED_TO : 0;
        mask |= (events & DN_ATTRIB) != 0 ? Inotify.IN_ATTRIB : 0;
        return mask;
    }

    private void end() {
        if (ALL.remove(file, this)) {
            FileEvents.remove(this);
            file.removeCloseListener(this);
        }
    }

    @Override
    public void fileClosed(FileDescription closed) {
        if (ALL.remove(file, this)) {
            FileEvents.remove(this);
        }
    }

    @Override
    protected void event(int events, String name, int cookie) {
        if (name == null) {
            return; // only what the directory holds counts
        }
        AsyncSignals.tell(file.owner(), fd, AsyncSignals.POLL_MSG);
        if (!again) {
            end();
        }
    }

    @Override
    protected void gone(boolean unmounted) {
        ALL.remove(file, this);
    }
}
