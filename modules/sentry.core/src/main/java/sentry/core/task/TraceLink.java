package sentry.core.task;

import java.util.concurrent.locks.ReentrantLock;
import sentry.core.signal.SignalInfo;

/**
 * What there is between a traced task and its tracer (ptrace(2)). A task has one while it is traced.
 *
 * <p>The task-set lock guards who traces whom and what wait(2) has to report. {@link #hold} keeps a stopped task in its
 * stop, even one that is killed, while the tracer looks at its registers.
 */
public final class TraceLink {
    /** How far a resumed task runs. */
    public enum Run {
        FREELY,
        /** Stop at the entry to and the exit from system calls. */
        TO_SYSCALL,
        /** Stop at the entry to a system call, which is not made. */
        EMULATED
    }

    private final Task tracer;
    private final Task tracee;
    private final boolean seized;
    private volatile int options;
    private final ReentrantLock stay = new ReentrantLock();

    /** The task rests in a stop that the tracer may work with. */
    volatile boolean stopped;

    /**
     * What wait(2) has to report of the stop: a signal, with an event above it; 0 when it has been reported. When the
     * tracer ends the stop, the signal that the task goes on with.
     */
    int code;

    /** The same for as long as the stop lasts. */
    int stopCode;

    private SignalInfo info;
    private long message;
    private volatile Run run = Run.FREELY;
    private volatile boolean step;
    /** PTRACE_LISTEN: stopped, but wait(2) does not see it and a change of the group stop ends it. */
    private volatile boolean listening;
    /** The task is to stop as soon as it can (PTRACE_INTERRUPT). */
    private volatile boolean trap;
    /** The group stop has changed; a seized task stops to tell. */
    private volatile boolean news;

    /** A thread that has ended and waits for the tracer to ask. */
    boolean zombie;

    /** SIGKILL came while the task was in the stop at its end. */
    volatile boolean killed;

    private long seccompData;

    TraceLink(Task tracer, Task tracee, boolean seized, int options) {
        this.tracer = tracer;
        this.tracee = tracee;
        this.seized = seized;
        this.options = options;
    }

    public Task tracer() {
        return tracer;
    }

    public Task tracee() {
        return tracee;
    }

    /** By PTRACE_SEIZE rather than PTRACE_ATTACH or PTRACE_TRACEME. */
    public boolean seized() {
        return seized;
    }

    /** PTRACE_O_ bits. */
    public int options() {
        return options;
    }

    public void setOptions(int value) {
        options = value;
    }

    /** Whether the tracer wants to hear of {@code event}. */
    public boolean wants(int event) {
        return (options >> event & 1) != 0;
    }

    /** Whether the task is in a stop; once {@link #hold} has said so it stays there until {@link #letGo}. */
    public boolean stopped() {
        return stopped;
    }

    /** Keeps the task in its stop; false when it is in none that the tracer may work with. Then nothing is held. */
    public boolean hold() {
        stay.lock();
        if (stopped && !listening) {
            return true;
        }
        stay.unlock();
        return false;
    }

    public void letGo() {
        stay.unlock();
    }

    /** The signal that a stop is about; null in a group stop. Held. */
    public SignalInfo info() {
        return info;
    }

    public void setInfo(SignalInfo value) {
        info = value;
    }

    /** PTRACE_GETEVENTMSG. */
    public long message() {
        return message;
    }

    /** Signal and event of the stop. Held. */
    public int stopCode() {
        return stopCode;
    }

    public Run run() {
        return run;
    }

    public boolean step() {
        return step;
    }

    /** What the filter said with SECCOMP_RET_TRACE. */
    public long seccompData() {
        return seccompData;
    }

    public void setSeccompData(long value) {
        seccompData = value;
    }

    /** Lets the task run on. Held, by the tracer. */
    public void resume(Run how, boolean oneStep, int withSignal) {
        run = how;
        step = oneStep;
        tracee.signals().setSingleStep(oneStep);
        leave(withSignal);
    }

    /** Ends the stop. Held. */
    void leave(int withSignal) {
        code = withSignal;
        release();
    }

    /** Ends the stop without the tracer's word. */
    void release() {
        stopped = false;
        listening = false;
        tracee.sleeper().wake();
    }

    /** PTRACE_LISTEN. Held. */
    public void listen() {
        listening = true;
        tracee.sleeper().wake();
    }

    public boolean listening() {
        return listening;
    }

    /** Makes the task stop as soon as it can. From any thread. */
    public void trap() {
        trap = true;
        tracee.interrupt();
        if (listening) {
            tracee.sleeper().wake();
        }
    }

    /** The group stop has begun or ended. From any thread. */
    public void news() {
        if (seized) {
            news = true;
            tracee.interrupt();
            if (listening) {
                tracee.sleeper().wake();
            }
        }
    }

    /** Whether a stop of its own is due; for the tracee. */
    public boolean trapDue() {
        return trap || news;
    }

    void trapDone() {
        trap = false;
        news = false;
    }

    /** A stop at the task's end ends. From any thread. */
    public void endLastStop() {
        killed = true;
        tracee.sleeper().wake();
    }

    // For the tracee's own thread.

    /** Begins a stop. With the task-set lock held. */
    void enter(int status, SignalInfo why, long eventMessage) {
        stay.lock();
        try {
            code = status;
            stopCode = status;
            info = why;
            message = eventMessage;
            listening = false;
            stopped = true;
        } finally {
            stay.unlock();
        }
    }

    /** Ends a stop however it came to end; returns the signal that the tracer gave. */
    int left() {
        stay.lock();
        try {
            stopped = false;
            listening = false;
            int last = code;
            code = 0;
            return last;
        } finally {
            stay.unlock();
        }
    }
}
