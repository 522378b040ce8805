package sentry.core.task;

import java.util.ArrayDeque;
import java.util.concurrent.locks.LockSupport;

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

    /** Has a thread run {@code task}; returns at once. */
    void start(Runnable task) {
        Worker worker;
        boolean fresh = false;
        synchronized (this) {
            worker = idle.pollLast();
            if (worker == null) {
                worker = new Worker(++made);
                fresh = true;
            }
        }
        worker.next = task;
        if (fresh) {
            worker.start();
        } else {
            LockSupport.unpark(worker);
        }
    }

    private synchronized void rest(Worker worker) {
        idle.addLast(worker);
    }

    /** Makes a thread for later if none rests. */
    private void spare() {
        Worker worker;
        synchronized (this) {
            if (!idle.isEmpty()) {
                return;
            }
            worker = new Worker(++made);
            idle.addLast(worker);
        }
        worker.start();
    }

    private final class Worker extends Thread {
        volatile Runnable next;

        Worker(int number) {
            super(null, null, "task-" + number, STACK, false);
            setDaemon(true);
        }

        @Override
        public void run() {
            for (;;) {
                Runnable task = next;
                if (task == null) {
                    LockSupport.park(this);
                    Thread.interrupted();
                    continue;
                }
                next = null;
                spare();
                task.run();
                rest(this);
            }
        }
    }
}
