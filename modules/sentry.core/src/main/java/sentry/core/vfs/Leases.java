package sentry.core.vfs;

import java.util.ArrayList;
import java.util.List;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Fcntl;
import sentry.core.task.Task;
import sentry.core.wait.Sleeper;
import sentry.core.wait.WaitQueue;

/**
 * The leases on one regular file (F_SETLEASE of fcntl(2)): their holders are told before others open or truncate it, who
 * wait meanwhile. Guarded by its monitor.
 */
public final class Leases {
    /** How long a holder may take to give a lease up (sysctl fs.lease-break-time). */
    private static final long PATIENCE = 45_000_000_000L;

    private static final int EVENT = 1;

    private static final class Lease implements CloseListener {
        final Leases all;
        final FileDescription holder;
        final int fd;
        int type;
        /** What it must become: F_RDLCK or F_UNLCK, or {@link #type} when nobody minds it. */
        int target;
        /** When it becomes that by force, in System.nanoTime(). */
        long deadline;

        Lease(Leases all, FileDescription holder, int fd, int type) {
            this.all = all;
            this.holder = holder;
            this.fd = fd;
            this.type = type;
            this.target = type;
        }

        boolean breaking() {
            return target != type;
        }

        @Override
        public void fileClosed(FileDescription file) {
            all.drop(this);
        }
    }

    private final List<Lease> leases = new ArrayList<>(1);
    private final WaitQueue queue = new WaitQueue();

    Leases() {}

    private Lease of(FileDescription holder) {
        for (Lease l : leases) {
            if (l.holder == holder) {
                return l;
            }
        }
        return null;
    }

    private void drop(Lease lease) {
        synchronized (this) {
            leases.remove(lease);
        }
        queue.notify(EVENT);
    }

    /** F_GETLEASE: what a lease is, or has to become. */
    public synchronized int get(FileDescription holder) {
        expire();
        Lease l = of(holder);
        return l == null ? Fcntl.F_UNLCK : l.target;
    }

    /**
     * Takes a lease or changes it.
     *
     * @param others descriptions of the file that others have, apart from {@code holder}
     * @throws ErrnoException EAGAIN when the file is used in a way that the lease rules out
     */
    public void set(Task task, FileDescription holder, int fd, int type, List<FileDescription> others) throws ErrnoException {
        Lease made = null;
        synchronized (this) {
            expire();
            if (type == Fcntl.F_RDLCK && (holder.writes() || anyWrites(others))
                    || type == Fcntl.F_WRLCK && !others.isEmpty()) {
                throw Errno.EAGAIN.error();
            }
            Lease own = of(holder);
            for (Lease l : leases) {
                if (l != own && (type == Fcntl.F_WRLCK || l.target == Fcntl.F_UNLCK)) {
                    throw Errno.EAGAIN.error();
                }
            }
            if (own != null) {
                if (own.breaking() && type != own.target) {
                    throw Errno.EAGAIN.error();
                }
                own.type = type;
                own.target = type;
            } else {
                made = new Lease(this, holder, fd, type);
                leases.add(made);
            }
        }
        if (made != null) {
            holder.addCloseListener(made);
            if (holder.owner().who() == null) {
                holder.owner().set(task, Fcntl.F_OWNER_PID, task.group().pid(task.namespaces().pid()));
            }
        }
        queue.notify(EVENT);
    }

    private static boolean anyWrites(List<FileDescription> files) {
        for (FileDescription f : files) {
            if (f.writes()) {
                return true;
            }
        }
        return false;
    }

    /** F_UNLCK; EAGAIN when there is none. */
    public void remove(FileDescription holder) throws ErrnoException {
        Lease l;
        synchronized (this) {
            l = of(holder);
        }
        if (l == null) {
            throw Errno.EAGAIN.error();
        }
        holder.removeCloseListener(l);
        drop(l);
    }

    private void expire() {
        long now = System.nanoTime();
        leases.removeIf(l -> {
            if (l.breaking() && now - l.deadline >= 0) {
                l.type = l.target;
                return l.type == Fcntl.F_UNLCK;
            }
            return false;
        });
    }

    /** Asks the holders whose leases are in the way; returns when the last of them must have given way, or 0 if none is. */
    private long ask(boolean write) {
        List<Lease> told = new ArrayList<>(0);
        long until = 0;
        synchronized (this) {
            expire();
            for (Lease l : leases) {
                if (!write && l.type == Fcntl.F_RDLCK) {
                    continue;
                }
                int target = write ? Fcntl.F_UNLCK : Fcntl.F_RDLCK;
                if (!l.breaking()) {
                    l.deadline = System.nanoTime() + PATIENCE;
                    told.add(l);
                }
                if (!l.breaking() || target == Fcntl.F_UNLCK) {
                    l.target = target;
                }
                until = Math.max(until, l.deadline);
            }
        }
        for (Lease l : told) {
            AsyncSignals.tell(l.holder.owner(), l.fd, AsyncSignals.POLL_MSG);
        }
        return until;
    }

    /**
     * Somebody is about to open the file, or to truncate it.
     *
     * @param wait false for O_NONBLOCK: EAGAIN then, though the holders are asked
     */
    void breakFor(Task task, boolean write, boolean wait) throws ErrnoException {
        if (ask(write) == 0) {
            return;
        }
        if (!wait || task == null) {
            throw Errno.EAGAIN.error();
        }
        queue.add(task.waitEntry(), EVENT);
        try {
            for (; ; ) {
                task.sleeper().prepare();
                long until = ask(write);
                if (until == 0) {
                    return;
                }
                if (task.sleep(until) == Sleeper.Wake.INTERRUPTED) {
                    throw Errno.ERESTARTSYS.error();
                }
            }
        } finally {
            queue.remove(task.waitEntry());
        }
    }
}
