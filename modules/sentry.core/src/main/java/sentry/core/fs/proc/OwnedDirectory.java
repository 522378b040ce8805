package sentry.core.fs.proc;

import sentry.core.fs.pseudo.PseudoDirectory;
import sentry.core.vfs.Inode;

/** A directory that belongs to a process's user and lives as long as the process. */
abstract class OwnedDirectory extends PseudoDirectory {
    private final Subject subject;

    OwnedDirectory(ProcFileSystem fs, Subject subject, long ino, int permissions) {
        super(fs, ino, permissions);
        this.subject = subject;
    }

    final Subject subject() {
        return subject;
    }

    @Override
    public final int uid() {
        return subject.uid();
    }

    @Override
    public final int gid() {
        return subject.gid();
    }

    @Override
    public final boolean caches(String name, Inode found) {
        return false;
    }
}
