package sentry.core.syscall;

import sentry.core.abi.ErrnoException;
import sentry.core.task.Task;

/** Serves one system call. Stateless or thread-safe: all tasks share it. */
@FunctionalInterface
public interface SyscallHandler {
    /**
     * Returned instead of a result when the handler has set the registers itself (rt_sigreturn, execve).
     */
    long REGISTERS_SET = Long.MIN_VALUE;

    /**
     * @param task the calling task; the call runs on its thread
     * @param args the arguments; hostile
     * @return the result for the program, which is what goes into its result register
     */
    long call(Task task, SyscallArgs args) throws ErrnoException;
}
