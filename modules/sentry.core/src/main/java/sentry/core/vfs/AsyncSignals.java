package sentry.core.vfs;

import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.abi.FileMode;
import sentry.core.abi.PollEvents;
import sentry.core.abi.Signal;
import sentry.core.kernel.Kernel;
import sentry.core.signal.SignalInfo;
import sentry.core.task.Credentials;
import sentry.core.task.ProcessGroup;
import sentry.core.task.Task;
import sentry.core.task.ThreadGroup;
import sentry.core.time.KernelTimer;
import sentry.core.wait.WaitEntry;

/**
 * Signal-driven I/O of one open file (O_ASYNC): waits in the file's queue like any poll(2), and sends a signal for each
 * event.
 *
 * <p>Locks: runs with the queue's monitor held and takes the receiver's signal lock. That is safe because no file that
 * is accepted here is notified under a signal lock. A process group's members need the task-set lock, so they are told
 * by the timer thread.
 */
final class AsyncSignals extends WaitEntry implements CloseListener {
    private static final int POLL_IN = 1;
    private static final int POLL_OUT = 2;
    static final int POLL_MSG = 3;
    private static final int POLL_PRI = 5;
    private static final int POLL_HUP = 6;
    /** In place of a code: SIGURG. */
    static final int URGENT = 0;

    private static final int POLLMSG = 0x400;

    private final FileOwner owner;
    private final FileDescription file;
    private final int fd;
    private final boolean socket;
    private boolean ended;

    AsyncSignals(FileOwner owner, FileDescription file, int fd) {
        super(null);
        this.owner = owner;
        this.file = file;
        this.fd = fd;
        this.socket = FileMode.isSocket(mode(file));
    }

    /** Whether the file can send signals: pipes, sockets and terminals. */
    static boolean possible(FileDescription file) {
        if (!file.pollable() || file.inode() == null) {
            return false;
        }
        int mode = mode(file);
        return FileMode.isFifo(mode) || FileMode.isSocket(mode) || FileMode.isDevice(mode);
    }

    /** 0 when it cannot be told. */
    private static int mode(FileDescription file) {
        try {
            return file.inode().mode();
        } catch (ErrnoException e) {
            return 0;
        }
    }

    void begin() {
        int access = file.flags() & Fcntl.O_ACCMODE;
        int mask = access == Fcntl.O_WRONLY ? 0 : PollEvents.POLLIN | PollEvents.POLLPRI;
        if (socket) {
            mask |= PollEvents.POLLHUP; // a socket's room is told only to who missed it, which we do not know
        } else if (access != Fcntl.O_RDONLY) {
            mask |= PollEvents.POLLOUT;
        }
        file.addCloseListener(this);
        file.addWaiter(this, mask);
    }

    synchronized void stop() {
        if (!ended) {
            ended = true;
            file.removeCloseListener(this);
            file.removeWaiter(this);
        }
    }

    @Override
    public synchronized void fileClosed(FileDescription closed) {
        if (!ended) {
            ended = true;
            file.removeWaiter(this);
        }
    }

    @Override
    protected void notified(int events) {
        tell(owner, fd, code(events));
    }

    /** Sends the signal that says {@code code} of the file {@code fd} to whom {@code owner} names, if anybody. */
    static void tell(FileOwner owner, int fd, int code) {
        FileOwner.Who who = owner.who();
        if (who == null) {
            return;
        }
        if (who.type() == Fcntl.F_OWNER_PGRP) {
            defer(owner, who, fd, code);
            return;
        }
        Task task = who.id().task();
        if (task != null) {
            send(owner, who, task, who.type() == Fcntl.F_OWNER_TID ? task : null, fd, code);
        }
    }

    private static int code(int events) {
        if ((events & PollEvents.POLLHUP) != 0) {
            return POLL_HUP;
        }
        if ((events & PollEvents.POLLIN) != 0) {
            return POLL_IN;
        }
        return (events & PollEvents.POLLPRI) != 0 ? POLL_PRI : POLL_OUT;
    }

    /** The poll(2) events that Linux names with each code. */
    private static long band(int code) {
        return switch (code) {
            case POLL_IN -> PollEvents.POLLIN | PollEvents.POLLRDNORM;
            case POLL_OUT -> PollEvents.POLLOUT | PollEvents.POLLWRNORM | PollEvents.POLLWRBAND;
            case POLL_MSG -> PollEvents.POLLIN | PollEvents.POLLRDNORM | POLLMSG;
            case POLL_PRI -> PollEvents.POLLPRI | PollEvents.POLLRDBAND;
            default -> PollEvents.POLLHUP | PollEvents.POLLERR;
        };
    }

    private static void defer(FileOwner owner, FileOwner.Who who, int fd, int code) {
        Task by = Kernel.current();
        if (by == null) {
            return;
        }
        KernelTimer told = new KernelTimer() {
            @Override
            protected void expired() {
                by.kernel().taskSet().lock();
                try {
                    ProcessGroup group = who.id().processGroup();
                    if (group != null) {
                        for (ThreadGroup member : group.members().toArray(new ThreadGroup[0])) {
                            send(owner, who, member.leader(), null, fd, code);
                        }
                    }
                } finally {
                    by.kernel().taskSet().unlock();
                }
            }
        };
        by.kernel().timers().arm(told, System.nanoTime());
    }

    private static void send(FileOwner owner, FileOwner.Who who, Task to, Task single, int fd, int code) {
        Credentials c = to.credentials();
        boolean allowed = who.euid() == 0
                || who.euid() == c.suid()
                || who.euid() == c.uid()
                || who.uid() == c.suid()
                || who.uid() == c.uid();
        if (!allowed) {
            return;
        }
        if (code == URGENT) {
            to.group().signals().send(SignalInfo.kernel(Signal.SIGURG), single, true);
            return;
        }
        int signo = owner.signal();
        if (signo != 0
                && to.group().signals().send(SignalInfo.poll(signo, code, fd, band(code)), single, true)) {
            return;
        }
        // No signal was chosen, or no more of it can be queued: the plain one says that something was missed.
        to.group().signals().send(SignalInfo.kernel(Signal.SIGIO), single, true);
    }
}
