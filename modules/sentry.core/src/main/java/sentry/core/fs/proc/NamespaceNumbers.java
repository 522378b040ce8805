package sentry.core.fs.proc;

import java.util.Map;
import java.util.WeakHashMap;

/** Gives namespaces the numbers that /proc/PID/ns shows, when they are first asked for. */
final class NamespaceNumbers {
    /** Linux's own namespaces begin here (PROC_DYNAMIC_FIRST). */
    private static final long FIRST = 0xf0000000L;

    private static final Map<Object, Long> NUMBERS = new WeakHashMap<>();
    private static long next = FIRST;

    private NamespaceNumbers() {}

    static synchronized long of(Object namespace) {
        Long number = NUMBERS.get(namespace);
        if (number == null) {
            number = next++;
            NUMBERS.put(namespace, number);
        }
        return number;
    }
}
