package sentry.core.task;

import sentry.core.abi.ErrnoException;
import sentry.core.platform.Context;
import sentry.core.syscall.SyscallArgs;
import sentry.core.syscall.SyscallTable;

/** The results of a task's steady system calls, as the platform was told them. */
final class SteadyAnswers {
    /** The platform must be told anew before the program runs again. Set from any thread. */
    volatile boolean stale = true;

    private static final int[] NO_NUMBERS = {};
    private static final long[] NO_VALUES = {};

    /** Asks the handlers and tells the platform. By the task's thread, while the program does not run. */
    void tell(Task task) {
        stale = false;
        Context context = task.context();
        if (!context.answersCalls()) {
            return;
        }
        // Ids in another user namespace change with its maps, which others write.
        if (task.watchesSyscalls() || task.credentials().userNamespace() != UserNamespace.INITIAL) {
            context.answers(NO_NUMBERS, NO_VALUES, 0);
            return;
        }
        SyscallTable table = task.kernel().syscalls();
        int[] numbers = table.steady();
        long[] values = new long[numbers.length];
        SyscallArgs args = new SyscallArgs();
        for (int i = 0; i < numbers.length; i++) {
            args.nr = numbers[i];
            try {
                values[i] = table.handler(numbers[i]).call(task, args);
            } catch (ErrnoException e) {
                values[i] = -e.errno().number();
            }
        }
        context.answers(numbers, values, numbers.length);
    }
}
