package sentry.core.fs.proc;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.fs.pseudo.PseudoSymlink;
import sentry.core.kernel.Kernel;
import sentry.core.task.Task;
import sentry.core.vfs.FsContext;
import sentry.core.vfs.Paths;
import sentry.core.vfs.VfsPath;

/** /proc/PID/cwd, root and exe: links straight to the object, wherever it is by now. */
final class TaskLink extends PseudoSymlink {
    private final Subject subject;
    private final TaskEntry kind;

    TaskLink(Subject subject, long ino, TaskEntry kind) {
        super(subject.fs(), ino, null);
        this.subject = subject;
        this.kind = kind;
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
        Task task = subject.task();
        VfsPath path;
        if (kind == TaskEntry.EXE) {
            path = Mapping.executable(subject.memory());
        } else {
            FsContext fs = task.group().zombie() ? null : task.fs();
            path = fs == null ? null : kind == TaskEntry.CWD ? fs.cwd() : fs.root();
        }
        if (path == null) {
            throw Errno.ENOENT.error();
        }
        return path;
    }

    @Override
    public String readlink() throws ErrnoException {
        Task reader = Kernel.current();
        VfsPath path = magicLink(reader);
        return Paths.of(path, (reader == null ? subject.task() : reader).fs().root());
    }
}
