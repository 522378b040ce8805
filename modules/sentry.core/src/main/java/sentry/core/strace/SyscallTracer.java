package sentry.core.strace;

import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.SyscallNames;
import sentry.core.log.Log;
import sentry.core.syscall.SyscallArgs;
import sentry.core.syscall.SyscallHandler;
import sentry.core.syscall.SyscallTable;
import sentry.core.task.Task;

/**
 * Logs each call as it comes (E) and goes (X), with its arguments decoded. A traced table is an ordinary table whose
 * handlers are wrapped, so tracing costs nothing while it is off.
 */
public final class SyscallTracer {
    private SyscallTracer() {}

    /** A table that logs. {@code only}: names of the calls to log; empty for all. */
    public static SyscallTable trace(SyscallTable table, Collection<String> only) {
        Set<String> names = new HashSet<>(only);
        return table.wrapped((nr, handler) ->
                names.isEmpty() || names.contains(SyscallNames.name(nr)) ? new Traced(handler) : handler);
    }

    private record Traced(SyscallHandler handler) implements SyscallHandler {
        @Override
        public long call(Task task, SyscallArgs args) throws ErrnoException {
            // The handler may change what it was given: keep the arguments for the second line.
            long[] a = {args.a0, args.a1, args.a2, args.a3, args.a4, args.a5};
            Signature signature = Signature.of(args.nr);
            String who = "[" + task.pid() + ":" + task.tid() + "] " + task.name();
            // Strings that the call reads must be read before it: execve and unmapping take them away.
            String in = signature.decode(task, a, null);
            Log.info(who + " E " + in);
            long start = System.nanoTime();
            try {
                long result = handler.call(task, args);
                String out = signature.hasOutput() && result != REGISTERS_SET ? signature.decode(task, a, result) : in;
                Log.info(who + " X " + out + " = " + signature.result(result) + time(start));
                return result;
            } catch (ErrnoException e) {
                Log.info(who + " X " + in + " = -1 " + e.errno() + " (" + e.errno().number() + ")" + time(start));
                throw e;
            }
        }

        private static String time(long start) {
            return " (" + (System.nanoTime() - start) / 1000 + " us)";
        }
    }
}
