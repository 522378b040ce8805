package sentry.core.fs.proc;

import sentry.core.fs.pseudo.PseudoDirectory;
import sentry.core.vfs.Inode;

/** A directory that belongs to a process's user and lives as long as the process. */
abstract class OwnedDirectory extends PseudoDirectory {
    private final Subject subject;
    /** Directories that all may read belong to the process's user even when its memory may not be dumped. */
    private final boolean open;

    OwnedDirectory(ProcFileSystem fs, Subject subject, long ino, int permissions) {
        super(fs, ino, permissions);
        this.subject = subject;
        this.open = permissions == 0555;
    }

    final Subject subject() {
        return subject;
    }

    @Override
    public final int uid() {
        return open ? subject.plainUid() : subject.uid();
    }

    @Override
    public final int gid() {
        return open ? subject.plainGid() : subject.gid();
    }

    @Override
    public final boolean caches(String name, Inode found) {
        return false;
    }
}
