package sentry.syscalls;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.abi.Inotify;
import sentry.core.abi.PollEvents;
import sentry.core.task.Task;
import sentry.core.vfs.FileDescription;
import sentry.core.vfs.FileEvents;
import sentry.core.vfs.IoBuffer;
import sentry.core.wait.Sleeper;

/** Reads and writes that wait: tries, registers, tries again, sleeps. */
final class Blocking {
    /** In place of an offset: the file's position. */
    static final long POSITION = -1;

    private Blocking() {}

    /** Whether calls on the file must not wait. */
    static boolean nonBlocking(FileDescription file) {
        return (file.flags() & Fcntl.O_NONBLOCK) != 0;
    }

    /** @param timeout nanoseconds from now, 0 for ever */
    static long deadline(long timeout) {
        return timeout == 0 ? Sleeper.FOREVER : Timespec.deadline(timeout);
    }

    /** Sleeps in a call that a signal restarts, unless it has a time limit. */
    static void sleep(Task task, long deadline) throws ErrnoException {
        switch (task.sleep(deadline)) {
            case READY -> {}
            case TIMED_OUT -> throw Errno.EAGAIN.error();
            case INTERRUPTED -> throw (deadline == Sleeper.FOREVER ? Errno.ERESTARTSYS : Errno.EINTR).error();
        }
    }

    static long read(Task task, FileDescription file, IoBuffer target, long offset, boolean nonBlocking)
            throws ErrnoException {
        requireEnd(offset, target.remaining());
        task.io().readCall();
        long n = readOnce(task, file, target, offset);
        if (n != FileDescription.WOULD_BLOCK) {
            return n;
        }
        if (nonBlocking) {
            throw Errno.EAGAIN.error();
        }
        long deadline = deadline(file.readTimeout());
        file.addWaiter(task.waitEntry(), PollEvents.READABLE);
        try {
            for (; ; ) {
                task.sleeper().prepare();
                n = readOnce(task, file, target, offset);
                if (n != FileDescription.WOULD_BLOCK) {
                    return n;
                }
                sleep(task, deadline);
            }
        } finally {
            file.removeWaiter(task.waitEntry());
        }
    }

    /** EINVAL when a transfer would end behind the last offset that there is. */
    private static void requireEnd(long offset, long length) throws ErrnoException {
        if (offset != POSITION && offset + length < 0) {
            throw Errno.EINVAL.error();
        }
    }

    /** One try: {@link FileDescription#WOULD_BLOCK} when it would have to wait. */
    static long readOnce(Task task, FileDescription file, IoBuffer target, long offset) throws ErrnoException {
        long n = offset == POSITION ? file.read(task, target) : file.pread(task, target, offset);
        if (n > 0) {
            task.io().read(n);
            if (FileEvents.watched()) {
                FileEvents.happened(file, Inotify.IN_ACCESS);
            }
        }
        return n;
    }

    /** Writes all of {@code source} as far as the file takes it: what was written before an error counts. */
    static long write(Task task, FileDescription file, IoBuffer source, long offset, boolean nonBlocking)
            throws ErrnoException {
        // Counted, not asked of the source: /dev/null takes bytes without looking at them.
        long total = source.remaining();
        requireEnd(offset, total);
        task.io().writeCall();
        long n = writeOnce(task, file, source, offset);
        if (n == total || n > 0 && !file.pollable()) {
            return n; // a regular file that takes a part has its reason, which the next write will hear
        }
        long done = Math.max(n, 0);
        boolean registered = false;
        long deadline = Sleeper.FOREVER;
        try {
            for (; ; ) {
                if (registered) {
                    task.sleeper().prepare();
                }
                n = writeOnce(task, file, source, offset == POSITION ? POSITION : offset + done);
                if (n > 0) {
                    done += n;
                    if (done == total) {
                        return done;
                    }
                    continue;
                }
                if (n != FileDescription.WOULD_BLOCK) {
                    return done;
                }
                if (nonBlocking) {
                    throw Errno.EAGAIN.error();
                }
                if (!registered) {
                    deadline = deadline(file.writeTimeout());
                    file.addWaiter(task.waitEntry(), PollEvents.WRITABLE);
                    registered = true;
                } else {
                    sleep(task, deadline);
                }
            }
        } catch (ErrnoException e) {
            if (done > 0) {
                return done;
            }
            throw e;
        } finally {
            if (registered) {
                file.removeWaiter(task.waitEntry());
            }
        }
    }

    private static long writeOnce(Task task, FileDescription file, IoBuffer source, long offset) throws ErrnoException {
        long n = offset == POSITION ? file.write(task, source) : file.pwrite(task, source, offset);
        if (n > 0) {
            task.io().written(n);
            if (FileEvents.watched()) {
                FileEvents.happened(file, Inotify.IN_MODIFY);
            }
        }
        return n;
    }
}
