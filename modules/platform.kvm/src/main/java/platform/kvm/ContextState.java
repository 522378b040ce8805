package platform.kvm;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import sentry.core.arch.FpState;
import sentry.core.arch.Registers;

/**
 * The native memory of a context. Used again by later contexts, since the garbage collector does not see how large it
 * is, and programs come and go by the thousand.
 */
final class ContextState {
    final Registers registers = new Registers();
    final FpState fp;

    private final MemorySegment xsaveArea = Arena.ofAuto().allocate(Kvm.XSAVE_SIZE, 64);
    /** Host address of a struct kvm_xsave. */
    final long xsave = xsaveArea.address();

    ContextState(int fpStateSize) {
        fp = new FpState(fpStateSize);
    }

    /** As new. */
    void reset() {
        registers.reset();
        fp.reset();
    }
}
