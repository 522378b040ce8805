package sentry.core.loader;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;

/**
 * The first line of a script (execve(2), "Interpreter scripts").
 *
 * @param interpreter path of the program that runs it
 * @param argument what follows it, or null
 */
record Script(String interpreter, String argument) {
    /** The line must end within so many bytes (Linux: BINPRM_BUF_SIZE). */
    static final int HEAD = 256;

    /** Null if the file is no script; ENOEXEC if its first line is of no use. */
    static Script parse(byte[] head, int length) throws ErrnoException {
        if (length < 2 || head[0] != '#' || head[1] != '!') {
            return null;
        }
        int end = 2;
        while (end < length && head[end] != '\n' && head[end] != 0) {
            end++;
        }
        boolean whole = end < length || length < HEAD;
        int from = skip(head, 2, end);
        int to = from;
        while (to < end && !blank(head[to])) {
            to++;
        }
        if (from == end || to == end && !whole) {
            throw Errno.ENOEXEC.error(); // no name, or one that may go on
        }
        int argument = skip(head, to, end);
        int last = end;
        while (last > argument && blank(head[last - 1])) {
            last--;
        }
        return new Script(text(head, from, to), argument == last ? null : text(head, argument, last));
    }

    /** The interpreter's arguments: itself, its argument, the script, and the script's arguments but the first. */
    List<String> arguments(String script, List<String> argv) {
        List<String> all = new ArrayList<>(argv.size() + 2);
        all.add(interpreter);
        if (argument != null) {
            all.add(argument);
        }
        all.add(script);
        for (int i = 1; i < argv.size(); i++) {
            all.add(argv.get(i));
        }
        return all;
    }

    private static int skip(byte[] head, int from, int end) {
        int i = from;
        while (i < end && blank(head[i])) {
            i++;
        }
        return i;
    }

    private static boolean blank(byte b) {
        return b == ' ' || b == '\t';
    }

    private static String text(byte[] head, int from, int to) {
        return new String(head, from, to - from, StandardCharsets.ISO_8859_1);
    }
}
