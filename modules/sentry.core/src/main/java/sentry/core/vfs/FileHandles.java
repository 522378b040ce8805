package sentry.core.vfs;

import java.lang.ref.WeakReference;
import java.util.concurrent.ConcurrentHashMap;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;

/**
 * File handles (name_to_handle_at(2)): an inode number, with which its filesystem's files are found again as long as they
 * are known to the dentry cache.
 */
public final class FileHandles {
    private record Key(FileSystem fileSystem, long ino) {}

    /** Grows with handles asked for, which takes CAP_DAC_READ_SEARCH to make use of; swept when it has doubled. */
    private static final ConcurrentHashMap<Key, WeakReference<Dentry>> KNOWN = new ConcurrentHashMap<>();

    private static int sweepAt = 1024;

    private FileHandles() {}

    /** Whether files of the filesystem have handles: those of kernel-made ones come and go. */
    public static boolean supported(FileSystem fs) {
        return switch (fs.type()) {
            case "proc", "sysfs", "devpts", "cgroup", "cgroup2", "mqueue", "nsfs" -> false;
            default -> !(fs instanceof InternalFileSystem);
        };
    }

    /** The number for a handle of {@code path}'s file. */
    public static long of(VfsPath path) {
        Inode inode = path.inode();
        KNOWN.put(new Key(inode.fileSystem(), inode.ino()), new WeakReference<>(path.dentry()));
        sweep();
        return inode.ino();
    }

    private static synchronized void sweep() {
        if (KNOWN.size() > sweepAt) {
            KNOWN.values().removeIf(r -> r.get() == null);
            sweepAt = Math.max(1024, KNOWN.size() * 2);
        }
    }

    /** The file with the number on {@code mount}; ESTALE when it is gone. */
    public static VfsPath find(Mount mount, long ino) throws ErrnoException {
        WeakReference<Dentry> known = KNOWN.get(new Key(mount.fileSystem(), ino));
        Dentry d = known == null ? null : known.get();
        if (d == null || d.inode() == null || d.inode().ino() != ino || d.unlinked()) {
            throw Errno.ESTALE.error();
        }
        return new VfsPath(mount, d);
    }
}
