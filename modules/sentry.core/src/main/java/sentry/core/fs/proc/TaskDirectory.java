package sentry.core.fs.proc;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.fs.pseudo.PseudoInode;
import sentry.core.kernel.Kernel;
import sentry.core.task.NamesProcess;
import sentry.core.task.Pid;
import sentry.core.task.PidNamespace;
import sentry.core.task.Task;
import sentry.core.task.ThreadGroup;
import sentry.core.vfs.DirectorySink;
import sentry.core.vfs.FileDescription;
import sentry.core.vfs.Inode;
import sentry.core.vfs.VfsPath;

/** /proc/PID, or /proc/PID/task/TID. */
final class TaskDirectory extends OwnedDirectory implements NamesProcess {
    private final boolean thread;

    TaskDirectory(ProcFileSystem fs, Pid pid, PidNamespace pids, boolean thread) {
        super(fs, new Subject(fs, pid, pids), ino(pid.in(pids)) + (thread ? 1 << 16 : 0), 0555);
        this.thread = thread;
    }

    @Override
    public boolean ofProcess() {
        return !thread;
    }

    @Override
    public ThreadGroup process() {
        Task task = subject().taskOrNull();
        return task == null ? null : task.group();
    }

    /** The inode number of process {@code number}'s directory; its files' numbers follow. */
    static long ino(int number) {
        return (long) number << 32 | 1 << 20;
    }

    private long ino(TaskEntry entry) {
        return ino() + 1 + entry.ordinal();
    }

    @Override
    public Inode lookup(String name) throws ErrnoException {
        TaskEntry entry = TaskEntry.of(name);
        Subject subject = subject();
        requireAccess(subject);
        subject.task(); // a directory whose process is gone refuses every name with ESRCH
        if (entry == null || !entry.in(thread)) {
            return null;
        }
        long ino = ino(entry);
        return switch (entry) {
            case TASK -> new ThreadsDirectory(subject, ino);
            case FD -> new FdDirectory(subject, ino, false);
            case FDINFO -> new FdDirectory(subject, ino, true);
            case NS -> new NsDirectory(subject, ino);
            case NET -> new NetDirectory(subject, ino);
            case MEM -> new MemFile(subject, ino);
            case PAGEMAP -> new PagemapFile(subject, ino);
            case CWD, ROOT, EXE -> new TaskLink(subject, ino, entry);
            default -> new TaskFile(subject, ino, entry, thread);
        };
    }

    /** hidepid: the directories of other users' processes may be shut, or not be there. */
    private void requireAccess(Subject subject) throws ErrnoException {
        ProcOptions options = subject.fs().mountOptions();
        if (options.hide() != ProcOptions.Hide.OFF
                && !options.allows(subject, Kernel.current(), ProcOptions.Hide.NO_ACCESS)) {
            throw (options.hide() == ProcOptions.Hide.INVISIBLE ? Errno.ENOENT : Errno.EPERM).error();
        }
    }

    @Override
    public FileDescription open(VfsPath path, int flags, Task task) throws ErrnoException {
        requireAccess(subject());
        return super.open(path, flags, task);
    }

    @Override
    protected boolean list(Task task, long from, DirectorySink sink) throws ErrnoException {
        if (subject().taskOrNull() == null) {
            throw Errno.ENOENT.error();
        }
        for (int i = (int) Math.min(from - FIRST, TaskEntry.count()); i < TaskEntry.count(); i++) {
            TaskEntry e = TaskEntry.at(i);
            if (e.in(thread) && !sink.entry(e.fileName(), ino(e), e.mode() >>> 12, FIRST + i + 1)) {
                return false;
            }
        }
        return true;
    }

    @Override
    protected long links() {
        return 2 + (thread ? 4 : 5);
    }

    static int type(int mode) {
        return (mode & PseudoInode.S_IFMT) >>> 12;
    }
}
