package sentry.core.fs.cgroup;

import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.cgroup.Cgroup;
import sentry.core.fs.pseudo.PseudoDirectory;
import sentry.core.task.Task;
import sentry.core.vfs.DirectorySink;
import sentry.core.vfs.Inode;

/** The directory of one group: a file for each thing that can be asked or set, a directory for each group inside. */
final class CgroupDirectory extends PseudoDirectory {
    /** The offset of the first directory. */
    private static final long GROUPS = 1 << 16;

    private final CgroupFileSystem fs;
    private final Cgroup group;
    private final CgroupFile[] files = new CgroupFile[CgroupEntry.count()];
    /** Guarded by this. */
    private final Map<Cgroup, CgroupDirectory> groups = new IdentityHashMap<>();

    CgroupDirectory(CgroupFileSystem fs, Cgroup group) {
        super(fs, 0755);
        this.fs = fs;
        this.group = group;
        for (int i = 0; i < files.length; i++) {
            files[i] = new CgroupFile(fs, group, CgroupEntry.at(i));
        }
    }

    private synchronized CgroupDirectory of(Cgroup child) {
        return groups.computeIfAbsent(child, c -> new CgroupDirectory(fs, c));
    }

    @Override
    public Inode lookup(String name) throws ErrnoException {
        for (CgroupFile f : files) {
            if (f.entry().fileName().equals(name)) {
                return f.entry().in(group) && !group.removed() ? f : null;
            }
        }
        Cgroup child = group.child(name);
        return child == null ? null : of(child);
    }

    @Override
    public boolean caches(String name, Inode found) {
        return false; // which files there are follows the parent's subtree_control
    }

    @Override
    public Inode mkdir(String name, int mode, int uid, int gid) throws ErrnoException {
        if (name.indexOf('\n') >= 0) {
            throw Errno.EINVAL.error();
        }
        if (lookup(name) != null) {
            throw Errno.EEXIST.error();
        }
        return of(group.make(name));
    }

    @Override
    public void rmdir(String name, Inode victim) throws ErrnoException {
        if (!(victim instanceof CgroupDirectory directory)) {
            throw Errno.ENOTDIR.error();
        }
        directory.group.remove();
        synchronized (this) {
            groups.remove(directory.group);
        }
    }

    @Override
    protected boolean list(Task task, long from, DirectorySink sink) throws ErrnoException {
        for (int i = (int) Math.min(from - FIRST, files.length); i < files.length; i++) {
            if (files[i].entry().in(group)
                    && !sink.entry(files[i].entry().fileName(), files[i].ino(), files[i].direntType(), FIRST + i + 1)) {
                return false;
            }
        }
        List<Cgroup> children = group.children();
        for (int i = (int) Math.max(0, Math.min(from - GROUPS, children.size())); i < children.size(); i++) {
            CgroupDirectory d = of(children.get(i));
            if (!sink.entry(children.get(i).name(), d.ino(), d.direntType(), GROUPS + i + 1)) {
                return false;
            }
        }
        return true;
    }

    @Override
    protected long links() {
        return 2 + group.children().size();
    }
}
