package example.syscalls;

import java.util.concurrent.atomic.AtomicLong;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Sys;
import sentry.core.arch.Arch;
import sentry.core.syscall.SyscallArgs;
import sentry.core.syscall.SyscallHandler;
import sentry.core.syscall.SyscallModule;
import sentry.core.syscall.SyscallTable;
import sentry.core.task.Task;

/**
 * Adds one call, {@value #ROT13}: {@code long rot13(char *text, size_t length)}, which rewrites program memory and
 * returns how often getpid(2) was called so far; and wraps getpid(2) to count it.
 */
public final class ExampleModule implements SyscallModule {
    /** A number that Linux does not use. */
    public static final int ROT13 = 1000;

    /** No more than this is rewritten at once, so that a program cannot make the kernel allocate at will. */
    private static final int LIMIT = 64 * 1024;

    private final AtomicLong getpids = new AtomicLong();

    public ExampleModule() {}

    @Override
    public String name() {
        return "example";
    }

    /** After the built-in table, which has 0. */
    @Override
    public int order() {
        return 100;
    }

    @Override
    public void install(Arch arch, SyscallTable.Builder table) {
        if (arch != Arch.AMD64) {
            return;
        }
        table.full(ROT13, this::rot13);
        table.wrap(Sys.GETPID, this::counting);
    }

    private SyscallHandler counting(SyscallHandler next) {
        return (task, args) -> {
            getpids.incrementAndGet();
            return next.call(task, args);
        };
    }

    private long rot13(Task task, SyscallArgs args) throws ErrnoException {
        if (args.a1 < 0 || args.a1 > LIMIT) {
            throw Errno.EINVAL.error();
        }
        byte[] text = new byte[(int) args.a1];
        task.memory().read(args.a0, text, 0, text.length); // EFAULT for a wild pointer
        for (int i = 0; i < text.length; i++) {
            text[i] = rot13(text[i]);
        }
        task.memory().write(args.a0, text, 0, text.length);
        return getpids.get();
    }

    private static byte rot13(byte c) {
        if (c >= 'a' && c <= 'z') {
            return (byte) ((c - 'a' + 13) % 26 + 'a');
        }
        if (c >= 'A' && c <= 'Z') {
            return (byte) ((c - 'A' + 13) % 26 + 'A');
        }
        return c;
    }
}
