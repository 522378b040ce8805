package sentry.core.fs.proc;

import sentry.core.abi.ErrnoException;
import sentry.core.fs.pseudo.PseudoDirectory;
import sentry.core.task.Task;
import sentry.core.vfs.DirectorySink;

/** The tree /proc/sys: what the kernel really has or really does (proc(5)). */
final class Sysctls {
    private Sysctls() {}

    static PseudoDirectory tree(ProcFileSystem fs) throws ErrnoException {
        Root root = new Root(fs);
        PseudoDirectory fsDirectory = root.directory("fs");
        PseudoDirectory mqueue = fsDirectory.directory("mqueue");
        PseudoDirectory inotify = fsDirectory.directory("inotify");
        PseudoDirectory kernel = root.directory("kernel");
        PseudoDirectory random = kernel.directory("random");
        PseudoDirectory pty = kernel.directory("pty");
        PseudoDirectory net = root.directory("net");
        NetSysctl.fill(fs, net);
        PseudoDirectory user = root.directory("user");
        PseudoDirectory vm = root.directory("vm");
        for (Sysctl s : Sysctl.values()) {
            PseudoDirectory in =
                    switch (s.place()) {
                        case FS -> fsDirectory;
                        case INOTIFY -> inotify;
                        case MQUEUE -> mqueue;
                        case KERNEL -> kernel;
                        case RANDOM -> random;
                        case PTY -> pty;
                        case USER -> user;
                        case VM -> vm;
                    };
            in.add(s.fileName(), new SysctlFile(fs, s));
        }
        FixedSetting.addTo(fs, root);
        return root;
    }

    /** The entries of a tree, for a directory that stands for it. */
    static boolean list(PseudoDirectory tree, Task task, long from, DirectorySink sink) throws ErrnoException {
        return ((Root) tree).entries(task, from, sink);
    }

    private static final class Root extends PseudoDirectory {
        Root(ProcFileSystem fs) {
            super(fs, 0555);
        }

        boolean entries(Task task, long from, DirectorySink sink) throws ErrnoException {
            return list(task, from, sink);
        }
    }
}
