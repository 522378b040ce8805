package sentry.core.time;

import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;
import sentry.core.log.Log;

/** All armed timers of a kernel: a heap and one thread, which is started by the first timer. Thread-safe. */
public final class KernelTimers {
    private KernelTimer[] heap = new KernelTimer[16];
    private int size;
    private Thread thread;

    public KernelTimers() {}

    /** Arms {@code timer} for {@code deadline} (System.nanoTime()), in place of an earlier deadline. */
    public void arm(KernelTimer timer, long deadline) {
        synchronized (this) {
            if (timer.index >= 0) {
                removeAt(timer.index);
            }
            timer.deadline = deadline;
            if (size == heap.length) {
                heap = Arrays.copyOf(heap, size * 2);
            }
            timer.index = size;
            heap[size++] = timer;
            up(timer.index);
            if (timer.index != 0) {
                return;
            }
            if (thread == null) {
                thread = new Thread(null, this::run, "timers", 256 << 10, false);
                thread.setDaemon(true);
                thread.start();
                return;
            }
        }
        LockSupport.unpark(thread);
    }

    /** Takes the timer out; false when it was not armed. */
    public synchronized boolean cancel(KernelTimer timer) {
        if (timer.index < 0) {
            return false;
        }
        removeAt(timer.index);
        return true;
    }

    private void run() {
        for (;;) {
            KernelTimer due = null;
            long wait = Long.MAX_VALUE;
            synchronized (this) {
                if (size > 0) {
                    wait = heap[0].deadline - System.nanoTime();
                    if (wait <= 0) {
                        due = heap[0];
                        removeAt(0);
                    }
                }
            }
            if (due != null) {
                fire(due);
            } else if (wait == Long.MAX_VALUE) {
                LockSupport.park(this);
            } else {
                LockSupport.parkNanos(this, wait);
            }
        }
    }

    private static void fire(KernelTimer timer) {
        try {
            timer.expired();
        } catch (RuntimeException e) {
            Log.error("a timer failed", e);
        }
    }

    private void removeAt(int i) {
        KernelTimer gone = heap[i];
        KernelTimer last = heap[--size];
        heap[size] = null;
        gone.index = -1;
        if (last != gone) {
            heap[i] = last;
            last.index = i;
            down(i);
            up(last.index);
        }
    }

    private void up(int start) {
        int i = start;
        KernelTimer t = heap[i];
        while (i > 0) {
            int parent = (i - 1) >>> 1;
            if (heap[parent].deadline - t.deadline <= 0) {
                break;
            }
            heap[i] = heap[parent];
            heap[i].index = i;
            i = parent;
        }
        heap[i] = t;
        t.index = i;
    }

    private void down(int start) {
        int i = start;
        KernelTimer t = heap[i];
        for (;;) {
            int child = 2 * i + 1;
            if (child >= size) {
                break;
            }
            if (child + 1 < size && heap[child + 1].deadline - heap[child].deadline < 0) {
                child++;
            }
            if (t.deadline - heap[child].deadline <= 0) {
                break;
            }
            heap[i] = heap[child];
            heap[i].index = i;
            i = child;
        }
        heap[i] = t;
        t.index = i;
    }
}
