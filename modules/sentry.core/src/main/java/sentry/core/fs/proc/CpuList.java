package sentry.core.fs.proc;

import sentry.core.fs.pseudo.Text;

/** Sets of CPUs as lists: "0-3,5". */
public final class CpuList {
    private CpuList() {}

    /** All of the first {@code count} CPUs. */
    public static void all(Text out, int count) {
        out.add('0');
        if (count > 1) {
            out.add('-').add(count - 1);
        }
    }

    /** Those of the first {@code count} CPUs that are in {@code mask}. */
    static void write(Text out, long[] mask, int count) {
        boolean first = true;
        for (int i = 0; i < count; ) {
            if (!has(mask, i)) {
                i++;
                continue;
            }
            int end = i;
            while (end + 1 < count && has(mask, end + 1)) {
                end++;
            }
            if (!first) {
                out.add(',');
            }
            first = false;
            out.add(i);
            if (end > i) {
                out.add('-').add(end);
            }
            i = end + 1;
        }
    }

    private static boolean has(long[] mask, int cpu) {
        return (mask[cpu / 64] >>> cpu & 1) != 0;
    }
}
