package sentry.core.fs.pipe;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.task.Task;
import sentry.core.vfs.FileDescription;
import sentry.core.vfs.InternalFileSystem;
import sentry.core.vfs.VfsPath;
import sentry.core.wait.Sleeper;

/** Opening a FIFO: a reader and a writer wait for each other (fifo(7)). */
public final class Fifo {
    private Fifo() {}

    /**
     * Opens an end. That of a pipe without a name, by way of /proc/PID/fd, waits for nobody.
     *
     * @param task the opener, which sleeps until the other side is there; null cannot wait
     */
    public static FileDescription open(Task task, VfsPath path, int flags) throws ErrnoException {
        Pipe pipe = path.inode().state().pipe();
        int mode = flags & Fcntl.O_ACCMODE;
        boolean named = !(path.mount().fileSystem() instanceof InternalFileSystem);
        boolean wait = named && (flags & Fcntl.O_NONBLOCK) == 0 && task != null;
        // Looked at before we count as open: our opening wakes who waits for it, and it may have come and gone at once.
        int seen;
        boolean alone;
        synchronized (pipe) {
            seen = mode == Fcntl.O_WRONLY ? pipe.readersEver() : pipe.writersEver();
            alone = (mode == Fcntl.O_WRONLY ? pipe.readers() : pipe.writers()) == 0;
        }
        switch (mode) {
            case Fcntl.O_RDONLY -> {
                PipeEnd end = new PipeEnd(pipe, path, flags, alone ? seen : -1);
                if (wait && alone) {
                    await(task, pipe, end, false, seen);
                }
                return end;
            }
            case Fcntl.O_WRONLY -> {
                if (named && !wait && alone) {
                    throw Errno.ENXIO.error();
                }
                PipeEnd end = new PipeEnd(pipe, path, flags, -1);
                if (wait && alone) {
                    await(task, pipe, end, true, seen);
                }
                return end;
            }
            case Fcntl.O_RDWR -> {
                return new PipeEnd(pipe, path, flags, -1);
            }
            default -> throw Errno.EINVAL.error();
        }
    }

    /**
     * Sleeps until the other side opens. It may have closed again when we wake: that it was there is enough.
     *
     * @param seen how often the other side had been opened before {@code end} was
     */
    private static void await(Task task, Pipe pipe, PipeEnd end, boolean forReader, int seen) throws ErrnoException {
        pipe.queue().add(task.waitEntry(), Pipe.OPENED);
        try {
            for (; ; ) {
                task.sleeper().prepare();
                if ((forReader ? pipe.readersEver() : pipe.writersEver()) != seen) {
                    return;
                }
                if (task.sleep(Sleeper.FOREVER) == Sleeper.Wake.INTERRUPTED) {
                    end.release();
                    throw Errno.ERESTARTSYS.error();
                }
            }
        } finally {
            pipe.queue().remove(task.waitEntry());
        }
    }
}
