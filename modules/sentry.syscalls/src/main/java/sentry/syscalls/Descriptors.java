package sentry.syscalls;

import sentry.core.abi.ErrnoException;
import sentry.core.abi.Resource;
import sentry.core.task.Task;
import sentry.core.vfs.FileDescription;

/** Putting files into the descriptor table. */
final class Descriptors {
    /** Whatever the limit says (sysctl fs.nr_open). */
    private static final long MOST = 1 << 20;

    private Descriptors() {}

    /** One more than the highest descriptor that the task may make (RLIMIT_NOFILE). */
    static long limit(Task task) {
        return Math.min(task.group().rlimit(Resource.RLIMIT_NOFILE), MOST);
    }

    /** Gives {@code file} the lowest free descriptor; releases it when there is none. */
    static int install(Task task, FileDescription file, boolean closeOnExec) throws ErrnoException {
        try {
            return task.fds().install(file, 0, closeOnExec, limit(task));
        } catch (ErrnoException e) {
            file.release();
            throw e;
        }
    }
}
