package sentry.core.platform;

import java.util.ArrayList;

/**
 * A platform's native memory for contexts. That of ended ones is used again, since the garbage collector does not see how
 * large it is, and programs come and go by the thousand. For use by any thread.
 */
public final class ContextStates {
    /** States of ended contexts that are kept. */
    private static final int SPARE = 64;

    private final int fpStateSize;
    private final int scratchSize;
    private final ArrayList<ContextState> spare = new ArrayList<>();

    /**
     * @param fpStateSize bytes of a floating-point state, {@link PlatformTraits#fpStateSize}
     * @param scratchSize bytes of {@link ContextState#scratch}
     */
    public ContextStates(int fpStateSize, int scratchSize) {
        this.fpStateSize = fpStateSize;
        this.scratchSize = scratchSize;
    }

    public ContextState take() {
        ContextState state = null;
        synchronized (spare) {
            if (!spare.isEmpty()) {
                state = spare.removeLast();
            }
        }
        if (state == null) {
            return new ContextState(fpStateSize, scratchSize);
        }
        state.reset();
        return state;
    }

    /** Takes {@code state} back, which nobody uses any more. */
    public void give(ContextState state) {
        synchronized (spare) {
            if (spare.size() < SPARE) {
                spare.add(state);
            }
        }
    }
}
