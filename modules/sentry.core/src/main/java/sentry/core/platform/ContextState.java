package sentry.core.platform;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import sentry.core.arch.FpState;
import sentry.core.arch.Registers;

/** The native memory of a {@link Context}, from {@link ContextStates}. */
public final class ContextState {
    private static final int ALIGNMENT = 64;

    private final Registers registers = new Registers();
    private final FpState fp;
    private final MemorySegment scratch;

    ContextState(int fpStateSize, int scratchSize) {
        fp = new FpState(fpStateSize);
        scratch = Arena.ofAuto().allocate(scratchSize, ALIGNMENT);
    }

    public Registers registers() {
        return registers;
    }

    public FpState fp() {
        return fp;
    }

    /** What the platform needs for its own calls of the host; aligned for an XSAVE area, with any contents. */
    public MemorySegment scratch() {
        return scratch;
    }

    /** As new. */
    void reset() {
        registers.reset();
        fp.reset();
    }
}
