package sentry.core.fs.proc;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.fs.pseudo.Text;
import sentry.core.task.IdMap;
import sentry.core.task.Task;
import sentry.core.task.UserNamespace;

/** The text of /proc/PID/uid_map and gid_map (user_namespaces(7)). */
final class IdMapText {
    /** Ranges of a map at most. */
    private static final int LIMIT = 340;

    private static final int PAGE_SIZE = 4096;

    private IdMapText() {}

    /** The outer ids are those of the reader's namespace, or of the parent when the reader is inside. */
    static void write(UserNamespace ns, boolean groups, Task reader, Text out) {
        UserNamespace outer = reader == null ? UserNamespace.INITIAL : reader.credentials().userNamespace();
        if (outer == ns && ns.parent() != null) {
            outer = ns.parent();
        }
        IdMap map = groups ? ns.gids() : ns.uids();
        for (int i = 0; i < map.size(); i++) {
            int kernel = map.kernelFirst(i);
            int lower = outer == UserNamespace.INITIAL
                    ? kernel
                    : (groups ? outer.gids() : outer.uids()).fromKernel(kernel);
            out.addRight(map.first(i), 10).add(' ').addRight(lower & 0xffffffffL, 10);
            out.add(' ').addRight(map.count(i), 10).line();
        }
    }

    /** What a program wrote: lines of three numbers; the second is an id of the parent namespace. EINVAL otherwise. */
    static IdMap parse(byte[] data) throws ErrnoException {
        if (data.length >= PAGE_SIZE) {
            throw Errno.EINVAL.error();
        }
        String text = TaskFile.string(data, data.length);
        int end = text.indexOf('\0');
        String[] lines = (end < 0 ? text : text.substring(0, end)).split("\n");
        if (lines.length > LIMIT) {
            throw Errno.EINVAL.error();
        }
        long[] first = new long[lines.length];
        long[] lower = new long[lines.length];
        long[] count = new long[lines.length];
        for (int i = 0; i < lines.length; i++) {
            String[] words = lines[i].strip().split("[ \t]+");
            if (words.length != 3) {
                throw Errno.EINVAL.error();
            }
            first[i] = number(words[0]);
            lower[i] = number(words[1]);
            count[i] = number(words[2]);
            if (count[i] == 0
                    || first[i] + count[i] > 0xffffffffL
                    || lower[i] + count[i] > 0xffffffffL
                    || overlaps(first, count, i)
                    || overlaps(lower, count, i)) {
                throw Errno.EINVAL.error();
            }
        }
        return new IdMap(first, lower, count);
    }

    private static boolean overlaps(long[] start, long[] count, int last) {
        for (int i = 0; i < last; i++) {
            if (start[last] < start[i] + count[i] && start[i] < start[last] + count[last]) {
                return true;
            }
        }
        return false;
    }

    private static long number(String word) throws ErrnoException {
        if (word.charAt(0) == '+') {
            throw Errno.EINVAL.error();
        }
        try {
            return Integer.parseUnsignedInt(word) & 0xffffffffL;
        } catch (NumberFormatException e) {
            throw Errno.EINVAL.error();
        }
    }
}
