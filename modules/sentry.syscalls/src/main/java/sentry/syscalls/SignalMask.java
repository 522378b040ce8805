package sentry.syscalls;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.task.Task;

/** The signal mask arguments of ppoll(2), pselect6(2), epoll_pwait(2). */
final class SignalMask {
    private static final int SIGSET_SIZE = 8;

    private SignalMask() {}

    /**
     * Puts the mask at {@code address} in force for the running call.
     *
     * @param size the program's idea of sizeof(sigset_t)
     */
    static void use(Task task, long address, long size) throws ErrnoException {
        if (size != SIGSET_SIZE) {
            throw Errno.EINVAL.error();
        }
        task.signals().useMaskForCall(task.memory().getLong(address));
    }
}
