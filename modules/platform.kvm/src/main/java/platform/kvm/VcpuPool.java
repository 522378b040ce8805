package platform.kvm;

import java.util.ArrayDeque;
import java.util.concurrent.locks.LockSupport;
import sentry.core.platform.PlatformException;

/**
 * The virtual processors, and who may run one now.
 *
 * <p>A context keeps to the one it had, which still holds its registers. Contexts beyond the number of processors queue
 * up, and whoever waits at the head has the one that ran longest come out after a while: so all get turns.
 *
 * <p>The monitor guards making processors and the queue. It is taken with no other lock held but that of an address
 * space, and no lock is taken inside it.
 */
final class VcpuPool {
    /** How long a context may run while others wait. */
    private static final long TURN_NANOS = 4_000_000;

    private final Vm vm;
    private final SystemArea system;
    private final boolean userEntry;
    private final int pid;
    /** As many as there may be; filled from the start. */
    private final Vcpu[] all;

    private volatile int count;
    private final ArrayDeque<Waiter> queue = new ArrayDeque<>();
    private volatile int waiting;
    private volatile boolean closed;

    private static final class Waiter {
        final Thread thread = Thread.currentThread();
        volatile Vcpu given;
    }

    VcpuPool(Vm vm, SystemArea system, boolean userEntry, int pid, int size, Vcpu first) {
        this.vm = vm;
        this.system = system;
        this.userEntry = userEntry;
        this.pid = pid;
        this.all = new Vcpu[size];
        all[0] = first;
        count = 1;
    }

    /** How many there are now. */
    int count() {
        return count;
    }

    /** How many are taken just now. */
    int takenCount() {
        int taken = 0;
        for (int i = 0; i < count; i++) {
            if (all[i].isTaken()) {
                taken++;
            }
        }
        return taken;
    }

    Vcpu get(int index) {
        return all[index];
    }

    /** Takes a processor for a context whose registers are on none of the free ones; null when the pool is closed. */
    Vcpu take() throws PlatformException {
        Vcpu v = closed ? null : takeFree(false);
        if (v != null) {
            return v;
        }
        synchronized (this) {
            if (closed) {
                return null;
            }
            if (count < all.length) {
                v = new Vcpu(vm, system, count, userEntry);
                v.tryTake();
                all[count] = v;
                count++;
                return v;
            }
        }
        v = takeFree(true);
        return v != null ? v : queue();
    }

    private Vcpu takeFree(boolean evenOwned) {
        int n = count;
        for (int i = 0; i < n; i++) {
            Vcpu v = all[i];
            if ((evenOwned || v.fpOwner == null) && v.tryTake()) {
                if (evenOwned || v.fpOwner == null) {
                    return v;
                }
                give(v);
            }
        }
        return null;
    }

    private Vcpu queue() {
        Waiter me = new Waiter();
        synchronized (this) {
            queue.add(me);
            waiting = queue.size();
        }
        Vcpu missed = takeFree(true); // given back before the queue was seen
        if (missed != null) {
            give(missed);
        }
        while (true) {
            Vcpu v = me.given;
            if (v != null) {
                return v;
            }
            boolean head;
            synchronized (this) {
                if (closed && me.given == null) {
                    queue.remove(me);
                    waiting = queue.size();
                    return null;
                }
                head = queue.peek() == me;
            }
            if (head) {
                endTurn();
            }
            if (me.given == null) {
                LockSupport.parkNanos(this, TURN_NANOS);
            }
        }
    }

    /** Has the processor that ran longest come out, if it had its turn. */
    private void endTurn() {
        long now = System.nanoTime();
        Vcpu oldest = null;
        for (int i = 0; i < count; i++) {
            Vcpu v = all[i];
            if (v.inside != null && (oldest == null || v.since - oldest.since < 0)) {
                oldest = v;
            }
        }
        if (oldest != null && now - oldest.since >= TURN_NANOS) {
            oldest.kick(pid);
        }
    }

    /** Whether contexts wait for a processor. */
    boolean contended() {
        return waiting != 0;
    }

    /** Gives a processor back, to the first that waits if there is one. */
    void give(Vcpu v) {
        if (waiting != 0) {
            Waiter first;
            synchronized (this) {
                first = queue.poll();
                waiting = queue.size();
            }
            if (first != null) {
                first.given = v;
                LockSupport.unpark(first.thread);
                return;
            }
        }
        v.give();
        if (waiting != 0 && v.tryTake()) { // queued meanwhile, and saw no free one
            give(v);
        }
    }

    /** No context gets a processor any more, and those that run come out. */
    void stop() {
        synchronized (this) {
            closed = true;
            for (Waiter w : queue) {
                LockSupport.unpark(w.thread);
            }
        }
        for (int i = 0; i < count; i++) {
            Vcpu v = all[i];
            while (v.isTaken()) {
                if (v.inside != null) {
                    v.kick(pid);
                }
                LockSupport.parkNanos(100_000);
            }
        }
    }

    boolean isStopped() {
        return closed;
    }

    /** After {@link #stop}: gives all processors back to the host. */
    void close() {
        for (int i = 0; i < count; i++) {
            if (all[i].tryTake()) {
                all[i].close();
            }
        }
    }
}
