package sentry.core.signal;

/** Told when its signal is taken, so that a timer can count overruns. */
@FunctionalInterface
public interface SignalSource {
    /**
     * The signal as it is delivered now, or is dropped. Called with the signal lock held, which is the innermost one.
     */
    SignalInfo taken(SignalInfo info);
}
