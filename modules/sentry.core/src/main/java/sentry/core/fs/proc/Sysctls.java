package sentry.core.fs.proc;

import sentry.core.fs.pseudo.PseudoDirectory;

/** The tree /proc/sys: what the kernel really has or really does (proc(5)). */
final class Sysctls {
    private Sysctls() {}

    static PseudoDirectory tree(ProcFileSystem fs) {
        PseudoDirectory root = new PseudoDirectory(fs, 0555);
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
        return root;
    }
}
