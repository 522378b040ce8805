package sentry.core.seccomp;

import sentry.core.abi.Errno;
import sentry.core.abi.Ptrace;
import sentry.core.abi.Seccomp;
import sentry.core.abi.Signal;
import sentry.core.abi.Sys;
import sentry.core.abi.SyscallNames;
import sentry.core.arch.Registers;
import sentry.core.log.Log;
import sentry.core.signal.SignalInfo;
import sentry.core.syscall.SyscallArgs;
import sentry.core.task.Task;
import sentry.core.task.TaskExit;
import sentry.core.task.TraceStops;

/** Judges the system call that a task is about to make. On the task's own thread. */
public final class SeccompGate {
    private SeccompGate() {}

    /** Whether the call in {@link Task#args} is to be made; if not, its result is in the registers. */
    public static boolean enter(Task task) {
        SyscallArgs args = task.args();
        if (task.seccompMode() == Seccomp.MODE_STRICT) {
            return strict(task, args.nr);
        }
        return task.seccomp().allows(args.nr) || judge(task, args, false);
    }

    private static boolean strict(Task task, int nr) {
        if (nr == Sys.READ || nr == Sys.WRITE || nr == Sys.EXIT || nr == Sys.RT_SIGRETURN) {
            return true;
        }
        task.beginExit(Signal.SIGKILL);
        return false;
    }

    /** @param traced the tracer has seen the call: SECCOMP_RET_TRACE lets it pass */
    private static boolean judge(Task task, SyscallArgs args, boolean traced) {
        Registers r = task.registers();
        int[] words = words(args, r.ip());
        SeccompFilter strictest = null;
        int verdict = Seccomp.RET_ALLOW;
        for (SeccompFilter f = task.seccomp(); f != null; f = f.previous()) {
            int v = f.run(words);
            if ((v & Seccomp.RET_ACTION_FULL) < (verdict & Seccomp.RET_ACTION_FULL)) {
                verdict = v;
                strictest = f;
            }
        }
        int data = verdict & Seccomp.RET_DATA;
        int action = verdict & Seccomp.RET_ACTION_FULL;
        if (action != Seccomp.RET_ALLOW && Log.enabled() && (strictest.logs() || action == Seccomp.RET_LOG)) {
            Log.info("task " + task.tid() + " (" + task.name() + "): seccomp verdict " + Integer.toHexString(verdict) + " on "
                    + SyscallNames.name(args.nr));
        }
        switch (action) {
            case Seccomp.RET_ALLOW, Seccomp.RET_LOG -> {
                return true;
            }
            case Seccomp.RET_ERRNO -> {
                r.setResult(-Math.min(data, 4095));
                return false;
            }
            case Seccomp.RET_TRAP -> {
                r.set(Registers.RAX, r.syscallNumber());
                task.signals().force(info(r, args.nr, data));
                return false;
            }
            case Seccomp.RET_TRACE -> {
                return traced || trace(task, args, data);
            }
            case Seccomp.RET_USER_NOTIF -> {
                return strictest.listener() == null
                        ? failed(r)
                        : strictest.listener().ask(task, args, r);
            }
            case Seccomp.RET_KILL_THREAD -> kill(task, task.group().signals().count() > 1);
            default -> kill(task, false);
        }
        return false;
    }

    private static boolean failed(Registers r) {
        r.setResult(-Errno.ENOSYS.number());
        return false;
    }

    private static boolean trace(Task task, SyscallArgs args, int data) {
        Registers r = task.registers();
        r.setResult(-Errno.ENOSYS.number());
        if (!TraceStops.event(task, Ptrace.EVENT_SECCOMP, data) || task.signals().killed()) {
            return false;
        }
        args.load(r);
        if (args.nr < 0) {
            return false;
        }
        return task.seccomp().allows(args.nr) || judge(task, args, true);
    }

    private static void kill(Task task, boolean threadOnly) {
        if (threadOnly) {
            task.beginExit(Signal.SIGSYS);
            return;
        }
        TaskExit.killGroup(task, Signal.SIGSYS);
    }

    private static SignalInfo info(Registers r, int nr, int data) {
        return new SignalInfo(
                Signal.SIGSYS, Seccomp.SYS_SECCOMP, 0, 0, nr, r.ip(), Ptrace.AUDIT_ARCH & 0xffffffffL, data);
    }

    /** struct seccomp_data as 32-bit words. */
    static int[] words(SyscallArgs a, long ip) {
        return new int[] {
            a.nr, Ptrace.AUDIT_ARCH, (int) ip, (int) (ip >>> 32),
            (int) a.a0, (int) (a.a0 >>> 32), (int) a.a1, (int) (a.a1 >>> 32),
            (int) a.a2, (int) (a.a2 >>> 32), (int) a.a3, (int) (a.a3 >>> 32),
            (int) a.a4, (int) (a.a4 >>> 32), (int) a.a5, (int) (a.a5 >>> 32)
        };
    }
}
