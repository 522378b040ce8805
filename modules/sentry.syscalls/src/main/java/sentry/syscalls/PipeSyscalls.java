package sentry.syscalls;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.abi.Sys;
import sentry.core.fs.pipe.PipeEnd;
import sentry.core.fs.pipe.PipeFileSystem;
import sentry.core.syscall.SyscallTable;
import sentry.core.task.Credentials;
import sentry.core.task.Task;

/** pipe(2) and pipe2(2). */
final class PipeSyscalls {
    private PipeSyscalls() {}

    static void install(SyscallTable.Builder table) {
        table.full(Sys.PIPE, (task, a) -> pipe(task, a.a0, 0));
        table.full(Sys.PIPE2, (task, a) -> pipe(task, a.a0, a.i1()));
    }

    private static long pipe(Task task, long address, int flags) throws ErrnoException {
        if ((flags & ~(Fcntl.O_CLOEXEC | Fcntl.O_NONBLOCK | Fcntl.O_DIRECT)) != 0) {
            throw Errno.EINVAL.error();
        }
        Credentials who = task.credentials();
        PipeEnd[] ends = PipeFileSystem.INSTANCE.create(flags & (Fcntl.O_NONBLOCK | Fcntl.O_DIRECT), who.fsuid(), who.fsgid());
        boolean closeOnExec = (flags & Fcntl.O_CLOEXEC) != 0;
        int reader;
        try {
            reader = Descriptors.install(task, ends[0], closeOnExec);
        } catch (ErrnoException e) {
            ends[1].release();
            throw e;
        }
        int writer;
        try {
            writer = Descriptors.install(task, ends[1], closeOnExec);
        } catch (ErrnoException e) {
            task.fds().close(task, reader);
            throw e;
        }
        try {
            task.memory().putLong(address, reader & 0xffffffffL | (long) writer << 32);
        } catch (ErrnoException e) {
            task.fds().close(task, reader);
            task.fds().close(task, writer);
            throw e;
        }
        return 0;
    }
}
