package platform.kvm;

import host.linux.Memory;
import host.linux.NativeArea;
import host.linux.Signals;
import host.linux.Syscall;

/**
 * Signal masks of threads that run virtual processors: {@link Vcpu#KICK} is blocked but in the guest, so that it waits
 * for us there and never needs a handler (KVM_SET_SIGNAL_MASK).
 */
final class ThreadSignals {
    static final int NR_RT_SIGTIMEDWAIT = 128;
    static final int NR_GETTID = 186;

    private static final int SIG_BLOCK = 0;

    private static final NativeArea CONSTANTS = NativeArea.allocate(4096);
    private static final long KICK_SET = CONSTANTS.address();
    private static final long NO_TIME = KICK_SET + 16;

    /**
     * What is blocked in the guest. Not the kick; not what java and libc send to threads of their own (12, 32, 33); not
     * what a fault makes.
     */
    static final long INSIDE =
            ~(bit(Vcpu.KICK) | bit(12) | bit(32) | bit(33) | bit(4) | bit(5) | bit(7) | bit(8) | bit(11));

    static {
        Memory.putLong(KICK_SET, bit(Vcpu.KICK));
    }

    private ThreadSignals() {}

    private static long bit(int signal) {
        return 1L << signal - 1;
    }

    /** Makes the calling thread ready to run virtual processors; returns its tid. */
    static int prepareThread() {
        long r = Syscall.call(Signals.NR_RT_SIGPROCMASK, SIG_BLOCK, KICK_SET, 0, 8);
        if (Syscall.failed(r)) {
            throw new AssertionError("rt_sigprocmask: " + r);
        }
        return (int) Syscall.call(NR_GETTID);
    }

    /** Takes the waiting kicks of the calling thread away; there may be several, or none. */
    static void consumeKick() {
        while (Syscall.call(NR_RT_SIGTIMEDWAIT, KICK_SET, 0, NO_TIME, 8) == Vcpu.KICK) {
            // one more
        }
    }
}
