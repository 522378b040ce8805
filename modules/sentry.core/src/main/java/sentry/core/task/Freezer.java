package sentry.core.task;

import java.util.concurrent.TimeUnit;

/**
 * Holds all tasks out of their programs for a while, as the freezer of Linux's cgroups does: a program cannot tell it from
 * being given no CPU. What sleeps in a system call goes on sleeping, and time goes on.
 */
public final class Freezer {
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);
    /** A task that is killed while it is held is noticed after so long. */
    private static final long CHECK_MS = 100;

    private volatile boolean frozen;

    Freezer() {}

    public boolean frozen() {
        return frozen;
    }

    /** Returns when no task is in its program any more; false when one does not come out. */
    public boolean freeze(TaskSet tasks) throws InterruptedException {
        frozen = true;
        long end = System.nanoTime() + PATIENCE_NANOS;
        for (long pause = 1; ; pause = Math.min(pause * 2, 32)) {
            boolean inside = false;
            for (ThreadGroup process : tasks.rootPids().processes()) {
                for (Task task : process.tasks()) {
                    if (task.inProgram()) {
                        inside = true;
                        task.context().interrupt();
                    }
                }
            }
            if (!inside || System.nanoTime() > end) {
                return !inside;
            }
            Thread.sleep(pause);
        }
    }

    public synchronized void thaw() {
        frozen = false;
        notifyAll();
    }

    /** Holds the calling task as long as it has to be held. */
    void hold(Task task) {
        task.context().sleeping();
        boolean interrupted = false;
        synchronized (this) {
            while (frozen && !task.signals().killed()) {
                try {
                    wait(CHECK_MS);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        task.context().waking();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
