package sentry.core.vfs;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.fs.pipe.Pipe;

/** What the VFS itself keeps for a file whatever its filesystem: its locks, the pipe behind a FIFO, the socket behind its name. */
public final class InodeState {
    private FileLocks locks;
    private Pipe pipe;
    private volatile FileDescription socket;

    /**
     * Open descriptions that may write the regular file, or, below zero, address spaces that execute it: there cannot be
     * both at a time (Linux: i_writecount).
     */
    private final AtomicInteger writers = new AtomicInteger();

    private static final Mark[] NO_MARKS = {};
    /** Who watches the file. Replaced under our monitor, never changed. */
    private volatile Mark[] marks = NO_MARKS;

    InodeState() {}

    /** Opened with O_TMPFILE and without O_EXCL: may be given a name although it has none. */
    volatile boolean linkable;

    private volatile Leases leases;

    /** The leases, or null when there never was one. */
    Leases leasesOrNull() {
        return leases;
    }

    public synchronized Leases leases() {
        if (leases == null) {
            leases = new Leases();
        }
        return leases;
    }

    Mark[] marks() {
        return marks;
    }

    synchronized void addMark(Mark mark) {
        Mark[] grown = Arrays.copyOf(marks, marks.length + 1);
        grown[marks.length] = mark;
        marks = grown;
    }

    synchronized void removeMark(Mark mark) {
        List<Mark> left = new ArrayList<>(Arrays.asList(marks));
        left.remove(mark);
        marks = left.isEmpty() ? NO_MARKS : left.toArray(NO_MARKS);
    }

    /** One more writes the file; ETXTBSY when it is being executed. */
    void beginWriting() throws ErrnoException {
        change(1);
    }

    void endWriting() {
        writers.decrementAndGet();
    }

    /** Whether somebody writes the file. */
    boolean written() {
        return writers.get() > 0;
    }

    /** ETXTBSY when the file is being executed. */
    void requireNotExecuting() throws ErrnoException {
        if (writers.get() < 0) {
            throw Errno.ETXTBSY.error();
        }
    }

    /** One more address space executes the file; ETXTBSY when it is open for writing. */
    public void beginExecuting() throws ErrnoException {
        change(-1);
    }

    /** One more, where one does already. */
    public void executeToo() {
        writers.decrementAndGet();
    }

    public void endExecuting() {
        writers.incrementAndGet();
    }

    private void change(int by) throws ErrnoException {
        for (; ; ) {
            int n = writers.get();
            if (n * by < 0) {
                throw Errno.ETXTBSY.error();
            }
            if (writers.compareAndSet(n, n + by)) {
                return;
            }
        }
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
