package platform.kvm;

import host.linux.Memory;
import sentry.core.arch.FpState;

/**
 * The floating-point state of one context. It stays on the processor that the program ran on until somebody wants it, or
 * the processor ({@link Vcpu#fpOwner}).
 *
 * <p>Used by the context's thread; {@link #save} also by a thread that takes the processor for another context, so that
 * {@link #current} is guarded by the monitor of the processor that has the state.
 */
final class GuestFp {
    private final FpState state;
    /** Host address of a struct kvm_xsave. */
    private final long xsave;
    /** {@link #state} is what the program has, or will have. */
    private boolean current = true;

    GuestFp(FpState state, long xsave) {
        this.state = state;
        this.xsave = xsave;
    }

    /** The program goes on, on a processor that has the state. */
    void entered() {
        current = false;
    }

    /** The state, which is on {@code v} if anywhere; null for nowhere. */
    FpState get(Vcpu v) {
        if (v != null && !current) {
            synchronized (v) {
                save(v);
            }
        }
        return state;
    }

    /** Fetches the state from the processor that has it. Under its monitor. */
    private void save(Vcpu v) {
        if (current) {
            return;
        }
        current = true;
        if (v.getXsave(xsave) < 0) {
            state.reset();
        } else {
            Memory.copy(xsave, state.segment().address(), state.size());
        }
        state.changed(false);
    }

    /** Makes sure that {@code v} has the state; false when the processor refuses it. */
    boolean load(Vcpu v) {
        if (v.fpOwner == this && !state.changed()) {
            return true;
        }
        synchronized (v) {
            GuestFp owner = v.fpOwner;
            if (owner != null && owner != this) {
                owner.save(v);
            }
            v.fpOwner = this;
            Memory.fill(xsave, Kvm.XSAVE_SIZE, (byte) 0);
            Memory.copy(state.segment().address(), xsave, state.size());
            state.changed(false);
            current = true;
            if (v.setXsave(xsave) >= 0) {
                return true;
            }
            v.fpOwner = null;
            state.reset();
            return false;
        }
    }

    /** Fetches the state from {@code v}, which the context leaves. */
    void leave(Vcpu v) {
        get(v);
        drop(v);
    }

    /** The state is not wanted any more. */
    void drop(Vcpu v) {
        synchronized (v) {
            if (v.fpOwner == this) {
                v.fpOwner = null;
                current = true;
            }
        }
    }
}
