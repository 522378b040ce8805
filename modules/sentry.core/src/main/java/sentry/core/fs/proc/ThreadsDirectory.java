package sentry.core.fs.proc;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.task.Pid;
import sentry.core.task.PidNamespace;
import sentry.core.task.Task;
import sentry.core.vfs.DirectorySink;
import sentry.core.vfs.Inode;

/** /proc/PID/task: the threads of a process. */
final class ThreadsDirectory extends OwnedDirectory {
    ThreadsDirectory(Subject subject, long ino) {
        super(subject.fs(), subject, ino, 0555);
    }

    @Override
    public Inode lookup(String name) throws ErrnoException {
        int number = Numbers.parse(name);
        Task process = subject().taskOrNull();
        if (number < 0 || process == null) {
            return null;
        }
        PidNamespace pids = subject().pids();
        Pid pid = pids.find(number);
        Task task = pid == null ? null : pid.task();
        if (task == null || task.group() != process.group()) {
            return null;
        }
        return new TaskDirectory(subject().fs(), pid, pids, true);
    }

    @Override
    protected boolean list(Task reader, long from, DirectorySink sink) throws ErrnoException {
        Task process = subject().taskOrNull();
        if (process == null) {
            throw Errno.ENOENT.error();
        }
        PidNamespace pids = subject().pids();
        for (Task t : process.group().tasks()) {
            int number = t.tid(pids);
            long at = FIRST + number;
            if (at >= from
                    && !sink.entry(Integer.toString(number), TaskDirectory.ino(number) + (1 << 16), 4, at + 1)) {
                return false;
            }
        }
        return true;
    }

    @Override
    protected long links() {
        Task process = subject().taskOrNull();
        return 2 + (process == null ? 0 : process.group().tasks().size());
    }
}
