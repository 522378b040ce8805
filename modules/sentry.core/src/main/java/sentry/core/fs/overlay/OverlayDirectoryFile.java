package sentry.core.fs.overlay;

import java.util.ArrayList;
import sentry.core.abi.ErrnoException;
import sentry.core.task.Task;
import sentry.core.vfs.DirectoryFile;
import sentry.core.vfs.DirectorySink;
import sentry.core.vfs.FileDescription;
import sentry.core.vfs.VfsPath;

/**
 * An open directory. One that does not differ from the lower directory passes its listing through; another one lists
 * what it found when the listing began. Both begin anew at a rewind.
 */
final class OverlayDirectoryFile extends DirectoryFile {
    private final OverlayDirectory directory;
    /** The lower directory while the listing passes through. */
    private FileDescription lower;

    private ArrayList<OverlayDirectory.Entry> entries;

    OverlayDirectoryFile(OverlayDirectory directory, VfsPath path, int flags) {
        super(path, flags);
        this.directory = directory;
    }

    @Override
    protected void rewound() {
        entries = null;
        closeLower();
    }

    private void closeLower() {
        if (lower != null) {
            lower.release();
            lower = null;
        }
    }

    @Override
    protected void closed() {
        closeLower();
    }

    @Override
    protected long entries(Task task, long from, DirectorySink sink) throws ErrnoException {
        if (entries == null && lower == null) {
            if (directory.differs()) {
                entries = directory.merged(task);
            } else {
                lower = directory.openLower(task);
            }
        }
        return entries == null ? passThrough(task, from, sink) : list(from, sink);
    }

    private long passThrough(Task task, long from, DirectorySink sink) throws ErrnoException {
        lower.seek(task, from == FIRST ? 0 : from, 0);
        long[] position = {from};
        lower.iterate(task, (name, ino, type, next) -> {
            if (name.equals(".") || name.equals("..")) {
                return true; // the reader got ours
            }
            if (!sink.entry(name, ino, type, next)) {
                return false;
            }
            position[0] = next;
            return true;
        });
        return position[0];
    }

    private long list(long from, DirectorySink sink) {
        long at = from;
        while (at - FIRST < entries.size()) {
            OverlayDirectory.Entry e = entries.get((int) (at - FIRST));
            if (!sink.entry(e.name(), e.ino(), e.type(), at + 1)) {
                break;
            }
            at++;
        }
        return at;
    }
}
