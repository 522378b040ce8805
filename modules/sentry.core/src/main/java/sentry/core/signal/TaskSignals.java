package sentry.core.signal;

import java.util.List;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Signal;
import sentry.core.arch.Registers;
import sentry.core.task.Task;
import sentry.core.task.TraceLink;

/**
 * The signal state of one task: mask, pending signals, alternate stack. The mask is changed by the task's own thread
 * only, under the group's signal lock, because senders read it there.
 */
public final class TaskSignals {
    final Task task;
    final SignalQueue queue = new SignalQueue();
    /** Blocked signals. */
    private volatile long mask;
    /** What sigtimedwait(2) has opened for its time; such signals count as blocked when it comes to ignoring them. */
    long realMask;

    /** The mask to go back to when the system call ends, if {@link #maskSaved}. */
    private long savedMask;

    private boolean maskSaved;

    /** The task must end: its group ends, or another task of it executes a new program. */
    volatile boolean killed;

    /** The task must take part in a stop of its group. */
    boolean stopPending;

    /** A stop signal was taken and no SIGCONT came since. */
    boolean stopDequeued;

    /** The task rests in a group stop. */
    volatile boolean stopped;

    /** A system call that ended with this restart code awaits its resolution; 0: none. Own thread. */
    int restartCode;

    // Alternate stack; own thread.
    private long stackBase;
    private long stackSize;
    private int stackFlags;

    // What the processor said about the last exception; for signal frames. Own thread.
    int trapNumber;
    long trapError;
    long trapAddress;

    private volatile boolean singleStep;

    public TaskSignals(Task task) {
        this.task = task;
    }

    private GroupSignals group() {
        return task.group().signals();
    }

    /** Takes over what a new task inherits. Before the task runs; {@code thread}: it shares its parent's memory. */
    public void inherit(TaskSignals parent, boolean sharesMemory, boolean vfork) {
        mask = parent.mask;
        if (!sharesMemory || vfork) {
            stackBase = parent.stackBase;
            stackSize = parent.stackSize;
            stackFlags = parent.stackFlags;
        }
    }

    /** Whether the program is being single-stepped (by a tracer). */
    public boolean singleStep() {
        return singleStep;
    }

    public void setSingleStep(boolean value) {
        singleStep = value;
    }

    /** A tracer may have changed the registers: the restart code is what they say. */
    public void registersChanged() {
        if (restartCode != 0) {
            restartCode = 0;
        }
        Registers r = task.registers();
        long result = r.result();
        if (r.syscallNumber() >= 0
                && result <= -Errno.ERESTARTSYS.number()
                && result >= -Errno.ERESTART_RESTARTBLOCK.number()) {
            restartCode = (int) -result;
        }
    }

    /** Queued signals, of the process if {@code ofProcess}, for a tracer: all but the first {@code skip}, at most a few. */
    public List<SignalInfo> queued(boolean ofProcess, long skip, int limit) {
        GroupSignals g = group();
        g.lock();
        try {
            return (ofProcess ? g.shared : queue).list(skip, limit);
        } finally {
            g.unlock();
        }
    }

    /** The signals that the program blocks, also in a call that has a mask of its own. */
    public long programMask() {
        return maskSaved ? savedMask : mask;
    }

    /**
     * A stop is over: the next sleep is interrupted if there is something to look at, and only then. An interruption without
     * a cause would have a call restarted, and every restart of a traced call comes with a stop.
     */
    public void recheck() {
        GroupSignals g = group();
        g.lock();
        try {
            task.sleeper().clearInterrupted();
            noticePending(g);
        } finally {
            g.unlock();
        }
        TraceLink link = task.trace();
        if (restartCode != 0 || maskSaved || link != null && link.trapDue()) {
            task.sleeper().interrupt();
        }
    }

    /** Notes a signal without siginfo, for a task that has not run yet. */
    public void pendBare(int signo) {
        GroupSignals g = group();
        g.lock();
        try {
            queue.addBare(signo);
        } finally {
            g.unlock();
        }
        task.sleeper().interrupt();
    }

    /** A tracer attaches: a task in a group stop leaves it, for a stop that the tracer can work with. */
    public boolean beginTraceOfStopped() {
        GroupSignals g = group();
        g.lock();
        try {
            boolean was = stopped;
            stopped = false;
            return was;
        } finally {
            g.unlock();
        }
    }

    /** A tracer has gone: the task takes part in the group's stop, if there is one. */
    public void endTrace() {
        GroupSignals g = group();
        g.lock();
        try {
            if ((g.stopped() || g.stopCount > 0) && !killed && !stopPending) {
                stopPending = true;
                if (!g.stopped()) {
                    g.stopCount++;
                }
                task.interrupt();
            }
        } finally {
            g.unlock();
        }
    }

    /** Blocked signals. From any thread. */
    public long mask() {
        return mask;
    }

    /** Signals pending for this task alone. From any thread. */
    public long pending() {
        GroupSignals g = group();
        g.lock();
        try {
            return queue.set();
        } finally {
            g.unlock();
        }
    }

    /** Replaces the mask. SIGKILL and SIGSTOP cannot be blocked. */
    public void setMask(long value) {
        long clean = value & ~Signal.KERNEL_ONLY;
        if (clean == mask) {
            return;
        }
        GroupSignals g = group();
        g.lock();
        try {
            long newlyBlocked = clean & ~mask;
            mask = clean;
            if (newlyBlocked != 0) {
                g.retarget(this, newlyBlocked);
            }
            noticePending(g);
        } finally {
            g.unlock();
        }
    }

    /** The mask of a new task, before it runs. */
    public void initialMask(long value) {
        mask = value & ~Signal.KERNEL_ONLY;
    }

    /** With the lock held: makes the task look at its signals if it has any that it may take. */
    void noticePending(GroupSignals g) {
        if (((queue.set() | g.shared.set()) & ~mask) != 0 || killed || stopPending || g.notify != 0) {
            task.sleeper().interrupt();
        }
    }

    /**
     * Uses {@code value} as the mask for the rest of this system call (ppoll, pselect6, epoll_pwait, rt_sigsuspend). If
     * a signal ends the call, its handler runs under it and the old mask comes back after the handler.
     */
    public void useMaskForCall(long value) {
        if (!maskSaved) {
            savedMask = mask;
            maskSaved = true;
        }
        setMask(value);
    }

    /** Ends {@link #useMaskForCall} when the call was not interrupted. */
    public void restoreMask() {
        if (maskSaved) {
            maskSaved = false;
            setMask(savedMask);
        }
    }

    /** What {@link #takeSavedMask} would return. */
    long peekSavedMask() {
        return maskSaved ? savedMask : mask;
    }

    /** Takes the saved mask for a frame, which restores it on return; the current mask when none is saved. */
    long takeSavedMask() {
        if (maskSaved) {
            maskSaved = false;
            return savedMask;
        }
        return mask;
    }

    /** Whether the task is ending, so that even a sleep that signals do not end must stop. From any thread. */
    public boolean killed() {
        return killed;
    }

    /** Whether the task rests in a job control stop. From any thread. */
    public boolean stopped() {
        return stopped;
    }

    /** Queues a signal for this task alone, as the kernel. From any thread. */
    public void send(SignalInfo info) {
        group().send(info, task, true);
    }

    /** Forces a signal that the program itself caused: not to be blocked or ignored, even by process 1. */
    public void force(SignalInfo info) {
        GroupSignals g = group();
        g.lock();
        try {
            int signo = info.signo();
            SignalAction action = g.handlers().get(signo);
            boolean blocked = Signal.in(signo, mask);
            if (blocked || action.isIgnore()) {
                g.handlers().replace(signo, SignalAction.DEFAULT);
                mask &= ~Signal.bit(signo);
                action = SignalAction.DEFAULT;
            }
            if (action.isDefault()) {
                g.unkillable = false;
            }
            queue.flush(Signal.bit(signo));
            queue.add(info, null, null);
        } finally {
            g.unlock();
        }
        task.sleeper().interrupt();
    }

    /** Forces SIGSEGV because a signal frame could not be written or read; kills when that was SIGSEGV's own frame. */
    void forceSegv(int failedSignal) {
        if (failedSignal == Signal.SIGSEGV) {
            GroupSignals g = group();
            g.lock();
            try {
                g.handlers().replace(Signal.SIGSEGV, SignalAction.DEFAULT);
            } finally {
                g.unlock();
            }
        }
        force(SignalInfo.kernel(Signal.SIGSEGV));
    }

    /** Takes a pending signal that is in {@code wanted} (signalfd, sigtimedwait); null when there is none. */
    public SignalInfo take(long wanted) {
        GroupSignals g = group();
        g.lock();
        try {
            return g.dequeue(this, ~wanted);
        } finally {
            g.unlock();
        }
    }

    /** Lets signals in {@code wanted} wake the task although it blocks them, for sigtimedwait(2). */
    public void openForWait(long wanted) {
        GroupSignals g = group();
        g.lock();
        try {
            realMask = mask;
            mask &= ~wanted;
        } finally {
            g.unlock();
        }
    }

    /** Ends {@link #openForWait}. */
    public void closeAfterWait() {
        GroupSignals g = group();
        g.lock();
        try {
            mask = realMask;
            realMask = 0;
            noticePending(g);
        } finally {
            g.unlock();
        }
    }

    // The alternate stack (sigaltstack(2)).

    public long stackBase() {
        return stackBase;
    }

    public long stackSize() {
        return stackSize;
    }

    /** SS_AUTODISARM, or SS_DISABLE when there is none. */
    public int stackFlags() {
        return stackFlags;
    }

    /** Whether {@code sp} is on the alternate stack. */
    public boolean onStack(long sp) {
        if ((stackFlags & Signal.SS_AUTODISARM) != 0) {
            return false;
        }
        return Long.compareUnsigned(sp, stackBase) > 0 && Long.compareUnsigned(sp - stackBase, stackSize) <= 0;
    }

    /** What sigaltstack(2) reports as flags. */
    public int reportedStackFlags(long sp) {
        int state = stackSize == 0 ? Signal.SS_DISABLE : onStack(sp) ? Signal.SS_ONSTACK : 0;
        return state | stackFlags & Signal.SS_AUTODISARM;
    }

    /** Sets the alternate stack. EPERM while on it, EINVAL for bad flags, ENOMEM when it is too small. */
    public void setStack(long base, long size, int flags, long sp, long minimum) throws ErrnoException {
        if (onStack(sp)) {
            throw Errno.EPERM.error();
        }
        int mode = flags & ~Signal.SS_AUTODISARM;
        if (mode != Signal.SS_DISABLE && mode != Signal.SS_ONSTACK && mode != 0) {
            throw Errno.EINVAL.error();
        }
        if (base == stackBase && size == stackSize && flags == stackFlags) {
            return; // even if it is too small
        }
        if (mode == Signal.SS_DISABLE) {
            stackBase = 0;
            stackSize = 0;
        } else {
            if (Long.compareUnsigned(size, minimum) < 0) {
                throw Errno.ENOMEM.error();
            }
            stackBase = base;
            stackSize = size;
        }
        stackFlags = flags;
    }

    /** No alternate stack any more: after execve(2). Linux forgets where it was, and not how it was to be used. */
    public void forgetStack() {
        stackBase = 0;
        stackSize = 0;
    }

    /** No alternate stack while a handler runs on one that disarms itself. */
    public void clearStack() {
        stackBase = 0;
        stackSize = 0;
        stackFlags = Signal.SS_DISABLE;
    }
}
