package sentry.core.task;

import sentry.core.abi.Errno;
import sentry.core.abi.Sys;
import sentry.core.arch.Registers;
import sentry.core.seccomp.SeccompGate;
import sentry.core.syscall.SyscallArgs;
import sentry.core.syscall.SyscallHandler;

/** A system call that somebody looks at: a tracer, a filter. */
final class WatchedCall {
    private WatchedCall() {}

    /** Makes the call that is in the registers, if those who look at it let it through. */
    static void run(Task task) {
        Registers r = task.registers();
        SyscallArgs args = task.args();
        r.set(Registers.RAX, -Errno.ENOSYS.number()); // as Linux does, for a tracer to see and for calls that are not made
        if (task.trace() != null) {
            boolean make = TraceStops.syscallEntry(task);
            args.load(r); // the tracer may have changed them
            if (!make) {
                return;
            }
        }
        if ((task.seccompMode() == 0 || SeccompGate.enter(task)) && args.nr != -1) {
            call(task, r, args);
        }
        TraceStops.syscallExit(task);
        restart(task, r);
    }

    private static void call(Task task, Registers r, SyscallArgs args) {
        int nr = args.nr;
        long result = task.invoke();
        if (result != SyscallHandler.REGISTERS_SET) {
            r.setResult(result);
        } else if (nr == Sys.EXECVE || nr == Sys.EXECVEAT) {
            r.set(Registers.ORIG_RAX, nr);
        }
    }

    /** Has an interrupted call resolved, unless the tracer gave it another result. */
    private static void restart(Task task, Registers r) {
        long result = r.result();
        if (r.syscallNumber() != -1
                && result <= -Errno.ERESTARTSYS.number()
                && result >= -Errno.ERESTART_RESTARTBLOCK.number()) {
            task.finish(result);
        }
    }
}
