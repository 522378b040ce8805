package sentry.core.fs.mqueue;

import java.util.Map;
import java.util.TreeMap;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.FileMode;
import sentry.core.kernel.Kernel;
import sentry.core.task.Task;
import sentry.core.vfs.DirectoryFile;
import sentry.core.vfs.DirectorySink;
import sentry.core.vfs.FileDescription;
import sentry.core.vfs.FileTime;
import sentry.core.vfs.Inode;
import sentry.core.vfs.VfsPath;

/** The queues of a namespace. Its monitor guards the names. */
final class QueueDirectory extends QueueInode {
    /** What Linux pretends an entry takes of a directory's size. */
    private static final int ENTRY_SIZE = 20;

    private record Entry(String name, MessageQueueInode queue) {}

    /** By position, which an entry keeps for life. */
    private final TreeMap<Long, Entry> entries = new TreeMap<>();

    private final TreeMap<String, Long> positions = new TreeMap<>();
    private long next = 2;

    QueueDirectory(MqueueFileSystem fs) {
        super(fs, FileMode.S_IFDIR | FileMode.S_ISVTX | 0777, 0, 0);
    }

    @Override
    synchronized long size() {
        return (2L + entries.size()) * ENTRY_SIZE;
    }

    @Override
    int nlink() {
        return 2;
    }

    @Override
    public synchronized Inode lookup(String name) {
        Long at = positions.get(name);
        return at == null ? null : entries.get(at).queue;
    }

    /** open(2) with O_CREAT: a queue with the attributes of the default. */
    @Override
    public Inode create(String name, int mode, int uid, int gid) throws ErrnoException {
        return create(Kernel.current(), name, mode, uid, gid, null);
    }

    synchronized MessageQueueInode create(Task task, String name, int mode, int uid, int gid, long[] attributes)
            throws ErrnoException {
        MessageQueueInode made = queues().make(task, mode, uid, gid, attributes);
        entries.put(next, new Entry(name, made));
        positions.put(name, next++);
        stamp(FileTime.now());
        return made;
    }

    @Override
    public synchronized void unlink(String name, Inode victim) {
        entries.remove(positions.remove(name));
        ((MessageQueueInode) victim).unlinked();
        stamp(FileTime.now());
    }

    @Override
    public FileDescription open(VfsPath path, int flags, Task task) {
        return new Listing(path, flags);
    }

    private final class Listing extends DirectoryFile {
        Listing(VfsPath path, int flags) {
            super(path, flags);
        }

        @Override
        protected long entries(Task task, long from, DirectorySink sink) throws ErrnoException {
            synchronized (QueueDirectory.this) {
                long position = from;
                for (Map.Entry<Long, Entry> e : QueueDirectory.this.entries.tailMap(from).entrySet()) {
                    Entry entry = e.getValue();
                    if (!sink.entry(entry.name, entry.queue.ino(), FileMode.DT_REG, e.getKey() + 1)) {
                        break;
                    }
                    position = e.getKey() + 1;
                }
                return position;
            }
        }
    }
}
