package sentry.core.signal;

import sentry.core.abi.Signal;

/**
 * What a process wants done about a signal (sigaction(2)).
 *
 * @param handler address of the handler, SIG_DFL or SIG_IGN
 * @param flags SA_ flags
 * @param restorer where the handler returns to
 * @param mask signals blocked while the handler runs
 */
public record SignalAction(long handler, long flags, long restorer, long mask) {
    public static final SignalAction DEFAULT = new SignalAction(Signal.SIG_DFL, 0, 0, 0);
    public static final SignalAction IGNORE = new SignalAction(Signal.SIG_IGN, 0, 0, 0);

    public boolean has(long flag) {
        return (flags & flag) != 0;
    }

    public boolean isDefault() {
        return handler == Signal.SIG_DFL;
    }

    public boolean isIgnore() {
        return handler == Signal.SIG_IGN;
    }

    /** Whether a signal with this action has no effect at all. */
    boolean ignores(int signo) {
        return isIgnore() || isDefault() && Signal.in(signo, Signal.IGNORED);
    }
}
