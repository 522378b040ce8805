package sentry.core.vfs;

import java.util.ArrayList;

/** Writes places in the mount tree as text: getcwd(2), /proc/PID/fd, exe, maps and mounts. */
public final class Paths {
    private Paths() {}

    /**
     * The path of {@code path} as seen from {@code root}. Files without a place in the tree (pipes, anonymous inodes) have
     * their own name; " (deleted)" is added to what was unlinked; what is not below {@code root} is named from the root of
     * its own tree.
     */
    public static String of(VfsPath path, VfsPath root) {
        if (path.mount().fileSystem() instanceof InternalFileSystem) {
            return path.dentry().name();
        }
        String text = text(path, root, null);
        return path.dentry().unlinked() ? text + " (deleted)" : text;
    }

    /** Whether {@code path} lies below {@code root}; when not, getcwd(2) and mountinfo say so. */
    public static boolean reachable(VfsPath path, VfsPath root) {
        Mount mount = path.mount();
        Dentry d = path.dentry();
        for (; ; ) {
            if (d == root.dentry() && mount == root.mount()) {
                return true;
            }
            if (d == mount.root()) {
                VfsPath point = mount.mountpoint();
                if (point == null) {
                    return false;
                }
                mount = point.mount();
                d = point.dentry();
            } else if (d.isRoot()) {
                return false;
            } else {
                d = d.parent();
            }
        }
    }

    /** The path of {@code dentry} within its filesystem, for the root field of mountinfo. */
    public static String within(Dentry dentry) {
        ArrayList<String> names = new ArrayList<>();
        for (Dentry d = dentry; !d.isRoot(); d = d.parent()) {
            names.add(d.name());
        }
        return join(names);
    }

    private static String text(VfsPath path, VfsPath root, Mount stop) {
        ArrayList<String> names = new ArrayList<>();
        Mount mount = path.mount();
        Dentry d = path.dentry();
        for (; ; ) {
            if (d == root.dentry() && mount == root.mount()) {
                break;
            }
            if (d == mount.root()) {
                VfsPath point = mount.mountpoint();
                if (point == null || mount == stop) {
                    break;
                }
                mount = point.mount();
                d = point.dentry();
            } else if (d.isRoot()) {
                break;
            } else {
                names.add(d.name());
                d = d.parent();
            }
        }
        return join(names);
    }

    private static String join(ArrayList<String> names) {
        if (names.isEmpty()) {
            return "/";
        }
        int length = 0;
        for (int i = 0; i < names.size(); i++) {
            length += names.get(i).length() + 1;
        }
        StringBuilder b = new StringBuilder(length);
        for (int i = names.size() - 1; i >= 0; i--) {
            b.append('/').append(names.get(i));
        }
        return b.toString();
    }
}
