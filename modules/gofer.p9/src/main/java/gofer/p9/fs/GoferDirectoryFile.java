package gofer.p9.fs;

import sentry.core.abi.ErrnoException;
import sentry.core.task.Task;
import sentry.core.vfs.DirectoryFile;
import sentry.core.vfs.DirectorySink;
import sentry.core.vfs.VfsPath;

/** An open directory: goes through the names as they were when it was first read, or rewound. */
final class GoferDirectoryFile extends DirectoryFile {
    private final GoferDirectory directory;
    private GoferDirectory.Listing listing;

    GoferDirectoryFile(GoferDirectory directory, VfsPath path, int flags) {
        super(path, flags);
        this.directory = directory;
    }

    @Override
    public GoferDirectory inode() {
        return directory;
    }

    @Override
    protected long entries(Task task, long from, DirectorySink sink) throws ErrnoException {
        if (listing == null) {
            listing = directory.listing();
        }
        GoferDirectory.Listing l = listing;
        long at = from;
        while (at - FIRST < l.names().length) {
            int i = (int) (at - FIRST);
            if (!sink.entry(l.names()[i], l.inos()[i], l.types()[i], at + 1)) {
                break;
            }
            at++;
        }
        return at;
    }

    @Override
    protected void rewound() {
        listing = null;
    }
}
