package sentry.core.task;

import sentry.core.abi.Ptrace;
import sentry.core.abi.Signal;
import sentry.core.signal.SignalInfo;

/** The stops of a traced task (ptrace(2), "Stopped states"). For the task's own thread. */
public final class TraceStops {
    private static final int SYSGOOD = 0x80;
    /** TRAP_BRKPT. */
    private static final int TRAP_BRKPT = 1;

    private TraceStops() {}

    /**
     * Stops until the tracer lets the task go on, or it is killed, or it is not traced any more.
     *
     * @param code the signal that wait(2) reports, with an event in bits 8 to 15
     * @param why CLD_TRAPPED, or CLD_STOPPED for a group stop
     * @return the signal that the tracer gave, 0 for none; {@code code} when it is gone and has not seen the stop
     */
    private static int stop(Task task, TraceLink link, int code, int why, SignalInfo info, long message) {
        boolean atEnd = code == (Ptrace.EVENT_EXIT << 8 | Signal.SIGTRAP);
        task.context().fpState(); // only this thread can ask the platform for it
        task.sleeper().prepare();
        task.kernel().taskSet().lock();
        try {
            if (task.trace() != link || task.signals().killed() && !atEnd) {
                return 0;
            }
            link.enter(code, info, message);
            tellTracer(link, why, code & 0x7f);
        } finally {
            task.kernel().taskSet().unlock();
        }
        while (link.stopped
                && !(atEnd ? link.killed : task.signals().killed())
                && !(link.listening() && link.trapDue())) {
            task.rest();
            task.sleeper().prepare();
        }
        int signal = link.left();
        task.loadDebugRegisters();
        task.signals().registersChanged();
        task.signals().recheck();
        return signal;
    }

    /** Sends SIGCHLD and wakes wait(2). Under the task-set lock. */
    static void tellTracer(TraceLink link, int why, int status) {
        ThreadGroup to = link.tracer().group();
        Task from = link.tracee();
        if (!to.signals().handlers().get(Signal.SIGCHLD).isIgnore()
                && !to.signals().handlers().get(Signal.SIGCHLD).has(Signal.SA_NOCLDSTOP)) {
            to.send(childInfo(to, from, why, status));
        }
        to.childEvents().notify(1);
    }

    static SignalInfo childInfo(ThreadGroup to, Task from, int code, int status) {
        return new SignalInfo(
                Signal.SIGCHLD,
                code,
                from.tid(to.id().namespace()),
                from.credentials().uid(),
                status,
                0,
                from.userNanos() / ThreadGroup.NANOS_PER_TICK,
                from.systemNanos() / ThreadGroup.NANOS_PER_TICK);
    }

    /** A stop with a siginfo of ptrace's own: si_code is the status. */
    private static int notify(Task task, TraceLink link, int code, long message) {
        SignalInfo info = new SignalInfo(
                code & 0x7f,
                code,
                task.tid(link.tracer().namespaces().pid()),
                task.credentials().uid(),
                0,
                0,
                0,
                0);
        return stop(task, link, code, Signal.CLD_TRAPPED, info, message);
    }

    /** A PTRACE_EVENT_ stop, if the tracer asked for it. */
    public static boolean event(Task task, int event, long message) {
        TraceLink link = task.trace();
        if (link == null || !link.wants(event)) {
            return false;
        }
        notify(task, link, event << 8 | Signal.SIGTRAP, message);
        return true;
    }

    /** The same for an event about {@code pid}. */
    static void event(Task task, int event, Pid pid) {
        TraceLink link = task.trace();
        if (link != null) {
            event(task, event, pid.in(link.tracer().namespaces().pid()));
        }
    }

    /** At the end of execve(2). */
    static void executed(Task task, Pid before) {
        TraceLink link = task.trace();
        if (link == null) {
            return;
        }
        if (link.wants(Ptrace.EVENT_EXEC)) {
            event(task, Ptrace.EVENT_EXEC, before);
        } else if (!link.seized()) {
            task.group().signals().send(
                    SignalInfo.user(
                            Signal.SIGTRAP, task.pid(), task.credentials().uid()),
                    task,
                    false);
        }
    }

    /** At the entry of a system call; false when it is not to be made. */
    static boolean syscallEntry(Task task) {
        TraceLink link = task.trace();
        if (link == null || link.run() == TraceLink.Run.FREELY) {
            return true;
        }
        boolean emulated = link.run() == TraceLink.Run.EMULATED;
        int signal = notify(task, link, syscallCode(link), Ptrace.EVENTMSG_SYSCALL_ENTRY);
        send(task, link, signal);
        return !emulated && !task.signals().killed();
    }

    /** At the exit of a system call. */
    static void syscallExit(Task task) {
        TraceLink link = task.trace();
        if (link == null) {
            return;
        }
        if (link.run() == TraceLink.Run.TO_SYSCALL) {
            int signal = notify(task, link, syscallCode(link), Ptrace.EVENTMSG_SYSCALL_EXIT);
            send(task, link, signal);
        } else if (link.step()) {
            stepped(task);
        }
    }

    /** The one instruction to run was a system call. */
    static void stepped(Task task) {
        task.signals().force(SignalInfo.fault(Signal.SIGTRAP, TRAP_BRKPT, task.registers().ip()));
    }

    private static int syscallCode(TraceLink link) {
        return (link.options() & Ptrace.O_TRACESYSGOOD) != 0 ? Signal.SIGTRAP | SYSGOOD : Signal.SIGTRAP;
    }

    private static void send(Task task, TraceLink link, int signal) {
        if (signal > 0 && signal <= Signal.NSIG) { // else nobody has said anything
            task.signals().send(SignalInfo.kernel(signal));
        }
    }

    /** A handler was entered while the tracer single-steps: its first instruction is not run yet. */
    public static void handlerEntered(Task task) {
        TraceLink link = task.trace();
        if (link != null && link.step()) {
            notify(task, link, Signal.SIGTRAP, 0);
        }
    }

    /**
     * A signal is about to be delivered: the tracer decides what becomes of it.
     *
     * @return the signal to deliver, perhaps another one; null for none
     */
    public static SignalInfo signal(Task task, TraceLink link, SignalInfo info) {
        int signo = stop(task, link, info.signo(), Signal.CLD_TRAPPED, info, 0);
        if (signo == 0 || task.signals().killed()) {
            return null;
        }
        SignalInfo given = link.info();
        if (given == null || given.signo() != signo) {
            Task tracer = link.tracer();
            given = SignalInfo.user(
                    signo,
                    tracer.group().pid(task.group().id().namespace()),
                    tracer.credentials().uid());
        }
        if (Signal.in(signo, task.signals().mask())) {
            task.group().signals().send(given, task, true);
            return null;
        }
        return given;
    }

    /** A group stop has come, or the tracer asked for a stop of its own. */
    public static void trap(Task task, TraceLink link, int groupSignal) {
        link.trapDone();
        if (link.seized()) {
            int signo = groupSignal != 0 ? groupSignal : Signal.SIGTRAP;
            int code = Ptrace.EVENT_STOP << 8 | signo;
            SignalInfo info = new SignalInfo(
                    signo,
                    code,
                    task.tid(link.tracer().namespaces().pid()),
                    task.credentials().uid(),
                    0,
                    0,
                    0,
                    0);
            stop(task, link, code, Signal.CLD_STOPPED, info, 0);
        } else if (groupSignal != 0) {
            stop(task, link, groupSignal, Signal.CLD_STOPPED, null, 0);
        }
    }
}
