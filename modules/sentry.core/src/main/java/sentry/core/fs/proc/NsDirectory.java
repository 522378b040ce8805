package sentry.core.fs.proc;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.fs.pseudo.PseudoSymlink;
import sentry.core.task.Namespaces;
import sentry.core.task.Task;
import sentry.core.vfs.DirectorySink;
import sentry.core.vfs.Inode;

/** /proc/PID/ns: the namespaces that the kernel has (namespaces(7)). */
final class NsDirectory extends OwnedDirectory {
    private static final String[] NAMES = {"mnt", "pid", "pid_for_children", "user", "uts"};

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
        public String readlink() throws ErrnoException {
            Namespaces ns = subject.task().namespaces();
            if (ns == null) {
                throw Errno.ESRCH.error();
            }
            Object which =
                    switch (name) {
                        case "mnt" -> ns.mounts();
                        case "pid", "pid_for_children" -> ns.pid();
                        case "user" -> subject.fs().kernel();
                        default -> ns.uts();
                    };
            String type = name.equals("pid_for_children") ? "pid" : name;
            return type + ":[" + NamespaceNumbers.of(which) + "]";
        }
    }
}
