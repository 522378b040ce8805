package sentry.syscalls;

import sentry.core.abi.ErrnoException;
import sentry.core.abi.Sys;
import sentry.core.syscall.SyscallArgs;
import sentry.core.syscall.SyscallTable;
import sentry.core.task.Task;
import sentry.core.task.UtsNamespace;

/** Calls about the system as a whole: uname and the host name. */
final class SystemSyscalls {
    /** Length of each field of struct utsname, including the NUL. */
    private static final int FIELD = 65;

    private SystemSyscalls() {}

    static void install(SyscallTable.Builder table) {
        table.full(Sys.UNAME, SystemSyscalls::uname);
    }

    private static long uname(Task task, SyscallArgs args) throws ErrnoException {
        UtsNamespace uts = task.namespaces().uts();
        byte[] out = new byte[6 * FIELD];
        put(out, 0, "Linux");
        put(out, 1, uts.hostname());
        put(out, 2, task.kernel().release());
        put(out, 3, task.kernel().version());
        put(out, 4, "x86_64");
        put(out, 5, uts.domainname());
        task.memory().write(args.a0, out, 0, out.length);
        return 0;
    }

    @SuppressWarnings("deprecation") // getBytes(int, ...) takes the low bytes, which is what raw-byte strings are
    private static void put(byte[] out, int field, String value) {
        int n = Math.min(value.length(), FIELD - 1);
        value.getBytes(0, n, out, field * FIELD);
    }
}
