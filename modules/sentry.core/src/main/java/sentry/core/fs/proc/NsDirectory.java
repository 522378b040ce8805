package sentry.core.fs.proc;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.fs.nsfs.NamespaceFiles;
import sentry.core.fs.pseudo.PseudoSymlink;
import sentry.core.kernel.Kernel;
import sentry.core.task.Namespace;
import sentry.core.task.Namespaces;
import sentry.core.task.Task;
import sentry.core.vfs.DirectorySink;
import sentry.core.vfs.Inode;
import sentry.core.vfs.VfsPath;

/** /proc/PID/ns: the namespaces that the kernel has (namespaces(7)). */
final class NsDirectory extends OwnedDirectory {
    private static final String[] NAMES = {
        "cgroup", "ipc", "mnt", "net", "pid", "pid_for_children", "time", "time_for_children", "user", "uts"
    };

    NsDirectory(Subject subject, long ino) {
        super(subject.fs(), subject, ino, 0511);
    }

    @Override
    public Inode lookup(String name) throws ErrnoException {
        for (int i = 0; i < NAMES.length; i++) {
            if (NAMES[i].equals(name)) {
                return new Link(subject(), ino() + ((long) (i + 1) << 21), name);
            }
        }
        return null;
    }

    @Override
    protected boolean list(Task reader, long from, DirectorySink sink) throws ErrnoException {
        for (int i = (int) Math.min(from - FIRST, NAMES.length); i < NAMES.length; i++) {
            if (!sink.entry(NAMES[i], ino() + ((long) (i + 1) << 21), 10, FIRST + i + 1)) {
                return false;
            }
        }
        return true;
    }

    private static final class Link extends PseudoSymlink {
        private final Subject subject;
        private final String name;

        Link(Subject subject, long ino, String name) {
            super(subject.fs(), ino, null);
            this.subject = subject;
            this.name = name;
        }

        @Override
        public int uid() {
            return subject.uid();
        }

        @Override
        public int gid() {
            return subject.gid();
        }

        @Override
        public VfsPath magicLink(Task reader) throws ErrnoException {
            subject.requireInspectable(reader);
            return NamespaceFiles.INSTANCE.path(namespace());
        }

        @Override
        public String readlink() throws ErrnoException {
            subject.requireInspectable(Kernel.current());
            return namespace().text();
        }

        private Namespace namespace() throws ErrnoException {
            Task task = subject.task();
            if (task.group().zombie() && !name.equals("user")) {
                throw Errno.ENOENT.error();
            }
            Namespaces ns = task.namespaces();
            return switch (name) {
                case "cgroup" -> ns.cgroup();
                case "ipc" -> ns.ipc();
                case "mnt" -> ns.mounts();
                case "net" -> ns.net();
                case "pid" -> ns.pid();
                case "pid_for_children" -> {
                    if (ns.pidForChildren().init() == null) {
                        throw Errno.ENOENT.error(); // the first child has yet to come
                    }
                    yield ns.pidForChildren();
                }
                case "time" -> ns.time();
                case "time_for_children" -> ns.timeForChildren();
                case "user" -> task.credentials().userNamespace();
                default -> ns.uts();
            };
        }
    }
}
