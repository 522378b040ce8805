package sentry.core.vfs;

import java.util.concurrent.atomic.AtomicInteger;
import sentry.core.fs.pipe.Pipe;

/** What the VFS itself keeps for a file whatever its filesystem: its locks, the pipe behind a FIFO, the socket behind its name. */
public final class InodeState {
    private FileLocks locks;
    private Pipe pipe;
    private volatile FileDescription socket;

    /** Open descriptions that may write the regular file: it cannot be executed meanwhile (ETXTBSY). */
    private final AtomicInteger writers = new AtomicInteger();

    InodeState() {}

    AtomicInteger writers() {
        return writers;
    }

    /** The file's locks; made on first use. */
    public synchronized FileLocks locks() {
        if (locks == null) {
            locks = new FileLocks();
        }
        return locks;
    }

    /** The file's locks, or null when nobody ever locked it. */
    synchronized FileLocks locksOrNull() {
        return locks;
    }

    /** The pipe that connects those who have the FIFO open. An idle one is empty, so it may stay. */
    public synchronized Pipe pipe() {
        if (pipe == null) {
            pipe = new Pipe();
        }
        return pipe;
    }

    /** The socket that was bound to this file, or null; it may be closed by now. */
    public FileDescription socket() {
        return socket;
    }

    public void setSocket(FileDescription value) {
        socket = value;
    }
}
