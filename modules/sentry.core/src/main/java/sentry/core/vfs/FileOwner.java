package sentry.core.vfs;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.task.Credentials;
import sentry.core.task.Pid;
import sentry.core.task.PidNamespace;
import sentry.core.task.Task;

/** Whom O_ASYNC tells, and how (F_SETOWN, F_SETOWN_EX, F_SETSIG of fcntl(2)). Thread-safe. */
public final class FileOwner {
    /**
     * Who it is.
     *
     * @param type F_OWNER_TID, F_OWNER_PID or F_OWNER_PGRP
     * @param uid of who said so: it decides whether the owner may be sent a signal
     */
    record Who(int type, Pid id, int uid, int euid) {}

    private volatile Who who;
    private volatile int signal;
    /** Guarded by our monitor. */
    private AsyncSignals signals;

    FileOwner() {}

    Who who() {
        return who;
    }

    /** F_OWNER_TID, F_OWNER_PID (also when there is no owner) or F_OWNER_PGRP. */
    public int type() {
        Who w = who;
        return w == null ? Fcntl.F_OWNER_PID : w.type;
    }

    /** The owner's number in {@code namespace}; 0 when there is none any more. */
    public int number(PidNamespace namespace) {
        Who w = who;
        if (w == null) {
            return 0;
        }
        boolean there = w.type == Fcntl.F_OWNER_PGRP ? w.id.processGroup() != null : w.id.task() != null;
        return there ? w.id.in(namespace) : 0;
    }

    /**
     * Sets the owner; {@code number} 0: nobody.
     *
     * @throws ErrnoException ESRCH when there is no such task or group
     */
    public void set(Task by, int type, int number) throws ErrnoException {
        if (number == 0) {
            who = null;
            return;
        }
        Pid id = by.namespaces().pid().find(number);
        if (id == null || (type == Fcntl.F_OWNER_PGRP ? id.processGroup() == null : id.task() == null)) {
            throw Errno.ESRCH.error();
        }
        Credentials c = by.credentials();
        who = new Who(type, id, c.uid(), c.euid());
    }

    /** 0: SIGIO, without particulars. */
    public int signal() {
        return signal;
    }

    public void setSignal(int value) {
        signal = value;
    }

    /** Begins to send signals for {@code file}, or ends it. */
    public synchronized void async(FileDescription file, int fd, boolean on) {
        if (signals != null) {
            signals.stop();
            signals = null;
        }
        if (on) {
            signals = new AsyncSignals(this, file, fd);
            signals.begin();
        }
    }

    /** Urgent data has come: SIGURG, whatever O_ASYNC and F_SETSIG say (socket(7)). */
    public void urgent() {
        AsyncSignals.tell(this, 0, AsyncSignals.URGENT);
    }
}
