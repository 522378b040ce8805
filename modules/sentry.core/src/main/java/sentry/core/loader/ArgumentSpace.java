package sentry.core.loader;

import java.util.ArrayList;
import java.util.List;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Resource;
import sentry.core.memory.UserMemory;
import sentry.core.task.Task;

/** Reads argv and envp, and keeps them within the limits of execve(2): E2BIG. */
public final class ArgumentSpace {
    /** Longest string with its NUL (Linux: MAX_ARG_STRLEN). */
    private static final int LONGEST = 32 * 4096;
    /** Always allowed (Linux: ARG_MAX). */
    private static final long LEAST = 32 * 4096;
    /** Never more, whatever the stack's limit: three quarters of its default. */
    private static final long MOST = 6L << 20;

    private ArgumentSpace() {}

    /** The strings that the NULL-terminated array at {@code address} points to; null for none. */
    public static List<String> read(Task task, long address) throws ErrnoException {
        List<String> strings = new ArrayList<>();
        if (address == 0) {
            return strings;
        }
        UserMemory memory = task.memory();
        long limit = limit(task);
        long size = 0;
        for (long at = address; ; at += 8) {
            long string = memory.getLong(at);
            if (string == 0) {
                return strings;
            }
            String s = memory.readString(string, LONGEST);
            if (s == null) {
                throw Errno.E2BIG.error();
            }
            size += s.length() + 1 + 8;
            if (size > limit) {
                throw Errno.E2BIG.error();
            }
            strings.add(s);
        }
    }

    /** E2BIG if all of it together, pointers included, is too much. */
    static void check(Task task, String path, List<String> argv, List<String> envp) throws ErrnoException {
        long size = path.length() + 1 + 8L * (Math.max(argv.size(), 1) + envp.size());
        for (String s : argv) {
            size += s.length() + 1;
        }
        for (String s : envp) {
            size += s.length() + 1;
        }
        if (size > limit(task)) {
            throw Errno.E2BIG.error();
        }
    }

    private static long limit(Task task) {
        long stack = task.group().rlimits().soft(Resource.RLIMIT_STACK);
        long quarter = stack < 0 ? MOST : stack / 4;
        return Math.max(LEAST, Math.min(MOST, quarter));
    }
}
