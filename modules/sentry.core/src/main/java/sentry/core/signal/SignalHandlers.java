package sentry.core.signal;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReferenceArray;
import sentry.core.abi.Signal;

/** The dispositions of all signals (Linux: sighand_struct); shared by CLONE_SIGHAND. Thread-safe. */
public final class SignalHandlers {
    private final AtomicReferenceArray<SignalAction> actions;

    public SignalHandlers() {
        SignalAction[] all = new SignalAction[Signal.NSIG + 1];
        Arrays.fill(all, SignalAction.DEFAULT);
        actions = new AtomicReferenceArray<>(all);
    }

    private SignalHandlers(SignalHandlers other) {
        SignalAction[] all = new SignalAction[Signal.NSIG + 1];
        for (int i = 0; i < all.length; i++) {
            all[i] = other.actions.get(i);
        }
        actions = new AtomicReferenceArray<>(all);
    }

    public SignalAction get(int signo) {
        return actions.get(signo);
    }

    SignalAction replace(int signo, SignalAction action) {
        return actions.getAndSet(signo, action);
    }

    public SignalHandlers copy() {
        return new SignalHandlers(this);
    }

    /** For execve(2): handlers become the default, ignored signals stay ignored. A copy, for others may share this. */
    public SignalHandlers forExec() {
        SignalHandlers fresh = new SignalHandlers();
        for (int i = 1; i <= Signal.NSIG; i++) {
            if (get(i).isIgnore()) {
                fresh.actions.set(i, SignalAction.IGNORE);
            }
        }
        return fresh;
    }

    /** For CLONE_CLEAR_SIGHAND. */
    public SignalHandlers cleared() {
        return forExec();
    }

    /** Signals that are set to SIG_IGN, for /proc/PID/status. */
    public long ignored() {
        return collect(true);
    }

    /** Signals with a handler, for /proc/PID/status. */
    public long caught() {
        return collect(false);
    }

    private long collect(boolean ignored) {
        long set = 0;
        for (int i = 1; i <= Signal.NSIG; i++) {
            SignalAction a = get(i);
            if (ignored ? a.isIgnore() : !a.isIgnore() && !a.isDefault()) {
                set |= Signal.bit(i);
            }
        }
        return set;
    }
}
