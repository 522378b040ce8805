package sentry.core.ipc;

import java.util.ArrayList;
import java.util.Iterator;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.task.Pid;
import sentry.core.task.Task;
import sentry.core.wait.Sleeper;

/**
 * A set of semaphores (semget(2), semop(2)). Operations that cannot go on wait in order of arrival; each change lets those
 * go on that can.
 */
public final class SemaphoreSet extends IpcObject {
    /** Limits as Linux has them: /proc/sys/kernel/sem. */
    public static final int MOST_SETS = 32000;

    public static final int MOST_IN_SET = 32000;
    public static final int MOST_SEMAPHORES = 1024000000;
    public static final int MOST_OPERATIONS = 500;
    public static final int LARGEST = 32767;

    private static final int IPC_NOWAIT = 04000;
    private static final int SEM_UNDO = 0x1000;

    private final short[] values;
    private final Pid[] pids;
    private final ArrayList<Waiter> waiters = new ArrayList<>();
    /** Adjustments at exit that refer to this set. */
    private final ArrayList<SemaphoreUndo.Entry> undos = new ArrayList<>();

    private long operationTime;

    private SemaphoreSet(int key, int mode, int count, Task task) {
        super(task.namespaces().ipc().owner(), key, mode, task.credentials());
        values = new short[count];
        pids = new Pid[count];
    }

    /** One operation of semop(2). */
    public record Operation(int number, short change, int flags) {}

    /** A task in semop(2). Guarded by the set's monitor. */
    private static final class Waiter {
        final Operation[] operations;
        final SemaphoreUndo.Entry undo;
        final Pid pid;
        final Sleeper sleeper;
        /** The operation that cannot go on. */
        Operation blocking;
        /** Null while waiting; then SUCCESS is an error of null. */
        boolean done;

        Errno error;

        Waiter(Operation[] operations, SemaphoreUndo.Entry undo, Pid pid, Sleeper sleeper) {
            this.operations = operations;
            this.undo = undo;
            this.pid = pid;
            this.sleeper = sleeper;
        }
    }

    /** semget(2). */
    public static int get(Task task, int key, int count, int flags) throws ErrnoException {
        if (count < 0 || count > task.namespaces().ipc().limits().semaphoresInSet) {
            throw Errno.EINVAL.error();
        }
        return task.namespaces().ipc().semaphores().get(
                key,
                flags,
                task.credentials(),
                s -> {
                    if (count > s.values.length) {
                        throw Errno.EINVAL.error();
                    }
                },
                () -> {
                    if (count == 0) {
                        throw Errno.EINVAL.error();
                    }
                    long all = count;
                    for (SemaphoreSet s : task.namespaces().ipc().semaphores().list()) {
                        all += s.count();
                    }
                    if (all > task.namespaces().ipc().limits().semaphores) {
                        throw Errno.ENOSPC.error();
                    }
                    return new SemaphoreSet(key, flags, count, task);
                });
    }

    /** How many semaphores. */
    public int count() {
        return values.length;
    }

    /** Seconds since the epoch, 0 for never. */
    public synchronized long operationTime() {
        return operationTime;
    }

    public synchronized int value(int number) {
        return values[number];
    }

    /** A copy of all values. */
    public synchronized short[] values() {
        return values.clone();
    }

    /** Who changed it last, or null. */
    public synchronized Pid pid(int number) {
        return pids[number];
    }

    /** How many wait for the semaphore to grow, or to become zero. */
    public synchronized int waiting(int number, boolean forZero) {
        int n = 0;
        for (Waiter w : waiters) {
            if (w.blocking.number() == number && (w.blocking.change() == 0) == forZero) {
                n++;
            }
        }
        return n;
    }

    /** SETVAL. */
    public synchronized void set(int number, int value, Pid by) throws ErrnoException {
        alive();
        for (SemaphoreUndo.Entry u : undos) {
            u.adjustments[number] = 0;
        }
        values[number] = (short) value;
        pids[number] = by;
        changeTime = now();
        wake();
    }

    /** SETALL. */
    public synchronized void set(short[] all, Pid by) throws ErrnoException {
        alive();
        for (SemaphoreUndo.Entry u : undos) {
            java.util.Arrays.fill(u.adjustments, (short) 0);
        }
        System.arraycopy(all, 0, values, 0, values.length);
        java.util.Arrays.fill(pids, by);
        changeTime = now();
        wake();
    }

    private void alive() throws ErrnoException {
        if (removed()) {
            throw Errno.EIDRM.error();
        }
    }

    /** IPC_RMID: who waits gets EIDRM. */
    public void remove(IpcNamespace namespace) {
        if (!namespace.semaphores().remove(this)) {
            return;
        }
        synchronized (this) {
            for (Waiter w : waiters) {
                w.done = true;
                w.error = Errno.EIDRM;
                w.sleeper.wake();
            }
            waiters.clear();
            for (SemaphoreUndo.Entry u : undos) {
                u.set = null;
            }
            undos.clear();
        }
    }

    /**
     * semtimedop(2): all operations at once, or none.
     *
     * @param undo where SEM_UNDO is noted; null when no operation has it
     * @param deadline as {@link Task#sleep}
     */
    public void operate(Task task, Operation[] operations, SemaphoreUndo undo, long deadline) throws ErrnoException {
        Pid pid = task.group().id();
        Waiter w;
        synchronized (this) {
            alive();
            SemaphoreUndo.Entry entry = undo == null ? null : undo.entry(this);
            Operation stuck = attempt(operations, entry, pid);
            if (stuck == null) {
                wake();
                return;
            }
            if ((stuck.flags() & IPC_NOWAIT) != 0) {
                throw Errno.EAGAIN.error();
            }
            task.sleeper().prepare();
            w = new Waiter(operations, entry, pid, task.sleeper());
            w.blocking = stuck;
            waiters.add(w);
        }
        for (; ; ) {
            Sleeper.Wake why = task.sleep(deadline);
            synchronized (this) {
                if (w.done) {
                    if (w.error != null) {
                        throw w.error.error();
                    }
                    return;
                }
                if (why != Sleeper.Wake.READY) {
                    waiters.remove(w);
                    throw (why == Sleeper.Wake.TIMED_OUT ? Errno.EAGAIN : Errno.EINTR).error();
                }
                task.sleeper().prepare();
            }
        }
    }

    /** Does all operations; or none, and returns the first that has to wait. */
    private Operation attempt(Operation[] operations, SemaphoreUndo.Entry undo, Pid pid) throws ErrnoException {
        int done = 0;
        Operation stuck = null;
        Errno error = null;
        for (; done < operations.length; done++) {
            Operation o = operations[done];
            int n = o.number();
            int result = values[n] + o.change();
            if (o.change() == 0 && values[n] != 0 || result < 0) {
                stuck = o;
                break;
            }
            if (result > LARGEST) {
                error = Errno.ERANGE;
                break;
            }
            if ((o.flags() & SEM_UNDO) != 0) {
                int back = undo.adjustments[n] - o.change();
                if (back < -LARGEST - 1 || back > LARGEST) {
                    error = Errno.ERANGE;
                    break;
                }
                undo.adjustments[n] = (short) back;
            }
            values[n] = (short) result;
        }
        if (done == operations.length) {
            for (Operation o : operations) {
                pids[o.number()] = pid;
            }
            operationTime = now();
            return null;
        }
        while (--done >= 0) {
            Operation o = operations[done];
            values[o.number()] -= o.change();
            if ((o.flags() & SEM_UNDO) != 0) {
                undo.adjustments[o.number()] += o.change();
            }
        }
        if (error != null) {
            throw error.error();
        }
        return stuck;
    }

    /** Lets those go on that can, the first first. */
    private void wake() {
        for (boolean again = true; again; ) {
            again = false;
            for (Iterator<Waiter> i = waiters.iterator(); i.hasNext(); ) {
                Waiter w = i.next();
                try {
                    Operation stuck = attempt(w.operations, w.undo, w.pid);
                    if (stuck != null) {
                        w.blocking = stuck;
                        if ((stuck.flags() & IPC_NOWAIT) == 0) {
                            continue;
                        }
                        w.error = Errno.EAGAIN;
                    } else {
                        again |= changes(w.operations);
                    }
                } catch (ErrnoException e) {
                    w.error = e.errno();
                }
                w.done = true;
                i.remove();
                w.sleeper.wake();
            }
        }
    }

    private static boolean changes(Operation[] operations) {
        for (Operation o : operations) {
            if (o.change() != 0) {
                return true;
            }
        }
        return false;
    }

    // Undo.

    void addUndo(SemaphoreUndo.Entry entry) {
        undos.add(entry);
    }

    /** A process ends: its adjustments come into force, as far as the values' bounds let them. */
    synchronized void undo(SemaphoreUndo.Entry entry, Pid pid) {
        if (!undos.remove(entry)) {
            return;
        }
        for (int i = 0; i < values.length; i++) {
            if (entry.adjustments[i] != 0) {
                values[i] = (short) Math.clamp(values[i] + entry.adjustments[i], 0, LARGEST);
                pids[i] = pid;
            }
        }
        operationTime = now();
        wake();
    }
}
