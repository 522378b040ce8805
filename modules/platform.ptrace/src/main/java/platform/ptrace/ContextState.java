package platform.ptrace;

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
    /** What a {@link Tracee} needs to talk to the host. */
    final MemorySegment scratch = Arena.ofAuto().allocate(Tracee.SCRATCH_SIZE, 16);

    ContextState(int fpStateSize) {
        fp = new FpState(fpStateSize);
    }

    /** As new. */
    void reset() {
        registers.reset();
        fp.reset();
    }
}
