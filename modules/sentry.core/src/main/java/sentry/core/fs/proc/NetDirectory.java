package sentry.core.fs.proc;

import sentry.core.abi.ErrnoException;
import sentry.core.fs.pseudo.GeneratedFile;
import sentry.core.fs.pseudo.Text;
import sentry.core.task.Task;
import sentry.core.vfs.DirectorySink;
import sentry.core.vfs.Inode;

/** /proc/PID/net: there are no network interfaces, and dev says so. */
final class NetDirectory extends OwnedDirectory {
    private static final String DEV = "dev";

    NetDirectory(Subject subject, long ino) {
        super(subject.fs(), subject, ino, 0555);
    }

    private long devIno() {
        return ino() + (1L << 21);
    }

    @Override
    public Inode lookup(String name) throws ErrnoException {
        return name.equals(DEV) ? new Dev(subject().fs(), devIno()) : null;
    }

    @Override
    protected boolean list(Task reader, long from, DirectorySink sink) throws ErrnoException {
        return from > FIRST || sink.entry(DEV, devIno(), 8, FIRST + 1);
    }

    private static final class Dev extends GeneratedFile {
        Dev(ProcFileSystem fs, long ino) {
            super(fs, ino, 0444);
        }

        @Override
        protected void generate(Task reader, Text out) {
            out.add("Inter-|   Receive                                                |  Transmit\n");
            out.add(" face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop "
                    + "fifo colls carrier compressed\n");
        }
    }
}
