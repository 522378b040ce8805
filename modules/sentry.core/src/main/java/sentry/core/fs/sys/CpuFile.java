package sentry.core.fs.sys;

import sentry.core.fs.proc.CpuList;
import sentry.core.fs.pseudo.GeneratedFile;
import sentry.core.fs.pseudo.PseudoFileSystem;
import sentry.core.fs.pseudo.Text;
import sentry.core.task.Task;

/** A file about CPUs: a list, a number or nothing. */
final class CpuFile extends GeneratedFile {
    /** What the file says about its number. */
    enum Kind {
        /** The CPUs below it. */
        LIST,
        /** An empty list. */
        NONE,
        /** The number before it. */
        LAST,
        NUMBER
    }

    private static final int PAGE = 4096;

    private final Kind kind;
    private final int number;

    CpuFile(PseudoFileSystem fs, Kind kind, int number) {
        super(fs, 0444);
        this.kind = kind;
        this.number = number;
    }

    @Override
    protected long size() {
        return PAGE; // so sysfs says of every file
    }

    @Override
    protected void generate(Task reader, Text out) {
        switch (kind) {
            case LIST -> CpuList.all(out, number);
            case NONE -> {}
            case LAST -> out.add(number - 1);
            case NUMBER -> out.add(number);
        }
        out.line();
    }
}
