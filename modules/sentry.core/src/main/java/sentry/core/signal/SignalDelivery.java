package sentry.core.signal;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Resource;
import sentry.core.abi.Signal;
import sentry.core.abi.Sys;
import sentry.core.arch.Registers;
import sentry.core.log.Log;
import sentry.core.platform.Fault;
import sentry.core.task.Task;
import sentry.core.task.TaskExit;
import sentry.core.task.TraceLink;
import sentry.core.task.TraceStops;
import sentry.core.task.WaitStatus;

/** What a task does about its signals before it runs the program again. On the task's own thread. */
public final class SignalDelivery {
    /** Length of the syscall instruction. */
    private static final int SYSCALL_LENGTH = 2;

    /** Linux begins a core only when a page of it is allowed. */
    private static final long SMALLEST_CORE = 4096;

    /** The processor's number of that trap. */
    private static final int PAGE_FAULT = 14;

    private SignalDelivery() {}

    /** Acts on everything that wants attention: group exit, stops, pending signals. May end the task. */
    public static void deliver(Task task) {
        TaskSignals s = task.signals();
        GroupSignals g = task.group().signals();
        while (!task.exiting()) {
            TraceLink link = task.trace();
            SignalInfo info;
            SignalAction action;
            int tell;
            int trap = 0;
            g.lock();
            try {
                if (s.killed) {
                    task.beginExit(g.groupExit() ? g.groupExitCode() : Signal.SIGKILL);
                    return;
                }
                tell = g.takeNotify();
                info = null;
                action = null;
                if (tell == 0 && !s.stopPending) {
                    if (link != null && link.trapDue()) {
                        trap = 1;
                    } else {
                        info = g.dequeue(s, s.mask());
                        if (info == null) {
                            break;
                        }
                        if (link == null || info.signo() == Signal.SIGKILL) {
                            action = take(g, info);
                        } else {
                            s.stopDequeued = true; // until SIGCONT says otherwise
                            trap = 2;
                        }
                    }
                }
            } finally {
                g.unlock();
            }
            if (tell != 0) {
                task.group().childStateChanged(tell);
                continue;
            }
            if (trap == 1) {
                TraceStops.trap(task, link, g.stopInForce());
                continue;
            }
            if (trap == 2) {
                info = TraceStops.signal(task, link, info);
                if (info == null) {
                    continue;
                }
                g.lock();
                try {
                    action = take(g, info);
                } finally {
                    g.unlock();
                }
            }
            if (info == null) {
                stop(task, g, s);
            } else if (action.isIgnore()) {
                continue;
            } else if (action.isDefault()) {
                byDefault(task, g, s, info);
            } else {
                handle(task, s, info, action);
            }
        }
        if (!task.exiting()) {
            restartUnhandled(task, s);
            s.restoreMask();
        }
    }

    private static SignalAction take(GroupSignals g, SignalInfo info) {
        SignalAction action = g.handlers().get(info.signo());
        if (action.has(Signal.SA_RESETHAND) && !action.isDefault() && !action.isIgnore()) {
            g.handlers().replace(info.signo(), SignalAction.DEFAULT);
        }
        return action;
    }

    private static void byDefault(Task task, GroupSignals g, TaskSignals s, SignalInfo info) {
        int signo = info.signo();
        if (Signal.in(signo, Signal.IGNORED) || g.unkillable && !Signal.in(signo, Signal.KERNEL_ONLY)) {
            return;
        }
        if (Signal.in(signo, Signal.STOP)) {
            if (signo != Signal.SIGSTOP && task.group().inOrphanedProcessGroup()) {
                return;
            }
            g.lock();
            try {
                if (!s.stopDequeued || s.killed) {
                    return; // SIGCONT or SIGKILL came meanwhile
                }
                s.stopDequeued = false;
                g.beginStop(signo);
            } finally {
                g.unlock();
            }
            stop(task, g, s);
            return;
        }
        boolean core = Signal.in(signo, Signal.CORE);
        if (core && Log.enabled()) {
            Registers r = task.registers();
            Log.info("task " + task.tid() + " (" + task.name() + "): fatal signal " + signo + " code " + info.code()
                    + " at " + Long.toHexString(info.address()) + ", ip " + Long.toHexString(r.ip()) + ", sp "
                    + Long.toHexString(r.sp()));
        }
        g.exit(WaitStatus.killed(signo, core && dumpsCore(task)).raw());
        task.beginExit(g.groupExitCode());
    }

    /**
     * Whether Linux would dump core, which is what the parent is told. No core is written: nobody debugs with one what
     * ran in a sandbox.
     */
    private static boolean dumpsCore(Task task) {
        return task.group().dumpable() && task.group().rlimit(Resource.RLIMIT_CORE) >= SMALLEST_CORE;
    }

    /** Takes part in a stop of the group and rests until it is continued or ends. */
    private static void stop(Task task, GroupSignals g, TaskSignals s) {
        boolean complete;
        TraceLink link;
        g.lock();
        try {
            if (!s.stopPending || s.killed) {
                return;
            }
            link = task.trace();
            s.stopPending = false;
            s.stopped = link == null;
            complete = g.participated();
        } finally {
            g.unlock();
        }
        if (complete) {
            task.group().childStateChanged(Signal.CLD_STOPPED);
        }
        if (link != null) {
            TraceStops.trap(task, link, g.stopInForce());
            return;
        }
        for (;;) {
            task.sleeper().prepare();
            if (!s.stopped || s.killed) {
                return;
            }
            task.rest();
        }
    }

    private static void handle(Task task, TaskSignals s, SignalInfo info, SignalAction action) {
        Registers r = task.registers();
        int code = s.restartCode;
        s.restartCode = 0;
        if (code != 0) {
            boolean again = code == Errno.ERESTARTNOINTR.number()
                    || code == Errno.ERESTARTSYS.number() && action.has(Signal.SA_RESTART);
            if (again) {
                restartCall(r, r.syscallNumber());
            } else {
                r.setResult(-Errno.EINTR.number());
            }
        }
        try {
            SignalFrame.push(task, info, action);
        } catch (ErrnoException e) {
            s.forceSegv(info.signo());
            return;
        }
        long blocked = s.mask() | action.mask();
        if (!action.has(Signal.SA_NODEFER)) {
            blocked |= Signal.bit(info.signo());
        }
        s.setMask(blocked);
        if (s.singleStep()) {
            TraceStops.handlerEntered(task);
        }
    }

    private static void restartUnhandled(Task task, TaskSignals s) {
        int code = s.restartCode;
        if (code == 0) {
            return;
        }
        s.restartCode = 0;
        Registers r = task.registers();
        restartCall(r, code == Errno.ERESTART_RESTARTBLOCK.number() ? Sys.RESTART_SYSCALL : r.syscallNumber());
    }

    private static void restartCall(Registers r, long number) {
        r.set(Registers.RAX, number);
        r.setIp(r.ip() - SYSCALL_LENGTH);
    }

    /** A call ended with internal restart code {@code code} (512 and up): restarts it or turns it into EINTR. */
    public static void restart(Task task, int code) {
        task.signals().restartCode = code;
        task.registers().setResult(-code); // what a tracer sees, and may put back later
        task.sleeper().interrupt(); // deliver decides, before the program runs on
    }

    /** Forces {@code signal} on the task for a processor exception: not to be blocked or ignored. */
    public static void forceFault(Task task, Fault fault, int signal) {
        TaskSignals s = task.signals();
        s.trapNumber = fault.trap;
        s.trapError = fault.error;
        if (fault.trap == PAGE_FAULT) {
            s.trapAddress = fault.address; // as the processor's register keeps it until the next page fault
        }
        if (!task.kernel().platform().traits().exactFaultAccess()) {
            FaultGuess.complete(task, fault, s);
        }
        s.force(SignalInfo.fault(signal, fault.code, fault.address));
    }

    /** rt_sigreturn(2): goes back to where a handler interrupted. */
    public static void returnFromHandler(Task task) {
        try {
            SignalFrame.pop(task);
        } catch (ErrnoException e) {
            task.signals().forceSegv(0);
        }
    }

    /** Ends the task's process because of {@code signal} with no chance for a handler. */
    public static void kill(Task task, int signal) {
        TaskExit.killGroup(task, signal);
    }
}
