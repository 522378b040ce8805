package sentry.core.time;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import sentry.core.abi.Clock;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Resource;
import sentry.core.abi.Signal;
import sentry.core.signal.SignalInfo;
import sentry.core.task.Task;
import sentry.core.task.ThreadGroup;

/** The interval timers (setitimer(2)) and POSIX timers (timer_create(2)) of a process. Its monitor guards it. */
public final class GroupTimers {
    private static final int[] ITIMER_SIGNALS = {Signal.SIGALRM, Signal.SIGVTALRM, Signal.SIGPROF};
    private static final int MAX_TIMERS = 65536;

    private final ThreadGroup group;
    private final IntervalTimer[] itimers = new IntervalTimer[3];
    /** By id; made on first use. */
    private Map<Integer, PosixTimer> timers;

    private int nextId;
    private boolean closed;
    private CpuLimit cpuLimit;

    public GroupTimers(ThreadGroup group) {
        this.group = group;
    }

    private static final class Itimer extends IntervalTimer {
        private final ThreadGroup group;
        private final int signo;

        Itimer(ThreadGroup group, int which) {
            super(
                    group.kernel().timers(),
                    Clock.CLOCK_MONOTONIC,
                    which == Clock.ITIMER_REAL ? null : Clocks.ofProcess(group, which == Clock.ITIMER_VIRTUAL),
                    group);
            this.group = group;
            this.signo = ITIMER_SIGNALS[which];
        }

        @Override
        protected void fired(long times, int setting) {
            group.send(SignalInfo.kernel(signo));
        }
    }

    /** setitimer(2); returns the old setting. */
    public IntervalTimer.Setting setItimer(int which, long value, long interval) {
        IntervalTimer t;
        synchronized (this) {
            if (closed || itimers[which] == null && value == 0) {
                return IntervalTimer.Setting.OFF;
            }
            if (itimers[which] == null) {
                itimers[which] = new Itimer(group, which);
            }
            t = itimers[which];
        }
        return t.set(value, interval, false);
    }

    /** getitimer(2). */
    public synchronized IntervalTimer.Setting itimer(int which) {
        return itimers[which] == null ? IntervalTimer.Setting.OFF : itimers[which].get();
    }

    /**
     * timer_create(2).
     *
     * @param signo 0: the signal that is usual (SIGALRM), with the timer's id as its value
     */
    public synchronized PosixTimer create(Task owner, int clock, int notify, int signo, long value, Task target)
            throws ErrnoException {
        if (timers == null) {
            timers = new HashMap<>();
        }
        if (closed || timers.size() >= MAX_TIMERS) {
            throw Errno.EAGAIN.error();
        }
        while (timers.containsKey(nextId)) {
            nextId = nextId + 1 & Integer.MAX_VALUE;
        }
        int id = nextId;
        nextId = nextId + 1 & Integer.MAX_VALUE;
        boolean usual = signo == 0;
        PosixTimer t = new PosixTimer(
                owner, id, clock, notify, usual ? Signal.SIGALRM : signo, usual ? id : value, target);
        // Each timer keeps a place among the pending signals of its user.
        AtomicInteger account =
                group.kernel().tasks().user(owner.credentials().uid()).signals();
        if (Long.compareUnsigned(account.incrementAndGet(), group.rlimits().soft(Resource.RLIMIT_SIGPENDING)) > 0) {
            account.decrementAndGet();
            throw Errno.EAGAIN.error();
        }
        t.countedIn(account);
        timers.put(id, t);
        return t;
    }

    /** The timer {@code id}, or EINVAL. */
    public synchronized List<PosixTimer> list() {
        return timers == null ? List.of() : new ArrayList<>(timers.values());
    }

    public synchronized PosixTimer get(int id) throws ErrnoException {
        PosixTimer t = timers == null ? null : timers.get(id);
        if (t == null) {
            throw Errno.EINVAL.error();
        }
        return t;
    }

    /** timer_delete(2). */
    public void delete(int id) throws ErrnoException {
        PosixTimer t = get(id);
        synchronized (this) {
            if (timers == null || timers.remove(id) == null) {
                throw Errno.EINVAL.error(); // another task was quicker
            }
        }
        t.end();
    }

    /**
     * RLIMIT_CPU, in seconds (unsigned, ~0: none): SIGXCPU when the soft limit is reached and each second from then on,
     * SIGKILL at the hard one.
     */
    public void setCpuLimit(long soft, long hard) {
        CpuLimit limit;
        synchronized (this) {
            if (closed || cpuLimit == null && soft < 0 && hard < 0) {
                return;
            }
            if (cpuLimit == null) {
                cpuLimit = new CpuLimit(group);
            }
            limit = cpuLimit;
        }
        limit.set(soft, hard);
    }

    /** The process executes a new program: POSIX timers are gone, interval timers stay. */
    public void exec() {
        List<PosixTimer> gone;
        synchronized (this) {
            if (timers == null) {
                return;
            }
            gone = new ArrayList<>(timers.values());
            timers = null;
        }
        for (PosixTimer t : gone) {
            t.end();
        }
    }

    /** The process has ended: nothing fires any more. */
    public void close() {
        synchronized (this) {
            closed = true;
        }
        exec();
        if (cpuLimit != null) {
            cpuLimit.cancel();
        }
        for (IntervalTimer t : itimers) {
            if (t != null) {
                t.cancel();
            }
        }
    }
}
