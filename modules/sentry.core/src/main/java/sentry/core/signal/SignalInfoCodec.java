package sentry.core.signal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Signal;

/** The layout of siginfo_t on amd64 (asm-generic/siginfo.h). */
public final class SignalInfoCodec {
    /** sizeof(siginfo_t). */
    public static final int SIZE = 128;

    private static final VarHandle INT =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    /** Bytes that the kernel keeps of a siginfo_t; the rest is always zero. */
    private static final int KEPT = 48;

    /** Codes of SIGPOLL that may come with any signal number (F_SETSIG). */
    private static final int NSIGPOLL = 6;

    private static final int SI_SIGIO = -5;
    private static final int SI_DETHREAD = -7;
    private static final int SI_ASYNCNL = -60;

    private SignalInfoCodec() {}

    /** Which member of the union in siginfo_t counts. */
    public enum Layout {
        KILL,
        TIMER,
        POLL,
        FAULT,
        CHILD,
        RT,
        SYS
    }

    /** The layout that Linux gives a signal with this number and code. */
    public static Layout layout(int signo, int code) {
        if (code > SignalInfo.SI_USER && code < SignalInfo.SI_KERNEL) {
            if (code <= limit(signo)) {
                return switch (signo) {
                    case Signal.SIGCHLD -> Layout.CHILD;
                    case Signal.SIGIO -> Layout.POLL;
                    case Signal.SIGSYS -> Layout.SYS;
                    default -> Layout.FAULT;
                };
            }
            return code <= NSIGPOLL ? Layout.POLL : Layout.KILL;
        }
        if (code == SignalInfo.SI_TIMER) {
            return Layout.TIMER;
        }
        if (code == SI_SIGIO) {
            return Layout.POLL;
        }
        return code < 0 ? Layout.RT : Layout.KILL;
    }

    /** The highest code that belongs to {@code signo} alone; 0 when it has none of its own. */
    private static int limit(int signo) {
        return switch (signo) {
            case Signal.SIGILL -> 11;
            case Signal.SIGFPE -> 15;
            case Signal.SIGSEGV -> 10;
            case Signal.SIGBUS -> 5;
            case Signal.SIGTRAP, Signal.SIGCHLD, Signal.SIGIO -> 6;
            case Signal.SIGSYS -> 2;
            default -> 0;
        };
    }

    /** Writes all {@link #SIZE} bytes at {@code at}; they must be zero. */
    public static void encode(SignalInfo info, byte[] out, int at) {
        if (info.raw() != null) {
            System.arraycopy(info.raw(), 0, out, at, KEPT);
            INT.set(out, at, info.signo());
            return;
        }
        INT.set(out, at, info.signo());
        INT.set(out, at + 8, info.code());
        Layout layout = layout(info.signo(), info.code());
        if (layout == Layout.POLL && info.signo() != Signal.SIGIO && info.pid() != 0) {
            layout = Layout.CHILD; // a child's end, for which clone(2) chose another signal
        }
        switch (layout) {
            case FAULT -> LONG.set(out, at + 16, info.address());
            case POLL -> {
                LONG.set(out, at + 16, info.address()); // si_band
                INT.set(out, at + 24, info.status()); // si_fd
            }
            case SYS -> {
                LONG.set(out, at + 16, info.address()); // si_call_addr
                INT.set(out, at + 24, info.status()); // si_syscall
                INT.set(out, at + 28, (int) info.utime()); // si_arch
                INT.set(out, at + 4, (int) info.stime()); // si_errno: the filter's data
            }
            case CHILD -> {
                INT.set(out, at + 16, info.pid());
                INT.set(out, at + 20, info.uid());
                INT.set(out, at + 24, info.status());
                LONG.set(out, at + 32, info.utime());
                LONG.set(out, at + 40, info.stime());
            }
            case KILL -> {
                INT.set(out, at + 16, info.pid());
                INT.set(out, at + 20, info.uid());
            }
            case RT, TIMER -> {
                INT.set(out, at + 16, info.pid());
                INT.set(out, at + 20, info.uid());
                LONG.set(out, at + 24, info.address()); // si_value
            }
        }
    }

    /**
     * What a program hands to rt_sigqueueinfo(2).
     *
     * @param in {@link #SIZE} bytes
     * @throws ErrnoException E2BIG when there is something behind what the kernel keeps, in a layout that it does not know
     */
    public static SignalInfo decode(byte[] in, int signo) throws ErrnoException {
        int code = (int) INT.get(in, 8);
        boolean known = code > 0
                ? code == SignalInfo.SI_KERNEL || code <= Math.max(limit(signo), NSIGPOLL)
                : code >= SI_DETHREAD || code == SI_ASYNCNL;
        if (!known) {
            for (int i = KEPT; i < SIZE; i++) {
                if (in[i] != 0) {
                    throw Errno.E2BIG.error();
                }
            }
        }
        return new SignalInfo(
                signo,
                code,
                (int) INT.get(in, 16),
                (int) INT.get(in, 20),
                (int) INT.get(in, 24),
                (long) LONG.get(in, 24),
                (long) LONG.get(in, 32),
                (long) LONG.get(in, 40),
                Arrays.copyOf(in, KEPT));
    }
}
