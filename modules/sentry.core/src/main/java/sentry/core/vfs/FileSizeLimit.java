package sentry.core.vfs;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Resource;
import sentry.core.abi.Signal;
import sentry.core.signal.SignalInfo;
import sentry.core.task.Task;

/** RLIMIT_FSIZE (getrlimit(2)): how large a process may make a file. */
public final class FileSizeLimit {
    private FileSizeLimit() {}

    /** EFBIG, and SIGXFSZ for the task, when {@code size} bytes are too many. {@code task} null: the kernel itself. */
    public static void check(Task task, long size) throws ErrnoException {
        if (task != null && size > task.group().rlimit(Resource.RLIMIT_FSIZE)) {
            exceeded(task);
        }
    }

    /** {@code source}, or as much of it as may be written at {@code offset}; EFBIG and SIGXFSZ when that is nothing. */
    static IoBuffer limit(Task task, IoBuffer source, long offset) throws ErrnoException {
        long limit = task == null ? Long.MAX_VALUE : task.group().rlimit(Resource.RLIMIT_FSIZE);
        if (limit == Long.MAX_VALUE || source.remaining() == 0 || source.remaining() <= limit - offset) {
            return source;
        }
        if (offset >= limit) {
            exceeded(task);
        }
        return new LimitedBuffer(source, limit - offset);
    }

    private static void exceeded(Task task) throws ErrnoException {
        task.signals().send(SignalInfo.user(Signal.SIGXFSZ, task.ownPid(), task.ownUid()));
        throw Errno.EFBIG.error();
    }

    /** Whether there is a limit at all: most processes have none. */
    static boolean applies(Task task) {
        return task != null && task.group().rlimit(Resource.RLIMIT_FSIZE) != Long.MAX_VALUE;
    }
}
