package sentry.core.arch;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The floating-point and vector state of one task, as a standard-format XSAVE area (Intel SDM vol. 1, 13.4).
 *
 * <p>Lives in native memory. Whether it holds the program's current state is the platform's business: the kernel asks
 * {@link sentry.core.platform.Context#fpState()} and says {@link #changed(boolean)} after writing.
 */
public final class FpState {
    private final MemorySegment segment;
    private boolean changed;

    /** @param size bytes of the XSAVE area on this host */
    public FpState(int size) {
        this.segment = Arena.ofAuto().allocate(size, 64);
        reset();
    }

    /** The state that execve(2) gives a program. */
    public void reset() {
        segment.fill((byte) 0);
        segment.set(ValueLayout.JAVA_SHORT, 0, (short) 0x37f); // FCW: all exceptions masked, 64-bit precision
        segment.set(ValueLayout.JAVA_INT, 24, 0x1f80); // MXCSR: all exceptions masked
        segment.set(ValueLayout.JAVA_INT, 28, 0xffff); // MXCSR_MASK
        segment.set(ValueLayout.JAVA_LONG, 512, 3); // XSTATE_BV: x87 and SSE present
        changed = true;
    }

    public int size() {
        return (int) segment.byteSize();
    }

    public MemorySegment segment() {
        return segment;
    }

    public void copyFrom(FpState other) {
        segment.copyFrom(other.segment);
        changed = true;
    }

    public boolean changed() {
        return changed;
    }

    public void changed(boolean value) {
        changed = value;
    }
}
