package sentry.core.fs.pipe;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.abi.PollEvents;
import sentry.core.signal.SignalInfo;
import sentry.core.task.Task;
import sentry.core.vfs.FileDescription;
import sentry.core.vfs.IoBuffer;
import sentry.core.vfs.VfsPath;
import sentry.core.wait.WaitEntry;

/** A description of a pipe or FIFO: a reader, a writer, or for a FIFO opened O_RDWR both. */
public final class PipeEnd extends FileDescription {
    private static final int SIGPIPE = 13;
    private static final int FIONREAD = 0x541b;

    private final Pipe pipe;
    private final boolean reader;
    private final boolean writer;
    private final int writersSeen;

    /** Counts itself in the pipe. */
    PipeEnd(Pipe pipe, VfsPath path, int flags, int writersSeen) {
        super(path, flags);
        int mode = flags & Fcntl.O_ACCMODE;
        this.pipe = pipe;
        this.reader = mode != Fcntl.O_WRONLY;
        this.writer = mode != Fcntl.O_RDONLY;
        this.writersSeen = writersSeen;
        pipe.open(reader, writer);
    }

    public Pipe pipe() {
        return pipe;
    }

    public boolean reader() {
        return reader;
    }

    public boolean writer() {
        return writer;
    }

    @Override
    protected void closed() {
        pipe.close(reader, writer);
    }

    @Override
    public long read(Task task, IoBuffer target) throws ErrnoException {
        return pipe.read(target);
    }

    @Override
    public long write(Task task, IoBuffer source) throws ErrnoException {
        try {
            return (flags() & Fcntl.O_DIRECT) != 0 ? pipe.writePackets(source) : pipe.write(source);
        } catch (ErrnoException e) {
            if (e.errno() == Errno.EPIPE && task != null) {
                task.signals().send(SignalInfo.user(SIGPIPE, task.ownPid(), task.ownUid()));
            }
            throw e;
        }
    }

    @Override
    public long ioctl(Task task, int command, long argument) throws ErrnoException {
        if (command == FIONREAD) {
            task.memory().putInt(argument, pipe.size());
            return 0;
        }
        throw Errno.ENOTTY.error();
    }

    @Override
    public int poll(int mask) {
        return pipe.poll(reader, writer, writersSeen) & (mask | PollEvents.POLLERR | PollEvents.POLLHUP);
    }

    @Override
    public boolean pollable() {
        return true;
    }

    @Override
    public void addWaiter(WaitEntry entry, int mask) {
        pipe.queue().add(entry, mask);
    }

    @Override
    public void removeWaiter(WaitEntry entry) {
        pipe.queue().remove(entry);
    }
}
