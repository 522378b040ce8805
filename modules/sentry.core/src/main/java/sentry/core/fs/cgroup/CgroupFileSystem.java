package sentry.core.fs.cgroup;

import java.util.Map;
import java.util.WeakHashMap;
import sentry.core.cgroup.CgroupTree;
import sentry.core.fs.pseudo.PseudoFileSystem;
import sentry.core.vfs.Inode;

/** The filesystem of one hierarchy. */
final class CgroupFileSystem extends PseudoFileSystem {
    private static final long CGROUP_SUPER_MAGIC = 0x27e0eb;
    private static final long CGROUP2_SUPER_MAGIC = 0x63677270;

    private static final Map<CgroupTree, CgroupFileSystem> INSTANCES = new WeakHashMap<>();

    private final CgroupTree tree;
    private final CgroupDirectory root;

    private CgroupFileSystem(CgroupTree tree) {
        super(tree.version() == 2 ? "cgroup2" : "cgroup", tree.version() == 2 ? CGROUP2_SUPER_MAGIC : CGROUP_SUPER_MAGIC);
        this.tree = tree;
        root = new CgroupDirectory(this, tree.root());
    }

    static CgroupFileSystem of(CgroupTree tree) {
        synchronized (INSTANCES) {
            return INSTANCES.computeIfAbsent(tree, CgroupFileSystem::new);
        }
    }

    @Override
    public String options() {
        return tree.label();
    }

    @Override
    public Inode root() {
        return root;
    }
}
