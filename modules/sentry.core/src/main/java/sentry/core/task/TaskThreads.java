package sentry.core.task;

import host.linux.ThreadStack;
import java.util.ArrayDeque;
import java.util.concurrent.locks.LockSupport;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.wait.Resting;

/**
 * The JVM threads that serve tasks. A thread lives for ever once made: making one costs a few hundred microseconds, and
 * the end of a thread that traces would take its tracees along. One spare thread is kept ready so that fork(2) does not
 * wait for a new one.
 */
final class TaskThreads {
    /** Java stack of a thread; handlers nest a few dozen frames deep. */
    private static final long STACK = 1 << 20;

    private final ArrayDeque<Worker> idle = new ArrayDeque<>();
    private int made;

    /** Takes a thread for a task that is about to be made; EAGAIN when the host gives no more. */
    Worker reserve() throws ErrnoException {
        Worker worker;
        synchronized (this) {
            worker = idle.pollLast();
            if (worker != null) {
                return worker;
            }
            worker = new Worker(++made);
        }
        try {
            worker.start();
            return worker;
        } catch (OutOfMemoryError e) {
            throw Errno.EAGAIN.error(); // what the JVM throws when the host refuses a thread
        }
    }

    /** Has a reserved thread run {@code task}; returns at once. */
    void run(Worker worker, Runnable task) {
        worker.next = task;
        LockSupport.unpark(worker);
    }

    /** Gives a reserved thread back. */
    synchronized void rest(Worker worker) {
        idle.addLast(worker);
    }

    /** Makes a thread for later if none rests. For after a task was started, when nothing waits for the caller. */
    void spare() {
        synchronized (this) {
            if (!idle.isEmpty()) {
                return;
            }
        }
        try {
            rest(reserve());
        } catch (ErrnoException e) {
            // Whoever needs it will be told.
        }
    }

    /** A thread that serves one task after another. */
    final class Worker extends Thread implements Resting {
        volatile Runnable next;
        private ThreadStack stack;
        private int sleeps;

        Worker(int number) {
            super(null, null, "task-" + number, STACK, false);
            setDaemon(true);
        }

        /** The first sleeps matter most: when code is compiled it touches little of the stack. */
        @Override
        public void resting() {
            int n = sleeps++;
            if ((n & n - 1) == 0) {
                stack.trim();
            }
        }

        @Override
        public void run() {
            stack = ThreadStack.current(STACK);
            for (;;) {
                Runnable task = next;
                if (task == null) {
                    resting();
                    LockSupport.park(this);
                    Thread.interrupted();
                    continue;
                }
                next = null;
                task.run();
                rest(this);
            }
        }
    }
}
