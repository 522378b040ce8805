package sentry.core.fs.pseudo;

import java.util.LinkedHashMap;
import java.util.Map;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.task.Task;
import sentry.core.vfs.DirectorySink;
import sentry.core.vfs.FileDescription;
import sentry.core.vfs.Inode;
import sentry.core.vfs.VfsPath;

/**
 * A directory of generated files: entries put there when the filesystem is made, and those that a subclass adds. Programs
 * cannot change it.
 */
public class PseudoDirectory extends PseudoInode {
    /** The offset of the first entry behind "." and "..". */
    protected static final long FIRST = 2;

    private final Map<String, PseudoInode> entries = new LinkedHashMap<>();
    private int directories;

    public PseudoDirectory(PseudoFileSystem fs, int permissions) {
        this(fs, fs.nextIno(), permissions);
    }

    protected PseudoDirectory(PseudoFileSystem fs, long ino, int permissions) {
        super(fs, ino, S_IFDIR | permissions);
    }

    /** Adds an entry. Only while the filesystem is being made. */
    public final <T extends PseudoInode> T add(String name, T inode) {
        entries.put(name, inode);
        if ((inode.mode() & S_IFMT) == S_IFDIR) {
            directories++;
        }
        return inode;
    }

    /** Adds a directory that is readable for all. Only while the filesystem is being made. */
    public final PseudoDirectory directory(String name) {
        return add(name, new PseudoDirectory(pseudo(), 0555));
    }

    @Override
    protected long links() {
        return 2 + directories;
    }

    @Override
    public Inode lookup(String name) throws ErrnoException {
        return entries.get(name);
    }

    /**
     * Gives the entries from offset {@code from} (at least {@link #FIRST}) on to {@code sink}, in ascending order of
     * offsets, until it takes no more. Fixed entries come first, their offsets are consecutive.
     *
     * @return false when the sink was full
     */
    protected boolean list(Task task, long from, DirectorySink sink) throws ErrnoException {
        long at = FIRST;
        for (Map.Entry<String, PseudoInode> e : entries.entrySet()) {
            if (at >= from) {
                PseudoInode inode = e.getValue();
                if (!sink.entry(e.getKey(), inode.ino(), inode.direntType(), at + 1)) {
                    return false;
                }
            }
            at++;
        }
        return true;
    }

    /** The offset behind the fixed entries. */
    protected final long afterFixed() {
        return FIRST + entries.size();
    }

    @Override
    public Inode create(String name, int mode, int uid, int gid) throws ErrnoException {
        throw pseudo().refusal().error();
    }

    @Override
    public Inode mkdir(String name, int mode, int uid, int gid) throws ErrnoException {
        throw pseudo().refusal().error();
    }

    @Override
    public Inode symlink(String name, String target, int uid, int gid) throws ErrnoException {
        throw pseudo().refusal().error();
    }

    @Override
    public Inode mknod(String name, int mode, long rdev, int uid, int gid) throws ErrnoException {
        throw pseudo().refusal().error();
    }

    @Override
    public FileDescription open(VfsPath path, int flags, Task task) throws ErrnoException {
        return new OpenDirectory(path, flags, this);
    }

    private static final class OpenDirectory extends FileDescription {
        private static final int DT_DIR = 4;
        private final PseudoDirectory directory;
        /** Guarded by this. */
        private long position;

        OpenDirectory(VfsPath path, int flags, PseudoDirectory directory) {
            super(path, flags);
            this.directory = directory;
        }

        @Override
        public synchronized void iterate(Task task, DirectorySink sink) throws ErrnoException {
            DirectorySink moving = (name, ino, type, next) -> {
                if (!sink.entry(name, ino, type, next)) {
                    return false;
                }
                position = next;
                return true;
            };
            if (position == 0 && !moving.entry(".", directory.ino(), DT_DIR, 1)) {
                return;
            }
            if (position == 1) {
                Inode parent = path().dentry().parent().inode();
                if (!moving.entry("..", parent == null ? directory.ino() : parent.ino(), DT_DIR, FIRST)) {
                    return;
                }
            }
            directory.list(task, position, moving);
        }

        @Override
        public long read(Task task, sentry.core.vfs.IoBuffer target) throws ErrnoException {
            throw Errno.EISDIR.error();
        }

        @Override
        public long pread(Task task, sentry.core.vfs.IoBuffer target, long offset) throws ErrnoException {
            throw Errno.EISDIR.error();
        }

        @Override
        public synchronized long seek(Task task, long offset, int whence) throws ErrnoException {
            long to = Positions.seek(position, offset, whence, -1);
            position = to;
            return to;
        }

        @Override
        public synchronized long position() {
            return position;
        }
    }
}
