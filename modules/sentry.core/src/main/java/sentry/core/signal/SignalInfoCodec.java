package sentry.core.signal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import sentry.core.abi.Signal;

/** The layout of siginfo_t on amd64 (asm-generic/siginfo.h). */
public final class SignalInfoCodec {
    /** sizeof(siginfo_t). */
    public static final int SIZE = 128;

    private static final VarHandle INT =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private SignalInfoCodec() {}

    /** Writes all {@link #SIZE} bytes at {@code at}; they must be zero. */
    public static void encode(SignalInfo info, byte[] out, int at) {
        INT.set(out, at, info.signo());
        INT.set(out, at + 8, info.code());
        if (fromFault(info)) {
            LONG.set(out, at + 16, info.address());
            return;
        }
        INT.set(out, at + 16, info.pid());
        INT.set(out, at + 20, info.uid());
        boolean kernel = info.code() > SignalInfo.SI_USER && info.code() < SignalInfo.SI_KERNEL;
        if (info.signo() == Signal.SIGCHLD && kernel) {
            INT.set(out, at + 24, info.status());
            LONG.set(out, at + 32, info.utime());
            LONG.set(out, at + 40, info.stime());
        } else if (info.signo() == Signal.SIGIO && kernel) {
            LONG.set(out, at + 16, info.address()); // si_band
            INT.set(out, at + 24, info.status()); // si_fd
        } else if (info.signo() == Signal.SIGSYS && kernel) {
            LONG.set(out, at + 16, info.address()); // si_call_addr
            INT.set(out, at + 24, info.status()); // si_syscall
            INT.set(out, at + 28, (int) info.utime()); // si_arch
        } else if (info.code() < 0) {
            LONG.set(out, at + 24, info.address()); // si_value
        }
    }

    /** What a program hands to rt_sigqueueinfo(2). */
    public static SignalInfo decode(byte[] in, int signo) {
        return new SignalInfo(
                signo,
                (int) INT.get(in, 8),
                (int) INT.get(in, 16),
                (int) INT.get(in, 20),
                (int) INT.get(in, 24),
                (long) LONG.get(in, 24),
                (long) LONG.get(in, 32),
                (long) LONG.get(in, 40));
    }

    private static boolean fromFault(SignalInfo info) {
        return info.code() > 0
                && info.code() < SignalInfo.SI_KERNEL
                && Signal.in(info.signo(), Signal.SYNCHRONOUS & ~Signal.bit(Signal.SIGSYS));
    }
}
